import { describe, expect, it } from "vitest";

import { toolCalls } from "../../dashboards/agents/metrics.ts";
import { rulesFor } from "../../dashboards/content.ts";
import type { Metric } from "../../dashboards/metric.ts";
import { packs } from "../../dashboards/packs.ts";
import { ruleTitle, type Rule } from "../../dashboards/rule.ts";
import { uiRequests } from "../../dashboards/ui/metrics.ts";
import { signals as lost } from "../../dashboards/stack/collector-metrics.ts";
import { promqlElapsed } from "../../dashboards/stack/database-metrics.ts";
import { notificationsFailed } from "../../dashboards/stack/grafana-metrics.ts";
import { settingsOf } from "../support/settings.ts";
import { proofs } from "./proofs/proofs.ts";
import { usual, type Course, type Failure } from "./support/failures.ts";
import { contradictions, type AlertTest, type Scenario } from "./support/promtool.ts";
import { observed, points } from "./support/traffic.ts";

const failures: Readonly<Record<string, Failure>> = Object.fromEntries(
  proofs.flatMap((proof) => Object.entries(proof.failures)),
);
const notInPrometheus = proofs.flatMap((proof) => proof.notInPrometheus ?? []);
const companions = (name: string) => proofs.flatMap((proof) => proof.companions?.[name] ?? []);
const healthyTraffic = () => proofs.flatMap(({ healthy }) => healthy());

const rulesExpecting = (service: string): Rule[] =>
  [
    ...rulesFor(settingsOf({ alerts: { services: [service] }, collector: { ledger: { enabled: true } } })).values(),
  ].flat();

const rules = rulesExpecting("shop");
const watchdog = rules.find(({ name }) => name === "Watchdog")!;
const others = rules.filter((rule) => rule !== watchdog);

const silent = (of: readonly Rule[], atMinutes: number): AlertTest[] =>
  of.map((rule) => ({ rule, atMinutes, firing: [] }));

/** Rules are evaluated each minute; over a day that takes long, and more seldom is enough. */
const everyMinutes = ({ well, ill, after }: Course): number => (well + ill + after > 24 * 60 ? 5 : 1);

/** Silent before, firing in time, silent again in time. */
function storyOf(rule: Rule, failure: Failure): AlertTest[] {
  const { labels, course = usual, silentFor = everyMinutes(course), detectedWithin, silentWithin } = failure;
  const begins = course.well;
  const ends = begins + course.ill;
  return [
    ...silent([rule], begins - 1),
    // a single bad minute, or evaluation, is no failure
    ...(rule.for === 0 ? [] : silent([rule], begins + silentFor)),
    { rule, atMinutes: begins + detectedWithin, firing: [labels] },
    { rule, atMinutes: ends - 1, firing: [labels] },
    ...(silentWithin === Infinity ? [] : silent([rule], ends + silentWithin)),
  ];
}

const toldWrong = (rule: Rule, failure: Failure): string =>
  contradictions(
    [rule],
    [{ name: rule.name, series: failure.series, alerts: storyOf(rule, failure) }],
    everyMinutes(failure.course ?? usual),
  );

/** Rules of one name have a failure each, unless they differ only in what settings put into them. */
const keyOf = (rule: Rule) => (ruleTitle(rule) in failures ? ruleTitle(rule) : rule.name);

const tested = rules.flatMap((rule) => {
  const failure = failures[keyOf(rule)];
  return failure === undefined ? [] : [{ name: keyOf(rule), rule, failure }];
});

/** What fires while something that should always be there is missing. */
const absences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CollectorDown: { job: "otelcol" },
  DeliveryLedgerSilent: { job: "delivery-ledger" },
  ServiceTelemetryAbsent: { service_name: "shop" },
};
const isAbsence = ({ name }: Rule) => name in absences;

describe("the rules", () => {
  it("all have a failure that they are for", () => {
    expect(new Set([...Object.keys(failures), ...notInPrometheus])).toEqual(new Set(rules.map(keyOf)));
  });

  it.each(tested)("$name: silent, then firing in time, then silent again", ({ rule, failure }) => {
    expect(toldWrong(rule, failure)).toBe("");
  });

  it.each(tested)("$name does not wake anybody for another's failure", ({ rule, failure }) => {
    const allowed = new Set(["Watchdog", ...companions(keyOf(rule))]);
    const quiet = rules.filter((other) => other.name !== rule.name && !allowed.has(keyOf(other)) && !isAbsence(other));
    const course = failure.course ?? usual;
    const alerts = [0.25, 0.75, 1].flatMap((part) => silent(quiet, Math.round(course.well + part * course.ill)));
    expect(contradictions(quiet, [{ name: rule.name, series: failure.series, alerts }], everyMinutes(course))).toBe("");
  });

  it("are silent while all is well", () => {
    const healthy = rulesExpecting("checkout");
    const quiet = healthy.filter(({ name }) => name !== "Watchdog");
    const alerts = [5, 20, 40, 60, 80].flatMap((minutes) => silent(quiet, minutes));
    expect(contradictions(healthy, [{ name: "healthy", series: healthyTraffic(), alerts }])).toBe("");
  });

  it("are silent when all has been well for more than a day", () => {
    const healthy = rulesExpecting("checkout");
    const quiet = healthy.filter(({ name }) => name !== "Watchdog");
    const alerts = [6, 12, 18, 24, 25, 30, 36].flatMap((hours) => silent(quiet, hours * 60));
    expect(contradictions(healthy, [{ name: "healthy", series: healthyTraffic(), alerts }], 30)).toBe("");
  });

  it("raise no false alarm over an empty database, but for what is expected there", () => {
    const absent = rules.filter(isAbsence);
    expect(absent.map(({ name }) => name)).toEqual(Object.keys(absences));
    const quiet = others.filter((rule) => !isAbsence(rule));
    const alerts = [
      ...silent(quiet, 60),
      { rule: watchdog, atMinutes: 60, firing: [{}] },
      ...absent.map((rule) => ({ rule, atMinutes: 60, firing: [absences[rule.name]!] })),
    ];
    expect(contradictions(rules, [{ name: "empty", series: [], alerts }])).toBe("");
  });

  it("raise no false alarm over a database with only one of their metrics", () => {
    const quiet = others.filter((rule) => !isAbsence(rule));
    const alone = packs
      .flatMap((pack) => pack.metrics)
      .map((metric): Scenario => {
        const series = healthyTraffic().filter(({ series: text }) => text.startsWith(metric.name.replaceAll(".", "_")));
        return { name: metric.name, series, alerts: [20, 60].flatMap((minutes) => silent(quiet, minutes)) };
      });
    expect(contradictions(rules, alone)).toBe("");
  });

  it.each([
    ["CollectorDataLoss", lost.spans.lost, { exporter: "otlp_http/traces" }, "otelcol", {}],
    [
      "GrafanaNotificationsFailing",
      notificationsFailed,
      { integration: "email", org: "1" },
      "grafana",
      { integration: "email" },
    ],
  ] as const)("%s sees the first failure, with which its counter appears", (name, metric, labels, job, firing) => {
    const [first] = rules.filter((rule) => rule.name === name);
    const series = points(metric as Metric<string, "counter">, job, labels, 0).map(({ series: text }) => ({
      series: text,
      values: "_x120 20x200",
    }));
    const alerts = [
      ...silent([first!], 29),
      ...[31, 44].map((atMinutes) => ({ rule: first!, atMinutes, firing: [firing] })),
      ...silent([first!], 46),
    ];
    expect(contradictions([first!], [{ name, series, alerts }])).toBe("");
  });

  it("do not count a handful of calls for a pattern", () => {
    // eight calls in ten minutes, half of them failed
    const few = ["success", "error"].flatMap((status) =>
      points(toolCalls, "agent", { tool_name: "search", status }, 4 / 600),
    );
    // ten queries in a quarter of an hour, all of them slow
    const slow = observed(promqlElapsed, "greptimedb", { db: "metrics", method: "range_query" }, { 10: 10 / 900 });
    const quiet = rules.filter(({ name }) => ["ToolErrorRatioHigh", "GreptimeDbQuerySlow"].includes(name));
    expect(contradictions(rules, [{ name: "few", series: [...few, ...slow], alerts: silent(quiet, 60) }])).toBe("");
  });

  it("take a quiet day of the week for what it is, but not the silence of one that was busy", () => {
    const day = 24 * 60;
    const week = (first: number, last: number) => [
      { minutes: day, level: first },
      { minutes: 6 * day, level: 10 },
      { minutes: day, level: last },
    ];
    const labels = { action: "submit", component: "chat" };
    const series = [
      ...points(uiRequests, "office", labels, week(1, 1)),
      ...points(uiRequests, "shop", labels, week(10, 1)),
    ];
    const dropped = rules.filter(({ name }) => name === "UiTrafficDropped");
    const firing = [{ service_name: "shop" }];
    const alerts = dropped.map((rule) => ({ rule, atMinutes: 7 * day + 120, firing }));
    expect(contradictions(dropped, [{ name: "week", series, alerts }], 10)).toBe("");
  });
});

describe.each(proofs.filter(({ few }) => few !== undefined))("the guards of $pack", ({ pack, few = {} }) => {
  const guarded = packs.find(({ name }) => name === pack)!.rules.filter(({ guard }) => guard !== undefined);

  it("are all proven", () => {
    expect(Object.keys(few).sort()).toEqual(guarded.map(ruleTitle).sort());
  });

  it.each(guarded.map((rule) => ({ name: ruleTitle(rule), rule })))(
    "$name is silent over little traffic",
    ({ rule }) => {
      const { series, atMinutes } = few[ruleTitle(rule)]!;
      const scenario = { name: rule.name, series, alerts: silent([rule], atMinutes) };
      expect(contradictions([rule], [scenario])).toBe("");
      const unguarded = { ...rule, guard: { ...rule.guard!, atLeast: 0 } };
      expect(contradictions([unguarded], [scenario]), "without the guard").toMatch(/got:/);
    },
  );
});

describe("a mutant of", () => {
  const flipped = (rule: Rule): Rule => ({
    ...rule,
    threshold: { ...rule.threshold, fires: rule.threshold.fires === "above" ? "below" : "above" },
  });
  const raised = (rule: Rule): Rule => ({
    ...rule,
    threshold: { ...rule.threshold, value: rule.threshold.unit === "ratio" ? 1 : rule.threshold.value * 1000 + 1 },
  });
  const late = (rule: Rule): Rule => ({ ...rule, for: 2 * rule.for + 3600 });

  it.each(
    tested.flatMap(({ name, rule, failure }) => [
      { name, change: "comparison", mutant: flipped(rule), failure },
      { name, change: "threshold", mutant: raised(rule), failure },
      { name, change: "duration", mutant: late(rule), failure },
    ]),
  )("$name with another $change is caught", ({ mutant, failure }) => {
    expect(toldWrong(mutant, failure)).not.toBe("");
  });
});
