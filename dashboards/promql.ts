import type { Metric } from "./metric.ts";
import { is, selector, type Amount, type Equal, type LabelOf, type Where, type Window } from "./selector.ts";
import { partName, storedName } from "./stored-name.ts";

export { chosen, is, matches, type Equal, type LabelOf, type Matcher, type Where, type Window } from "./selector.ts";

/**
 * Queries, in the part of PromQL that GreptimeDB evaluates as Prometheus does.
 *
 * What GreptimeDB would answer wrongly or not at all cannot be written here: no `@`, no `group_left`, no negative
 * matcher (series without the label would vanish), no comparison or arithmetic around a quantile (400 while the
 * metric does not exist yet), no division of vectors with different labels (nothing), no aggregation without
 * saying by what. Comparisons belong into the threshold of an alert rule.
 */

/** What a query reads: for the proofs that the catalogue has it and that a window is long enough. */
export interface Reading {
  readonly metric: Metric;
  /** Name of the series. */
  readonly series: string;
  readonly labels: readonly string[];
  readonly window?: Window;
  /** Upper bound of the one bucket that it reads. */
  readonly bound?: number;
}

/** A finished query. */
export interface Query {
  readonly expr: string;
  /** Labels of its result. */
  readonly by: readonly string[];
  readonly readings: readonly Reading[];
}

/** A query whose result may go into further arithmetic; `B` are the labels of its result. */
export interface Vector<B extends string> extends Query {
  readonly by: readonly B[];
  readonly arithmetic: true;
  /** Needs parentheses as a part of something else. */
  readonly compound?: true;
  /** Only in the type: exactly these labels, neither more nor fewer. */
  readonly exactly?: (labels: B) => B;
}

/** Series as stored, or their rates: must be aggregated to become a query. */
export interface Series<L extends string> {
  readonly text: string;
  readonly reading: Reading;
  /** Only in the type: the labels that the series carry. */
  readonly carries?: L;
}

/** A metric that only grows: a counter, or the number or sum of a histogram's observations. */
export interface Growing<L extends string> {
  readonly series: string;
  readonly metric: Metric<L>;
  /** Upper bound of the bucket that is counted. */
  readonly bound?: number;
}

type Countable<L extends string> = Metric<L, "counter"> | Growing<L>;

/** How many observations a histogram holds. */
export const observations = <L extends string>(metric: Metric<L, "histogram">): Growing<L> => ({
  series: partName(metric, "count"),
  metric,
});

/** The sum of a histogram's observations. */
export const total = <L extends string>(metric: Metric<L, "histogram">): Growing<L> => ({
  series: partName(metric, "sum"),
  metric,
});

/**
 * How many observations of a histogram were at most so large.
 * @throws Error when the metric has no bucket with that bound
 */
export function upTo<L extends string>(metric: Metric<L, "histogram">, bound: number): Growing<L> {
  if (!(metric.buckets ?? []).includes(bound)) throw new Error(`${metric.name} has no bucket up to ${String(bound)}`);
  return { series: partName(metric, "bucket"), metric, bound };
}

/** When: the last window, or one so long ago. */
export interface Ago {
  readonly ago?: Amount;
}

/** Growth per second. */
export const rate = <L extends string>(
  of: Countable<L>,
  window: Window,
  where: Where<L> = {},
  when: Ago = {},
): Series<LabelOf<L>> => growth("rate", of, window, where, when);

/** Growth over the window. */
export const increase = <L extends string>(
  of: Countable<L>,
  window: Window,
  where: Where<L> = {},
  when: Ago = {},
): Series<LabelOf<L>> => growth("increase", of, window, where, when);

function growth<L extends string>(
  fn: string,
  of: Countable<L>,
  window: Window,
  where: Where<L>,
  { ago }: Ago,
): Series<LabelOf<L>> {
  const { series, metric, bound } = "series" in of ? of : { series: storedName(of), metric: of, bound: undefined };
  // GreptimeDB keeps the bound as its shortest decimal text
  const matchers = bound === undefined ? where : { ...where, le: is(String(bound)) };
  const reading = { metric, series, labels: Object.keys(matchers), window, ...(bound !== undefined && { bound }) };
  return {
    text: `${fn}(${selector(series, matchers)}[${window}]${ago === undefined ? "" : ` offset ${ago}`})`,
    reading,
  };
}

/** Change per second of a gauge over the window, by the line that fits it best. */
export function slope<L extends string>(
  metric: Metric<L, "gauge" | "upDownCounter">,
  window: Window,
  where: Where<L> = {},
): Series<LabelOf<L>> {
  const series = storedName(metric);
  return {
    text: `deriv(${selector(series, where)}[${window}])`,
    reading: { metric, series, labels: Object.keys(where), window },
  };
}

/** What a counter has reached since its process started: how long a process runs, whether anything was ever lost. */
export const reached = <L extends string>(metric: Metric<L, "counter">, where: Where<L> = {}): Series<LabelOf<L>> =>
  stored(metric, where);

/** The current value of a gauge or an up-down counter. */
export const current = <L extends string>(
  metric: Metric<L, "gauge" | "upDownCounter">,
  where: Where<L> = {},
): Series<LabelOf<L>> => stored(metric, where);

function stored<L extends string>(metric: Metric<L>, where: Where<L>): Series<LabelOf<L>> {
  const series = storedName(metric);
  return { text: selector(series, where), reading: { metric, series, labels: Object.keys(where) } };
}

const grouped = (fn: string, by: readonly string[], text: string): string =>
  `${fn}${by.length === 0 ? "" : ` by (${by.join(", ")})`} (${text})`;

const aggregate = <B extends string>(fn: string, { text, reading }: Series<string>, by: readonly B[]): Vector<B> => ({
  expr: grouped(fn, by, text),
  by,
  arithmetic: true,
  readings: [{ ...reading, labels: [...reading.labels, ...by] }],
});

/** All series together. */
export const sum = (series: Series<string>): Vector<never> => aggregate("sum", series, []);

/** Series together that agree in these labels. */
export const sumBy = <L extends string, B extends L>(by: readonly B[], series: Series<L>): Vector<B> =>
  aggregate("sum", series, by);
export const maxBy = <L extends string, B extends L>(by: readonly B[], series: Series<L>): Vector<B> =>
  aggregate("max", series, by);
export const minBy = <L extends string, B extends L>(by: readonly B[], series: Series<L>): Vector<B> =>
  aggregate("min", series, by);

/** How many different results a vector has. */
export const count = <B extends string>(vector: Vector<B>): Vector<never> => ({
  expr: `count (${vector.expr})`,
  by: [],
  arithmetic: true,
  readings: vector.readings,
});

/** @throws Error when two vectors have different labels */
function mustMeet(what: string, one: Query, other: Query): void {
  if ([...one.by].sort().join() !== [...other.by].sort().join())
    throw new Error(`GreptimeDB finds nothing in a ${what} by (${one.by.join(", ")}) and by (${other.by.join(", ")})`);
}

/** A part of a whole, both with the same labels. Without a first failure there is no part, and so no result: not 0. */
export function ratio<B extends string>(part: Vector<B>, whole: Vector<NoInfer<B>>): Vector<B> {
  mustMeet("ratio", part, whole);
  const readings = [...part.readings, ...whole.readings];
  return { expr: `${atom(part)} / ${atom(whole)}`, by: part.by, arithmetic: true, readings, compound: true };
}

/** One vector and another, with the same labels. Where one of them has no result, there is none. */
export function plus<B extends string>(one: Vector<B>, other: Vector<NoInfer<B>>): Vector<B> {
  mustMeet("sum", one, other);
  const readings = [...one.readings, ...other.readings];
  return { expr: `(${atom(one)} + ${atom(other)})`, by: one.by, arithmetic: true, readings };
}

/** What is left of 1: `1 - up`, `1 - share`. */
export const rest = <B extends string>(vector: Vector<B>): Vector<B> => ({
  ...vector,
  expr: `1 - ${atom(vector)}`,
  compound: true,
});

/** So many times a vector. */
export const times = <B extends string>(factor: number, vector: Vector<B>): Vector<B> => ({
  ...vector,
  expr: `${String(factor)} * ${atom(vector)}`,
  compound: true,
});

/** One vector times another, with the same labels. Where one of them has no result, there is none. */
export function product<B extends string>(one: Vector<B>, other: Vector<NoInfer<B>>): Vector<B> {
  mustMeet("product", one, other);
  const readings = [...one.readings, ...other.readings];
  return { expr: `${atom(one)} * ${atom(other)}`, by: one.by, arithmetic: true, readings, compound: true };
}

const atom = ({ expr, compound }: Pick<Vector<never>, "expr" | "compound">): string =>
  compound === true ? `(${expr})` : expr;

/**
 * All results of vectors that read the same metric, or all of constants, with the same labels; where two have the same
 * label values, the first. GreptimeDB refuses it for different metrics, whose tables have different columns.
 * @throws Error when they read different metrics or have different labels
 */
export function either<B extends string>(first: Vector<B>, ...others: readonly Vector<NoInfer<B>>[]): Vector<B> {
  const all = [first, ...others];
  const tables = new Set(all.map(({ readings }) => [...new Set(readings.map(({ series }) => series))].join(" and ")));
  if (
    tables.size !== 1 ||
    [...tables][0]?.includes(" ") === true ||
    all.some(({ by }) => by.join() !== first.by.join())
  )
    throw new Error(`GreptimeDB cannot join ${all.map(({ expr }) => expr).join(" and ")}`);
  const readings = all.flatMap((vector) => vector.readings);
  return { expr: all.map(atom).join(" or "), by: first.by, arithmetic: true, readings, compound: true };
}

/**
 * Growth over the window of a counter that appears with the first thing that it counts, as counters of failures do.
 * Growth alone never sees the first one; so a series that was not there one window ago counts as a whole.
 */
export function counted<L extends string, B extends LabelOf<L>>(
  by: readonly B[],
  metric: Metric<L, "counter">,
  window: Amount,
  where: Where<L> = {},
): Vector<B> {
  const now = sumBy<LabelOf<L>, B>(by, reached(metric, where));
  const before = sumBy<LabelOf<L>, B>(by, past(reached(metric, where), window));
  const growth = sumBy<LabelOf<L>, B>(by, increase(metric, window, where));
  const readings = [...now.readings, ...before.readings, ...growth.readings];
  return {
    expr: `(${now.expr} unless ${before.expr}) or ${growth.expr}`,
    by,
    arithmetic: true,
    readings,
    compound: true,
  };
}

const past = <L extends string>({ text, reading }: Series<L>, ago: Amount): Series<L> => ({
  text: `${text} offset ${ago}`,
  reading,
});

const over =
  (fn: "sum" | "max") =>
  <B extends string, C extends B>(by: readonly C[], { expr, readings }: Vector<B>): Vector<C> => ({
    expr: grouped(fn, by, expr),
    by,
    arithmetic: true,
    readings,
  });

/** A vector's results together that agree in these labels, which are some of its own. */
export const sumOver = over("sum");

/** The largest of a vector's results that agree in these labels, which are some of its own. */
export const maxOver = over("max");

/** The largest results. */
export const top = <B extends string>(howMany: number, { expr, by, readings }: Vector<B>): Vector<B> => ({
  expr: `topk(${String(howMany)}, ${expr})`,
  by,
  arithmetic: true,
  readings,
});

/** How a histogram is looked at. */
export interface View<L extends string, B extends LabelOf<L>> {
  readonly window: Window;
  readonly where?: Where<L>;
  /** @default [] */
  readonly by?: readonly B[];
}

/** The value below which a share of the observations lies. */
export function quantile<L extends string, B extends LabelOf<L> = never>(
  share: number,
  metric: Metric<L, "histogram">,
  { window, where = {}, by = [] }: View<L, B>,
): Query {
  if (!(share > 0 && share < 1)) throw new Error(`a quantile lies between 0 and 1, not at ${String(share)}`);
  const series = partName(metric, "bucket");
  const buckets = `sum by (${["le", ...by].join(", ")}) (rate(${selector(series, where)}[${window}]))`;
  return {
    expr: `histogram_quantile(${String(share)}, ${buckets})`,
    by,
    readings: [{ metric, series, labels: ["le", ...by, ...Object.keys(where)], window }],
  };
}

/** Observations by bucket, for a heat map. */
export function distribution<L extends string>(
  metric: Metric<L, "histogram">,
  { window, where = {} }: View<L, never>,
): Query {
  const series = partName(metric, "bucket");
  return {
    expr: `sum by (le) (increase(${selector(series, where)}[${window}]))`,
    by: ["le"],
    readings: [{ metric, series, labels: ["le", ...Object.keys(where)], window }],
  };
}

/** 1 while there is no such series, else nothing. Works for a metric that does not exist, too. */
export function absent<L extends string>(
  metric: Metric<L>,
  where: Readonly<Partial<Record<LabelOf<L>, Equal>>>,
): Query {
  const series = metric.kind === "histogram" ? partName(metric, "count") : storedName(metric);
  return {
    expr: `absent(${selector(series, where)})`,
    by: Object.keys(where),
    readings: [{ metric, series, labels: Object.keys(where) }],
  };
}
