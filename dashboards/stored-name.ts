import type { Kind, Metric } from "./metric.ts";

/**
 * The name under which GreptimeDB stores a metric.
 *
 * OTLP metrics get Prometheus' suffixes for unit and kind (GreptimeDB's default translation,
 * `src/servers/src/otlp/metrics/translator.rs` at v1.1.4). Scraped ones keep the name that the endpoint exposes,
 * because the collector asks for the translation without suffixes.
 */
export function storedName({ name, kind, unit, route }: Pick<Metric, "name" | "kind" | "unit" | "route">): string {
  const tokens = tokensOf(name);
  const words = route === "otlp" ? withKind(withUnit(tokens, unit), kind, unit) : tokens;
  const joined = words.join("_");
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** The label that GreptimeDB makes of an attribute: `http.route` → `http_route`. */
export const labelName = (attribute: string): string => attribute.replaceAll(/[^A-Za-z0-9_]/g, "_");

const tokensOf = (text: string): string[] => text.split(/[^A-Za-z0-9]+/).filter((token) => token !== "");

/** The tables of a histogram. */
export type HistogramPart = "bucket" | "sum" | "count";

export const partName = (metric: Metric, part: HistogramPart): string => `${storedName(metric)}_${part}`;

/** All series names of a metric. */
export const seriesNames = (metric: Metric): string[] =>
  metric.kind === "histogram"
    ? (["bucket", "sum", "count"] as const).map((part) => partName(metric, part))
    : [storedName(metric)];

const unitWords: Readonly<Record<string, string>> = {
  d: "days",
  h: "hours",
  min: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  TiBy: "tibibytes",
  KBy: "kilobytes",
  MBy: "megabytes",
  GBy: "gigabytes",
  TBy: "terabytes",
  m: "meters",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  g: "grams",
  Cel: "celsius",
  Hz: "hertz",
  "1": "",
  "%": "percent",
};

const perWords: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  mo: "month",
  y: "year",
};

function withUnit(tokens: string[], unit: string): string[] {
  const slash = unit.indexOf("/");
  const main = unitWord(slash === -1 ? unit : unit.slice(0, slash), unitWords);
  const per = slash === -1 ? "" : unitWord(unit.slice(slash + 1), perWords);
  const named = main === "" || tokens.includes(main) ? tokens : [...tokens, main];
  return per === "" || named.includes(per) ? named : [...named, "per", per];
}

/** Annotations in braces say nothing; a unit that is not in the table is taken as it is. */
function unitWord(unit: string, words: Readonly<Record<string, string>>): string {
  const trimmed = unit.trim();
  return /[{}]/.test(trimmed) ? "" : tokensOf(words[trimmed] ?? trimmed).join("_");
}

function withKind(tokens: string[], kind: Kind, unit: string): string[] {
  if (kind === "counter") return [...tokens.filter((token) => token !== "total"), "total"];
  if (kind === "gauge" && unit === "1") return [...tokens.filter((token) => token !== "ratio"), "ratio"];
  return tokens;
}
