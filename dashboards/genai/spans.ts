import { tables } from "../../configs/greptimedb/store.ts";
import { sqlLink } from "../links.ts";
import type { BoardContext, DataLink } from "../panel.ts";

/**
 * Spans by their names, which the conventions fix: `{operation} {model}`, `invoke_agent {agent}`, `execute_tool {tool}`.
 * Attributes are no help: a column that no span has had yet is an error in SQL.
 */
export const spans = {
  modelCalls: ["chat", "text_completion", "generate_content", "embeddings"]
    .map((operation) => `span_name LIKE '${operation} %'`)
    .join(" OR "),
  agentRuns: "span_name LIKE 'invoke_agent%'",
  toolExecutions: "span_name LIKE 'execute_tool%'",
} as const;

export const failedSpans = (title: string, which: string, { databases }: BoardContext): DataLink =>
  sqlLink(
    title,
    `SELECT timestamp, service_name, span_name, span_status_message, trace_id FROM \`${databases.traces}\`.${tables.traces} WHERE $__timeFilter(timestamp) AND span_status_code = 'STATUS_CODE_ERROR' AND (${which}) ORDER BY timestamp DESC LIMIT 100`,
  );
