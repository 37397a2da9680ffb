import { collectorConfig } from "../../../configs/collector/config.ts";
import type { Signal } from "../../../configs/collector/signal.ts";
import { configurationFrom } from "../../../configs/settings/settings.ts";
import { yamlForGo } from "../../../configs/yaml.ts";
import { known } from "../../../dashboards/content.ts";
import { relocated, type Places } from "../relocate.ts";

/** The configurations that are compared. */

export interface Variant {
  readonly name: string;
  /** What it is, in words. */
  readonly what: string;
  /** Least throughput, as a share of that of `bare`. A point is so small that its way over the disk weighs more. */
  readonly goals?: Readonly<Record<Signal, number>>;
  /** The YAML text of the collector. */
  readonly config: (places: Places) => string;
}

/** This stack's configuration with these settings. */
const ours = (collector: object) => (places: Places) =>
  relocated(
    collectorConfig(
      configurationFrom(
        {
          values: { collector: { memory: "1GiB", queue: { diskPerSignal: "4GiB" }, ...collector } },
          encrypted: new Set(),
        },
        { ...known, instance: "bench" },
      ).settings,
    ),
    places,
  );

/** What each configuration has, so that it can be watched alike. */
const frame = ({ ports }: Places) => ({
  extensions: { health_check: { endpoint: `127.0.0.1:${String(ports.health)}` } },
  receivers: {
    otlp: {
      protocols: {
        grpc: { endpoint: `127.0.0.1:${String(ports.otlpGrpc)}` },
        http: { endpoint: `127.0.0.1:${String(ports.otlpHttp)}` },
      },
    },
  },
});

const service = ({ ports }: Places, processors: readonly string[]) => ({
  extensions: ["health_check"],
  telemetry: {
    metrics: { readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: ports.telemetry } } } }] },
  },
  pipelines: Object.fromEntries(
    ["traces", "logs", "metrics"].map((signal) => [
      signal,
      { receivers: ["otlp"], processors: [...processors], exporters: ["otlp_http"] },
    ]),
  ),
});

const bare = (places: Places): string =>
  yamlForGo({
    ...frame(places),
    exporters: { otlp_http: { endpoint: `${places.store}/v1/otlp` } },
    service: service(places, []),
  });

const usual = (places: Places): string =>
  yamlForGo({
    ...frame(places),
    processors: {
      memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 25 },
      batch: { send_batch_size: 8192, timeout: "200ms" },
    },
    exporters: {
      otlp_http: {
        endpoint: `${places.store}/v1/otlp`,
        sending_queue: { enabled: true, queue_size: 1000 },
        retry_on_failure: { enabled: true },
      },
    },
    service: service(places, ["memory_limiter", "batch"]),
  });

export const variants: readonly Variant[] = [
  { name: "bare", what: "otlp → otlp_http, nothing else: queue in memory, no processors", config: bare },
  { name: "usual", what: "memory_limiter, batch, queue in memory: as many write it by hand", config: usual },
  {
    name: "stack-unmasked",
    what: "this stack's, with collector.redaction.kinds empty: queue on disk",
    goals: { traces: 0.9, logs: 0.9, metrics: 0.6 },
    config: ours({ redaction: { kinds: [] } }),
  },
  {
    name: "stack",
    what: "this stack's, as it is by default: queue on disk, credentials masked",
    goals: { traces: 0.6, logs: 0.7, metrics: 0.3 },
    config: ours({}),
  },
];
