import { port as grafanaPort, serviceName as grafanaHost } from "../grafana/server.ts";
import { metricsTargets } from "../greptimedb/scraping.ts";
import type { Settings } from "../settings/settings.ts";
import { authenticators, protection } from "./access.ts";
import { literal, type Component } from "./model.ts";
import { keptSeries, ownJobsOf, type OwnJob } from "./own-jobs.ts";
import { ports } from "./ports.ts";
import { discoveredJobs } from "./scraping.ts";

/** Prompts make spans large: the defaults (4 MiB over gRPC, 20 MiB over HTTP) would refuse whole batches of them. */
const largestMessageMiB = 64;

/** OTLP over gRPC and HTTP, from applications and, where origins are listed, from browsers. */
export function otlpReceiver(settings: Settings): Component {
  const { origins } = settings.collector.cors;
  const protectedBy = protection(settings);
  return {
    id: "otlp",
    config: {
      protocols: {
        grpc: {
          endpoint: `0.0.0.0:${String(ports.otlpGrpc)}`,
          max_recv_msg_size_mib: largestMessageMiB,
          ...protectedBy,
          ...spreading(settings),
        },
        http: {
          endpoint: `0.0.0.0:${String(ports.otlpHttp)}`,
          max_request_body_size: largestMessageMiB * 1024 * 1024,
          read_header_timeout: "10s",
          ...protectedBy,
          ...(origins.length === 0
            ? {}
            : { cors: { allowed_origins: [...origins], allowed_headers: ["*"], max_age: 7200 } }),
        },
      },
    },
    extensions: authenticators(settings),
  };
}

/** A gRPC client keeps its connection, and so its gateway, for as long as it may. */
const spreading = ({ collector }: Settings): Record<string, unknown> =>
  collector.replicas === 1
    ? {}
    : { keepalive: { server_parameters: { max_connection_age: "2m", max_connection_age_grace: "30s" } } };

/**
 * The metrics of the stack's own parts, the Prometheus endpoints of the settings, and what is discovered; or the
 * collector's own metrics alone.
 */
export function prometheusReceiver(settings: Settings, of: "itself" | "everything"): Component {
  const targets = ownTargets(settings);
  const own = ownJobsOf(settings).map((job) => ownScrapeConfig(job, targets[job]));
  const scrape_configs =
    of === "itself"
      ? own.slice(0, 1)
      : [...own, ...settings.collector.scrape.map(scrapeConfig), ...discoveredJobs(settings)];
  return { id: "prometheus", config: { config: { scrape_configs } } };
}

const ownTargets = (settings: Settings): Readonly<Record<OwnJob, readonly string[]>> => ({
  otelcol: [`127.0.0.1:${String(ports.telemetry)}`],
  greptimedb: metricsTargets(settings),
  grafana: [`${grafanaHost}:${String(grafanaPort)}`],
});

/** Neither GreptimeDB's endpoints nor Grafana's ask for a password. */
function ownScrapeConfig(job: OwnJob, targets: readonly string[]) {
  const target = { job, targets, path: "/metrics" };
  if (job === "otelcol") return scrapeConfig({ ...target, interval: 15 });
  const kept = { source_labels: ["__name__"], regex: keptSeries[job].join("|"), action: "keep" };
  return { ...scrapeConfig({ ...target, interval: 30 }), metric_relabel_configs: [kept] };
}

function scrapeConfig({ job, targets, path, interval }: Settings["collector"]["scrape"][number]) {
  return {
    job_name: literal(job),
    scrape_interval: `${String(interval)}s`,
    scrape_timeout: `${String(Math.min(interval, 10))}s`,
    metrics_path: literal(path),
    // a target that does not say what it sends is read as the classic text format
    fallback_scrape_protocol: "PrometheusText0.0.4",
    static_configs: [{ targets: targets.map(literal) }],
  };
}
