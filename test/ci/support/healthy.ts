import * as m from "../../../dashboards/agents/metrics.ts";
import { observed, points, type Series } from "./traffic.ts";

/** A service that is well, with numbers that one can reckon with. Rates are per second. */
export const healthyTraffic = (): Series[] => [
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
];
