import type { BoardContext, DataLink } from "../panel.ts";
import { failedSpansLink } from "../span-links.ts";

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

export const failedSpans = (title: string, which: string, context: BoardContext): DataLink =>
  failedSpansLink(title, context, `(${which})`);
