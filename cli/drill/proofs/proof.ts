import type { Failure } from "../failures.ts";
import type { ExpectedSample } from "../promtool.ts";
import type { Series } from "../traffic.ts";

/** What promtool proves of a pack: each panel shows what its traffic is, each rule finds what it is for. */
export interface PackProof {
  readonly pack: string;
  /** A healthy hour and a half, with numbers that one can reckon with. No rule of any pack fires over it. */
  readonly healthy: () => readonly Series[];
  /** Minute at which the panels are asked, where one looks back further; the traffic lasts longer. @default 60 */
  readonly askedAt?: number;
  /**
   * What each query of the pack's panels answers after an hour of that, by hand: windows are 4 minutes
   * (`$__rate_interval`) and an hour (`$__range`); a day later for what compares with the day before. Keys as `panelQueries` makes them: board/panel/legend.
   */
  readonly panels: Readonly<Record<string, readonly ExpectedSample[]>>;
  /** What each rule is for, by its title or its name. A rule without an entry here fails the test. */
  readonly failures: Readonly<Record<string, Failure>>;
  /**
   * Traffic that is beyond a rule's threshold at this minute, but so little that its guard keeps the rule silent, by the
   * rule's title or name. A pack that has this has it for all of its guards.
   */
  readonly few?: Readonly<Record<string, { readonly series: readonly Series[]; readonly atMinutes: number }>>;
  /** Rules that see the same failure from another side, and so may fire with it. */
  readonly companions?: Readonly<Record<string, readonly string[]>>;
  /** Rules whose failure Prometheus cannot show, such as one that watches the database that answers. */
  readonly notInPrometheus?: readonly string[];
}

/** A result without labels. */
export const one = (value: number): ExpectedSample[] => [{ labels: {}, value }];

/** Results by the values of one label. */
export const by = (label: string, values: Readonly<Record<string, number>>): ExpectedSample[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

/** Observations within four minutes at so many a second, by bucket; each bucket holds those below it. Rounded as the answers are. */
export const buckets = (perSecond: Readonly<Record<string, number>>): ExpectedSample[] =>
  Object.entries(perSecond).map(([le, rate]) => ({ labels: { le }, value: Number((rate * 240).toFixed(6)) }));
