import { step, type Series } from "../traffic.ts";

/** The samples of a story, by their place in time. */

/** A number in promtool's notation. */
const number = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const growing = new RegExp(`^(${number})(?:([+-])(${number}))?x(\\d+)$`);

/** Where a run of samples begins, and how they grow. */
interface Run {
  readonly first: number;
  readonly samples: number;
  readonly from: number | undefined;
  readonly growth: number;
}

export interface Timeline {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The value at a sample, counted from 0; undefined where there is none. */
  readonly at: (sample: number) => number | undefined;
}

/**
 * A series as values that can be asked for one by one.
 * @throws Error when it is not in the notation that stories are written in
 */
export function timelineOf({ series, values }: Series): Timeline {
  const [, name = "", labels = ""] = /^(\w+)\{(.*)\}$/.exec(series) ?? [];
  if (name === "") throw new Error(`no series: ${series}`);
  const runs: Run[] = [];
  let first = 0;
  for (const token of values.split(" ")) {
    const run = { ...runOf(token), first };
    runs.push(run);
    first += run.samples;
  }
  return {
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", value = ""]) => [label, value]),
    ),
    at: (sample) => {
      const run = runs.find((one) => sample >= one.first && sample < one.first + one.samples);
      return run?.from === undefined ? undefined : run.from + run.growth * (sample - run.first);
    },
  };
}

function runOf(token: string): Omit<Run, "first"> {
  const [, missing] = /^_x(\d+)$/.exec(token) ?? [];
  if (missing !== undefined) return { samples: Number(missing), from: undefined, growth: 0 };
  const [, from, sign = "+", growth = "0", more] = growing.exec(token) ?? [];
  if (from === undefined || more === undefined) throw new Error(`no values: ${token}`);
  return { samples: Number(more) + 1, from: Number(from), growth: Number(`${sign}${growth}`) };
}

/** The sample at a minute of the story. */
export const sampleAt = (minute: number): number => Math.round((minute * 60) / step);
