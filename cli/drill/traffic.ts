import type { Kind, Metric } from "../../dashboards/metric.ts";
import { partName, storedName } from "../../dashboards/stored-name.ts";

/**
 * Traffic of made-up applications, as the series that GreptimeDB would hold. Labels come from the catalogue: a label
 * that is missing or that the metric does not have does not compile.
 */

/** Seconds between samples. */
export const step = 15;

/** So many units a second, or, of a gauge, a value. In phases: each for so many minutes. */
export type Level = number | readonly Phase[];

export interface Phase {
  readonly minutes: number;
  /** `silent`: no sample at all. */
  readonly level: number | "silent";
  /** Of a gauge: what it gains a second, from the level on. @default 0 */
  readonly growth?: number;
}

export interface Series {
  readonly series: string;
  /** In promtool's notation. */
  readonly values: string;
}

/** Observations a second by the upper bound of their bucket, which must be one of the metric's. */
export type Observations = Readonly<Record<number, Level>>;

/** How long a level without phases lasts: longer than any story. */
const minutesOf = 2 * 24 * 60;

/** A label that the series does not have. */
export const without = "";

/** One series of a counter, a gauge or an up-down counter. */
export const points = <L extends string>(
  metric: Metric<L, Exclude<Kind, "histogram">>,
  service: string,
  labels: Readonly<Record<L, string>>,
  level: Level,
): Series[] => [
  { series: selector(storedName(metric), service, labels), values: values(level, metric.kind === "counter") },
];

/** The series of a histogram; an observation is so much on average. */
export function observed<L extends string>(
  metric: Metric<L, "histogram">,
  service: string,
  labels: Readonly<Record<L, string>>,
  observations: Observations,
  average = 1,
): Series[] {
  const bounds = metric.buckets ?? [];
  const unknown = Object.keys(observations).filter((bound) => !bounds.includes(Number(bound)));
  if (unknown.length > 0) throw new Error(`${metric.name} has no bucket up to ${unknown.join(", ")}`);
  const upTo = (bound: number) =>
    added(Object.entries(observations).map(([of, level]) => (Number(of) <= bound ? level : noneOf(level))));
  const bucket = (le: string, level: Level) => ({
    series: selector(partName(metric, "bucket"), service, { ...labels, le }),
    values: values(level, true),
  });
  return [
    ...bounds.map((bound) => bucket(String(bound), upTo(bound))),
    // as GreptimeDB spells it
    bucket("inf", upTo(Infinity)),
    { series: selector(partName(metric, "count"), service, labels), values: values(upTo(Infinity), true) },
    {
      series: selector(partName(metric, "sum"), service, labels),
      values: values(times(average, upTo(Infinity)), true),
    },
  ];
}

/** Levels one on top of the other; with phases, all must have the same ones. */
function added(levels: readonly Level[]): Level {
  const phased = levels.find((level): level is readonly Phase[] => typeof level !== "number");
  if (phased === undefined) return levels.reduce<number>((sum, level) => sum + (level as number), 0);
  return phased.map(({ minutes }, index) => ({
    minutes,
    level: levels.reduce<number>((sum, level) => sum + levelAt(level, index), 0),
  }));
}

/** Nothing, for as long. */
const noneOf = (level: Level): Level =>
  typeof level === "number" ? 0 : level.map(({ minutes }) => ({ minutes, level: 0 }));

const times = (factor: number, of: Level): Level =>
  typeof of === "number"
    ? factor * of
    : of.map(({ minutes, level }) => ({ minutes, level: level === "silent" ? level : factor * level }));

const levelAt = (level: Level, phase: number): number => {
  const at = typeof level === "number" ? level : level[phase]?.level;
  return typeof at === "number" ? at : 0;
};

function values(level: Level, grows: boolean): string {
  const phases: readonly Phase[] = typeof level === "number" ? [{ minutes: minutesOf, level }] : level;
  let total = 0;
  return phases
    .map(({ minutes, level: at, growth = 0 }) => {
      const samples = (minutes * 60) / step;
      if (at === "silent") return `_x${String(samples)}`;
      if (!grows) return `${String(at)}+${String(growth * step)}x${String(samples - 1)}`;
      const from = total;
      total += at * step * samples;
      return `${String(from)}+${String(at * step)}x${String(samples - 1)}`;
    })
    .join(" ");
}

function selector(name: string, service: string, labels: Readonly<Record<string, string>>): string {
  const all = {
    ...labels,
    service_name: service,
    job: service,
    service_instance_id: `${service}-1`,
    instance: `${service}-1`,
  };
  return `${name}{${Object.entries(all)
    .filter(([, value]) => value !== without)
    .map(([label, value]) => `${label}="${value}"`)
    .join(", ")}}`;
}
