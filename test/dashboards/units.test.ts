import { describe, expect, it } from "vitest";

import { boardsFor } from "../../dashboards/content.ts";
import { queriesOfPanel } from "../../dashboards/panel-queries.ts";
import type { Panel } from "../../dashboards/panel.ts";
import { dimensionOf, grafanaUnits } from "../support/dimension.ts";
import { everything } from "../support/queries.ts";

/** Every query of a panel with the unit in which it is shown; heatmaps have a check of their own. */
const shown = (panel: Panel): { expr: string; unit: string }[] =>
  panel.kind === "heatmap" ? [] : queriesOfPanel(panel).map(({ query, unit }) => ({ expr: query.expr, unit }));

const all = boardsFor(everything()).flatMap(({ uid, rows }) =>
  rows.flatMap(({ panels }) =>
    panels.flatMap((panel) => shown(panel).map((one) => ({ name: `${uid}/${String(panel.id)}`, ...one }))),
  ),
);

describe("the unit of a panel", () => {
  it.each(all)("$name: $unit is what $expr is measured in", ({ expr, unit }) => {
    expect(grafanaUnits(dimensionOf(expr))).toContain(unit);
  });

  it("of a heatmap's axis is that of the metric", () => {
    const heatmaps = boardsFor(everything()).flatMap(({ rows }) =>
      rows.flatMap(({ panels }) => panels.flatMap((panel) => (panel.kind === "heatmap" ? [panel] : []))),
    );
    expect(heatmaps.length).toBeGreaterThan(0);
    for (const { title, unit, query } of heatmaps)
      expect(grafanaUnits(query.readings[0]?.metric.unit ?? ""), title).toContain(unit);
  });
});

describe("the check itself", () => {
  it.each([
    ["sum (rate(http_requests_total[5m]))", " per second", ["short", "reqps", "ops", "cps"]],
    ["sum (increase(llm_tokens_total[1h]))", "", ["short", "none"]],
    ["histogram_quantile(0.5, sum by (le) (rate(agent_execution_duration_seconds_bucket[5m])))", "s", ["s"]],
    [
      'sum (rate(agent_execution_duration_seconds_bucket{le="1"}[5m]))',
      " per second",
      ["short", "reqps", "ops", "cps"],
    ],
    ["sum (rate(http_requests_total[5m])) / sum (rate(http_requests_total[5m]))", "1", ["percentunit"]],
    [
      "sum (rate(agent_execution_duration_seconds_sum[5m])) / sum (rate(agent_execution_duration_seconds_count[5m]))",
      "s",
      ["s"],
    ],
    ["1 - sum (rate(http_requests_total[5m])) / sum (rate(http_requests_total[5m]))", "1", ["percentunit"]],
    ["sum (state_elements_count) / sum (rate(agent_state_updates_total[5m]))", "s", ["s"]],
    ["3600 * (sum (deriv(state_elements_count[2h])) / sum (state_elements_count))", "1", ["percentunit"]],
    ["0.0000025 * sum (increase(llm_tokens_total[1h]))", "money", ["currencyUSD"]],
    ["count (sum by (tool_name) (rate(agent_tool_calls_total[5m])))", "", ["short", "none"]],
  ])("measures %s", (expr, dimension, units) => {
    expect(dimensionOf(expr)).toBe(dimension);
    expect(grafanaUnits(dimension)).toEqual(units);
  });
});
