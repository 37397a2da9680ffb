import type { Pack } from "../../dashboards/pack.ts";
import { seriesNames } from "../../dashboards/stored-name.ts";
import type { Dependent } from "./dependents.ts";
import { findingsOf, type Finding } from "./findings.ts";
import { Held, type Lack } from "./held.ts";
import { sorted, type Inventory } from "./inventory.ts";

/**
 * - `fed`: all of its queries have what they read;
 * - `waiting`: what is missing comes with the first failure or the like;
 * - `partly`: some of its queries have what they read;
 * - `empty`: none has.
 */
export const states = ["fed", "waiting", "partly", "empty"] as const;
export type State = (typeof states)[number];

export interface Judged {
  readonly dependent: Dependent;
  readonly state: State;
  /** What is not there. */
  readonly lacks: readonly Lack[];
}

export interface PackCoverage {
  readonly name: string;
  readonly title: string;
  /** How many of its metrics have arrived under their names. */
  readonly metrics: { readonly arrived: number; readonly all: number };
  readonly panels: Readonly<Record<State, number>>;
  readonly rules: Readonly<Record<State, number>>;
}

export interface ServiceCoverage {
  readonly service: string;
  readonly spans: boolean;
  readonly logRecords: boolean;
  /** How many metrics of each pack it sends; packs of which it sends none are left out. */
  readonly packs: Readonly<Record<string, number>>;
}

export interface Coverage {
  /** Share of panels and rules that are fed, or wait for nothing that is anybody's to do: 0 to 100, rounded down. */
  readonly score: number;
  readonly packs: readonly PackCoverage[];
  readonly services: readonly ServiceCoverage[];
  /** Those that most depend on first. */
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
  /** Series names that nothing here reads. */
  readonly unread: readonly string[];
}

/** Compares what there is with what panels and rules read. */
export function coverageOf(inventory: Inventory, packs: readonly Pack[], dependents: readonly Dependent[]): Coverage {
  const held = new Held(inventory);
  const judged = dependents.map((dependent) => judge(dependent, held));
  const well = judged.filter(({ state }) => state === "fed" || state === "waiting").length;
  const known = new Set(packs.flatMap(({ metrics }) => metrics).flatMap(seriesNames));
  const findings = findingsOf(held, packs, judged);
  const explained = new Set(findings.flatMap(({ found = [] }) => found));
  return {
    score: judged.length === 0 ? 100 : Math.floor((100 * well) / judged.length),
    packs: packs.map((pack) => ofPack(pack, held, judged)),
    services: servicesOf(held, packs),
    findings,
    judged,
    unread: sorted(inventory.metrics.map(({ name }) => name)).filter(
      (name) => !known.has(name) && !explained.has(name),
    ),
  };
}

function judge(dependent: Dependent, held: Held): Judged {
  const byQuery = [
    ...dependent.queries.map((readings) => readings.flatMap((reading) => held.lacks(reading))),
    ...dependent.tables.map((table) =>
      held.inventory[table].length > 0 ? [] : [{ metric: table, series: table, sometimes: false }],
    ),
  ];
  const lacks = byQuery.flat();
  return { dependent, lacks, state: stateOf(dependent, byQuery) };
}

function stateOf({ kind }: Dependent, byQuery: readonly (readonly Lack[])[]): State {
  const lacking = byQuery.filter((lacks) => lacks.length > 0);
  if (lacking.length === 0) return "fed";
  if (lacking.flat().every(({ sometimes }) => sometimes)) return "waiting";
  // a rule needs all of its queries
  return kind === "panel" && lacking.length < byQuery.length ? "partly" : "empty";
}

function ofPack({ name, title, metrics }: Pack, held: Held, judged: readonly Judged[]): PackCoverage {
  const count = (kind: Dependent["kind"]) =>
    Object.fromEntries(
      states.map((state) => [
        state,
        judged.filter((one) => one.dependent.pack === name && one.dependent.kind === kind && one.state === state)
          .length,
      ]),
    ) as Record<State, number>;
  const arrived = metrics.filter((metric) => seriesNames(metric).some((series) => held.has(series))).length;
  return { name, title, metrics: { arrived, all: metrics.length }, panels: count("panel"), rules: count("rule") };
}

function servicesOf({ inventory }: Held, packs: readonly Pack[]): ServiceCoverage[] {
  const { metrics, spans, logRecords } = inventory;
  const names = new Map<string, Set<string>>();
  for (const { service, name } of metrics) names.set(service, (names.get(service) ?? new Set()).add(name));
  return sorted([...names.keys(), ...spans, ...logRecords]).map((service) => {
    const sent = names.get(service) ?? new Set();
    const counts = packs.map(
      (pack) =>
        [
          pack.name,
          pack.metrics.filter((metric) => seriesNames(metric).some((name) => sent.has(name))).length,
        ] as const,
    );
    return {
      service,
      spans: spans.includes(service),
      logRecords: logRecords.includes(service),
      packs: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    };
  });
}
