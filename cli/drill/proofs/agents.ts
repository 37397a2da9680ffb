import * as m from "../../../dashboards/agents/metrics.ts";
import { phases, type Course } from "../failures.ts";
import { observed, points, type Phase } from "../traffic.ts";
import { buckets, by, one, type PackProof } from "./proof.ts";

const executionBuckets = buckets({
  "0.05": 0,
  "0.1": 0,
  "0.25": 1,
  "0.5": 1,
  "1": 3,
  "2.5": 5,
  "5": 5,
  "10": 5,
  "30": 5,
  "60": 5,
  "120": 5,
  "300": 5,
  inf: 5,
});

const chat = { endpoint: "/chat", method: "POST" };

/** Fails always, but has fewer requests than make a pattern: 432 a day. */
const quiet = points(m.httpRequests, "quiet", { ...chat, status: "500" }, 0.005);

/** A day after the failure, for what looks back over 24 hours. */
const dayAfter: Course = { well: 30, ill: 75, after: 25 * 60 };

/** A day before it. */
const dayBefore: Course = { well: 24 * 60, ill: 16 * 60, after: 2 * 60 };

const growing: Course = { well: 3 * 60, ill: 8 * 60, after: 2 * 60 };

/** State that grows by 600 elements an hour, for so many hours. */
const climb = (from: number, hours: number): Phase[] =>
  Array.from({ length: hours * 12 }, (_, index) => ({ minutes: 5, level: from + 50 * index }));

/**
 * Quantiles lie where their rank falls within its bucket: of 5 executions a second one ends between 0.1 s and 0.25 s
 * and two end between 0.5 s and 1 s, so the middle one is at 0.5 + 0.5 × 1.5/2.
 */
export const agentsProof: PackProof = {
  pack: "agents",
  healthy: () => [
    ...points(m.httpRequests, "checkout", { endpoint: "/chat", method: "POST", status: "200" }, 9.2),
    ...points(m.httpRequests, "checkout", { endpoint: "/chat", method: "POST", status: "500" }, 0.05),
    ...points(m.httpRequests, "checkout", { endpoint: "/runs", method: "GET", status: "200" }, 3.75),
    ...points(m.toolCalls, "checkout", { tool_name: "search", status: "success" }, 3.8),
    ...points(m.toolCalls, "checkout", { tool_name: "search", status: "error" }, 0.1),
    ...points(m.toolCalls, "checkout", { tool_name: "search", status: "timeout" }, 0.1),
    ...points(m.toolCalls, "checkout", { tool_name: "calculator", status: "success" }, 1),
    ...observed(m.executionDuration, "checkout", { tool_name: "search" }, { 1: 2, 2.5: 2 }),
    ...observed(m.executionDuration, "checkout", { tool_name: "calculator" }, { 0.25: 1 }),
    ...points(m.stateElements, "checkout", {}, 42),
    ...points(m.stateUpdates, "checkout", { element_type: "message" }, 0.5),
    ...points(m.llmTokens, "checkout", { model: "large", type: "input" }, 50),
    ...points(m.llmTokens, "checkout", { model: "large", type: "output" }, 10),
    ...points(m.llmTokens, "checkout", { model: "small", type: "input" }, 5),
  ],
  panels: {
    "agent-performance/1/services": one(1),
    "agent-performance/2/requests": one(13),
    "agent-performance/3/errors": one(0.003846),
    "agent-performance/4/failures": one(0.04),
    "agent-performance/5/p95": one(2.3125),
    "agent-performance/6/tokens": one(65 * 3600),
    "agent-performance/10/{{endpoint}}": by("endpoint", { "/chat": 9.25, "/runs": 3.75 }),
    "agent-performance/11/{{endpoint}}": by("endpoint", { "/chat": 0.005405 }),
    "agent-performance/13/{{status}}": by("status", { "200": 12.95, "500": 0.05 }),
    // an hour of traffic, however long the window
    "agent-performance/14/Requests in a day": by("service_name", { checkout: 13 * 3600 }),
    "agent-performance/14/5 m": by("service_name", { checkout: 0.003846 }),
    "agent-performance/14/1 h": by("service_name", { checkout: 0.003846 }),
    "agent-performance/14/2 h": by("service_name", { checkout: 0.003846 }),
    "agent-performance/14/1 d": by("service_name", { checkout: 0.003846 }),
    "agent-performance/20/{{tool_name}}": by("tool_name", { search: 4, calculator: 1 }),
    "agent-performance/21/{{tool_name}}": by("tool_name", { search: 14_400, calculator: 3600 }),
    "agent-performance/22/{{tool_name}}": by("tool_name", { search: 0.05 }),
    "agent-performance/23/{{tool_name}}": by("tool_name", { search: 2.35, calculator: 0.2425 }),
    "agent-performance/30/p50": one(0.875),
    "agent-performance/30/p95": one(2.3125),
    "agent-performance/30/p99": one(2.4625),
    "agent-performance/31/buckets": executionBuckets,
    // five calls a second for 9.25 POST requests
    "agent-performance/32/{{service_name}}": by("service_name", { checkout: 0.540541 }),
    "agent-performance/40/{{model}}": by("model", { large: 60, small: 5 }),
    "agent-performance/41/{{type}}": by("type", { input: 55, output: 10 }),
    "agent-performance/42/tokens": one(65 * 3600),
    "agent-performance/50/{{service_name}}": by("service_name", { checkout: 42 }),
    "agent-performance/51/{{element_type}}": by("element_type", { message: 0.5 }),
    "agent-performance/52/{{service_name}}": by("service_name", { checkout: 0 }),
    "tool-calls/1/calls": one(5),
    "tool-calls/2/failures": one(0.04),
    "tool-calls/3/p95": one(2.3125),
    "tool-calls/4/calls": one(18_000),
    "tool-calls/10/Calls": by("tool_name", { search: 14_400, calculator: 3600 }),
    "tool-calls/10/Errors": by("tool_name", { search: 0.05 }),
    "tool-calls/10/p50": by("tool_name", { search: 1, calculator: 0.175 }),
    "tool-calls/10/p95": by("tool_name", { search: 2.35, calculator: 0.2425 }),
    "tool-calls/20/{{tool_name}}": by("tool_name", { search: 4, calculator: 1 }),
    "tool-calls/21/{{tool_name}}": by("tool_name", { search: 0.05 }),
    "tool-calls/22/{{status}}": by("status", { success: 4.8, error: 0.1, timeout: 0.1 }),
    "tool-calls/23/{{tool_name}}": by("tool_name", { search: 2.35, calculator: 0.2425 }),
    "tool-calls/30/p50": one(0.875),
    "tool-calls/30/p95": one(2.3125),
    "tool-calls/30/p99": one(2.4625),
    "tool-calls/31/buckets": executionBuckets,
  },
  failures: {
    // a third of the calls fail; the window of 10 minutes has filled to a fifth after six
    ToolErrorRatioHigh: {
      series: [
        ...points(m.toolCalls, "agent", { tool_name: "search", status: "success" }, 2),
        ...points(m.toolCalls, "agent", { tool_name: "search", status: "error" }, phases(0, 1)),
        ...points(m.toolCalls, "agent", { tool_name: "calculator", status: "success" }, 1),
      ],
      labels: { tool_name: "search" },
      detectedWithin: 12,
      silentWithin: 17,
    },
    // all calls between one and two minutes
    ToolLatencyHigh: {
      series: [
        ...observed(m.executionDuration, "agent", { tool_name: "search" }, { 1: phases(1, 0), 60: phases(0, 1) }),
        ...observed(m.executionDuration, "agent", { tool_name: "calculator" }, { 0.25: 1 }),
      ],
      labels: { tool_name: "search" },
      detectedWithin: 14,
      silentWithin: 22,
    },
    // one request in ten
    RequestErrorRatioHigh: {
      series: [
        ...points(m.httpRequests, "shop", { ...chat, status: "200" }, 9),
        ...points(m.httpRequests, "shop", { ...chat, status: "500" }, phases(0, 1)),
        ...points(m.httpRequests, "other", { ...chat, status: "200" }, 9),
      ],
      labels: { service_name: "shop" },
      detectedWithin: 9,
      silentWithin: 11,
    },
    // half of the requests: after t minutes the hour, half of which there is, has 0.5 t / (30 + t): 7.2 % after 5.05
    RequestErrorBudgetBurnFast: {
      series: [
        ...points(m.httpRequests, "shop", { ...chat, status: "200" }, phases(10, 5)),
        ...points(m.httpRequests, "shop", { ...chat, status: "500" }, phases(0, 5)),
        ...points(m.httpRequests, "other", { ...chat, status: "200" }, 9),
        ...quiet,
      ],
      labels: { service_name: "shop" },
      detectedWithin: 8,
      silentWithin: 10,
    },
    // one request in 40: a day has 1.5 % of them after 14.4 hours, and two hours have no more 48 minutes after the end
    RequestErrorBudgetBurnSlow: {
      course: dayBefore,
      series: [
        ...points(m.httpRequests, "shop", { ...chat, status: "200" }, phases(4, 3.9, 4, dayBefore)),
        ...points(m.httpRequests, "shop", { ...chat, status: "500" }, phases(0, 0.1, 0, dayBefore)),
        ...points(m.httpRequests, "other", { ...chat, status: "200" }, 9),
        ...quiet,
      ],
      labels: { service_name: "shop" },
      silentFor: 14.4 * 60 + 56,
      detectedWithin: 14.4 * 60 + 61,
      silentWithin: 55,
    },
    AgentExecutionSlow: {
      series: [
        ...observed(m.executionDuration, "agent", { tool_name: "search" }, { 10: phases(1, 0), 300: phases(0, 1) }),
        ...observed(m.executionDuration, "other", { tool_name: "search" }, { 10: 1 }),
      ],
      labels: { service_name: "agent" },
      detectedWithin: 14,
      silentWithin: 22,
    },
    // 12.6 million tokens in 75 minutes, ten of them in an hour; a day later they leave the window at the same pace
    LlmTokenBudgetExceeded: {
      course: dayAfter,
      series: points(m.llmTokens, "agent", { model: "large", type: "input" }, phases(10, 2800, 0, dayAfter)),
      labels: {},
      detectedWithin: 65,
      silentWithin: 24 * 60 - 75 + 20,
    },
    // 9.45 million, eight of them in 63.5 minutes: the budget of ten is not spent
    LlmTokenBudgetNearlySpent: {
      course: dayAfter,
      series: points(m.llmTokens, "agent", { model: "large", type: "input" }, phases(10, 2100, 0, dayAfter)),
      labels: {},
      detectedWithin: 70,
      silentWithin: 24 * 60 - 75 + 15,
    },
    // 40 calls a request instead of two: half an hour has 25 on average after 18.2 minutes
    AgentToolLoopSuspected: {
      series: [
        ...points(m.httpRequests, "agent", { ...chat, status: "200" }, 1),
        ...points(m.toolCalls, "agent", { tool_name: "search", status: "success" }, phases(2, 40)),
        // works off a queue, and is only probed by HTTP
        ...points(m.httpRequests, "worker", { endpoint: "/health", method: "GET", status: "200" }, 0.1),
        ...points(m.toolCalls, "worker", { tool_name: "search", status: "success" }, 40),
        // 18 requests in half an hour
        ...points(m.httpRequests, "rare", { ...chat, status: "200" }, 0.01),
        ...points(m.toolCalls, "rare", { tool_name: "search", status: "success" }, 1),
      ],
      labels: { service_name: "agent" },
      detectedWithin: 34,
      silentWithin: 17,
    },
    // by 600 an hour: beyond 5 % of what is there from the 37th minute on, when enough of it is in the two hours, and
    // until the 58th after the end; it has to last for six hours
    StateElementsGrowing: {
      course: growing,
      series: [
        ...points(m.stateElements, "agent", {}, [
          { minutes: growing.well, level: 2000 },
          ...climb(2000, growing.ill / 60),
          { minutes: growing.after, level: 6800 },
        ]),
        // a morning's load
        ...points(m.stateElements, "office", {}, [
          { minutes: growing.well, level: 2000 },
          ...climb(2000, 4),
          { minutes: 6 * 60, level: 4400 },
        ]),
        // little
        ...points(m.stateElements, "small", {}, [{ minutes: growing.well, level: 10 }, ...climb(10, 1)]),
      ],
      labels: { service_name: "agent" },
      silentFor: 6 * 60 + 36,
      detectedWithin: 6 * 60 + 37,
      silentWithin: 63,
    },
  },
  companions: {
    ToolLatencyHigh: ["AgentExecutionSlow"],
    AgentExecutionSlow: ["ToolLatencyHigh"],
    // half of the requests fail: that is an outage and a burning budget
    RequestErrorBudgetBurnFast: ["RequestErrorRatioHigh"],
    // more than all of the budget is more than most of it
    LlmTokenBudgetExceeded: ["LlmTokenBudgetNearlySpent"],
  },
};
