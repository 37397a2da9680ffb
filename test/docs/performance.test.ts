import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { variants } from "../../cli/lab/bench/variants.ts";

const page = readFileSync("docs/performance.md", "utf8");

describe("docs/performance.md", () => {
  it("has a row of the measurements for each configuration and signal", () => {
    const rows = [...page.matchAll(/^\| (traces|metrics|logs) \| ([a-z-]+) \| \d+ .*\|$/gm)];
    const expected = ["traces", "metrics", "logs"].flatMap((signal) => variants.map(({ name }) => `${signal} ${name}`));
    expect(rows.map(([, signal, name]) => `${signal!} ${name!}`)).toEqual(expected);
  });

  it("says what each configuration is", () => {
    for (const { name } of variants) expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| .+ \\|$`, "m"));
  });

  it("shows no goal that was missed", () => {
    expect(page).not.toMatch(/\d missed/);
  });
});
