import { describe, expect, it } from "vitest";

import { scenarios, type ScenarioName } from "../../cli/demo/conditions.ts";
import { rulesFor } from "../../dashboards/content.ts";
import { packs } from "../../dashboards/packs.ts";
import type { Rule } from "../../dashboards/rule.ts";
import { demoSeries } from "../support/demo-series.ts";
import { withoutMacros } from "../support/promql.ts";
import { panelQueriesOf } from "../support/queries.ts";
import { settingsOf } from "../support/settings.ts";
import { contradictions } from "../../cli/drill/promtool.ts";

/** What a person sees who plays the demo: evaluated by Prometheus, over what the demo would send. */

const usual = { rate: 2, seed: 1 } as const;

/** It compares with the day before; a demo that has just begun has none. */
const needsYesterday = (expr: string): boolean => expr.includes("offset 1d");

describe.each(packs.filter(({ name, metrics }) => name !== "stack" && metrics.length > 0))(
  "the panels of $name",
  ({ name: pack }) => {
    it("have shape after two minutes, but for those that compare with yesterday", async () => {
      const series = await demoSeries(2, { ...usual, scenario: "healthy" });
      const queries = panelQueriesOf(pack).filter(({ query }) => !needsYesterday(query.expr));
      const tests = queries.map(({ query }) => ({
        // as Grafana asks with the usual interval of 15 s
        expr: `count(${withoutMacros(query.expr.replaceAll("$__rate_interval", "1m"))}) > bool 0`,
        atMinutes: 2,
        expected: [{ labels: {}, value: 1 }],
      }));
      expect(queries.length).toBeGreaterThan(5);
      expect(contradictions([], [{ name: pack, series, queries: tests }])).toBe("");
    });
  },
);

const rules = [...rulesFor(settingsOf()).values()].flat();

describe("the scenario", () => {
  /** Those about the stack's own parts, which the demo does not play. */
  const absent = new Set(["CollectorDown", "Watchdog"]);

  it("healthy wakes nobody", async () => {
    const series = await demoSeries(45, { ...usual, scenario: "healthy" });
    const quiet = rules.filter(({ name }) => !absent.has(name));
    const alerts = [2, 5, 10, 20, 30, 45].flatMap((atMinutes) =>
      quiet.map((rule) => ({ rule, atMinutes, firing: [] })),
    );
    expect(contradictions(quiet, [{ name: "healthy", series: readBy(quiet, series), alerts }])).toBe("");
  });

  it.each(Object.entries(scenarios).filter(([name]) => name !== "healthy"))(
    "%s has its rules fire",
    async (name, { fires }) => {
      const series = await demoSeries(45, { ...usual, scenario: name as ScenarioName });
      const expected = fires.map((title) => rules.find((rule) => rule.name === title)!);
      expect(expected.length).toBeGreaterThan(0);
      const alerts = expected.map((rule) => ({ rule, atMinutes: 45, firing: [] }));
      // promtool says what it got in place of nothing
      const said = contradictions(expected, [{ name, series: readBy(expected, series), alerts }]);
      expect(fires.filter((title) => !said.includes(`alertname: ${title},`))).toEqual([]);
    },
  );
});

/** The series that rules look at. */
function readBy<S extends { readonly series: string }>(of: readonly Rule[], series: readonly S[]): S[] {
  const queries = of.flatMap(({ query, guard, confirm }) => [
    query,
    ...(guard ? [guard.query] : []),
    ...(confirm ? [confirm.query] : []),
  ]);
  const names = new Set(queries.flatMap(({ readings }) => readings.map((reading) => reading.series)));
  return series.filter((one) => names.has(one.series.split("{")[0]!));
}
