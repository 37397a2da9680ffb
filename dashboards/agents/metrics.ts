import { counter, histogram, upDownCounter, type Label } from "../metric.ts";

/** Metrics of agents and of the services around them. */

const toolName: Label = { help: "Tool that was called.", values: ["search", "calculator", "database", "browser"] };
const endpoint: Label = {
  help: "Route of the request, not the path with its ids.",
  values: ["/chat", "/runs", "/health"],
};

export const httpRequests = counter({
  name: "http_requests_total",
  help: "HTTP requests that were answered.",
  emittedBy: "every service with an HTTP interface",
  labels: {
    endpoint,
    method: { help: "HTTP method.", values: ["POST", "GET"] },
    status: { help: "HTTP status code.", values: ["200", "404", "500"] },
  },
});

export const toolCalls = counter({
  name: "agent_tool_calls_total",
  help: "Tool calls that ended.",
  emittedBy: "agents",
  labels: {
    tool_name: toolName,
    status: { help: "How it ended.", values: ["success", "error", "timeout"] },
  },
});

export const executionDuration = histogram({
  name: "agent_execution_duration_seconds",
  unit: "s",
  help: "Duration of agent executions and of the tools that they call.",
  emittedBy: "agents",
  labels: { tool_name: toolName },
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
});

export const stateElements = upDownCounter({
  name: "state_elements_count",
  help: "Elements that agents hold in their state.",
  emittedBy: "agents",
  labels: {},
});

export const stateUpdates = counter({
  name: "agent_state_updates_total",
  help: "Changes of agent state.",
  emittedBy: "agents",
  labels: { element_type: { help: "Kind of the element that changed.", values: ["message", "plan", "memory"] } },
});

export const llmTokens = counter({
  name: "llm_tokens_total",
  help: "Tokens that language models read and wrote.",
  emittedBy: "agents",
  labels: {
    model: { help: "Model that was asked.", values: ["large", "small"] },
    type: { help: "Read or written.", values: ["input", "output"] },
  },
});

export const metrics = [httpRequests, toolCalls, executionDuration, stateElements, stateUpdates, llmTokens] as const;
