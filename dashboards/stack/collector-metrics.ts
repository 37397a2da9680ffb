import { counter, gauge, type Label } from "../metric.ts";

/**
 * What the collector says of itself: names, kinds and labels as version 0.159.0 exposes them with this stack's
 * telemetry settings (configs/collector/config.ts). Counters of failures appear with the first failure. Left out are
 * the labels of exporters that are the same for all: server_address, server_port, url_path.
 */

const emittedBy = "the collector";
const exporter: Label = {
  help: "One for each kind of data.",
  values: ["otlp_http/traces", "otlp_http/logs", "otlp_http/metrics", "otlp_http/scraped"],
};
const dataType: Label = { help: "Signal that the exporter sends.", values: ["traces", "logs", "metrics"] };
const received = {
  receiver: { help: "Where it came in.", values: ["otlp", "prometheus"] },
  transport: { help: "Protocol.", values: ["grpc", "http"] },
} as const satisfies Record<string, Label>;

/** What the collector counts of one signal, from its receivers to its exporters. */
const signal = (things: string, words: string) => ({
  words,
  accepted: counter({
    name: `otelcol_receiver_accepted_${things}`,
    route: "scrape",
    help: `${words} that the collector took.`,
    emittedBy,
    labels: received,
  }),
  refused: counter({
    name: `otelcol_receiver_refused_${things}`,
    sometimes: true,
    route: "scrape",
    help: `${words} that the collector did not take: no room in the queue, or no memory. Whoever sent them may try again.`,
    emittedBy,
    labels: received,
  }),
  sent: counter({
    name: `otelcol_exporter_sent_${things}`,
    route: "scrape",
    help: `${words} that GreptimeDB took.`,
    emittedBy,
    labels: { exporter },
  }),
  lost: counter({
    name: `otelcol_exporter_send_failed_${things}`,
    sometimes: true,
    route: "scrape",
    help: `${words} that GreptimeDB refused for good; the collector has thrown them away. Failures that are tried again do not count.`,
    emittedBy,
    labels: { exporter },
  }),
  notQueued: counter({
    name: `otelcol_exporter_enqueue_failed_${things}`,
    sometimes: true,
    route: "scrape",
    help: `${words} for which the queue had no room.`,
    emittedBy,
    labels: { exporter },
  }),
});

export type Signal = ReturnType<typeof signal>;

export const spans = signal("spans", "spans");
export const logRecords = signal("log_records", "log records");
export const metricPoints = signal("metric_points", "metric points");
export const signals = { spans, logRecords, metricPoints } as const;

export const queueSize = gauge({
  name: "otelcol_exporter_queue_size",
  unit: "By",
  route: "scrape",
  // configs/collector/exporters.ts chooses the sizer
  help: "What waits in an exporter's queue, in bytes.",
  emittedBy,
  labels: { exporter, data_type: dataType },
});

export const queueCapacity = gauge({
  name: "otelcol_exporter_queue_capacity",
  unit: "By",
  route: "scrape",
  help: "What an exporter's queue takes at most, in bytes.",
  emittedBy,
  labels: { exporter, data_type: dataType },
});

export const inFlight = gauge({
  name: "otelcol_exporter_in_flight_requests",
  route: "scrape",
  help: "Requests to GreptimeDB that wait for an answer, or to be tried again.",
  emittedBy,
  labels: { exporter, data_type: dataType },
});

export const uptime = counter({
  name: "otelcol_process_uptime",
  unit: "s",
  route: "scrape",
  help: "Seconds since the collector started.",
  emittedBy,
  labels: {},
});

export const cpu = counter({
  name: "otelcol_process_cpu_seconds",
  unit: "s",
  route: "scrape",
  help: "CPU time that the collector has used.",
  emittedBy,
  labels: {},
});

export const memory = gauge({
  name: "otelcol_process_memory_rss",
  unit: "By",
  route: "scrape",
  help: "Memory that the collector has in RAM.",
  emittedBy,
  labels: {},
});

export const heap = gauge({
  name: "otelcol_process_runtime_heap_alloc_bytes",
  unit: "By",
  route: "scrape",
  help: "Memory on the collector's heap, which the memory limiter measures.",
  emittedBy,
  labels: {},
});

export const collectorMetrics = [
  ...Object.values(signals).flatMap(({ accepted, refused, sent, lost, notQueued }) => [
    accepted,
    refused,
    sent,
    lost,
    notQueued,
  ]),
  queueSize,
  queueCapacity,
  inFlight,
  uptime,
  cpu,
  memory,
  heap,
] as const;
