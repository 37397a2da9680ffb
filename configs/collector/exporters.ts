import { databaseHeader, httpUrl, paths, storeFrom, traceHeaders } from "../greptimedb/store.ts";
import type { Settings } from "../settings/settings.ts";
import type { Component } from "./model.ts";
import { ports } from "./ports.ts";

/** Environment variable that holds the value of the `Authorization` header. */
export const authorizationVariable = "GREPTIMEDB_AUTHORIZATION";

/** Where the queues are kept. */
export const queueDirectory = "/var/lib/otelcol";

type Destination = "traces" | "metrics" | "scraped" | "logs";

/**
 * Largest number of items in one request, by kind. GreptimeDB refuses bodies over 64 MB, and a refused request is
 * lost: spans may hold 500 KB of prompts each, records half of that. Points are three orders of magnitude smaller.
 * While GreptimeDB is away, five requests of each kind are in memory.
 */
export const itemsPerRequest = { traces: 128, logs: 256, metrics: 4096, scraped: 4096 } as const;

/**
 * OTLP to GreptimeDB, one exporter per kind of data: each has its own headers and its own queue, so that one that
 * is refused does not hold up the others.
 *
 * What was acknowledged to a client is on disk: batches are formed behind the queue, retries never give up, and
 * there is no batch processor, which would acknowledge first and store later.
 */
export function greptimeExporter(settings: Settings, destination: Destination): Component {
  return {
    id: `otlp_http/${destination}`,
    config: {
      endpoint: `${httpUrl(storeFrom(settings).ingest)}${paths.otlp}`,
      headers: { Authorization: `\${env:${authorizationVariable}}`, ...headersFor(settings, destination) },
      ...delivery(settings.collector.queue.diskPerSignal, itemsPerRequest[destination]),
    },
    extensions: [queueStorage(settings.collector.queue.diskPerSignal)],
  };
}

/**
 * How requests leave by OTLP over HTTP: from a queue on disk, tried again for ever.
 * @param mebibytes what the queue may take on disk
 * @param items of one request
 */
export const delivery = (mebibytes: number, items: number): Record<string, unknown> => ({
  compression: "gzip",
  compression_params: { level: 1 },
  timeout: "30s",
  retry_on_failure: { enabled: true, initial_interval: "1s", max_interval: "30s", max_elapsed_time: "0s" },
  sending_queue: {
    enabled: true,
    storage: "file_storage/queue",
    sizer: "bytes",
    queue_size: queueBytes(mebibytes),
    num_consumers: 4,
    block_on_overflow: false,
    batch: { sizer: "items", min_size: items, max_size: items, flush_timeout: "1s" },
  },
});

/**
 * How much a queue takes before it answers clients with "retry later". A third of its disk: the storage must not be
 * full before the queue is, or the queue loses what it reads and cannot mark as read. Seen with 0.159: tiny requests
 * take 1.8 times their size, and the file ends a quarter below its largest size.
 */
const queueBytes = (mebibytes: number): number => Math.floor((mebibytes * 1024 * 1024) / 3);

/** The headers that tell GreptimeDB what to make of a request, without the authorization. */
export function headersFor(settings: Settings, destination: Destination): Record<string, string> {
  const { databases } = storeFrom(settings);
  switch (destination) {
    case "traces":
      return { [databaseHeader]: databases.traces, ...traceHeaders, ...partitionHint(settings) };
    case "logs":
      return {
        [databaseHeader]: databases.logs,
        "x-greptime-log-extract-keys": ["service.name", ...settings.collector.logColumns].join(","),
      };
    case "metrics":
      return { [databaseHeader]: databases.metrics };
    case "scraped":
      // names stay as the endpoint exposes them; otherwise counters without _total would gain it
      return {
        [databaseHeader]: databases.metrics,
        "x-greptime-otlp-metric-translation-strategy": "UnderscoreEscapingWithoutSuffixes",
      };
  }
}

/** One table instead of sixteen partitions, which only pay on several data nodes. */
const partitionHint = ({ greptimedb }: Settings): Record<string, string> =>
  greptimedb.topology === "standalone" ? { "x-greptime-hints": "trace_table_partitions=1" } : {};

/** The queues on disk: one file an exporter, kept when the collector is killed. */
export const queueStorage = (mebibytes: number): Component => ({
  id: "file_storage/queue",
  config: {
    directory: `${queueDirectory}/queue`,
    create_directory: true,
    timeout: "10s",
    // survives the death of the process, not of the machine; with fsync every request would wait for the disk
    fsync: false,
    // a file that a crash of the machine has corrupted is set aside, and the collector starts
    recreate: true,
    max_size: mebibytes * 1024 * 1024,
    compaction: {
      // not on start: at 0.159 compacting a corrupt file crashes the collector
      on_start: false,
      on_rebound: true,
      directory: `${queueDirectory}/queue`,
      rebound_needed_threshold_mib: Math.floor(mebibytes / 4),
      rebound_trigger_threshold_mib: Math.floor(mebibytes / 16),
      cleanup_on_start: true,
    },
  },
});

/** Prints what arrives, when asked for. */
export const debugExporter = ({ collector }: Settings): Component[] =>
  collector.debug === "off"
    ? []
    : [{ id: "debug", config: { verbosity: collector.debug, sampling_initial: 5, sampling_thereafter: 200 } }];

/** All metrics on an endpoint of the collector, when asked for. */
export const prometheusExporter = ({ collector }: Settings): Component[] =>
  collector.ports.prometheus === 0
    ? []
    : [
        {
          id: "prometheus",
          config: {
            endpoint: `0.0.0.0:${String(ports.prometheus)}`,
            metric_expiration: "5m",
            resource_to_telemetry_conversion: { enabled: true },
          },
        },
      ];
