import { counter, gauge, histogram, type Label } from "../metric.ts";
import { processCpu, processMemory } from "./process-metrics.ts";

/**
 * What GreptimeDB says of itself: names, kinds, labels and buckets as read from /metrics of version 1.1.4, those that
 * appear only with a failure from its sources (src/mito2/src/metrics.rs).
 */

const emittedBy = "GreptimeDB";
const db: Label = { help: "Database.", values: ["metrics", "traces", "logs"] };

/** The buckets that GreptimeDB's client library takes unless told otherwise. */
const usualBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const ingestRows = counter({
  name: "greptime_table_operator_ingest_rows",
  route: "scrape",
  help: "Rows written.",
  emittedBy,
  labels: { db },
});

export const httpRequests = counter({
  name: "greptime_servers_http_requests_total",
  route: "scrape",
  help: "HTTP requests answered.",
  emittedBy,
  labels: {
    code: { help: "Status.", values: ["200", "400", "503"] },
    db,
    method: { help: "HTTP method.", values: ["POST", "GET"] },
    path: { help: "Path.", values: ["/v1/otlp/v1/metrics", "/v1/prometheus/api/v1/query", "/v1/sql"] },
  },
});

const write = (signal: string) =>
  histogram({
    name: `greptime_servers_http_otlp_${signal}_elapsed`,
    unit: "s",
    route: "scrape",
    help: `Duration of requests that write ${signal}.`,
    emittedBy,
    labels: { db },
    buckets: usualBuckets,
  });

export const writeElapsed = { metrics: write("metrics"), traces: write("traces"), logs: write("logs") } as const;

export const promqlElapsed = histogram({
  name: "greptime_servers_http_prometheus_promql_elapsed",
  unit: "s",
  route: "scrape",
  help: "Duration of PromQL queries.",
  emittedBy,
  labels: { db, method: { help: "Kind of query.", values: ["instant_query", "range_query", "label_values_query"] } },
  buckets: usualBuckets,
});

export const mysqlElapsed = histogram({
  name: "greptime_servers_mysql_query_elapsed",
  unit: "s",
  route: "scrape",
  help: "Duration of SQL queries over the MySQL protocol.",
  emittedBy,
  labels: { db, subprotocol: { help: "Text or prepared statement.", values: ["textquery", "binquery"] } },
  buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300],
});

export const jaegerElapsed = histogram({
  name: "greptime_servers_jaeger_query_elapsed",
  unit: "s",
  route: "scrape",
  help: "Duration of queries for traces.",
  emittedBy,
  labels: { db, path: { help: "Path.", values: ["/api/traces", "/api/services"] } },
  buckets: usualBuckets,
});

export const stalledWrites = gauge({
  name: "greptime_mito_write_stalling_count",
  route: "scrape",
  help: "Writes that wait because the write buffer is full.",
  emittedBy,
  labels: { worker: { help: "Thread that writes.", values: ["0"] } },
});

export const rejectedWrites = counter({
  name: "greptime_mito_write_reject_total",
  route: "scrape",
  help: "Writes refused because the write buffer is beyond its limit.",
  emittedBy,
  labels: {},
});

export const flushFailures = counter({
  name: "greptime_mito_flush_failure_total",
  route: "scrape",
  help: "Times that a write buffer could not be brought to disk.",
  emittedBy,
  labels: {},
});

export const compactionFailures = counter({
  name: "greptime_mito_compaction_failure_total",
  route: "scrape",
  help: "Times that files could not be merged.",
  emittedBy,
  labels: {},
});

export const flushBytes = counter({
  name: "greptime_mito_flush_bytes_total",
  unit: "By",
  route: "scrape",
  help: "Bytes of the files that write buffers became.",
  emittedBy,
  labels: {},
});

export const logBytes = counter({
  name: "greptime_logstore_op_bytes_total",
  unit: "By",
  route: "scrape",
  help: "Bytes written to the write-ahead log.",
  emittedBy,
  labels: {
    logstore: { help: "Kind of log.", values: ["raft-engine"] },
    optype: { help: "Operation.", values: ["append_batch"] },
  },
});

export const memoryLimit = gauge({
  name: "greptime_memory_limit_in_bytes",
  unit: "By",
  route: "scrape",
  help: "Memory that GreptimeDB finds it may use: the container's limit, or the machine's memory where there is none.",
  emittedBy,
  labels: { app: { help: "What it runs as.", values: ["greptime-standalone"] } },
});

export const writeBuffer = gauge({
  name: "greptime_mito_write_buffer_bytes",
  unit: "By",
  route: "scrape",
  help: "Rows that are not in files yet.",
  emittedBy,
  labels: {},
});

export const cacheBytes = gauge({
  name: "greptime_mito_cache_bytes",
  unit: "By",
  route: "scrape",
  help: "What the caches hold.",
  emittedBy,
  labels: { type: { help: "Which cache.", values: ["sst_meta", "vector", "index_staging"] } },
});

export const databaseMetrics = [
  ingestRows,
  httpRequests,
  ...Object.values(writeElapsed),
  promqlElapsed,
  mysqlElapsed,
  jaegerElapsed,
  stalledWrites,
  rejectedWrites,
  flushFailures,
  compactionFailures,
  flushBytes,
  logBytes,
  memoryLimit,
  writeBuffer,
  cacheBytes,
  processMemory,
  processCpu,
] as const;
