import type { LogColumn, SpanColumn } from "./tables.ts";

/**
 * Parts of SQL that boards have in common, in the form that GreptimeDB evaluates on the MySQL protocol:
 * `$__timeGroup` of Grafana's datasource and `FILTER (WHERE …)` do not work there, and columns with dots stand in
 * backticks, because double quotes are quotes of text.
 *
 * What a person types or chooses gets into SQL through `${name:sqlstring}` and nowhere else. Grafana doubles quotes
 * there but leaves backslashes, which begin an escape on this protocol: who searches for one has to write two. What
 * somebody could smuggle in with one can do no more than that person can ask anyway: the datasource's user only reads.
 */

/** Spans that say that they failed. */
export const spanFailed = "span_status_code = 'STATUS_CODE_ERROR'";

/** Rows of the range that Grafana shows. Every query needs it: without it all that is stored is read. */
export const inRange = "$__timeFilter(timestamp)";

/**
 * When the bar or point begins that a row belongs to. Group by it, and name it `time`. Of counts, show the number in
 * each bar: the first and the last bar are parts, and a rate over them would look like a dip.
 */
export const bucket = "date_bin(INTERVAL $__interval_ms MILLISECOND, timestamp)";

/** Rows a second, over the range. */
export const perSecondOfRange = "count(*) * 1.0 / ($__unixEpochTo() - $__unixEpochFrom())";

/** Nanoseconds, or an aggregate of them, in seconds. */
export const seconds = (nanoseconds: string): string => `${nanoseconds} / 1000000000.0`;

/** The duration that a share of rows stays below, in seconds. An estimate: t-digest. */
export const durationQuantile = (share: number): string =>
  seconds(`approx_percentile_cont(duration_nano, ${String(share)})`);

/** Share of rows for which a condition holds; nothing when there are none. */
export const shareOf = (condition: string): string => `avg(CASE WHEN ${condition} THEN 1.0 ELSE 0.0 END)`;

/** Number of rows for which a condition holds. */
export const countOf = (condition: string): string => `count(CASE WHEN ${condition} THEN 1 END)`;

/** What Grafana puts in for "All": a text that no value equals, so that {@link chosenIn} holds for every row. */
export const allValue = "''";

/** Rows whose value was chosen in a drop-down; with "All", rows without a value as well. */
export const chosenIn = (expression: string, variable: string): string =>
  `(${allValue} IN (\${${variable}:sqlstring}) OR ${expression} IN (\${${variable}:sqlstring}))`;

/** Rows whose text holds what was typed, in any case of letters; every row when nothing was typed. */
export const containing = (expression: string, variable: string): string =>
  `(\${${variable}:sqlstring} = '' OR strpos(lower(${expression}), lower(\${${variable}:sqlstring})) > 0)`;

/** Rows whose text is what was typed; every row when nothing was typed. */
export const typed = (expression: string, variable: string): string =>
  `(\${${variable}:sqlstring} = '' OR ${expression} = \${${variable}:sqlstring})`;

/** A column by its name, as SQL needs it. */
export const column = (name: SpanColumn | LogColumn): string => (name.includes(".") ? `\`${name}\`` : name);
