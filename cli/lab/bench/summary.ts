import type { Signal } from "../../../configs/collector/signal.ts";
import type { Measurement } from "./measure.ts";
import type { Variant } from "./variants.ts";

/** What several rounds say together. */

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Row {
  readonly signal: Signal;
  readonly variant: string;
  readonly perSecond: Spread;
  readonly cpuPerMillion: Spread;
  readonly peakMemory: Spread;
  /** Throughput as a share of that of `bare`, round by round. */
  readonly ofBare: Spread;
  /** `missed` only if the best round misses it; `noise` if rounds disagree. None without a goal. */
  readonly goal?: { readonly least: number; readonly verdict: "reached" | "missed" | "noise" };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const median = Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
  return { median, least: at(0), most: at(sorted.length - 1) };
}

/** @param rounds of each round, the measurement of each variant by name; all have `bare` */
export function summarised(
  signal: Signal,
  rounds: readonly Readonly<Record<string, Measurement>>[],
  variants: readonly Variant[],
): Row[] {
  return variants.map(({ name, goals }) => {
    const goal = goals?.[signal];
    const own = rounds.flatMap((round) => round[name] ?? []);
    const ofBare = spreadOf(
      rounds.map((round) => (round[name]?.perSecond ?? Number.NaN) / (round["bare"]?.perSecond ?? Number.NaN)),
    );
    return {
      signal,
      variant: name,
      perSecond: spreadOf(own.map(({ perSecond }) => perSecond)),
      cpuPerMillion: spreadOf(own.map(({ cpuPerMillion }) => cpuPerMillion)),
      peakMemory: spreadOf(own.map(({ peakMemory }) => peakMemory)),
      ofBare,
      ...(goal === undefined ? {} : { goal: { least: goal, verdict: verdictOf(ofBare, goal) } }),
    };
  });
}

function verdictOf({ median, least, most }: Spread, goal: number): "reached" | "missed" | "noise" {
  if (median >= goal) return "reached";
  return most >= goal && least < goal ? "noise" : "missed";
}
