import { tables } from "../configs/greptimedb/store.ts";
import type { BoardContext } from "./panel.ts";

/**
 * The columns that boards may name: those that GreptimeDB's tables of spans and of log records always have.
 *
 * An attribute of a span (`span_attributes.…`) becomes a column only when a first span with it arrives, and so does
 * a log attribute that the collector extracts. A query that names one before that is an error, so none is here; a log
 * attribute is read from the JSON in `log_attributes`, in which it stays when it is extracted.
 */
export const columns = {
  traces: [
    "timestamp",
    "timestamp_end",
    "duration_nano",
    "parent_span_id",
    "trace_id",
    "span_id",
    "span_kind",
    "span_name",
    "span_status_code",
    "span_status_message",
    "trace_state",
    "scope_name",
    "scope_version",
    "service_name",
    "span_events",
    "span_links",
  ],
  logs: [
    "timestamp",
    "trace_id",
    "span_id",
    "severity_text",
    "severity_number",
    "body",
    "log_attributes",
    "trace_flags",
    "scope_name",
    "scope_version",
    "scope_attributes",
    "scope_schema_url",
    "resource_attributes",
    "resource_schema_url",
    // extracted by the collector from the resource, which every record has (configs/collector/exporters.ts)
    "service.name",
  ],
} as const;

/** GreptimeDB's tables about its tables, as far as boards name them. They tell how it is now: there is no time in them. */
export const catalogueColumns = {
  "information_schema.region_statistics": ["table_id", "region_rows", "disk_size"],
  "information_schema.tables": ["table_id", "table_schema", "table_name"],
} as const;

export type SpanColumn = (typeof columns.traces)[number];
export type LogColumn = (typeof columns.logs)[number];

/** The table of spans, as SQL names it. */
export const spanTable = ({ databases }: BoardContext): string => `\`${databases.traces}\`.${tables.traces}`;

/** The table of log records, as SQL names it. */
export const logTable = ({ databases }: BoardContext): string => `\`${databases.logs}\`.${tables.logs}`;
