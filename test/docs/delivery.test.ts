import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { cases } from "../../cli/lab/faults/cases.ts";

const page = readFileSync("docs/delivery.md", "utf8");

describe("docs/delivery.md", () => {
  /** Rows of the table that `npm run faults -- --markdown` prints. */
  const rows = [...page.matchAll(/^\| ([a-z0-9-]+) (?:\| (\d+) )+\| (kept|counted: \d+) \|$/gm)];

  it("has the numbers of each case", () => {
    expect(rows.map(([, name]) => name)).toEqual(cases.map(({ name }) => name));
  });

  it("says of each case what happens", () => {
    for (const { name } of cases) expect(page, name).toMatch(new RegExp(`^\\| .*\`${name}\`.* \\| .+ \\|$`, "m"));
  });

  it("shows promises that were kept", () => {
    for (const [row, name] of rows) {
      const [sent, acknowledged, arrived, , , lost] = row.match(/(?<=\| )\d+(?= \|)/g)!.map(Number);
      const { promised } = cases.find((one) => one.name === name)!;
      expect(sent, row).toBeGreaterThanOrEqual(acknowledged!);
      if (promised === "kept") expect([arrived! >= acknowledged!, lost], row).toEqual([true, 0]);
      else expect(row).toContain(`| ${String(lost)} | counted: ${String(lost)} |`);
    }
  });
});
