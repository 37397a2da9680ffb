import { databaseHeader, paths, storeFrom, traceHeaders, type Store } from "./greptimedb/store.ts";
import type { Settings } from "./settings/settings.ts";
import { encodedBasicAuth, encodedSecret, joined, secret, text, type Text } from "./text.ts";

/** What applications need in order to send telemetry, as lines for a `.env` file. */

/** Where the stack is reached from outside its network; undefined where a port is not published. */
export interface PublicUrls {
  readonly otlpHttp?: string | undefined;
  readonly otlpGrpc?: string | undefined;
  /** OTLP over HTTP for programs that are near the stack: in its network, in its cluster. */
  readonly nearby: string;
  /** GreptimeDB's HTTP API. */
  readonly greptimedb?: string | undefined;
}

/** How often applications should export metrics: as often as the graphs expect, but at least four times a minute. */
const exportInterval = ({ collector }: Settings): number => Math.min(15, collector.exportInterval);

/**
 * Telemetry through the collector, which queues and retries, and the coordinates of GreptimeDB for what asks it
 * directly. Metrics are cumulative with explicit buckets: GreptimeDB stores deltas as they are and drops
 * exponential histograms.
 */
export function envFile(settings: Settings, urls: PublicUrls): Text {
  return lines([
    ...otlpLines(settings, urls),
    ...headerLines(settings),
    `OTEL_METRIC_EXPORT_INTERVAL=${String(exportInterval(settings) * 1000)}`,
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=explicit_bucket_histogram",
    ...greptimeLines(settings, urls.greptimedb),
  ]);
}

function otlpLines({ platform }: Settings, { otlpHttp, otlpGrpc, nearby }: PublicUrls): Text[] {
  const endpoint = otlpHttp ?? otlpGrpc;
  const of = (url: string, protocol: string) => [
    `OTEL_EXPORTER_OTLP_ENDPOINT=${url}`,
    `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`,
  ];
  if (endpoint !== undefined) return of(endpoint, otlpHttp === undefined ? "grpc" : "http/protobuf");
  // applications of a cluster run in the cluster; those of a laptop mostly do not run in containers
  if (platform === "kubernetes") return of(nearby, "http/protobuf");
  return [`# OTLP is not published on this machine; containers in the network use ${nearby}`];
}

/** What the collector wants to see, as the SDKs expect it: percent-encoded. */
const headerLines = ({ collector: { auth } }: Settings): Text[] =>
  auth === "bearer" ? [text`OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${encodedSecret("collectorToken")}`] : [];

/** Telemetry straight into GreptimeDB, for applications that cannot use the collector: nothing queues it. */
export function directEnvFile(settings: Settings, urls: PublicUrls): Text {
  if (urls.greptimedb === undefined) {
    return lines(["# GreptimeDB is not published on this machine; set greptimedb.ports.http"]);
  }
  const store = storeFrom(settings);
  const base = `${urls.greptimedb}${paths.otlp}/v1`;
  return lines([
    ...(["traces", "metrics", "logs"] as const).flatMap((signal) => [
      `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT=${base}/${signal}`,
      text`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS=${signalHeaders(store, signal)}`,
    ]),
    "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    `OTEL_METRIC_EXPORT_INTERVAL=${String(exportInterval(settings) * 1000)}`,
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=explicit_bucket_histogram",
  ]);
}

function signalHeaders({ users: { writer }, databases }: Store, signal: "traces" | "metrics" | "logs"): Text {
  const pipeline =
    signal === "traces"
      ? Object.entries(traceHeaders)
          .map(([name, value]) => `,${name}=${value}`)
          .join("")
      : "";
  return text`Authorization=${encodedBasicAuth(writer.name, writer.password)},${databaseHeader}=${databases[signal]}${pipeline}`;
}

const notPublished = ({ platform }: Settings): string =>
  platform === "kubernetes"
    ? "# GreptimeDB is not open to applications; set greptimedb.ports.http"
    : "# GreptimeDB is not published on this machine; containers in the network use http://greptimedb:4000";

function greptimeLines(settings: Settings, url: string | undefined): Text[] {
  const { databases, users } = storeFrom(settings);
  const names = [
    `GREPTIME_DB=${databases.metrics}`,
    `GREPTIME_DB_TRACES=${databases.traces}`,
    `GREPTIME_DB_LOGS=${databases.logs}`,
  ];
  if (url === undefined) return [notPublished(settings), ...names];
  const { hostname, port, protocol } = new URL(url);
  return [
    `GREPTIME_URL=${url}`,
    `GREPTIME_HOST=${hostname}`,
    `GREPTIME_PORT=${port === "" ? (protocol === "https:" ? "443" : "80") : port}`,
    ...names,
    `GREPTIME_USERNAME=${users.writer.name}`,
    text`GREPTIME_PASSWORD=${secret(users.writer.password)}`,
  ];
}

const lines = (all: readonly Text[]): Text => text`${joined(all, "\n")}\n`;
