import { boardLink } from "../links.ts";
import type { Board, BoardContext, DataLink, Panel, Step, Variable } from "../panel.ts";
import { fromThreshold, linksInto } from "../panel.ts";
import { chosen, count, current, distribution, increase, quantile, rate, ratio, sum, sumBy } from "../promql.ts";
import { quantiles } from "../quantiles.ts";
import { failedSpansLink } from "../span-links.ts";
import { storedName } from "../stored-name.ts";
import { burnColumns, burns } from "../burn-rate.ts";
import { requestsBoard } from "../http/ids.ts";
import { budgetOf, failed, serverError } from "./alerts.ts";
import { agentPerformance, toolCallsBoard } from "./ids.ts";
import * as m from "./metrics.ts";
import { callsPerRequest, stateGrowth, tokensOfDay } from "./runaway-alerts.ts";

const { panels: id } = agentPerformance;
const window = "$__rate_interval";
const service = { service_name: chosen("service") };

const serviceVariable: Variable = {
  name: "service",
  label: "Service",
  series: storedName(m.httpRequests),
  of: "service_name",
};

/** Is it well, and if not: requests, tools, executions, tokens or state? */
export const agentPerformanceBoard = (context: BoardContext): Board => ({
  uid: agentPerformance.uid,
  title: "Agent performance",
  description: "Requests, tool calls, executions, tokens and state of agents.",
  variables: [serviceVariable],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Requests", panels: requests(context) },
    { title: "Tool calls", panels: toolCalls(context) },
    { title: "Executions", panels: executions(context) },
    { title: "Language models", panels: languageModels(context) },
    { title: "State", panels: state(context) },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.services,
    title: "Services reporting",
    description: "Services that answered requests within the range. Fewer than you run: see docs/connect-your-app.md.",
    width: 4,
    height: 4,
    unit: "none",
    target: { query: count(sumBy(["service_name"], increase(m.httpRequests, "$__range"))), legend: "services" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.requestRate,
    title: "Requests",
    description: "Requests per second, all endpoints.",
    width: 4,
    height: 4,
    unit: "reqps",
    target: { query: sum(rate(m.httpRequests, window, service)), legend: "requests" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.requestErrorShare,
    title: "Request errors",
    description:
      "Share of requests that were answered with a server error. Red: rule RequestErrorRatioHigh. Also 0 % before the first error.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "RequestErrorRatioHigh"),
    target: {
      query: ratio(
        sum(rate(m.httpRequests, window, { ...service, status: serverError })),
        sum(rate(m.httpRequests, window, service)),
      ),
      legend: "errors",
    },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.toolErrorShare,
    title: "Tool-call errors",
    description: "Share of tool calls that failed. Red: rule ToolErrorRatioHigh. Also 0 % before the first failure.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "ToolErrorRatioHigh"),
    target: {
      query: ratio(
        sum(rate(m.toolCalls, window, { ...service, status: failed })),
        sum(rate(m.toolCalls, window, service)),
      ),
      legend: "failures",
    },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.executionP95,
    title: "Execution p95",
    description: "95 of 100 executions are faster. Red: rule AgentExecutionSlow.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 1,
    steps: fromThreshold(context, "AgentExecutionSlow"),
    target: { query: quantile(0.95, m.executionDuration, { window, where: service }), legend: "p95" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.tokens,
    title: "Tokens",
    description: "Tokens that models read and wrote within the range. The daily budget is rule LlmTokenBudgetExceeded.",
    width: 4,
    height: 4,
    unit: "short",
    target: { query: sum(increase(m.llmTokens, "$__range", service)), legend: "tokens" },
    empty: "0",
  },
];

const requests = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.requestsByEndpoint,
    title: "Requests by endpoint",
    description: "Requests per second. A drop to zero is as telling as a peak.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: [{ query: sumBy(["endpoint"], rate(m.httpRequests, window, service)), legend: "{{endpoint}}" }],
    empty: "0",
    links: linksInto(context, "http", toRequests),
  },
  {
    kind: "timeseries",
    id: id.requestErrors,
    title: "Request errors by endpoint",
    description:
      "Share of requests that were answered with a server error (status 5xx). Empty as long as there was none. Line: rule RequestErrorRatioHigh.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "RequestErrorRatioHigh"),
    targets: [
      {
        query: ratio(
          sumBy(["endpoint"], rate(m.httpRequests, window, { ...service, status: serverError })),
          sumBy(["endpoint"], rate(m.httpRequests, window, service)),
        ),
        legend: "{{endpoint}}",
      },
    ],
    empty: "0 %",
    links: [failedSpans(context), ...linksInto(context, "http", toRequests)],
  },
  {
    kind: "timeseries",
    id: id.requestsByStatus,
    title: "Requests by status",
    description: "Requests per second by HTTP status.",
    width: 12,
    height: 8,
    unit: "reqps",
    stacked: true,
    targets: [{ query: sumBy(["status"], rate(m.httpRequests, window, service)), legend: "{{status}}" }],
    empty: "0",
  },
  {
    kind: "table",
    id: id.budget,
    title: "Error budget",
    description:
      "Share of requests that were answered with a status of 5xx, over the windows that the burn-rate rules compare; the objective is 99.5 %. A rule fires when both columns of its pair are red: 5 m and 1 h RequestErrorBudgetBurnFast, 2 h and 1 d RequestErrorBudgetBurnSlow. A service without an error has no share.",
    width: 12,
    height: 8,
    keys: { service_name: "Service" },
    columns: [
      { header: "Requests in a day", unit: "short", query: budgetOf(service).requests(burns.slow.long) },
      ...burnColumns(context, burns.fast, budgetOf(service), "RequestErrorBudgetBurnFast"),
      ...burnColumns(context, burns.slow, budgetOf(service), "RequestErrorBudgetBurnSlow"),
    ],
  },
];

const toolCalls = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.toolCalls,
    title: "Tool calls",
    description: "Calls per second, by tool.",
    width: 12,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["tool_name"], rate(m.toolCalls, window, service)), legend: "{{tool_name}}" }],
    empty: "0",
    links: [toTool],
  },
  {
    kind: "bargauge",
    id: id.toolDistribution,
    title: "Tool calls in the range",
    description: "How the calls spread over the tools.",
    width: 12,
    height: 8,
    unit: "short",
    target: { query: sumBy(["tool_name"], increase(m.toolCalls, "$__range", service)), legend: "{{tool_name}}" },
    empty: "0",
    links: [toTool],
  },
  {
    kind: "timeseries",
    id: id.toolErrors,
    title: "Tool-call errors",
    description: "Share of calls that failed, by tool. Empty as long as none failed. Line: rule ToolErrorRatioHigh.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "ToolErrorRatioHigh"),
    targets: [
      {
        query: ratio(
          sumBy(["tool_name"], rate(m.toolCalls, window, { ...service, status: failed })),
          sumBy(["tool_name"], rate(m.toolCalls, window, service)),
        ),
        legend: "{{tool_name}}",
      },
    ],
    empty: "0 %",
    links: [toTool],
  },
  {
    kind: "timeseries",
    id: id.toolLatency,
    title: "Tool latency p95",
    description: "95 of 100 calls are faster, by tool. Line: rule ToolLatencyHigh.",
    width: 12,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "ToolLatencyHigh"),
    targets: [
      {
        query: quantile(0.95, m.executionDuration, { window, where: service, by: ["tool_name"] }),
        legend: "{{tool_name}}",
      },
    ],
    empty: "–",
    links: [toTool],
  },
];

const executions = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.execution,
    title: "Execution time",
    description: "p50, p95 and p99 of agent executions. Line: rule AgentExecutionSlow.",
    width: 8,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "AgentExecutionSlow"),
    targets: quantiles(m.executionDuration, service),
    empty: "–",
  },
  {
    kind: "heatmap",
    id: id.executionHeat,
    title: "Execution time, spread",
    description: "How many executions took how long. Two bands mean two kinds of runs, which an average would hide.",
    width: 8,
    height: 8,
    unit: "s",
    query: distribution(m.executionDuration, { window, where: service }),
  },
  {
    kind: "timeseries",
    id: id.callsPerRequest,
    title: "Tool calls per request",
    description:
      "Tool calls for each POST request to the same service. A usual answer takes a few; a jump means agents that go round in circles, or a tool that fails and is tried again. Services that get their work from a queue have many without harm. Line: rule AgentToolLoopSuspected.",
    width: 8,
    height: 8,
    unit: "short",
    steps: fromThreshold(context, "AgentToolLoopSuspected"),
    targets: [{ query: callsPerRequest(window, service), legend: "{{service_name}}" }],
    empty: "–",
  },
];

const languageModels = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.tokensByModel,
    title: "Tokens by model",
    description: "Tokens per second, by model.",
    width: 8,
    height: 8,
    unit: "short",
    stacked: true,
    targets: [{ query: sumBy(["model"], rate(m.llmTokens, window, service)), legend: "{{model}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.tokensByType,
    title: "Tokens by type",
    description: "Tokens per second, read and written. Input that grows faster than output means growing contexts.",
    width: 8,
    height: 8,
    unit: "short",
    stacked: true,
    targets: [{ query: sumBy(["type"], rate(m.llmTokens, window, service)), legend: "{{type}}" }],
    empty: "0",
  },
  {
    kind: "stat",
    id: id.tokensOfDay,
    title: "Tokens in 24 hours",
    description:
      "Tokens that models read and wrote in the last 24 hours, whatever the range. Yellow: rule LlmTokenBudgetNearlySpent, red: LlmTokenBudgetExceeded; both count all services.",
    width: 8,
    height: 8,
    unit: "short",
    steps: tokenSteps(context),
    target: { query: tokensOfDay(service), legend: "tokens" },
    empty: "0",
  },
];

/** Grafana wants them ascending, whichever is set to be the lower one. */
const tokenSteps = (context: BoardContext): Step[] =>
  [
    ...fromThreshold(context, "LlmTokenBudgetNearlySpent").map(({ from }) => ({ from, color: "yellow" as const })),
    ...fromThreshold(context, "LlmTokenBudgetExceeded"),
  ].sort((a, b) => a.from - b.from);

const state = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.stateElements,
    title: "State elements",
    description: "Elements that agents hold in their state. What never falls is a leak.",
    width: 8,
    height: 8,
    unit: "short",
    targets: [{ query: sumBy(["service_name"], current(m.stateElements, service)), legend: "{{service_name}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.stateGrowth,
    title: "State growth",
    description:
      "By how much of what is there the state grows an hour, by the trend of two hours; nothing while it shrinks. It goes up and down with the load. Line: rule StateElementsGrowing, which fires when it stays above for six hours.",
    width: 8,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "StateElementsGrowing"),
    targets: [{ query: stateGrowth(service), legend: "{{service_name}}" }],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.stateUpdates,
    title: "State updates",
    description: "Changes of state per second, by kind of element.",
    width: 8,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["element_type"], rate(m.stateUpdates, window, service)), legend: "{{element_type}}" }],
    empty: "0",
  },
];

const toTool: DataLink = boardLink("Look at this tool", toolCallsBoard.uid, "&var-tool=${__field.labels.tool_name}");

const failedSpans = (context: BoardContext): DataLink => failedSpansLink("Failed spans", context);

const toRequests: DataLink = boardLink("Requests by route", requestsBoard.uid, "&${service:queryparam}");
