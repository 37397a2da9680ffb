import { describe, expect, it } from "vitest";

import { priceLetters } from "../../configs/settings/dashboard-rules.ts";
import { contentFor } from "../../dashboards/content.ts";
import { llmCost } from "../../dashboards/genai/ids.ts";
import { settingsOf } from "../support/settings.ts";

const { panels: id } = llmCost;

interface PanelJson {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: {
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly options?: { readonly content?: string; readonly textMode?: string };
}

const boardWith = (prices: readonly Record<string, unknown>[]) => {
  const content = contentFor(settingsOf({ dashboards: { prices } }), {
    grafanaUrl: "http://localhost:3001",
    contactPoints: {},
  });
  const { json } = content.dashboards.find(({ uid }) => uid === llmCost.uid)!;
  const { panels } = JSON.parse(json) as { panels: PanelJson[] };
  return { json, panels, panel: (wanted: number) => panels.find((panel) => panel.id === wanted) };
};

const large = { model: "large", input: 2.5, output: 10, asOf: "2026-11-01" };
const odd = { model: "vendor/small-1.5+x", input: 0.15, output: 0.6, asOf: "2026-10-07" };

describe("cost", () => {
  it("is not there without prices; the board says how to set them", () => {
    const { panels, panel } = boardWith([]);
    expect(panel(id.howToPrice)?.options?.content).toContain("config set --path 'dashboards.prices[0].model'");
    for (const absent of [id.cost, id.pricedShare, id.costByModel, id.usageTable, id.countersTable])
      expect(panels.map((each) => each.id)).not.toContain(absent);
  });

  it("is reckoned by the numbers of the settings, as they stand there, and says of which day they are", () => {
    const { panel } = boardWith([large, odd]);
    expect(panel(id.howToPrice)).toBeUndefined();
    const [usage, counters] = panel(id.cost)!.targets!;
    for (const number of ["2.5", "10", "0.15", "0.6"])
      for (const target of [usage, counters]) expect(target?.expr).toContain(`vector(${number})`);
    expect(usage?.expr).toMatch(/^sum \(0\.000001 \* /);
    expect(panel(id.costByModel)?.targets?.[0]?.expr).toMatch(/^0\.0036 \* /);
    for (const panelId of [id.cost, id.costByModel, id.usageTable, id.countersTable])
      expect(panel(panelId)?.description).toContain("2026-10-07, 2026-11-01");
  });

  it("says of a model without a price that it has none, not that it is free", () => {
    for (const table of [id.usageTable, id.countersTable]) {
      const costColumn = boardWith([large])
        .panel(table)
        ?.fieldConfig?.overrides.find(({ matcher }) => matcher.options === "Cost");
      expect(costColumn?.properties).toContainEqual({ id: "noValue", value: "no price" });
    }
  });

  it("tells which tokens have a price by the exact names of models", () => {
    const [usage] = boardWith([large, odd]).panel(id.pricedShare)!.targets!;
    expect(usage?.expr).toContain(String.raw`gen_ai_request_model=~"large|vendor/small-1\\.5\\+x"`);
  });

  it("shows both metrics of tokens with their names", () => {
    const cost = boardWith([large]).panel(id.cost);
    expect(cost?.targets?.map(({ legendFormat }) => legendFormat)).toEqual([
      "spent (token.usage)",
      "spent (inference.usage)",
    ]);
    expect(cost?.options?.textMode).toBe("value_and_name");
  });

  it.each([20, 45, 128])(
    "with as many prices as are allowed fits on the board, with names of %i letters",
    (letters) => {
      const howMany = Math.floor(priceLetters.together / (priceLetters.each + letters));
      const prices = Array.from({ length: howMany }, (_, index) => ({
        model: `m${String(index)}`.padEnd(letters, "x"),
        input: 12.375 + index / 100,
        output: 61.125 + index / 100,
        asOf: `2026-${String(10 + (index % 3))}-${String(1 + (index % 28)).padStart(2, "0")}`,
      }));
      expect(Buffer.byteLength(boardWith(prices).json)).toBeLessThan(100_000);
    },
  );
});
