import { counter, histogram, type Label } from "../metric.ts";

/**
 * OpenTelemetry's GenAI conventions. They are in development and have changed names; both are in use:
 *
 * - up to v1.41 (open-telemetry/semantic-conventions): `gen_ai.client.operation.*`, `gen_ai.client.token.usage`;
 * - since autumn 2026 (open-telemetry/semantic-conventions-genai): `gen_ai.client.inference.*` for model calls
 *   (pull request 521) and for tokens (374); new ones for agents and tools (201, 336).
 *
 * Not here: metrics of model servers (`gen_ai.server.*`), which servers export under names of their own, workflows,
 * and the time per chunk, since a chunk is no unit that anybody plans with.
 */

const operation: Label = {
  attribute: "gen_ai.operation.name",
  help: "What the call was for.",
  values: ["chat", "text_completion", "generate_content", "embeddings"],
};
const provider: Label = {
  attribute: "gen_ai.provider.name",
  // until v1.37
  formerly: ["gen_ai.system"],
  help: "Provider, as the instrumentation knows it.",
  values: ["openai", "anthropic", "aws.bedrock", "gcp.vertex_ai"],
};
const requestModel: Label = {
  attribute: "gen_ai.request.model",
  help: "Model that was asked for.",
  values: ["large", "small"],
};
const responseModel: Label = {
  attribute: "gen_ai.response.model",
  help: "Model that answered.",
  values: ["large-2026-10-01", "small-2026-10-01"],
};
const errorType: Label = {
  attribute: "error.type",
  sometimes: true,
  help: "How it failed: the provider's code or the exception's name. A call that succeeded does not have the label.",
  values: ["timeout", "429", "500"],
};
const agentName: Label = {
  attribute: "gen_ai.agent.name",
  help: "Name of the agent.",
  values: ["researcher", "writer"],
};

const call = {
  gen_ai_operation_name: operation,
  gen_ai_provider_name: provider,
  gen_ai_request_model: requestModel,
  gen_ai_response_model: responseModel,
};

/** Each bound twice the last. */
const doubling = (from: number, howMany: number): number[] =>
  Array.from({ length: howMany }, (_, index) => Number((from * 2 ** index).toFixed(2)));

const callSeconds = doubling(0.01, 14);
const agentSeconds = doubling(0.1, 13);
const tokensEach = Array.from({ length: 14 }, (_, index) => 4 ** index);
const callsEach = doubling(1, 8);

const olderClients = "model clients with instrumentation of the conventions up to v1.41";
const newerClients = "model clients with instrumentation of the conventions since autumn 2026";
const frameworks = "agent frameworks with GenAI instrumentation";

export const operationDuration = histogram({
  name: "gen_ai.client.operation.duration",
  unit: "s",
  help: "Duration of calls to a GenAI provider, whatever for.",
  emittedBy: olderClients,
  labels: { ...call, error_type: errorType },
  buckets: callSeconds,
});

export const inferenceDuration = histogram({
  name: "gen_ai.client.inference.duration",
  unit: "s",
  help: "Duration of model calls.",
  emittedBy: newerClients,
  labels: { ...call, error_type: errorType },
  buckets: callSeconds,
});

export const operationFirstChunk = histogram({
  name: "gen_ai.client.operation.time_to_first_chunk",
  unit: "s",
  help: "Time until the first chunk of a streamed answer.",
  emittedBy: olderClients,
  labels: call,
  buckets: callSeconds,
});

export const inferenceFirstChunk = histogram({
  name: "gen_ai.client.inference.time_to_first_chunk",
  unit: "s",
  help: "Time until the first chunk of a streamed answer.",
  emittedBy: newerClients,
  labels: call,
  buckets: callSeconds,
});

export const tokenUsage = histogram({
  name: "gen_ai.client.token.usage",
  unit: "{token}",
  help: "Tokens that a call read and wrote.",
  emittedBy: olderClients,
  labels: {
    ...call,
    gen_ai_token_type: { attribute: "gen_ai.token.type", help: "Read or written.", values: ["input", "output"] },
  },
  buckets: tokensEach,
});

const tokenCounter = (what: string, help: string) =>
  counter({
    name: `gen_ai.client.inference.usage.${what}`,
    unit: "{token}",
    help,
    emittedBy: newerClients,
    labels: {
      ...call,
      gen_ai_token_modality: {
        attribute: "gen_ai.token.modality",
        help: "Kind of content.",
        values: ["text", "unknown", "image"],
      },
    },
  });

export const inputTokens = tokenCounter("input_tokens", "Tokens read, those from a cache included.");
export const outputTokens = tokenCounter("output_tokens", "Tokens written, those for reasoning included.");
export const cacheReadTokens = tokenCounter("cache_read.input_tokens", "Tokens read that the provider's cache had.");
export const cacheWriteTokens = tokenCounter("cache_write.input_tokens", "Tokens read that went into that cache.");
export const reasoningTokens = tokenCounter("reasoning.output_tokens", "Tokens written for reasoning.");

const tokensPerCall = (what: string, help: string) =>
  histogram({
    name: `gen_ai.client.inference.operation.${what}`,
    unit: "{token}",
    help,
    emittedBy: newerClients,
    labels: call,
    buckets: tokensEach,
  });

export const inputTokensPerCall = tokensPerCall("input_tokens", "Tokens that a call read.");
export const outputTokensPerCall = tokensPerCall("output_tokens", "Tokens that a call wrote.");

export const agentDuration = histogram({
  name: "gen_ai.invoke_agent.duration",
  unit: "s",
  help: "Duration of agent runs, from the start to the last chunk of the answer.",
  emittedBy: frameworks,
  labels: { gen_ai_agent_name: agentName, error_type: errorType },
  buckets: agentSeconds,
});

export const agentInferenceCalls = histogram({
  name: "gen_ai.invoke_agent.inference_calls",
  unit: "{inference_call}",
  help: "Model calls that an agent made itself within one run.",
  emittedBy: frameworks,
  labels: { gen_ai_agent_name: agentName },
  buckets: callsEach,
});

export const agentToolCalls = histogram({
  name: "gen_ai.invoke_agent.tool_calls",
  unit: "{tool_call}",
  help: "Tool calls that an agent made itself within one run.",
  emittedBy: frameworks,
  labels: { gen_ai_agent_name: agentName },
  buckets: callsEach,
});

export const toolDuration = histogram({
  name: "gen_ai.execute_tool.duration",
  unit: "s",
  help: "Duration of tool executions.",
  emittedBy: frameworks,
  labels: {
    gen_ai_tool_name: { attribute: "gen_ai.tool.name", help: "Name of the tool.", values: ["search", "calculator"] },
    gen_ai_agent_name: agentName,
    error_type: errorType,
  },
  buckets: callSeconds,
});

export const metrics = [
  operationDuration,
  inferenceDuration,
  operationFirstChunk,
  inferenceFirstChunk,
  tokenUsage,
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  reasoningTokens,
  inputTokensPerCall,
  outputTokensPerCall,
  agentDuration,
  agentInferenceCalls,
  agentToolCalls,
  toolDuration,
] as const;
