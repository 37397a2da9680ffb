import type { Settings } from "../../settings/settings.ts";
import { literal, type Component } from "../model.ts";
import type { Signal } from "../signal.ts";
import { ottlText } from "./ottl.ts";

/**
 * Attributes that hold what people and models said to each other, and what tools were given and gave back: those of
 * OpenTelemetry, of OpenLLMetry, of OpenInference and of MLflow, whole or taken apart (`gen_ai.prompt.0.content`).
 */
const contentKeys =
  "^(?:gen_ai\\.(?:prompt|completion|input\\.messages|output\\.messages|system_instructions|tool\\.definitions|tool\\.call\\.(?:arguments|result)|retrieval\\.(?:documents|query\\.text)|event\\.content)|llm\\.(?:prompts|completions|input_messages|output_messages|prompt_template)|input\\.value|output\\.value|tool\\.(?:parameters|output)|retrieval\\.documents|traceloop\\.entity\\.(?:input|output)|mlflow\\.span(?:Inputs|Outputs))(?:\\.|$)";

/** Log records and span events whose whole body is such content. */
const contentEvents =
  "^gen_ai\\.(?:system|user|assistant|tool)\\.message$|^gen_ai\\.choice$|^gen_ai\\.client\\.inference\\.operation\\.details$";

/** Attributes of span events that hold content, one by one: a hash has to name what it replaces. */
const eventKeys = [
  "content",
  "gen_ai.completion",
  "gen_ai.event.content",
  "gen_ai.input.messages",
  "gen_ai.output.messages",
  "gen_ai.prompt",
  "gen_ai.system_instructions",
  "gen_ai.tool.definitions",
  "message",
];

/** Replaces prompts and completions by their hash, or drops them. None if they are kept, or the signal has none. */
export function contentProcessors({ collector: { content } }: Settings, signal: Signal): Component[] {
  if (content === "keep" || signal === "metrics") return [];
  const action = content === "hash" ? "hash" : "delete";
  return [
    { id: "attributes/content", config: { actions: [{ pattern: literal(contentKeys), action }] } },
    {
      id: `transform/content_${signal}`,
      config: {
        error_mode: "ignore",
        ...(signal === "traces" ? { trace_statements: inEvents(content) } : { log_statements: inBodies(content) }),
      },
      why: "content also stands in the attributes of span events and in the bodies of log records",
    },
  ];
}

function inEvents(content: "hash" | "drop"): string[] {
  const named = `IsMatch(spanevent.name, ${ottlText(literal(contentEvents))})`;
  const own = ["content", "message"];
  return [
    ...eventKeys.map((key) => {
      const path = `spanevent.attributes[${ottlText(key)}]`;
      const replaced =
        content === "hash"
          ? `set(${path}, SHA256(String(${path})))`
          : `delete_key(spanevent.attributes, ${ottlText(key)})`;
      return `${replaced} where ${path} != nil${own.includes(key) ? ` and ${named}` : ""}`;
    }),
    ...(content === "drop" ? [`delete_matching_keys(spanevent.attributes, ${ottlText(literal(contentKeys))})`] : []),
  ];
}

const inBodies = (content: "hash" | "drop"): string[] => {
  const event = ottlText(literal(contentEvents));
  const value = content === "hash" ? "SHA256(String(log.body))" : '""';
  return [
    `set(log.body, ${value}) where log.body != nil and (IsMatch(log.event_name, ${event}) or IsMatch(log.attributes["event.name"], ${event}))`,
  ];
};
