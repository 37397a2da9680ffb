import { tables } from "../../configs/greptimedb/store.ts";
import { requestsBoard } from "../http/ids.ts";
import { boardLink, traceLink } from "../links.ts";
import type { Board, BoardContext, DataLink, Panel } from "../panel.ts";
import { fromThreshold, linksInto } from "../panel.ts";
import { chosen, distribution, increase, quantile, rate, ratio, sum, sumBy } from "../promql.ts";
import { quantiles } from "../quantiles.ts";
import { storedName } from "../stored-name.ts";
import { failed } from "./alerts.ts";
import { toolCallsBoard as identity } from "./ids.ts";
import { executionDuration, toolCalls } from "./metrics.ts";

const { panels: id } = identity;
const window = "$__rate_interval";
const both = { service_name: chosen("service"), tool_name: chosen("tool") };

/** Which tool is slow or fails, and which calls were it. */
export const toolCallsBoardOf = (context: BoardContext): Board => ({
  uid: identity.uid,
  title: "Tool calls",
  description: "Calls of agents' tools: how many, how many fail, how long they take, and the slowest ones.",
  variables: [
    { name: "service", label: "Service", series: storedName(toolCalls), of: "service_name" },
    { name: "tool", label: "Tool", series: storedName(toolCalls), of: "tool_name" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "By tool", panels: byTool(context) },
    { title: "Spread", panels: spread },
    { title: "Single calls", panels: singleCalls(context) },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.callRate,
    title: "Calls",
    description: "Calls per second of the chosen tools.",
    width: 6,
    height: 4,
    unit: "ops",
    target: { query: sum(rate(toolCalls, window, both)), legend: "calls" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.errorShare,
    title: "Errors",
    description: "Share of calls that failed. Red: rule ToolErrorRatioHigh. Also 0 % before the first failure.",
    width: 6,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "ToolErrorRatioHigh"),
    target: {
      query: ratio(sum(rate(toolCalls, window, { ...both, status: failed })), sum(rate(toolCalls, window, both))),
      legend: "failures",
    },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.p95,
    title: "Latency p95",
    description: "95 of 100 calls are faster. Red: rule ToolLatencyHigh.",
    width: 6,
    height: 4,
    unit: "s",
    decimals: 1,
    steps: fromThreshold(context, "ToolLatencyHigh"),
    target: { query: quantile(0.95, executionDuration, { window, where: both }), legend: "p95" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.calls,
    title: "Calls in the range",
    description: "Calls of the chosen tools within the range.",
    width: 6,
    height: 4,
    unit: "short",
    target: { query: sum(increase(toolCalls, "$__range", both)), legend: "calls" },
    empty: "0",
  },
];

const byTool = (context: BoardContext): Panel[] => [
  {
    kind: "table",
    id: id.byTool,
    title: "Tools",
    description: "One row a tool, over the range. A tool without a failure has no error share.",
    width: 24,
    height: 8,
    keys: { tool_name: "Tool" },
    columns: [
      {
        header: "Calls",
        unit: "short",
        query: sumBy(["tool_name"], increase(toolCalls, "$__range", both)),
        links: [boardLink("Only this tool", identity.uid, "&var-tool=${__data.fields.Tool}")],
      },
      {
        header: "Errors",
        unit: "percentunit",
        decimals: 1,
        steps: fromThreshold(context, "ToolErrorRatioHigh"),
        query: ratio(
          sumBy(["tool_name"], increase(toolCalls, "$__range", { ...both, status: failed })),
          sumBy(["tool_name"], increase(toolCalls, "$__range", both)),
        ),
      },
      {
        header: "p50",
        unit: "s",
        decimals: 2,
        query: quantile(0.5, executionDuration, { window: "$__range", where: both, by: ["tool_name"] }),
      },
      {
        header: "p95",
        unit: "s",
        decimals: 2,
        steps: fromThreshold(context, "ToolLatencyHigh"),
        query: quantile(0.95, executionDuration, { window: "$__range", where: both, by: ["tool_name"] }),
      },
    ],
  },
  {
    kind: "timeseries",
    id: id.callsByTool,
    title: "Calls by tool",
    description: "Calls per second.",
    width: 12,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["tool_name"], rate(toolCalls, window, both)), legend: "{{tool_name}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.errorRatio,
    title: "Errors by tool",
    description: "Share of calls that failed. Empty as long as none failed. Line: rule ToolErrorRatioHigh.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "ToolErrorRatioHigh"),
    targets: [
      {
        query: ratio(
          sumBy(["tool_name"], rate(toolCalls, window, { ...both, status: failed })),
          sumBy(["tool_name"], rate(toolCalls, window, both)),
        ),
        legend: "{{tool_name}}",
      },
    ],
    empty: "0 %",
    links: linksInto(context, "http", toCalls),
  },
  {
    kind: "timeseries",
    id: id.byStatus,
    title: "Calls by status",
    description: "Calls per second, by how they ended.",
    width: 12,
    height: 8,
    unit: "ops",
    stacked: true,
    targets: [{ query: sumBy(["status"], rate(toolCalls, window, both)), legend: "{{status}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.latency,
    title: "Latency p95 by tool",
    description: "95 of 100 calls are faster. Line: rule ToolLatencyHigh.",
    width: 12,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "ToolLatencyHigh"),
    targets: [
      { query: quantile(0.95, executionDuration, { window, where: both, by: ["tool_name"] }), legend: "{{tool_name}}" },
    ],
    empty: "–",
    links: linksInto(context, "http", toCalls),
  },
];

const spread: Panel[] = [
  {
    kind: "timeseries",
    id: id.quantiles,
    title: "Latency",
    description: "p50, p95 and p99 of the chosen tools.",
    width: 12,
    height: 8,
    unit: "s",
    targets: quantiles(executionDuration, both),
    empty: "–",
  },
  {
    kind: "heatmap",
    id: id.heat,
    title: "Latency, spread",
    description: "How many calls took how long.",
    width: 12,
    height: 8,
    unit: "s",
    query: distribution(executionDuration, { window, where: both }),
  },
];

const singleCalls = ({ databases }: BoardContext): Panel[] => [
  {
    kind: "sql",
    id: id.slowest,
    title: "Slowest calls",
    description: "Spans named tool_call:… of the range, slowest first. Click a trace id to open the trace.",
    width: 24,
    height: 10,
    sql: [
      "SELECT timestamp, service_name AS service, span_name AS span, duration_nano / 1000000000.0 AS duration,",
      "span_status_code AS status, span_status_message AS message, trace_id",
      `FROM \`${databases.traces}\`.${tables.traces}`,
      "WHERE $__timeFilter(timestamp) AND span_name LIKE 'tool_call:%'",
      "ORDER BY duration_nano DESC LIMIT 50",
    ].join("\n"),
    units: { duration: "s" },
    columnLinks: { trace_id: [traceLink] },
  },
];

/** Most tools are a call to another host. */
const toCalls: DataLink = boardLink("Calls to other hosts", requestsBoard.uid, "&${service:queryparam}");
