import type { Settings } from "../../settings/settings.ts";
import type { Component } from "../model.ts";
import type { Signal } from "../signal.ts";
import { ottlText } from "./ottl.ts";

/** Attributes that boards, links and other settings read: they stay when others have to go. */
export const keptAttributes = [
  "error.type",
  "exception.type",
  "gen_ai.agent.name",
  "gen_ai.operation.name",
  "gen_ai.provider.name",
  "gen_ai.request.model",
  "gen_ai.tool.name",
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.output_tokens",
  "http.request.method",
  "http.response.status_code",
  "http.route",
  "tool.name",
  "tool_name",
] as const;

/** Cuts long attributes and drops those beyond the limit. Metrics have none to spare: their labels tell series apart. */
export function limitProcessors({ collector }: Settings, signal: Signal): Component[] {
  const { attributes, valueLength } = collector.limits;
  if (signal === "metrics" || (attributes === 0 && valueLength === 0)) return [];
  const kept = [...new Set([...keptAttributes, ...collector.logColumns])].map(ottlText).join(", ");
  const limited = (path: string) => [
    ...(attributes === 0 ? [] : [`limit(${path}, ${String(attributes)}, [${kept}])`]),
    ...(valueLength === 0 ? [] : [`truncate_all(${path}, ${String(valueLength)})`]),
  ];
  const statements =
    signal === "traces"
      ? { trace_statements: ["span.attributes", "spanevent.attributes"].flatMap(limited) }
      : { log_statements: limited("log.attributes") };
  return [{ id: `transform/limits_${signal}`, config: { error_mode: "ignore", ...statements } }];
}
