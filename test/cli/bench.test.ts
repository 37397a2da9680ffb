import { describe, expect, it } from "vitest";

import type { Measurement } from "../../cli/lab/bench/measure.ts";
import { spreadOf, summarised } from "../../cli/lab/bench/summary.ts";
import { benchTable } from "../../cli/lab/bench/table.ts";
import type { Variant } from "../../cli/lab/bench/variants.ts";

const variant = (name: string, goal?: number): Variant => ({
  name,
  what: "",
  config: () => "",
  ...(goal === undefined ? {} : { goals: { traces: goal, logs: goal, metrics: goal } }),
});
const measured = (perSecond: number): Measurement => ({
  perSecond,
  cpuPerMillion: 1e6 / perSecond,
  peakMemory: 2 ** 26,
  refused: 0,
});
const rowsOf = (...rounds: [bare: number, stack: number][]) =>
  summarised(
    "traces",
    rounds.map(([bare, stack]) => ({ bare: measured(bare), stack: measured(stack) })),
    [variant("bare"), variant("stack", 0.9)],
  );

describe("a spread", () => {
  it.each([
    [[3, 1, 2], { median: 2, least: 1, most: 3 }],
    [[4, 1, 2, 3], { median: 2.5, least: 1, most: 4 }],
    [[7], { median: 7, least: 7, most: 7 }],
  ])("of %j", (values, expected) => {
    expect(spreadOf(values)).toEqual(expected);
  });
});

describe("a goal", () => {
  it("is reached by the median", () => {
    expect(rowsOf([100, 95], [100, 91], [100, 60])[1]?.goal).toEqual({ least: 0.9, verdict: "reached" });
  });

  it("is missed when no round reaches it", () => {
    expect(rowsOf([100, 80], [100, 85], [100, 60])[1]?.goal?.verdict).toBe("missed");
  });

  it("is in the noise when rounds disagree and the median misses it", () => {
    expect(rowsOf([100, 80], [100, 85], [100, 99])[1]?.goal?.verdict).toBe("noise");
  });

  it("compares within a round: a slow machine is slow for all", () => {
    expect(rowsOf([100, 95], [50, 48], [200, 190])[1]?.ofBare.median).toBeCloseTo(0.95);
  });

  it("is not there for what it is compared with", () => {
    expect(rowsOf([100, 95])[0]?.goal).toBeUndefined();
  });
});

describe("the table", () => {
  const plain = { bold: String, dim: String, good: String, bad: String, warn: String };

  it("fits into eighty columns, and says how far rounds are apart", () => {
    const table = benchTable(rowsOf([120_000, 100_000], [110_000, 104_000]), plain);
    for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
    expect(table).toMatch(/^traces {2}stack +102000 \(100000–104000\) +0\.89 \(0\.83–0\.95\)/m);
    expect(table).not.toContain("\u001b");
  });

  it("is Markdown for the documentation", () => {
    const [head, rule, ...rows] = benchTable(rowsOf([100, 95]), "markdown")
      .trimEnd()
      .split("\n");
    expect(head).toMatch(/^\| signal \| config \|/);
    expect(rule).toMatch(/^\| --- \|/);
    expect(rows).toHaveLength(2);
  });
});
