import * as agents from "../../../dashboards/agents/metrics.ts";
import * as c from "../../../dashboards/stack/collector-metrics.ts";
import * as d from "../../../dashboards/stack/database-metrics.ts";
import * as l from "../../../dashboards/stack/ledger-metrics.ts";
import * as g from "../../../dashboards/stack/grafana-metrics.ts";
import { up } from "../../../dashboards/scraping.ts";
import { processCpu, processMemory } from "../../../dashboards/stack/process-metrics.ts";
import { phases } from "../failures.ts";
import { observed, points, type Level, type Series } from "../traffic.ts";
import { buckets, by, one, type PackProof } from "./proof.ts";

const chat = { endpoint: "/chat", method: "POST" };
const otlp = { receiver: "otlp", transport: "http" };
const scraped = { receiver: "prometheus", transport: "http" };
const exporters = {
  traces: { exporter: "otlp_http/traces", data_type: "traces" },
  logs: { exporter: "otlp_http/logs", data_type: "logs" },
  metrics: { exporter: "otlp_http/metrics", data_type: "metrics" },
  scraped: { exporter: "otlp_http/scraped", data_type: "metrics" },
} as const;
type Exporter = keyof typeof exporters;

const of = (exporter: Exporter) => ({ exporter: exporters[exporter].exporter });
const byExporter = (values: Partial<Record<Exporter, number>>) =>
  by(
    "exporter",
    Object.fromEntries(Object.entries(values).map(([name, value]) => [of(name as Exporter).exporter, value])),
  );

const capacity = 100_000_000;

const queue = (exporter: Exporter, bytes: Level, underWay: number): Series[] => [
  ...points(c.queueSize, "otelcol", exporters[exporter], bytes),
  ...points(c.queueCapacity, "otelcol", exporters[exporter], capacity),
  ...points(c.inFlight, "otelcol", exporters[exporter], underWay),
];

const collector = (): Series[] => [
  ...points(c.uptime, "otelcol", {}, 1),
  ...points(c.cpu, "otelcol", {}, 0.25),
  ...points(c.memory, "otelcol", {}, 120_000_000),
  ...points(c.heap, "otelcol", {}, 40_000_000),
  ...points(c.spans.accepted, "otelcol", otlp, 100),
  ...points(c.spans.refused, "otelcol", otlp, 0.5),
  ...points(c.spans.sent, "otelcol", of("traces"), 100),
  ...points(c.spans.lost, "otelcol", of("traces"), 0),
  ...points(c.spans.notQueued, "otelcol", of("traces"), 0.5),
  ...points(c.logRecords.accepted, "otelcol", otlp, 50),
  ...points(c.logRecords.refused, "otelcol", otlp, 0),
  ...points(c.logRecords.sent, "otelcol", of("logs"), 50),
  ...points(c.logRecords.lost, "otelcol", of("logs"), 0),
  ...points(c.logRecords.notQueued, "otelcol", of("logs"), 0),
  ...points(c.metricPoints.accepted, "otelcol", otlp, 200),
  ...points(c.metricPoints.accepted, "otelcol", scraped, 40),
  ...points(c.metricPoints.refused, "otelcol", otlp, 0),
  ...points(c.metricPoints.refused, "otelcol", scraped, 0),
  ...points(c.metricPoints.sent, "otelcol", of("metrics"), 200),
  ...points(c.metricPoints.sent, "otelcol", of("scraped"), 40),
  ...points(c.metricPoints.lost, "otelcol", of("metrics"), 0),
  ...points(c.metricPoints.notQueued, "otelcol", of("scraped"), 0),
  ...queue("traces", 30_000_000, 1),
  ...queue("logs", 0, 0),
  ...queue("metrics", 0, 2),
  ...queue("scraped", 3_000_000, 1),
  ...points(up, "otelcol", {}, 1),
];

const request = (code: string, db: string, path: string, rate: number) =>
  points(d.httpRequests, "greptimedb", { code, db, method: "POST", path }, rate);

const database = (): Series[] => [
  ...points(d.ingestRows, "greptimedb", { db: "metrics" }, 240),
  ...points(d.ingestRows, "greptimedb", { db: "traces" }, 100),
  ...points(d.ingestRows, "greptimedb", { db: "logs" }, 50),
  ...request("200", "metrics", "/v1/otlp/v1/metrics", 2),
  ...request("200", "metrics", "/v1/prometheus/api/v1/query", 7.5),
  ...request("503", "traces", "/v1/otlp/v1/traces", 0.5),
  ...observed(d.writeElapsed.metrics, "greptimedb", { db: "metrics" }, { 0.05: 1 }),
  ...observed(d.writeElapsed.traces, "greptimedb", { db: "traces" }, { 0.25: 1 }),
  ...observed(d.writeElapsed.logs, "greptimedb", { db: "logs" }, { 0.1: 1 }),
  ...observed(d.promqlElapsed, "greptimedb", { db: "metrics", method: "instant_query" }, { 0.05: 6, 0.25: 2 }),
  ...observed(d.mysqlElapsed, "greptimedb", { db: "logs", subprotocol: "textquery" }, { 0.1: 1 }),
  ...observed(d.jaegerElapsed, "greptimedb", { db: "traces", path: "/api/traces" }, { 1: 1 }),
  ...points(d.stalledWrites, "greptimedb", { worker: "0" }, 0),
  ...points(d.rejectedWrites, "greptimedb", {}, 0),
  ...points(d.flushFailures, "greptimedb", {}, 0),
  ...points(d.compactionFailures, "greptimedb", {}, 0),
  ...points(d.flushBytes, "greptimedb", {}, 20_000),
  ...points(d.logBytes, "greptimedb", { logstore: "raft-engine", optype: "append_batch" }, 50_000),
  ...points(d.memoryLimit, "greptimedb", { app: "greptime-standalone" }, 2_000_000_000),
  ...points(d.writeBuffer, "greptimedb", {}, 64_000_000),
  ...points(d.cacheBytes, "greptimedb", { type: "sst_meta" }, 8_000_000),
  ...points(d.cacheBytes, "greptimedb", { type: "vector" }, 2_000_000),
  ...points(processMemory, "greptimedb", {}, 1_000_000_000),
  ...points(processCpu, "greptimedb", {}, 0.5),
  ...points(up, "greptimedb", {}, 1),
];

const asked = (plugin_id: string, status: string) => ({ plugin_id, endpoint: "queryData", status });

const grafana = (): Series[] => [
  ...points(g.evaluations, "grafana", { org: "1" }, 1),
  ...points(g.evaluationFailures, "grafana", { org: "1" }, 0),
  ...observed(g.evaluationDuration, "grafana", { org: "1" }, { 0.1: 9, 1: 1 }),
  ...points(g.schedulerBehind, "grafana", {}, 0.25),
  ...points(g.alerts, "grafana", { state: "normal" }, 40),
  ...points(g.alerts, "grafana", { state: "alerting" }, 1),
  ...points(g.notifications, "grafana", { integration: "webhook", org: "1" }, 0.2),
  ...points(g.notificationsFailed, "grafana", { integration: "webhook", org: "1" }, 0),
  ...observed(g.datasourceRequests, "grafana", asked("prometheus", "ok"), { 0.1: 8 }),
  ...observed(g.datasourceRequests, "grafana", asked("mysql", "ok"), { 0.5: 1 }),
  ...observed(g.datasourceRequests, "grafana", asked("mysql", "error"), { 0.025: 1 }),
  ...points(processMemory, "grafana", {}, 250_000_000),
  ...points(processCpu, "grafana", {}, 0.1),
  ...points(up, "grafana", {}, 1),
];

const signals = ["traces", "logs", "metrics"] as const;

const ledger = (): Series[] =>
  signals.flatMap((signal) => [
    ...points(l.sent, "delivery-ledger", { signal }, 0.0625),
    ...points(l.acknowledged, "delivery-ledger", { signal }, signal === "logs" ? 0.03125 : 0.0625),
    ...points(l.stored, "delivery-ledger", { signal }, 0.03125),
    ...points(l.duplicated, "delivery-ledger", { signal }, signal === "traces" ? 0.001 : 0),
    ...points(l.late, "delivery-ledger", { signal }, signal === "logs" ? 0.002 : 0),
    ...points(l.lost, "delivery-ledger", { signal }, 0),
    ...points(l.missing, "delivery-ledger", { signal }, 0),
  ]);

/** Others that run a collector, a program with the usual metrics, and a target: nobody's business here. */
const others = (): Series[] => [
  ...points(c.spans.accepted, "edge-collector", otlp, 1000),
  ...points(c.spans.refused, "edge-collector", otlp, 500),
  ...points(c.queueSize, "edge-collector", exporters.traces, capacity),
  ...points(c.queueCapacity, "edge-collector", exporters.traces, capacity),
  ...points(processMemory, "edge-collector", {}, 9_000_000_000),
];

const targets = (value: number) =>
  ["otelcol", "greptimedb", "grafana"].map((job) => ({ labels: { job, instance: `${job}-1` }, value }));

/**
 * Counters of failures grow by less than one within the rule's window, so that a rule with a threshold of 1 is told
 * from one with 0; they appear with the first failure.
 */
const firstFailure = (perSecond: number) => phases("silent", perSecond, 0);

export const stackProof: PackProof = {
  pack: "stack",
  healthy: () => [...collector(), ...database(), ...grafana(), ...ledger(), ...others()],
  panels: {
    "stack-health/1/down": one(0),
    "stack-health/2/full": one(0.3),
    "stack-health/3/uptime": one(3600),
    "stack-health/4/failed": one(0),
    // half a request of ten
    "stack-health/5/errors": one(0.05),
    "stack-health/6/used": one(0.5),
    "stack-health/20/Up": targets(1),
    "stack-health/21/{{job}} {{instance}}": targets(0),
    "stack-health/30/spans": one(100),
    "stack-health/30/log records": one(50),
    "stack-health/30/metric points": one(240),
    "stack-health/31/spans": one(100),
    "stack-health/31/log records": one(50),
    "stack-health/31/metric points": one(240),
    "stack-health/40/{{db}}": by("db", { metrics: 240, traces: 100, logs: 50 }),
    // of 8 queries a second 6 end between 0.025 s and 0.05 s, and 2 between 0.1 s and 0.25 s: 0.1 + 0.15 × 1.92/2
    "stack-health/41/p99": one(0.244),
    "stack-health/50/all": one(1),
    "stack-health/50/failed": one(0),
    "stack-health/51/{{state}}": by("state", { normal: 40, alerting: 1 }),
    "stack-delivery/1/full": one(0.3),
    // 0.5 of 100.5
    "stack-delivery/2/refused": one(0.004975),
    "stack-delivery/3/refused": one(0),
    "stack-delivery/4/refused": one(0),
    "stack-delivery/5/memory": one(120_000_000),
    "stack-delivery/6/uptime": one(3600),
    "stack-delivery/10/{{receiver}}": by("receiver", { otlp: 100 }),
    "stack-delivery/11/{{receiver}}": by("receiver", { otlp: 50 }),
    "stack-delivery/12/{{receiver}}": by("receiver", { otlp: 200, prometheus: 40 }),
    "stack-delivery/20/{{receiver}}": by("receiver", { otlp: 0.004975 }),
    "stack-delivery/21/{{receiver}}": by("receiver", { otlp: 0 }),
    "stack-delivery/22/{{receiver}}": by("receiver", { otlp: 0, prometheus: 0 }),
    "stack-delivery/30/{{exporter}}": byExporter({ traces: 0.3, logs: 0, metrics: 0, scraped: 0.03 }),
    "stack-delivery/31/{{exporter}}": byExporter({ traces: 30_000_000, logs: 0, metrics: 0, scraped: 3_000_000 }),
    "stack-delivery/32/{{exporter}}": byExporter({ traces: 1, logs: 0, metrics: 2, scraped: 1 }),
    "stack-delivery/40/{{exporter}}": byExporter({ traces: 100 }),
    "stack-delivery/41/{{exporter}}": byExporter({ logs: 50 }),
    "stack-delivery/42/{{exporter}}": byExporter({ metrics: 200, scraped: 40 }),
    "stack-delivery/50/{{exporter}} lost": byExporter({ traces: 0 }),
    // half a span a second for an hour
    "stack-delivery/50/{{exporter}} no room": byExporter({ traces: 1800 }),
    "stack-delivery/51/{{exporter}} lost": byExporter({ logs: 0 }),
    "stack-delivery/51/{{exporter}} no room": byExporter({ logs: 0 }),
    "stack-delivery/52/{{exporter}} lost": byExporter({ metrics: 0 }),
    "stack-delivery/52/{{exporter}} no room": byExporter({ scraped: 0 }),
    "stack-delivery/60/RAM": one(120_000_000),
    "stack-delivery/60/heap": one(40_000_000),
    "stack-delivery/61/CPU": one(0.25),
    "stack-delivery/70/{{signal}}": by("signal", { traces: 0, logs: 0, metrics: 0 }),
    // three signals, one in 16 s each
    "stack-delivery/71/sent": one(0.1875),
    "stack-delivery/71/acknowledged": one(0.15625),
    "stack-delivery/71/stored": one(0.09375),
    // an hour of it
    "stack-delivery/72/{{signal}} late": by("signal", { traces: 0, logs: 7.2, metrics: 0 }),
    "stack-delivery/72/{{signal}} twice": by("signal", { traces: 3.6, logs: 0, metrics: 0 }),
    "stack-delivery/72/{{signal}} lost": by("signal", { traces: 0, logs: 0, metrics: 0 }),
    "stack-database/1/rows": one(390),
    "stack-database/2/errors": one(0.05),
    "stack-database/3/p99": one(0.244),
    "stack-database/4/used": one(0.5),
    "stack-database/5/stalled": one(0),
    "stack-database/6/CPU": one(0.5),
    "stack-database/10/{{db}}": by("db", { metrics: 240, traces: 100, logs: 50 }),
    // 95 % of the way through the only bucket that is filled
    "stack-database/11/metrics": one(0.04875),
    "stack-database/11/traces": one(0.2425),
    "stack-database/11/logs": one(0.0975),
    "stack-database/12/stalled": one(0),
    "stack-database/13/rejected": one(0),
    "stack-database/20/{{code}}": by("code", { "200": 9.5, "503": 0.5 }),
    "stack-database/21/{{path}}": by("path", { "/v1/otlp/v1/traces": 0.5 }),
    // the 4th of the 6 between 0.025 s and 0.05 s
    "stack-database/30/p50": one(0.041667),
    "stack-database/30/p95": one(0.22),
    "stack-database/30/p99": one(0.244),
    "stack-database/31/buckets": buckets({
      "0.005": 0,
      "0.01": 0,
      "0.025": 0,
      "0.05": 6,
      "0.1": 6,
      "0.25": 8,
      "0.5": 8,
      "1": 8,
      "2.5": 8,
      "5": 8,
      "10": 8,
      inf: 8,
    }),
    "stack-database/32/PromQL": one(0.22),
    "stack-database/32/MySQL": one(0.0975),
    "stack-database/32/Jaeger": one(0.975),
    "stack-database/33/PromQL": one(8),
    "stack-database/33/MySQL": one(1),
    "stack-database/33/Jaeger": one(1),
    "stack-database/40/{{instance}} RAM": by("instance", { "greptimedb-1": 1_000_000_000 }),
    "stack-database/40/{{instance}} limit": by("instance", { "greptimedb-1": 2_000_000_000 }),
    "stack-database/41/write buffer": one(64_000_000),
    "stack-database/41/cache {{type}}": by("type", { sst_meta: 8_000_000, vector: 2_000_000 }),
    "stack-database/42/{{instance}}": by("instance", { "greptimedb-1": 0.5 }),
    "stack-database/51/log": one(50_000),
    "stack-database/51/files": one(20_000),
    "stack-database/52/flushes": one(0),
    "stack-database/52/compactions": one(0),
    "stack-grafana/1/evaluations": one(1),
    "stack-grafana/2/failed": one(0),
    "stack-grafana/3/delay": one(0.25),
    "stack-grafana/4/failed": one(0),
    // of 10 requests a second the last lies between 0.25 s and 0.5 s
    "stack-grafana/5/p95": one(0.375),
    "stack-grafana/6/memory": one(250_000_000),
    "stack-grafana/10/all": one(1),
    "stack-grafana/10/failed": one(0),
    // 9 of 10 between 0.01 s and 0.1 s, one between 0.5 s and 1 s
    "stack-grafana/11/p50": one(0.06),
    "stack-grafana/11/p95": one(0.75),
    "stack-grafana/11/p99": one(0.95),
    "stack-grafana/12/{{state}}": by("state", { normal: 40, alerting: 1 }),
    "stack-grafana/13/{{integration}}": by("integration", { webhook: 0.2 }),
    "stack-grafana/14/{{integration}}": by("integration", { webhook: 0 }),
    "stack-grafana/20/{{plugin_id}}": by("plugin_id", { prometheus: 8, mysql: 2 }),
    "stack-grafana/21/{{plugin_id}} {{status}}": [{ labels: { plugin_id: "mysql", status: "error" }, value: 1 }],
    // the slower one of MySQL's two a second, 90 % of the way
    "stack-grafana/22/{{plugin_id}}": by("plugin_id", { prometheus: 0.0975, mysql: 0.475 }),
    "stack-grafana/23/buckets": buckets({
      "0.005": 0,
      "0.01": 0,
      "0.025": 1,
      "0.05": 1,
      "0.1": 9,
      "0.25": 9,
      "0.5": 10,
      "1": 10,
      "2.5": 10,
      "5": 10,
      "10": 10,
      "25": 10,
      "60": 10,
      "120": 10,
      "300": 10,
      "600": 10,
      inf: 10,
    }),
    "stack-grafana/30/RAM": one(250_000_000),
    "stack-grafana/31/CPU": one(0.1),
  },
  failures: {
    // ten minutes, after the five for which a query still finds the last value
    ServiceTelemetryAbsent: {
      series: points(agents.httpRequests, "shop", { ...chat, status: "200" }, phases(1, "silent", 1)),
      labels: { service_name: "shop" },
      detectedWithin: 17,
      silentWithin: 1,
    },
    // five minutes, after the five for which a query still finds the last value
    CollectorDown: {
      series: [
        ...points(c.uptime, "otelcol", {}, phases(1, "silent", 1)),
        ...points(c.uptime, "edge-collector", {}, 1),
      ],
      labels: { job: "otelcol" },
      detectedWithin: 10,
      silentWithin: 1,
    },
    // the window goes on for a quarter of an hour after the last loss
    CollectorDataLoss: {
      series: [
        ...points(c.spans.lost, "otelcol", of("traces"), firstFailure(0.001)),
        ...points(c.logRecords.lost, "otelcol", of("logs"), firstFailure(0.001)),
        ...points(c.metricPoints.lost, "otelcol", of("metrics"), firstFailure(0.001)),
      ],
      labels: {},
      detectedWithin: 1,
      silentWithin: 15,
    },
    // one in eleven; beyond 1 % of five minutes within the first, and until half a minute of it is left
    CollectorRefusing: {
      series: Object.values(c.signals).flatMap(({ accepted, refused }) => [
        ...points(accepted, "otelcol", otlp, 100),
        ...points(refused, "otelcol", otlp, phases(0, 10)),
        ...points(accepted, "otelcol", scraped, 100),
        ...points(refused, "otelcol", scraped, 0),
      ]),
      labels: { receiver: "otlp" },
      detectedWithin: 6,
      silentWithin: 5,
    },
    // a single one is enough
    DeliveryLedgerGap: {
      series: signals.flatMap((signal) =>
        points(l.missing, "delivery-ledger", { signal }, signal === "logs" ? phases(0, 1) : 0),
      ),
      labels: { signal: "logs" },
      silentFor: 9,
      detectedWithin: 10,
      silentWithin: 1,
    },
    // five minutes, after the five for which a query still finds the last value
    DeliveryLedgerSilent: {
      series: points(l.sent, "delivery-ledger", { signal: "logs" }, phases(0.0625, "silent", 0.0625)),
      labels: { job: "delivery-ledger" },
      silentFor: 9,
      detectedWithin: 10,
      silentWithin: 1,
    },
    CollectorQueueNearFull: {
      series: [...queue("traces", phases(10_000_000, 85_000_000), 4), ...queue("logs", 0, 0)],
      labels: { exporter: "otlp_http/traces" },
      detectedWithin: 5,
      silentWithin: 6,
    },
    ScrapeTargetDown: {
      series: [...points(up, "shop", {}, phases(1, 0)), ...points(up, "greptimedb", {}, 1)],
      labels: { job: "shop", instance: "shop-1" },
      detectedWithin: 5,
      silentWithin: 1,
    },
    // rejections stay in the window for five minutes, and the rule fires for five more
    GreptimeDbWriteTrouble: {
      series: [
        ...points(d.stalledWrites, "greptimedb", { worker: "0" }, phases(0, 1)),
        ...points(d.rejectedWrites, "greptimedb", {}, firstFailure(0.003)),
      ],
      labels: {},
      detectedWithin: 6,
      silentWithin: 11,
    },
    GreptimeDbMaintenanceFailing: {
      series: [
        ...points(d.flushFailures, "greptimedb", {}, firstFailure(0.001)),
        ...points(d.compactionFailures, "greptimedb", {}, firstFailure(0.001)),
      ],
      labels: {},
      detectedWithin: 16,
      silentWithin: 15,
    },
    // a quarter of a minute is more than 1 % of the window, until 99 % of the window are past the end
    GreptimeDbQuerySlow: {
      series: observed(
        d.promqlElapsed,
        "greptimedb",
        { db: "metrics", method: "range_query" },
        { 0.05: phases(1, 0), 10: phases(0, 1) },
      ),
      labels: {},
      detectedWithin: 16,
      silentWithin: 21,
    },
    GreptimeDbMemoryHigh: {
      series: [
        ...points(processMemory, "greptimedb", {}, phases(1_000_000_000, 1_760_000_000)),
        ...points(processMemory, "grafana", {}, 250_000_000),
        ...points(d.memoryLimit, "greptimedb", { app: "greptime-standalone" }, 2_000_000_000),
      ],
      labels: { instance: "greptimedb-1" },
      detectedWithin: 10,
      silentWithin: 6,
    },
    GrafanaRuleEvaluationFailing: {
      series: [
        ...points(g.evaluations, "grafana", { org: "1" }, 1),
        ...points(g.evaluationFailures, "grafana", { org: "1" }, phases(0, 0.003)),
      ],
      labels: {},
      detectedWithin: 11,
      silentWithin: 5,
    },
    GrafanaNotificationsFailing: {
      series: points(g.notificationsFailed, "grafana", { integration: "webhook", org: "1" }, firstFailure(0.001)),
      labels: { integration: "webhook" },
      detectedWithin: 1,
      silentWithin: 15,
    },
  },
  // a worker that does not answer is a target that does not answer
  companions: { WorkerDown: ["ScrapeTargetDown"], ScrapeTargetDown: ["WorkerDown"] },
  notInPrometheus: ["MetricsDatasourceDown", "Watchdog"],
};
