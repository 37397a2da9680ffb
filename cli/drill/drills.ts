import { configurationFrom, type Settings } from "../../configs/settings/settings.ts";
import { known, packsOf, rulesFor } from "../../dashboards/content.ts";
import { ruleTitle, type Rule } from "../../dashboards/rule.ts";
import { usual, type Course, type Failure } from "./failures.ts";
import { proofs } from "./proofs/proofs.ts";
import type { AlertTest } from "./promtool.ts";
import type { Series } from "./traffic.ts";

/** For each rule the traffic that has it fire, and traffic that must not: played on promtool and on a running stack. */

/** A rule that traffic does not bring about, or for which nobody has told how. */
export interface Elsewhere {
  /** `source`: its data source goes away. `always`: it fires all the time. `untold`: a pack without a story for it. */
  readonly how: "source" | "always" | "untold";
  readonly breaks: string;
  readonly spares: string;
}

export interface Drill {
  /** The rule's title. */
  readonly title: string;
  readonly pack: string;
  readonly rule: Rule;
  /** The story that breaks it; or, where traffic has no part in it, words. */
  readonly failure: Failure | Elsewhere;
  /** Traffic beyond its threshold, but so little that its guard keeps it silent. */
  readonly few?: { readonly series: readonly Series[]; readonly atMinutes: number };
  /** Rules that may fire with it: they see the same failure from another side. */
  readonly companions: readonly string[];
}

export const isStory = (failure: Drill["failure"]): failure is Failure => "series" in failure;

/** The service that drills expect to be there. */
export const expectedService = "shop";

/** Every rule that is shipped, with its own threshold; one service is expected, and the ledger is on. */
export const drillSettings = (): Settings =>
  configurationFrom(
    {
      values: { alerts: { services: [expectedService] }, collector: { ledger: { enabled: true } } },
      encrypted: new Set(),
    },
    { ...known, instance: "drill" },
  ).settings;

const elsewhere: Readonly<Record<string, Elsewhere>> = {
  MetricsDatasourceDown: {
    how: "source",
    breaks: "no data source",
    spares: "a data source",
  },
  Watchdog: { how: "always", breaks: "nothing: it always fires", spares: "nothing" },
};

/** What fires while something that should always be there is missing: labels of the alert, by rule. */
export const absences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CollectorDown: { job: "otelcol" },
  DeliveryLedgerSilent: { job: "delivery-ledger" },
  ServiceTelemetryAbsent: { service_name: expectedService },
};

const failures = new Map<string, Drill["failure"]>([
  ...Object.entries(elsewhere),
  ...proofs.flatMap((proof) => Object.entries(proof.failures)),
]);
const few = new Map(proofs.flatMap((proof) => Object.entries(proof.few ?? {})));

/** Rules of one name have a story each, unless they differ only in what settings put into them. */
export const keyOf = (rule: Rule): string => (failures.has(ruleTitle(rule)) ? ruleTitle(rule) : rule.name);

const untold: Elsewhere = { how: "untold", breaks: "no story", spares: "no story" };

/** A drill for each rule, in the order of the catalogue. */
export function drillsOf(settings: Settings): Drill[] {
  const rules = rulesFor(settings);
  return packsOf(settings).flatMap(({ name: pack }) =>
    (rules.get(pack) ?? []).map((rule): Drill => {
      const failure = failures.get(keyOf(rule)) ?? untold;
      const little = few.get(ruleTitle(rule));
      return {
        title: ruleTitle(rule),
        pack,
        rule,
        failure,
        ...(little === undefined ? {} : { few: little }),
        companions: proofs.flatMap((proof) => proof.companions?.[keyOf(rule)] ?? []),
      };
    }),
  );
}

/** Traffic of all packs, over which no rule fires but the watchdog. */
export const healthyTraffic = (): Series[] => proofs.flatMap(({ healthy }) => [...healthy()]);

/** Rules are evaluated each minute; over a day that takes long, and more seldom is enough. */
export const everyMinutes = ({ well, ill, after }: Course): number => (well + ill + after > 24 * 60 ? 5 : 1);

const silentAt = (rule: Rule, atMinutes: number): AlertTest => ({ rule, atMinutes, firing: [] });

/** Silent before, firing in time, silent again in time. */
export function storyOf(rule: Rule, failure: Failure): AlertTest[] {
  const { labels, course = usual, silentFor = everyMinutes(course), detectedWithin, silentWithin } = failure;
  const begins = course.well;
  const ends = begins + course.ill;
  return [
    silentAt(rule, begins - 1),
    // a single bad minute, or evaluation, is no failure
    ...(rule.for === 0 ? [] : [silentAt(rule, begins + silentFor)]),
    { rule, atMinutes: begins + detectedWithin, firing: [labels] },
    { rule, atMinutes: ends - 1, firing: [labels] },
    ...(silentWithin === Infinity ? [] : [silentAt(rule, ends + silentWithin)]),
  ];
}

/** All other rules, silent while this one's story goes on; but for those that may fire with it, or miss something. */
export function bystanders(drill: Drill, all: readonly Drill[]): Rule[] {
  const allowed = new Set(["Watchdog", ...drill.companions]);
  return all
    .map(({ rule }) => rule)
    .filter((rule) => rule.name !== drill.rule.name && !allowed.has(keyOf(rule)) && !(rule.name in absences));
}

/** Bystanders are looked at three times. */
export const bystandersSilent = (rules: readonly Rule[], { course = usual }: Failure): AlertTest[] =>
  [0.25, 0.75, 1].flatMap((part) => rules.map((rule) => silentAt(rule, Math.round(course.well + part * course.ill))));
