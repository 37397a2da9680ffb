import { boardLink } from "../links.ts";
import type { Metric } from "../metric.ts";
import { fromThreshold, type Board, type BoardContext, type Panel, type SqlTable } from "../panel.ts";
import { current, distribution, observations, quantile, rate, ratio, reached, sum, sumBy } from "../promql.ts";
import { quantiles } from "../quantiles.ts";
import * as m from "./database-metrics.ts";
import { stackDatabase, stackDelivery } from "./ids.ts";
import { ofDatabase } from "./own.ts";
import { processCpu, processMemory } from "./process-metrics.ts";
import { databaseMemoryShare, serverErrors } from "./queries.ts";

const { panels: id } = stackDatabase;
const window = "$__rate_interval";
const where = ofDatabase;

/** GreptimeDB from inside: writing, answering, memory, disk. */
export const stackDatabaseBoard = (context: BoardContext): Board => ({
  uid: stackDatabase.uid,
  title: "GreptimeDB",
  description: "Rows, requests, queries, memory and storage of GreptimeDB itself.",
  variables: [],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Writing", panels: writing },
    { title: "Requests", panels: requests },
    { title: "Queries", panels: queries(context) },
    { title: "Memory and CPU", panels: resources },
    { title: "Storage", panels: [disk, ...storage] },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.rows,
    title: "Rows written",
    description: "Rows per second. 0 while applications run: nothing arrives; open Delivery.",
    width: 4,
    height: 4,
    unit: "cps",
    target: { query: sum(rate(m.ingestRows, window, where)), legend: "rows" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.requestErrors,
    title: "Errors",
    description:
      "Share of HTTP requests that were answered with a server error (5xx). Good: 0 %, also before the first error. Otherwise see by path below.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    target: {
      query: ratio(sum(rate(m.httpRequests, window, serverErrors)), sum(rate(m.httpRequests, window, where))),
      legend: "errors",
    },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.queryP99,
    title: "Query latency p99",
    description: "99 of 100 PromQL queries are faster. Red: rule GreptimeDbQuerySlow.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 2,
    steps: fromThreshold(context, "GreptimeDbQuerySlow"),
    target: { query: quantile(0.99, m.promqlElapsed, { window, where }), legend: "p99" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.memoryShare,
    title: "Memory of the limit",
    description:
      "RAM of what GreptimeDB finds it may use: the container's limit, or the machine's memory where there is none. In a cluster, of the process that is nearest to it. Red: rule GreptimeDbMemoryHigh.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 0,
    steps: fromThreshold(context, "GreptimeDbMemoryHigh"),
    target: { query: databaseMemoryShare(), legend: "used" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.stalled,
    title: "Stalled writes",
    description: "Writes that wait for room in the write buffer. Good: 0. If it lasts: rule GreptimeDbWriteTrouble.",
    width: 4,
    height: 4,
    unit: "none",
    target: { query: sum(current(m.stalledWrites, where)), legend: "stalled" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.cpuNow,
    title: "CPU",
    description: "100 % is one core. As much as the machine has, for long: queries and writes wait for each other.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 0,
    target: { query: sum(rate(processCpu, window, where)), legend: "CPU" },
    empty: "–",
  },
];

const writing: Panel[] = [
  {
    kind: "timeseries",
    id: id.rowsByDatabase,
    title: "Rows by database",
    description: "Rows per second, by database. A drop to zero is as telling as a peak.",
    width: 12,
    height: 8,
    unit: "cps",
    targets: [{ query: sumBy(["db"], rate(m.ingestRows, window, where)), legend: "{{db}}" }],
    empty: "0",
    links: [boardLink("Delivery", stackDelivery.uid)],
  },
  {
    kind: "timeseries",
    id: id.writeLatency,
    title: "Write latency p95",
    description:
      "95 of 100 OTLP requests are faster. Above ten seconds it cannot be measured; at 30 s the collector gives up and tries again.",
    width: 12,
    height: 8,
    unit: "s",
    targets: Object.entries(m.writeElapsed).map(([signal, elapsed]) => ({
      query: quantile(0.95, elapsed, { window, where }),
      legend: signal,
    })),
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.stalledWrites,
    title: "Stalled writes",
    description:
      "Writes that wait because the write buffer is full. Good: 0. Lasting: the disk is slower than what comes in; rule GreptimeDbWriteTrouble.",
    width: 12,
    height: 8,
    unit: "none",
    targets: [{ query: sum(current(m.stalledWrites, where)), legend: "stalled" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.rejectedWrites,
    title: "Rejected writes",
    description:
      "Since GreptimeDB started: writes turned away because even the waiting room was full. Good: nothing, or flat. Each step: rule GreptimeDbWriteTrouble if it lasts.",
    width: 12,
    height: 8,
    unit: "short",
    targets: [{ query: sum(reached(m.rejectedWrites, where)), legend: "rejected" }],
    empty: "0",
  },
];

const requests: Panel[] = [
  {
    kind: "timeseries",
    id: id.requestsByCode,
    title: "Requests by status",
    description:
      "HTTP requests per second, by status. Errors of writes are lost telemetry, but for 429, 502, 503 and 504, which the collector tries again. 400 of a query is a board that asks wrongly, 401 a wrong password.",
    width: 12,
    height: 8,
    unit: "reqps",
    stacked: true,
    targets: [{ query: sumBy(["code"], rate(m.httpRequests, window, where)), legend: "{{code}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.errorsByPath,
    title: "Server errors by path",
    description:
      "Requests per second that were answered with 5xx. Good: none. /v1/otlp is what the collector writes, /v1/prometheus what boards and rules ask.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: [{ query: sumBy(["path"], rate(m.httpRequests, window, serverErrors)), legend: "{{path}}" }],
    empty: "0",
  },
];

const protocols: readonly (readonly [string, Metric<string, "histogram">])[] = [
  ["PromQL", m.promqlElapsed],
  ["MySQL", m.mysqlElapsed],
  ["Jaeger", m.jaegerElapsed],
];

const queries = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.queryLatency,
    title: "Query latency",
    description:
      "p50, p95 and p99 of PromQL queries, of boards and of rules. Above ten seconds it cannot be measured. Line: rule GreptimeDbQuerySlow.",
    width: 12,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "GreptimeDbQuerySlow"),
    targets: quantiles(m.promqlElapsed, where),
    empty: "–",
  },
  {
    kind: "heatmap",
    id: id.queryHeat,
    title: "Query latency, spread",
    description: "How many PromQL queries took how long. Two bands are two kinds: rules, and boards with long ranges.",
    width: 12,
    height: 8,
    unit: "s",
    query: distribution(m.promqlElapsed, { window, where }),
  },
  {
    kind: "timeseries",
    id: id.latencyByProtocol,
    title: "Query latency p95 by protocol",
    description:
      "PromQL is metrics, MySQL the tables of spans and log records, Jaeger traces. One that is slow alone asks for too long a range.",
    width: 12,
    height: 8,
    unit: "s",
    targets: protocols.map(([legend, elapsed]) => ({ query: quantile(0.95, elapsed, { window, where }), legend })),
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.queriesByProtocol,
    title: "Queries by protocol",
    description: "Queries per second. Rules ask steadily; a peak is somebody who opens a board.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: protocols.map(([legend, elapsed]) => ({ query: sum(rate(observations(elapsed), window, where)), legend })),
    empty: "0",
  },
];

const resources: Panel[] = [
  {
    kind: "timeseries",
    id: id.memory,
    title: "Memory",
    description:
      "RAM against what GreptimeDB finds it may use. Beyond the limit the kernel kills it: rule GreptimeDbMemoryHigh fires before.",
    width: 8,
    height: 8,
    unit: "bytes",
    targets: [
      { query: sumBy(["instance"], current(processMemory, where)), legend: "{{instance}} RAM" },
      { query: sumBy(["instance"], current(m.memoryLimit, where)), legend: "{{instance}} limit" },
    ],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.buffers,
    title: "Buffers and caches",
    description:
      "The write buffer is a sawtooth: it is brought to disk when it is full. Caches grow to their limits and stay there.",
    width: 8,
    height: 8,
    unit: "bytes",
    targets: [
      { query: sum(current(m.writeBuffer, where)), legend: "write buffer" },
      { query: sumBy(["type"], current(m.cacheBytes, where)), legend: "cache {{type}}" },
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.cpu,
    title: "CPU",
    description: "100 % is one core. Peaks are queries and compactions.",
    width: 8,
    height: 8,
    unit: "percentunit",
    targets: [{ query: sumBy(["instance"], rate(processCpu, window, where)), legend: "{{instance}}" }],
    empty: "–",
  },
];

/** The reader may see this: sizes of tables, none of their rows. */
const disk: SqlTable = {
  kind: "sql",
  id: id.disk,
  title: "Disk by table",
  description:
    "Now, largest first. greptime_physical_table holds all metrics. What is beyond its retention goes at the next compactions, not at once.",
  width: 8,
  height: 8,
  sql: [
    "SELECT t.table_schema AS `database`, t.table_name AS `table`, SUM(r.disk_size) AS size, SUM(r.region_rows) AS `rows`",
    "FROM information_schema.region_statistics r",
    "JOIN information_schema.tables t ON r.table_id = t.table_id",
    "GROUP BY t.table_schema, t.table_name ORDER BY size DESC LIMIT 20",
  ].join("\n"),
  units: { size: "bytes", rows: "short" },
  columnLinks: {},
};

const storage: Panel[] = [
  {
    kind: "timeseries",
    id: id.bytesWritten,
    title: "Bytes to disk",
    description:
      "Per second. The log takes every write at once; files follow when a buffer is full. A log that grows without files: flushes fail.",
    width: 8,
    height: 8,
    unit: "Bps",
    targets: [
      { query: sum(rate(m.logBytes, window, where)), legend: "log" },
      { query: sum(rate(m.flushBytes, window, where)), legend: "files" },
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.maintenance,
    title: "Failed maintenance",
    description:
      "Since GreptimeDB started: flushes (buffer to disk) and compactions (merging files) that failed. Good: nothing, or flat. Each step: rule GreptimeDbMaintenanceFailing if it lasts; its log names the reason.",
    width: 8,
    height: 8,
    unit: "short",
    targets: [
      { query: sum(reached(m.flushFailures, where)), legend: "flushes" },
      { query: sum(reached(m.compactionFailures, where)), legend: "compactions" },
    ],
    empty: "0",
  },
];
