import type { CommonLabel } from "./metric.ts";

/** Which series a query reads, and over which range. */

/** The labels that a metric's series carry. */
export type LabelOf<L extends string> = L | CommonLabel;

/** A fixed length of time. */
export type Amount = `${number}${"m" | "h" | "d"}`;

/** A range. `$__rate_interval` and `$__range` are Grafana's, for panels; rules take fixed ones. */
export type Window = Amount | "$__rate_interval" | "$__range";

export interface Matcher {
  readonly operator: "=" | "=~";
  readonly value: string;
}

/** A matcher for one value. */
export interface Equal extends Matcher {
  readonly operator: "=";
}

export type Where<L extends string> = { readonly [name in LabelOf<L>]?: Matcher };

/** The label has this value. */
export const is = (value: string): Equal => {
  if (value === "") throw new Error('GreptimeDB does not match a missing label with ""');
  return { operator: "=", value };
};

/** The label matches this regular expression, as a whole. */
export const matches = (pattern: string): Matcher => ({ operator: "=~", value: pattern });

/** The label has one of the values chosen in a dashboard variable. */
export const chosen = (variable: string): Matcher => ({ operator: "=~", value: `$${variable}` });

/** Series by name and labels, as PromQL has them. */
export function selector(series: string, where: Readonly<Record<string, Matcher | undefined>>): string {
  const matchers = Object.entries(where).flatMap(([name, matcher]) =>
    matcher === undefined ? [] : [`${name}${matcher.operator}${quoted(matcher.value)}`],
  );
  return matchers.length === 0 ? series : `${series}{${matchers.join(", ")}}`;
}

/** A text in quotes, whatever is in it. */
export const quoted = (value: string): string =>
  `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
