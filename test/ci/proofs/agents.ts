import * as m from "../../../dashboards/agents/metrics.ts";
import { phases } from "../support/failures.ts";
import { observed, points } from "../support/traffic.ts";
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
const route = { http_request_method: "POST", http_route: "/chat", http_response_status_code: "200" };

/**
 * Quantiles lie where their rank falls within its bucket: of 10 requests a second 8 end between 0.1 s and 0.25 s, so
 * the 5th is at 0.1 + 0.15 × 5/8.
 */
export const agentsProof: PackProof = {
  pack: "agents",
  healthy: () => [
    ...points(m.httpRequests, "checkout", { endpoint: "/chat", method: "POST", status: "200" }, 9),
    ...points(m.httpRequests, "checkout", { endpoint: "/chat", method: "POST", status: "500" }, 0.25),
    ...points(m.httpRequests, "checkout", { endpoint: "/runs", method: "GET", status: "200" }, 3.75),
    ...observed(
      m.requestDuration,
      "checkout",
      { http_request_method: "POST", http_route: "/chat", http_response_status_code: "200" },
      { 0.25: 8, 0.5: 2 },
    ),
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
    "agent-performance/3/errors": one(0.019231),
    "agent-performance/4/failures": one(0.04),
    "agent-performance/5/p95": one(2.3125),
    "agent-performance/6/tokens": one(65 * 3600),
    "agent-performance/10/{{endpoint}}": by("endpoint", { "/chat": 9.25, "/runs": 3.75 }),
    "agent-performance/11/{{endpoint}}": by("endpoint", { "/chat": 0.027027 }),
    "agent-performance/12/p50": one(0.19375),
    "agent-performance/12/p95": one(0.4375),
    "agent-performance/12/p99": one(0.4875),
    "agent-performance/13/{{status}}": by("status", { "200": 12.75, "500": 0.25 }),
    "agent-performance/20/{{tool_name}}": by("tool_name", { search: 4, calculator: 1 }),
    "agent-performance/21/{{tool_name}}": by("tool_name", { search: 14_400, calculator: 3600 }),
    "agent-performance/22/{{tool_name}}": by("tool_name", { search: 0.05 }),
    "agent-performance/23/{{tool_name}}": by("tool_name", { search: 2.35, calculator: 0.2425 }),
    "agent-performance/30/p50": one(0.875),
    "agent-performance/30/p95": one(2.3125),
    "agent-performance/30/p99": one(2.4625),
    "agent-performance/31/buckets": executionBuckets,
    "agent-performance/40/{{model}}": by("model", { large: 60, small: 5 }),
    "agent-performance/41/{{type}}": by("type", { input: 55, output: 10 }),
    "agent-performance/50/{{service_name}}": by("service_name", { checkout: 42 }),
    "agent-performance/51/{{element_type}}": by("element_type", { message: 0.5 }),
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
    RequestLatencyHigh: {
      series: [
        ...observed(m.requestDuration, "shop", route, { 0.5: phases(2, 0), 30: phases(0, 2) }),
        ...observed(m.requestDuration, "other", route, { 0.5: 2 }),
      ],
      labels: { service_name: "shop" },
      detectedWithin: 13,
      silentWithin: 17,
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
    // ten million tokens in a little over half an hour; they stay in the window of a day
    LlmTokenBudgetExceeded: {
      series: points(m.llmTokens, "agent", { model: "large", type: "input" }, phases(10, 5000, 0)),
      labels: {},
      detectedWithin: 40,
      silentWithin: Infinity,
    },
  },
  companions: { ToolLatencyHigh: ["AgentExecutionSlow"], AgentExecutionSlow: ["ToolLatencyHigh"] },
};
