import { port as grafanaPort, serviceName as grafanaHost } from "../grafana/server.ts";
import { ports as databasePorts, serviceName as databaseHost } from "../greptimedb/store.ts";
import type { Settings } from "../settings/settings.ts";
import { literal, type Component } from "./model.ts";
import { keptSeries, ownJobsOf, type OwnJob } from "./own-jobs.ts";
import { ports } from "./ports.ts";

/** Prompts make spans large: the defaults (4 MiB over gRPC, 20 MiB over HTTP) would refuse whole batches of them. */
const largestMessageMiB = 64;

/** OTLP over gRPC and HTTP, from applications and, where origins are listed, from browsers. */
export function otlpReceiver({ collector }: Settings): Component {
  const { origins } = collector.cors;
  return {
    id: "otlp",
    config: {
      protocols: {
        grpc: { endpoint: `0.0.0.0:${String(ports.otlpGrpc)}`, max_recv_msg_size_mib: largestMessageMiB },
        http: {
          endpoint: `0.0.0.0:${String(ports.otlpHttp)}`,
          max_request_body_size: largestMessageMiB * 1024 * 1024,
          read_header_timeout: "10s",
          ...(origins.length === 0
            ? {}
            : { cors: { allowed_origins: [...origins], allowed_headers: ["*"], max_age: 7200 } }),
        },
      },
    },
  };
}

/** The metrics of the stack's own parts, and the Prometheus endpoints of the settings. */
export function prometheusReceiver(settings: Settings): Component {
  const own = ownJobsOf(settings).map(ownScrapeConfig);
  const scrape_configs = [...own, ...settings.collector.scrape.map(scrapeConfig)];
  return { id: "prometheus", config: { config: { scrape_configs } } };
}

const ownTargets: Readonly<Record<OwnJob, string>> = {
  otelcol: `127.0.0.1:${String(ports.telemetry)}`,
  greptimedb: `${databaseHost}:${String(databasePorts.http)}`,
  grafana: `${grafanaHost}:${String(grafanaPort)}`,
};

/** Neither GreptimeDB's endpoint nor Grafana's asks for a password. */
function ownScrapeConfig(job: OwnJob) {
  const target = { job, targets: [ownTargets[job]], path: "/metrics" };
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
