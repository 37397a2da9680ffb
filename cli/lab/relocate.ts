import { isSeq, parseDocument, type Document, type YAMLMap } from "yaml";

import { queueDirectory } from "../../configs/collector/exporters.ts";
import { ownJobs } from "../../configs/collector/own-jobs.ts";
import { ports } from "../../configs/collector/ports.ts";

/** Where a collector under test finds what it would find elsewhere in a container. */
export interface Places {
  /** In place of the directory of the queues. */
  readonly directory: string;
  /** Ports on loopback, in place of those on all addresses. */
  readonly ports: Readonly<Record<"otlpGrpc" | "otlpHttp" | "telemetry" | "health", number>>;
  /** Scheme, host and port in place of GreptimeDB's. */
  readonly store: string;
  /**
   * Addresses in place of those of the scrape jobs, by the latter. Jobs of the stack's own that have none are left
   * out: there is no Grafana here.
   */
  readonly targets: Readonly<Record<string, string>>;
}

type Path = readonly (string | number)[];

const jobs = ["receivers", "prometheus", "config", "scrape_configs"];

/**
 * A rendered configuration with other addresses and directories, so that several collectors can run on one machine.
 * Nothing else is touched, comments and quotes included: only values that hold what is expected are replaced.
 * @param change what a test wants to be different as well
 */
export function relocated(yaml: string, places: Places, change?: (config: Document) => void): string {
  const { document, replace, text } = opened(yaml);
  const receiver = ["receivers", "otlp", "protocols"];
  for (const [protocol, port] of [
    ["grpc", "otlpGrpc"],
    ["http", "otlpHttp"],
  ] as const) {
    const endpoint = [...receiver, protocol, "endpoint"];
    replace(endpoint, `0.0.0.0:${String(ports[port])}`, `127.0.0.1:${String(places.ports[port])}`);
    const tls = [...receiver, protocol, "tls"];
    if (!document.hasIn(tls)) continue;
    replace([...tls, "cert_file"], "/etc/otelcol-tls/tls.crt", `${places.directory}/tls.crt`);
    replace([...tls, "key_file"], "/etc/otelcol-tls/tls.key", `${places.directory}/tls.key`);
  }
  relocateCommon(replace, places);
  if (document.hasIn(["extensions", "file_storage/second"])) relocateQueue(replace, places, "second");
  relocateExporters(document, replace, places);
  relocateTargets(document, replace, places);
  withoutMissingParts(document, places);
  change?.(document);
  return text();
}

/** Reads a configuration so that it can be changed in places, and in no others. */
export function opened(yaml: string): { document: Document; replace: Replace; text: () => string } {
  const document: Document = parseDocument(yaml);
  const text = () => document.toString({ lineWidth: 0 });
  if (text() !== yaml) throw new Error("the configuration cannot be read and written without changing it");
  const replace = (path: Path, expected: unknown, value: unknown) => {
    const found = document.getIn(path);
    if (found !== expected) throw new Error(`${path.join(".")} is ${String(found)}, not ${String(expected)}`);
    document.setIn(path, value);
  };
  return { document, replace, text };
}

/** What all collectors have: health, own metrics, a queue. */
export function relocateCommon(
  replace: Replace,
  places: { readonly directory: string; readonly ports: Readonly<Record<"telemetry" | "health", number>> },
): void {
  const health = ["extensions", "health_check", "endpoint"];
  replace(health, `0.0.0.0:${String(ports.health)}`, `127.0.0.1:${String(places.ports.health)}`);
  const telemetry = ["service", "telemetry", "metrics", "readers", 0, "pull", "exporter", "prometheus"];
  replace([...telemetry, "host"], "0.0.0.0", "127.0.0.1");
  replace([...telemetry, "port"], ports.telemetry, places.ports.telemetry);
  relocateQueue(replace, places, "queue");
}

function relocateQueue(
  replace: Replace,
  { directory }: { readonly directory: string },
  name: "queue" | "second",
): void {
  const storage = ["extensions", `file_storage/${name}`];
  for (const path of [
    [...storage, "directory"],
    [...storage, "compaction", "directory"],
  ]) {
    replace(path, `${queueDirectory}/${name}`, `${directory}/${name}`);
  }
}

export type Replace = (path: Path, expected: unknown, value: unknown) => void;

/** The path of each endpoint stays: it is part of what is tested. */
function relocateExporters(document: Document, replace: Replace, { store }: Places): void {
  const { exporters } = document.toJS() as { exporters: Record<string, { endpoint?: string }> };
  for (const [id, { endpoint }] of Object.entries(exporters)) {
    // a second destination is where the settings say, on this machine or not
    if (!id.startsWith("otlp_http/") || id.startsWith("otlp_http/second") || endpoint === undefined) continue;
    replace(["exporters", id, "endpoint"], endpoint, `${store}${new URL(endpoint).pathname}`);
  }
}

function relocateTargets(document: Document, replace: Replace, places: Places): void {
  const own = { [`127.0.0.1:${String(ports.telemetry)}`]: `127.0.0.1:${String(places.ports.telemetry)}` };
  const addresses: Readonly<Record<string, string>> = { ...own, ...places.targets };
  const { receivers } = document.toJS() as {
    receivers: { prometheus: { config: { scrape_configs: { static_configs: { targets: string[] }[] }[] } } };
  };
  receivers.prometheus.config.scrape_configs.forEach((job, jobIndex) => {
    job.static_configs[0]?.targets.forEach((target, index) => {
      const path = [...jobs, jobIndex, "static_configs", 0, "targets", index];
      replace(path, target, addresses[target] ?? target);
    });
  });
}

/** Parts of the stack that a test does not stand in for would only be targets that fail. */
function withoutMissingParts(document: Document, { targets }: Places): void {
  const all = document.getIn(jobs);
  if (!isSeq<YAMLMap>(all)) throw new Error("there are no scrape jobs");
  const parts: unknown[] = [ownJobs.database, ownJobs.grafana];
  const addresses = Object.values(targets);
  const isThere = (job: YAMLMap) => addresses.includes(String(job.getIn(["static_configs", 0, "targets", 0])));
  all.items = all.items.filter((job) => !parts.includes(job.get("job_name")) || isThere(job));
}
