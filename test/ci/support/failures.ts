import * as m from "../../../dashboards/agents/metrics.ts";
import { observed, points, type Phase, type Series } from "./traffic.ts";

/**
 * What each rule is for: half an hour of health, then the failure that it names, then health again. A rule without
 * an entry here fails the test.
 */
export interface Failure {
  readonly series: readonly Series[];
  /** Labels of the alert, without severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** Minutes after the failure began by which the rule fires. */
  readonly detectedWithin: number;
  /** Minutes after the failure ended by which it is silent again. */
  readonly silentWithin: number;
}

export const healthyMinutes = 30;
export const failingMinutes = 40;

const phases = (well: Phase["level"], ill: Phase["level"], after: Phase["level"] = well): Phase[] => [
  { minutes: healthyMinutes, level: well },
  { minutes: failingMinutes, level: ill },
  { minutes: 60, level: after },
];

const chat = { endpoint: "/chat", method: "POST" };
const route = { http_request_method: "POST", http_route: "/chat", http_response_status_code: "200" };

export const failures: Readonly<Record<string, Failure>> = {
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
  // ten minutes, after the five for which a query still finds the last value
  ServiceTelemetryAbsent: {
    series: points(m.httpRequests, "shop", { ...chat, status: "200" }, phases(1, "silent", 1)),
    labels: { service_name: "shop" },
    detectedWithin: 17,
    silentWithin: 1,
  },
};

/** Rules whose failure Prometheus cannot show: they watch the database that answers, or always fire. */
export const notInPrometheus = ["MetricsDatasourceDown", "Watchdog"];
