import { describe, expect, it } from "vitest";

import { parseDuration } from "../../configs/settings/units.ts";
import { packs } from "../../dashboards/packs.ts";
import { commonLabels } from "../../dashboards/metric.ts";
import { seriesNames } from "../../dashboards/stored-name.ts";
import { complaints, metricNames, withoutMacros } from "../support/promql.ts";
import { panelQueries, panelQueriesOf, ruleQueries, type NamedQuery } from "../support/queries.ts";

const all = [...panelQueries(), ...ruleQueries()];
const catalogue = new Map(
  packs.flatMap((pack) => pack.metrics).flatMap((metric) => seriesNames(metric).map((series) => [series, metric])),
);
/** Counters keep the names under which they are scraped, whether these end in _total or not. */
const counters = new Set([...catalogue].filter(([, { kind }]) => kind === "counter").map(([series]) => series));

// names in full: the report at the end goes by them, and `$name` would be cut short
describe.each(all.map(({ name, query }) => [name, query] as const))("the query %s", (_, query) => {
  it("parses, and is in the part of PromQL that GreptimeDB evaluates", () => {
    expect(complaints(query.expr, counters), query.expr).toEqual([]);
  });

  it("reads only what the catalogue has, by labels that it has", () => {
    const constant = query.expr.startsWith("vector(");
    expect(metricNames(query.expr).length).toBeGreaterThanOrEqual(constant ? 0 : 1);
    expect(new Set(metricNames(query.expr))).toEqual(new Set(query.readings.map(({ series }) => series)));
    for (const { series, labels } of query.readings) {
      const metric = catalogue.get(series)!;
      const allowed = [...Object.keys(metric.labels), ...commonLabels, ...(series.endsWith("_bucket") ? ["le"] : [])];
      for (const label of labels) expect(allowed, `${series} has no ${label}`).toContain(label);
    }
  });

  it("has no label in its text that its data does not name", () => {
    const named = new Set(query.readings.flatMap(({ labels }) => labels));
    const inText = [...withoutMacros(query.expr).matchAll(/(\w+)=~?"|\bby \(([^)]*)\)/g)].flatMap(([, matcher, by]) =>
      matcher === undefined ? (by ?? "").split(", ") : [matcher],
    );
    for (const label of inText) expect(named, query.expr).toContain(label);
  });
});

describe("rules", () => {
  it.each(ruleQueries())("$name looks back over at least four of the longest export intervals", ({ query }) => {
    for (const { window } of query.readings) {
      if (window === undefined) continue;
      expect(window).not.toContain("$");
      expect(parseDuration(window)).toBeGreaterThanOrEqual(4 * 75);
    }
  });
});

describe("panels", () => {
  it("use Grafana's own windows, which follow the export interval, or the fixed ones of a rule that they explain", () => {
    const windowsOf = (queries: readonly NamedQuery[]) =>
      new Set(queries.flatMap(({ query }) => query.readings.map(({ window }) => window)));
    const allowed = new Set([...windowsOf(ruleQueries()), "$__rate_interval", "$__range", undefined]);
    expect([...windowsOf(panelQueries())].filter((window) => !allowed.has(window))).toEqual([]);
  });

  it.each(packs)("of $name show every metric of it, or the metric says why not", ({ name, metrics }) => {
    const shown = new Set(panelQueriesOf(name).flatMap(({ query }) => query.readings.map(({ metric }) => metric.name)));
    const hidden = metrics.filter((metric) => !shown.has(metric.name) && metric.notShown === undefined);
    expect(hidden.map((metric) => metric.name)).toEqual([]);
    // and only what is not shown may say so
    for (const metric of metrics.filter(({ notShown }) => notShown !== undefined)) {
      expect(metric.notShown).toMatch(/\.$/);
      expect(shown).not.toContain(metric.name);
    }
  });
});

describe("the check itself", () => {
  it.each([
    ["sum(rate(x_total[5m])", /syntax/],
    ["sum by (a) (rate(x_total[5m])) > 1", /rule's condition/],
    ["sum(rate(x_total[5m])) or vector(0)", /rule's condition/],
    ["a_total * on (b) group_left (c) d", /group_left/],
    ["rate(x_total[5m] @ end())", /@/],
    ["max_over_time(rate(x_total[5m])[1h:])", /subquery/],
    ["histogram_quantile(1-0.05, sum by (le) (rate(x_bucket[5m])))", /literal/],
    ["histogram_quantile(0.95, sum by (a) (rate(x_bucket[5m])))", /by \(le\)/],
    ["histogram_quantile(0.95, sum by (le) (x_bucket))", /only grow/],
    ["histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m]))) * 1000", /arithmetic on a quantile/],
    ["absent(sum(x))", /plain selector/],
    ["rate(x[5m])", /no counter/],
    ['label_replace(x, "a", "b", "", "")', /behaves differently/],
    ['label_replace(vector(1), "a", "$1", "c", "(.*)")', /behaves differently/],
    ['label_replace(vector(1), "a", "b", "", "") or x', /rule's condition/],
    ["sum(x_total) unless sum(y_total)", /rule's condition/],
    ['sum(x_total{a!="b"})', /negative/],
    ['sum(x_total{a=""})', /missing label/],
    ['sum({a="b"})', /without a metric's name/],
  ])("complains about %s", (expr, reason) => {
    expect(complaints(expr).join("; ")).toMatch(reason);
  });
});
