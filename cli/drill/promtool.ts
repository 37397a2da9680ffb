import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { formatDuration } from "../../configs/settings/units.ts";
import { ruleTitle, type Rule } from "../../dashboards/rule.ts";
import { step, type Series } from "./traffic.ts";

/** Prometheus' own evaluation of queries and rules, by `promtool test rules`. */

export interface ExpectedSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface QueryTest {
  readonly expr: string;
  readonly atMinutes: number;
  readonly expected: readonly ExpectedSample[];
}

export interface AlertTest {
  readonly rule: Rule;
  readonly atMinutes: number;
  /** Labels of the alerts that must fire, without severity; none: it must be silent. */
  readonly firing: readonly Readonly<Record<string, string>>[];
}

export interface Scenario {
  readonly name: string;
  readonly series: readonly Series[];
  readonly queries?: readonly QueryTest[];
  readonly alerts?: readonly AlertTest[];
}

/**
 * What promtool says against the scenarios; nothing if all is as expected. Rules are evaluated once in so many
 * minutes: each is enough for a story, more will do to see over a day that nothing fires.
 */
export function contradictions(rules: readonly Rule[], scenarios: readonly Scenario[], everyMinutes = 1): string {
  const directory = mkdtempSync(join(tmpdir(), "promtool-"));
  writeFileSync(
    join(directory, "rules.json"),
    JSON.stringify({ groups: [{ name: "all", rules: rules.map(prometheusRule) }] }),
  );
  const tests = {
    rule_files: ["rules.json"],
    evaluation_interval: `${String(everyMinutes)}m`,
    tests: scenarios.map(promtoolTest),
  };
  writeFileSync(join(directory, "tests.json"), JSON.stringify(tests));
  try {
    execFileSync("promtool", ["test", "rules", "tests.json"], { cwd: directory, encoding: "utf8", stdio: "pipe" });
    return "";
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout?: string; stderr?: string; code?: string };
    if (code === "ENOENT")
      throw new Error("promtool is not there; it is in Debian's package prometheus", { cause: error });
    return `${stdout ?? ""}${stderr ?? ""}`;
  }
}

/** The rule as Prometheus would have it: there the comparison is part of the query. */
function prometheusRule(rule: Rule) {
  const { query, threshold, guard, confirm } = rule;
  const beyond = `${threshold.fires === "above" ? ">" : "<"} ${String(threshold.value)}`;
  const conditions = [
    `(${query.expr}) ${beyond}`,
    ...(confirm === undefined ? [] : [`(${confirm.query.expr}) ${beyond}`]),
    ...(guard === undefined ? [] : [`(${guard.query.expr}) >= ${String(guard.atLeast)}`]),
  ];
  return {
    alert: ruleTitle(rule),
    expr: conditions.join(" and "),
    for: formatDuration(rule.for),
    keep_firing_for: formatDuration(rule.keepFiringFor),
    labels: { severity: rule.severity },
  };
}

const promtoolTest = ({ name, series, queries = [], alerts = [] }: Scenario) => ({
  name,
  interval: `${String(step)}s`,
  input_series: upToMinute(series, Math.max(0, ...[...queries, ...alerts].map(({ atMinutes }) => atMinutes))),
  promql_expr_test: queries.map(({ expr, atMinutes, expected }) => ({
    // to six decimals: rates are not exact
    expr: `round(${expr}, 1e-6)`,
    eval_time: `${String(atMinutes)}m`,
    exp_samples: expected.map(({ labels, value }) => ({ labels: labelText(labels), value })),
  })),
  alert_rule_test: alerts.map(({ rule, atMinutes, firing }) => ({
    alertname: ruleTitle(rule),
    eval_time: `${String(atMinutes)}m`,
    exp_alerts: firing.map((labels) => ({ exp_labels: { ...labels, severity: rule.severity } })),
  })),
});

/** Series without phases as far as somebody looks: promtool writes out all their values first. */
const upToMinute = (series: readonly Series[], minutes: number): Series[] =>
  series.map(({ series: name, values }) => ({
    series: name,
    values: values.replace(/^(\S+x)(\d+)$/, (_, level: string, count: string) => {
      return `${level}${String(Math.min(Number(count), (minutes * 60) / step))}`;
    }),
  }));

const labelText = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ")}}`;
