import { sqlLink } from "./links.ts";
import type { BoardContext, DataLink } from "./panel.ts";
import { inRange, spanFailed } from "./sql.ts";
import { spanTable } from "./tables.ts";

interface Spans {
  /** What to tell of each, besides when, where, what and in which trace. @default its message */
  readonly columns?: string;
  /** @default all of the range */
  readonly where?: string;
  /** Largest first. @default timestamp */
  readonly order?: "timestamp" | "duration_nano";
}

/** The spans behind a panel's numbers, a hundred of them. */
export const spansLink = (
  title: string,
  context: BoardContext,
  { columns = "span_status_message", where, order = "timestamp" }: Spans,
): DataLink =>
  sqlLink(
    title,
    `SELECT timestamp, service_name, span_name, ${columns}, trace_id FROM ${spanTable(context)} WHERE ${inRange}${where === undefined ? "" : ` AND ${where}`} ORDER BY ${order} DESC LIMIT 100`,
  );

/** The newest of those that failed; with a condition, of those for which it holds as well. */
export const failedSpansLink = (title: string, context: BoardContext, condition?: string): DataLink =>
  spansLink(title, context, { where: condition === undefined ? spanFailed : `${spanFailed} AND ${condition}` });
