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
import { proofs } from "../../cli/drill/proofs/proofs.ts";
import {
  absences,
  bystanders,
  bystandersSilent,
  drillSettings,
  drillsOf,
  everyMinutes,
  healthyTraffic,
  isStory,
  keyOf,
  storyOf,
} from "../../cli/drill/drills.ts";
import { usual, type Failure } from "../../cli/drill/failures.ts";
import { contradictions, type AlertTest, type Scenario } from "../../cli/drill/promtool.ts";
import { observed, points } from "../../cli/drill/traffic.ts";

const drills = drillsOf(drillSettings());
const rules = drills.map(({ rule }) => rule);
const watchdog = rules.find(({ name }) => name === "Watchdog")!;
const others = rules.filter((rule) => rule !== watchdog);

/** Rules of a stack in which a service is expected that the healthy traffic has. */
const rulesExpecting = (service: string): Rule[] =>
  [
    ...rulesFor(settingsOf({ alerts: { services: [service] }, collector: { ledger: { enabled: true } } })).values(),
  ].flat();

const silent = (of: readonly Rule[], atMinutes: number): AlertTest[] =>
  of.map((rule) => ({ rule, atMinutes, firing: [] }));

const toldWrong = (rule: Rule, failure: Failure): string =>
  contradictions(
    [rule],
    [{ name: rule.name, series: failure.series, alerts: storyOf(rule, failure) }],
    everyMinutes(failure.course ?? usual),
  );

const tested = drills.flatMap((drill) => {
  const { rule, failure } = drill;
  return isStory(failure) ? [{ name: keyOf(rule), drill, rule, failure }] : [];
});

const isAbsence = ({ name }: Rule) => name in absences;

describe("the rules", () => {
  it("all have a failure that they are for", () => {
    // and each failure a rule
    const stories = proofs.flatMap((proof) => [...Object.keys(proof.failures), ...(proof.notInPrometheus ?? [])]);
    expect(new Set(stories)).toEqual(new Set(rules.map(keyOf)));
    expect(drills.filter(({ failure }) => !isStory(failure) && failure.how === "untold")).toEqual([]);
    expect(drills.filter(({ failure }) => !isStory(failure)).map(({ title }) => title)).toEqual(
      proofs.flatMap((proof) => proof.notInPrometheus ?? []),
    );
  });

  it.each(tested)("$name: silent, then firing in time, then silent again", ({ rule, failure }) => {
    expect(toldWrong(rule, failure)).toBe("");
  });

  it.each(tested)("$name does not wake anybody for another's failure", ({ name, drill, failure }) => {
    const quiet = bystanders(drill, drills);
    expect(quiet.length).toBeGreaterThan(50);
    const alerts = bystandersSilent(quiet, failure);
    const every = everyMinutes(failure.course ?? usual);
    expect(contradictions(quiet, [{ name, series: failure.series, alerts }], every)).toBe("");
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
