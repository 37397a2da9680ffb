import * as m from "../../../dashboards/genai/metrics.ts";
import { phases, type Course, type Failure } from "../failures.ts";
import { observed, points, without, type Level, type Observations, type Series } from "../traffic.ts";
import type { ExpectedSample } from "../promtool.ts";
import { buckets, by, one, type PackProof } from "./proof.ts";

/** Health for long enough to be compared with a day ago, or for the long window of a burn rate. */
const dayBefore: Course = { well: 1500, ill: 40, after: 60 };
const hourBefore: Course = { well: 60, ill: 40, after: 60 };

/** `concierge` sends the older metrics, `analyst` the newer ones. */
const openai = {
  gen_ai_operation_name: "chat",
  gen_ai_provider_name: "openai",
  gen_ai_request_model: "large",
  gen_ai_response_model: "large-2026-10-01",
};
const embeddings = {
  gen_ai_operation_name: "embeddings",
  gen_ai_provider_name: "anthropic",
  gen_ai_request_model: "small",
  gen_ai_response_model: without,
};
const vertex = { ...openai, gen_ai_provider_name: "gcp.vertex_ai" };
const tiny = { ...vertex, gen_ai_request_model: "tiny" };
const ok = { error_type: without };
const text = { gen_ai_token_modality: "text" };

const olderCalls = (): Series[] => [
  ...observed(m.operationDuration, "concierge", { ...openai, ...ok }, { 1.28: 2.9, 2.56: 1 }),
  ...observed(m.operationDuration, "concierge", { ...openai, error_type: "timeout" }, { 10.24: 0.06 }),
  ...observed(m.operationDuration, "concierge", { ...openai, error_type: "429" }, { 0.01: 0.04 }),
  ...observed(m.operationDuration, "concierge", { ...embeddings, ...ok }, { 0.64: 1 }),
  // a run of an agent, which is no call of a model
  ...observed(
    m.operationDuration,
    "concierge",
    { ...openai, ...ok, gen_ai_operation_name: "invoke_agent" },
    { 81.92: 7 },
  ),
  ...observed(m.operationFirstChunk, "concierge", openai, { 0.64: 2 }),
];

const newerCalls = (): Series[] => [
  ...observed(m.inferenceDuration, "analyst", { ...vertex, ...ok }, { 5.12: 1.6, 10.24: 0.38 }),
  ...observed(
    m.inferenceDuration,
    "analyst",
    { ...vertex, error_type: "google.api_core.exceptions.ResourceExhausted" },
    { 0.02: 0.02 },
  ),
  ...observed(m.inferenceFirstChunk, "analyst", vertex, { 1.28: 1 }),
];

const olderTokens = (): Series[] => [
  ...observed(m.tokenUsage, "concierge", { ...openai, gen_ai_token_type: "input" }, { 16: 4 }, 10),
  ...observed(m.tokenUsage, "concierge", { ...openai, gen_ai_token_type: "output" }, { 4: 4 }, 2.5),
  ...observed(m.tokenUsage, "concierge", { ...embeddings, gen_ai_token_type: "input" }, { 16: 1 }, 5),
];

const newerTokens = (): Series[] => [
  ...points(m.inputTokens, "analyst", { ...vertex, ...text }, 20),
  ...points(m.inputTokens, "analyst", { ...vertex, gen_ai_token_modality: "image" }, 8),
  ...points(m.inputTokens, "analyst", { ...tiny, ...text }, 2),
  ...points(m.outputTokens, "analyst", { ...vertex, ...text }, 5),
  ...points(m.outputTokens, "analyst", { ...tiny, ...text }, 1),
  ...points(m.cacheReadTokens, "analyst", { ...vertex, ...text }, 12),
  ...points(m.cacheWriteTokens, "analyst", { ...vertex, ...text }, 3),
  ...points(m.reasoningTokens, "analyst", { ...vertex, ...text }, 3),
  ...observed(m.inputTokensPerCall, "analyst", vertex, { 64: 2 }, 14),
  ...observed(m.outputTokensPerCall, "analyst", vertex, { 4: 2 }, 2.5),
];

const researcher = { gen_ai_agent_name: "researcher" };
const writer = { gen_ai_agent_name: "writer" };
const search = { ...researcher, gen_ai_tool_name: "search" };

const agents = (): Series[] => [
  ...observed(m.agentDuration, "concierge", { ...researcher, ...ok }, { 25.6: 0.995 }),
  ...observed(m.agentDuration, "concierge", { ...researcher, error_type: "timeout" }, { 6.4: 0.005 }),
  ...observed(m.agentDuration, "concierge", { ...writer, ...ok }, { 12.8: 1 }),
  ...observed(m.agentInferenceCalls, "concierge", researcher, { 8: 1 }, 5),
  ...observed(m.agentInferenceCalls, "concierge", writer, { 2: 1 }, 2),
  ...observed(m.agentToolCalls, "concierge", researcher, { 4: 1 }, 3),
  ...observed(m.agentToolCalls, "concierge", writer, { 1: 1 }, 0.5),
  ...observed(m.toolDuration, "concierge", { ...search, ...ok }, { 1.28: 0.98 }),
  ...observed(m.toolDuration, "concierge", { ...search, error_type: "timeout" }, { 10.24: 0.02 }),
  ...observed(m.toolDuration, "concierge", { ...search, ...ok, gen_ai_tool_name: "calculator" }, { 0.02: 1 }),
];

/** Results by provider and model. */
const at = (provider: string, model: string, value: number): ExpectedSample => ({
  labels: { gen_ai_provider_name: provider, gen_ai_request_model: model },
  value,
});
const byModel = (values: Readonly<Record<string, number>>) => by("gen_ai_request_model", values);
const byAgent = (values: Readonly<Record<string, number>>) => by("gen_ai_agent_name", values);
const byTool = (values: Readonly<Record<string, number>>) => by("gen_ai_tool_name", values);

/**
 * Of the older 5 calls a second 0.04 end within 0.01 s, 1 within 0.64 s, 2.9 within 1.28 s, 1 within 2.56 s and 0.06
 * within 10.24 s; of the newer 2 a second 0.02 within 0.02 s, 1.6 within 5.12 s and 0.38 within 10.24 s. A quantile
 * lies where its rank falls within its bucket.
 */
const callPanels = {
  "llm-calls/1/calls (operation)": one(5),
  "llm-calls/1/calls (inference)": one(2),
  "llm-calls/2/errors (operation)": one(0.02),
  "llm-calls/2/errors (inference)": one(0.01),
  // 1.28 + 1.28 × (4.75 − 3.94) / 1
  "llm-calls/3/p95 (operation)": one(2.3168),
  // 5.12 + 5.12 × (1.9 − 1.62) / 0.38
  "llm-calls/3/p95 (inference)": one(8.892632),
  "llm-calls/4/p95 (operation)": one(0.624),
  "llm-calls/4/p95 (inference)": one(1.248),
  "llm-calls/5/failed": one(0.0025),
  "llm-calls/6/failed": one(0.01),
  "llm-calls/10/{{gen_ai_request_model}} (operation)": byModel({ large: 4, small: 1 }),
  "llm-calls/10/{{gen_ai_request_model}} (inference)": byModel({ large: 2 }),
  "llm-calls/11/now (operation)": one(5),
  "llm-calls/11/now (inference)": one(2),
  "llm-calls/11/a day ago (operation)": one(5),
  "llm-calls/11/a day ago (inference)": one(2),
  "llm-calls/20/{{gen_ai_provider_name}} {{gen_ai_request_model}} (operation)": [at("openai", "large", 0.025)],
  "llm-calls/20/{{gen_ai_provider_name}} {{gen_ai_request_model}} (inference)": [at("gcp.vertex_ai", "large", 0.01)],
  "llm-calls/21/{{error_type}} (operation)": by("error_type", { timeout: 0.06, "429": 0.04 }),
  "llm-calls/21/{{error_type}} (inference)": by("error_type", {
    "google.api_core.exceptions.ResourceExhausted": 0.02,
  }),
  "llm-calls/22/{{gen_ai_provider_name}} {{gen_ai_request_model}} (operation)": [at("openai", "large", 0.01)],
  "llm-calls/22/{{gen_ai_provider_name}} {{gen_ai_request_model}} (inference)": [at("gcp.vertex_ai", "large", 0.01)],
  // 0.64 + 0.64 × (2.5 − 1.04) / 2.9
  "llm-calls/30/p50 (operation)": one(0.962207),
  "llm-calls/30/p95 (operation)": one(2.3168),
  // 5.12 + 5.12 × (4.95 − 4.94) / 0.06
  "llm-calls/30/p99 (operation)": one(5.973333),
  "llm-calls/30/p50 (inference)": one(4.128),
  "llm-calls/30/p95 (inference)": one(8.892632),
  "llm-calls/30/p99 (inference)": one(9.970526),
  // 1.28 + 1.28 × (3.8 − 2.94) / 1
  "llm-calls/31/{{gen_ai_provider_name}} {{gen_ai_request_model}} (operation)": [
    at("openai", "large", 2.3808),
    at("anthropic", "small", 0.624),
  ],
  "llm-calls/31/{{gen_ai_provider_name}} {{gen_ai_request_model}} (inference)": [
    at("gcp.vertex_ai", "large", 8.892632),
  ],
  "llm-calls/32/{{gen_ai_provider_name}} {{gen_ai_request_model}} (operation)": [at("openai", "large", 0.624)],
  "llm-calls/32/{{gen_ai_provider_name}} {{gen_ai_request_model}} (inference)": [at("gcp.vertex_ai", "large", 1.248)],
  "llm-calls/33/buckets": heat(m.operationDuration.buckets, { 0.01: 0.04, 0.64: 1, 1.28: 2.9, 2.56: 1, 10.24: 0.06 }),
  "llm-calls/34/buckets": heat(m.inferenceDuration.buckets, { 0.02: 0.02, 5.12: 1.6, 10.24: 0.38 }),
  "llm-calls/40/{{gen_ai_agent_name}}": byAgent({ researcher: 1, writer: 1 }),
  "llm-calls/41/{{gen_ai_agent_name}}": byAgent({ researcher: 0.005 }),
  // 6.4 + 6.4 × (1 − 0.005) / 1, then 12.8 + 12.8 × (1.9 − 1.005) / 0.995
  "llm-calls/42/p50": one(12.768),
  "llm-calls/42/p95": one(24.313568),
  "llm-calls/42/p99": one(25.342714),
  "llm-calls/43/buckets": heat(m.agentDuration.buckets, { 6.4: 0.005, 12.8: 1, 25.6: 0.995 }),
  "llm-calls/44/{{gen_ai_agent_name}}: model calls": byAgent({ researcher: 5, writer: 2 }),
  "llm-calls/44/{{gen_ai_agent_name}}: tool calls": byAgent({ researcher: 3, writer: 0.5 }),
  "llm-calls/50/{{gen_ai_tool_name}}": byTool({ search: 1, calculator: 1 }),
  "llm-calls/51/{{gen_ai_tool_name}}": byTool({ search: 0.02 }),
  // 0.64 + 0.64 × 0.95 / 0.98
  "llm-calls/52/{{gen_ai_tool_name}}": byTool({ search: 1.260408, calculator: 0.0195 }),
};

/** The model large costs 2.5 dollars for a million tokens read, 10 for a million written; the others have no price. */
const tokenPanels = {
  "llm-cost/1/read (token.usage)": one(45 * 3600),
  "llm-cost/1/read (inference.usage)": one(30 * 3600),
  "llm-cost/2/written (token.usage)": one(10 * 3600),
  "llm-cost/2/written (inference.usage)": one(6 * 3600),
  "llm-cost/3/a call (token.usage)": one(9),
  "llm-cost/3/a call (inference.operation)": one(14),
  "llm-cost/4/cached": one(0.4),
  // (40 × 2.5 + 10 × 10) × 3600 / 1,000,000
  "llm-cost/5/spent (token.usage)": one(0.72),
  // (28 × 2.5 + 5 × 10) × 3600 / 1,000,000
  "llm-cost/5/spent (inference.usage)": one(0.432),
  // 50 of 55, 33 of 36
  "llm-cost/6/priced (token.usage)": one(0.909091),
  "llm-cost/6/priced (inference.usage)": one(0.916667),
  "llm-cost/10/read (token.usage)": one(45),
  "llm-cost/10/read (inference.usage)": one(30),
  "llm-cost/10/written (token.usage)": one(10),
  "llm-cost/10/written (inference.usage)": one(6),
  "llm-cost/11/{{gen_ai_request_model}} (token.usage)": byModel({ large: 50, small: 5 }),
  "llm-cost/11/{{gen_ai_request_model}} (inference.usage)": byModel({ large: 33, tiny: 3 }),
  "llm-cost/12/now (token.usage)": one(55),
  "llm-cost/12/now (inference.usage)": one(36),
  "llm-cost/12/a day ago (token.usage)": one(55),
  "llm-cost/12/a day ago (inference.usage)": one(36),
  "llm-cost/13/{{gen_ai_token_type}} p95 (token.usage)": by("gen_ai_token_type", { input: 15.4, output: 3.85 }),
  "llm-cost/13/input p95 (inference.operation)": one(61.6),
  "llm-cost/13/output p95 (inference.operation)": one(3.85),
  "llm-cost/14/{{gen_ai_request_model}} (token.usage)": byModel({ large: 0.25 }),
  // 5 of 28
  "llm-cost/14/{{gen_ai_request_model}} (inference.usage)": byModel({ large: 0.178571, tiny: 0.5 }),
  "llm-cost/15/input from cache": one(0.4),
  "llm-cost/15/input into cache": one(0.1),
  "llm-cost/15/reasoning in output": one(0.5),
  // dollars an hour
  "llm-cost/20/{{gen_ai_request_model}} (token.usage)": byModel({ large: 0.72 }),
  "llm-cost/20/{{gen_ai_request_model}} (inference.usage)": byModel({ large: 0.432 }),
  "llm-cost/21/Cost": byModel({ large: 0.72 }),
  "llm-cost/21/Input": byModel({ large: 40 * 3600, small: 5 * 3600 }),
  "llm-cost/21/Output": byModel({ large: 10 * 3600 }),
  "llm-cost/22/Cost": byModel({ large: 0.432 }),
  "llm-cost/22/Input": byModel({ large: 28 * 3600, tiny: 2 * 3600 }),
  "llm-cost/22/Output": byModel({ large: 5 * 3600, tiny: 3600 }),
};

/** Each bucket holds those below it. */
function heat(bounds: readonly number[] = [], perSecond: Readonly<Record<number, number>>): ExpectedSample[] {
  const upTo = (bound: number) =>
    Object.entries(perSecond).reduce((sum, [of, rate]) => (Number(of) <= bound ? sum + rate : sum), 0);
  return buckets({ ...Object.fromEntries(bounds.map((bound) => [String(bound), upTo(bound)])), inf: upTo(Infinity) });
}

const atOpenai = { gen_ai_provider_name: "openai", gen_ai_request_model: "large" };

/** The failures of one metric of calls; both metrics have them. */
const callFailures = (
  duration: typeof m.inferenceDuration,
  firstChunk: typeof m.inferenceFirstChunk,
): Readonly<Record<string, Failure>> => {
  const calls = (labels: { error_type: string }, observations: Observations) =>
    observed(duration, "planner", { ...openai, ...labels }, observations);
  const others = observed(duration, "planner", { ...vertex, ...ok }, { 1.28: 2 });
  return {
    // one call in ten; the window of 10 minutes has filled to a half after five
    LlmErrorRatioHigh: {
      series: [...calls(ok, { 1.28: 1.8 }), ...calls({ error_type: "500" }, { 1.28: phases(0, 0.2) }), ...others],
      labels: atOpenai,
      detectedWithin: 10,
      silentWithin: 11,
    },
    // four in a hundred: too few for LlmErrorRatioHigh
    LlmRateLimited: {
      series: [
        ...calls(ok, { 1.28: 1.92 }),
        ...calls({ error_type: "RateLimitError" }, { 0.01: phases(0, 0.08) }),
        ...others,
      ],
      labels: atOpenai,
      detectedWithin: 10,
      silentWithin: 11,
    },
    // from the first slow minute on more than 5 of 100 are slow; ten minutes later it fires
    LlmLatencyHigh: {
      series: [...calls(ok, { 1.28: phases(1, 0), 81.92: phases(0, 1) }), ...others],
      labels: atOpenai,
      detectedWithin: 11,
      silentWithin: 20,
    },
    LlmFirstChunkSlow: {
      series: [
        ...observed(firstChunk, "planner", openai, { 0.64: phases(1, 0), 20.48: phases(0, 1) }),
        ...observed(firstChunk, "planner", vertex, { 0.64: 1 }),
      ],
      labels: atOpenai,
      detectedWithin: 11,
      silentWithin: 20,
    },
  };
};

/** The failures of one metric of tokens, given as tokens a second. */
const tokenFailures = (tokens: (service: string, level: Level) => Series[]): Readonly<Record<string, Failure>> => ({
  // five times as many; half of the window of 30 minutes makes three times as many
  LlmTokenSpike: {
    series: [...tokens("planner", phases(60, 300, 60, dayBefore)), ...tokens("other", phases(2, 2, 2, dayBefore))],
    labels: { service_name: "planner" },
    // evaluated every five minutes
    detectedWithin: 35,
    silentWithin: 25,
    course: dayBefore,
  },
  // 9.84 million in 40 minutes; they stay in the window of a day
  GenAiBudgetNearlySpent: {
    series: tokens("planner", phases(10, 4100, 0)),
    labels: {},
    detectedWithin: 38,
    silentWithin: Infinity,
  },
  // ten million in less than half an hour
  GenAiBudgetExceeded: {
    series: tokens("planner", phases(10, 6000, 0)),
    labels: {},
    detectedWithin: 33,
    silentWithin: Infinity,
  },
});

const usage = (service: string, level: Level): Series[] =>
  observed(m.tokenUsage, service, { ...openai, gen_ai_token_type: "input" }, { 1: level });

const counters = (service: string, level: Level): Series[] => [
  ...points(m.inputTokens, service, { ...openai, ...text }, level),
  ...points(m.outputTokens, service, { ...openai, ...text }, phases(0, 0, 0, dayBefore)),
];

const titled = <T>(instance: string, of: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([name, each]) => [`${name} (${instance})`, each]));

/** So many within ten minutes. */
const inTenMinutes = (howMany: number) => howMany / 600;

/** Beyond each threshold, with a handful of calls. */
const fewCalls = (duration: typeof m.inferenceDuration, firstChunk: typeof m.inferenceFirstChunk) => {
  const calls = (errorType: string, bound: number, howMany: number) =>
    observed(duration, "planner", { ...openai, error_type: errorType }, { [bound]: inTenMinutes(howMany) });
  return {
    LlmErrorRatioHigh: { series: [...calls(without, 1.28, 8), ...calls("500", 1.28, 8)], atMinutes: 60 },
    LlmRateLimited: { series: [...calls(without, 1.28, 36), ...calls("429", 1.28, 4)], atMinutes: 60 },
    LlmLatencyHigh: { series: calls(without, 81.92, 10), atMinutes: 60 },
    LlmFirstChunkSlow: {
      series: observed(firstChunk, "planner", openai, { 81.92: inTenMinutes(10) }),
      atMinutes: 60,
    },
  };
};

const fewRuns = [
  ...observed(m.agentDuration, "planner", { ...researcher, ...ok }, { 12.8: inTenMinutes(1.5) }),
  ...observed(m.agentDuration, "planner", { ...researcher, error_type: "500" }, { 6.4: inTenMinutes(1.5) }),
];

const fewTokens = (tokens: (service: string, level: Level) => Series[]) => ({
  LlmTokenSpike: { series: tokens("planner", phases(5, 50, 5, dayBefore)), atMinutes: 1535 },
});

export const genaiProof: PackProof = {
  pack: "genai",
  healthy: () => [...olderCalls(), ...newerCalls(), ...olderTokens(), ...newerTokens(), ...agents()],
  panels: { ...callPanels, ...tokenPanels },
  failures: {
    ...callFailures(m.operationDuration, m.operationFirstChunk),
    ...titled("inference", callFailures(m.inferenceDuration, m.inferenceFirstChunk)),
    ...tokenFailures(usage),
    ...titled("inference.usage", tokenFailures(counters)),
    // every other run, after an hour of health: 14.4 % of the hour after 17.3 minutes
    AgentRunErrorBudgetBurnFast: {
      series: [
        ...observed(m.agentDuration, "planner", { ...researcher, ...ok }, { 12.8: phases(1, 0.5, 1, hourBefore) }),
        ...observed(
          m.agentDuration,
          "planner",
          { ...researcher, error_type: "500" },
          { 6.4: phases(0, 0.5, 0, hourBefore) },
        ),
        ...observed(m.agentDuration, "planner", { ...writer, ...ok }, { 12.8: 1 }),
      ],
      labels: researcher,
      detectedWithin: 20,
      silentWithin: 9,
      course: hourBefore,
    },
    // 14 in a hundred, which the fast rule lets pass, of an agent that is half an hour old: 6 % after 22.5 minutes
    AgentRunErrorBudgetBurnSlow: {
      series: [
        ...observed(m.agentDuration, "planner", { ...researcher, ...ok }, { 12.8: phases(1, 0.86) }),
        ...observed(m.agentDuration, "planner", { ...researcher, error_type: "500" }, { 6.4: phases(0, 0.14) }),
        ...observed(m.agentDuration, "planner", { ...writer, ...ok }, { 12.8: 1 }),
      ],
      labels: researcher,
      detectedWithin: 38,
      silentWithin: 23,
    },
    // 5 calls a run, then 40: their average over half an hour is 25 after 17.1 minutes
    AgentLoopSuspected: {
      series: [
        ...observed(m.agentInferenceCalls, "planner", researcher, { 8: phases(1, 0) }, 5),
        ...observed(m.agentInferenceCalls, "looping-planner", researcher, { 64: phases(0, 1) }, 40),
        ...observed(m.agentInferenceCalls, "planner", writer, { 8: 1 }, 5),
      ],
      labels: researcher,
      detectedWithin: 33,
      silentWithin: 18,
    },
  },
  few: {
    ...fewCalls(m.operationDuration, m.operationFirstChunk),
    ...titled("inference", fewCalls(m.inferenceDuration, m.inferenceFirstChunk)),
    ...fewTokens(usage),
    ...titled("inference.usage", fewTokens(counters)),
    AgentRunErrorBudgetBurnFast: { series: fewRuns, atMinutes: 60 },
    AgentRunErrorBudgetBurnSlow: { series: fewRuns, atMinutes: 60 },
    AgentLoopSuspected: {
      series: observed(m.agentInferenceCalls, "planner", researcher, { 64: inTenMinutes(1) }, 40),
      atMinutes: 60,
    },
  },
  companions: {
    AgentRunErrorBudgetBurnFast: ["AgentRunErrorBudgetBurnSlow"],
    GenAiBudgetExceeded: ["GenAiBudgetNearlySpent"],
    "GenAiBudgetExceeded (inference.usage)": ["GenAiBudgetNearlySpent (inference.usage)"],
  },
};
