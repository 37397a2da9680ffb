import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { collectorConfig, collectorFrom } from "../../configs/collector/config.ts";
import { headersFor } from "../../configs/collector/exporters.ts";
import { literal, renderCollector, type Component } from "../../configs/collector/model.ts";
import { collectorService } from "../../configs/collector/service.ts";
import { printable } from "../../configs/text.ts";
import type { Metric } from "../../dashboards/metric.ts";
import { databaseMetrics } from "../../dashboards/stack/database-metrics.ts";
import { grafanaMetrics } from "../../dashboards/stack/grafana-metrics.ts";
import { seriesNames } from "../../dashboards/stored-name.ts";
import { externalValues, settingsOf } from "../support/settings.ts";

interface Config {
  receivers: Record<
    string,
    {
      protocols?: Record<"grpc" | "http", Record<string, unknown>>;
      config?: { scrape_configs: Record<string, unknown>[] };
    }
  >;
  processors: Record<string, Record<string, unknown>>;
  exporters: Record<string, ExporterConfig>;
  extensions: Record<string, { max_size?: number; endpoint?: string }>;
  service: {
    extensions: string[];
    pipelines: Record<string, { receivers: string[]; processors: string[]; exporters: string[] }>;
  };
}

interface ExporterConfig {
  endpoint: string;
  headers: Record<string, string>;
  retry_on_failure: Record<string, unknown>;
  sending_queue: {
    storage: string;
    sizer: string;
    queue_size: number;
    block_on_overflow: boolean;
    batch: Record<string, number>;
  };
}

const config = (values: Record<string, unknown> = {}) => parse(collectorConfig(settingsOf(values))) as Config;

const everything = {
  collector: {
    debug: "detailed",
    ports: { prometheus: 8889 },
    cors: { origins: ["http://localhost:*", "https://*.example.com"] },
    resourceDetectors: ["env", "system"],
    scrape: [{ job: "pythia-workers", targets: ["host.docker.internal:8000"], interval: "5s" }],
  },
  resourceAttributes: { "deployment.environment.name": "prod", "service.namespace": "agents" },
};

describe("the configuration", () => {
  it.each([
    ["default", {}],
    ["everything", everything],
    ["external", externalValues],
  ])("is as reviewed: %s", async (name, values) => {
    await expect(collectorConfig(settingsOf(values))).toMatchFileSnapshot(`../golden/collector-${name}.yaml`);
  });

  it.each([{}, everything, externalValues])("uses what it defines and defines what it uses", (values) => {
    const { receivers, processors, exporters, extensions, service } = config(values);
    const used = (kind: "receivers" | "processors" | "exporters") =>
      new Set(Object.values(service.pipelines).flatMap((pipeline) => pipeline[kind]));
    expect(used("receivers")).toEqual(new Set(Object.keys(receivers)));
    expect(used("processors")).toEqual(new Set(Object.keys(processors)));
    expect(used("exporters")).toEqual(new Set(Object.keys(exporters)));
    expect(service.extensions).toEqual(Object.keys(extensions));
  });

  it("limits memory before anything else, in every pipeline", () => {
    for (const { processors } of Object.values(config(everything).service.pipelines)) {
      expect(processors[0]).toBe("memory_limiter");
    }
  });

  it("filters points without a value out of every metrics pipeline, right before the exporters", () => {
    const { pipelines } = config(everything).service;
    const metrics = Object.entries(pipelines).filter(([name]) => name.startsWith("metrics"));
    expect(metrics).toHaveLength(2);
    for (const [, { processors }] of metrics) expect(processors.at(-1)).toBe("filter/no_recorded_value");
  });

  it("has no batch processor, which would acknowledge before the data is on disk", () => {
    expect(Object.keys(config(everything).processors).filter((id) => id.startsWith("batch"))).toEqual([]);
  });

  it("queues on disk and never gives up, for each kind of data", () => {
    const greptime = Object.entries(config(everything).exporters).filter(([id]) => id.startsWith("otlp_http/"));
    expect(greptime.map(([id]) => id).sort()).toEqual([
      "otlp_http/logs",
      "otlp_http/metrics",
      "otlp_http/scraped",
      "otlp_http/traces",
    ]);
    for (const [, exporter] of greptime) {
      expect(exporter.retry_on_failure).toMatchObject({ enabled: true, max_elapsed_time: "0s" });
      expect(exporter.sending_queue).toMatchObject({ storage: "file_storage/queue", block_on_overflow: false });
      expect(exporter.sending_queue.batch["max_size"]).toBeGreaterThan(0);
    }
  });

  it.each(["256MiB", "1GiB", "1TiB"])("is full before its disk of %s is, and takes the largest request", (disk) => {
    const { receivers, extensions, exporters } = config({ collector: { queue: { diskPerSignal: disk } } });
    const { grpc, http } = receivers["otlp"]?.protocols as Record<"grpc" | "http", Record<string, number>>;
    const queue = exporters["otlp_http/traces"]!.sending_queue;
    expect(queue.sizer).toBe("bytes");
    expect(queue.queue_size).toBeLessThan((extensions["file_storage/queue"]?.max_size ?? 0) / 2);
    expect(queue.queue_size).toBeGreaterThan(http["max_request_body_size"]!);
    expect(queue.queue_size).toBeGreaterThan(grpc["max_recv_msg_size_mib"]! * 1024 * 1024);
  });

  it("listens where others can reach it: not on the container's own loopback", () => {
    const text = collectorConfig(settingsOf(everything));
    expect(text.match(/localhost|127\.0\.0\.1:(?!8888)/g)).toEqual(["localhost"]); // the CORS origin
  });
});

describe("what is sent to GreptimeDB", () => {
  it("goes to the database of its signal, with the header that its kind needs", () => {
    const settings = settingsOf({
      greptimedb: { databases: { metrics: "m", traces: "t", logs: "l" } },
      collector: { logColumns: ["session_id"] },
    });
    expect(headersFor(settings, "traces")).toEqual({
      "x-greptime-db-name": "t",
      "x-greptime-pipeline-name": "greptime_trace_v1",
      "x-greptime-hints": "trace_table_partitions=1",
    });
    expect(headersFor(settings, "logs")).toEqual({
      "x-greptime-db-name": "l",
      "x-greptime-log-extract-keys": "service.name,session_id",
    });
    expect(headersFor(settings, "metrics")).toEqual({ "x-greptime-db-name": "m" });
    expect(headersFor(settings, "scraped")).toEqual({
      "x-greptime-db-name": "m",
      "x-greptime-otlp-metric-translation-strategy": "UnderscoreEscapingWithoutSuffixes",
    });
  });

  it("carries the writer's credentials from the environment, never in the file", () => {
    for (const { headers } of Object.values(config().exporters))
      expect(headers["Authorization"]).toBe("${env:GREPTIMEDB_AUTHORIZATION}");
    const { env } = collectorService(settingsOf());
    expect(printable(env["GREPTIMEDB_AUTHORIZATION"]!)).toBe("{basic-auth:writer:{secret:greptimedbWriterPassword}}");
  });

  it("goes to an external GreptimeDB by TLS, without a hint for one that runs here", () => {
    const { exporters } = config(externalValues);
    for (const { endpoint } of Object.values(exporters)) expect(endpoint).toBe("https://db.example.com/v1/otlp");
    expect(exporters["otlp_http/traces"]?.headers).not.toHaveProperty("x-greptime-hints");
  });
});

describe("settings of the collector", () => {
  it("allow browsers only from the listed origins", () => {
    expect(config().receivers["otlp"]?.protocols?.http).not.toHaveProperty("cors");
    expect(config(everything).receivers["otlp"]?.protocols?.http["cors"]).toMatchObject({
      allowed_origins: ["http://localhost:*", "https://*.example.com"],
    });
  });

  const jobs = (values: Record<string, unknown>) =>
    config(values).receivers["prometheus"]?.config?.scrape_configs ?? [];

  it("scrape the stack's own parts, where they run, and what is listed", () => {
    expect(jobs({}).map((job) => job["job_name"])).toEqual(["otelcol", "greptimedb", "grafana"]);
    expect(jobs(externalValues).map((job) => job["job_name"])).toEqual(["otelcol", "grafana"]);
    expect(jobs({})[1]).toMatchObject({ static_configs: [{ targets: ["greptimedb:4000"] }] });
    expect(jobs({})[2]).toMatchObject({ static_configs: [{ targets: ["grafana:3000"] }] });
    expect(jobs(everything)[3]).toMatchObject({
      job_name: "pythia-workers",
      scrape_interval: "5s",
      scrape_timeout: "5s",
      metrics_path: "/metrics",
      static_configs: [{ targets: ["host.docker.internal:8000"] }],
    });
  });

  it("keep of endpoints with thousands of series what the boards and rules read, and nothing else", () => {
    const kept = (job: Record<string, unknown>) => {
      const [keep] = job["metric_relabel_configs"] as { regex: string; action: string; source_labels: string[] }[];
      expect(keep).toMatchObject({ action: "keep", source_labels: ["__name__"] });
      return keep!.regex.split("|");
    };
    const series = (metrics: readonly Metric[]) => metrics.flatMap(seriesNames).sort();
    expect(kept(jobs({})[1]!)).toEqual(series(databaseMetrics));
    expect(kept(jobs({})[2]!)).toEqual(series(grafanaMetrics));
    for (const job of [jobs({})[0], jobs(everything)[3]]) expect(job).not.toHaveProperty("metric_relabel_configs");
  });

  it("cannot smuggle in an expression that the collector would expand", () => {
    const values = { resourceAttributes: { note: "${env:GREPTIMEDB_AUTHORIZATION} $$ $HOME" } };
    const { attributes } = config(values).processors["resource"] as { attributes: { value: string }[] };
    expect(attributes[0]?.value).toBe("$${env:GREPTIMEDB_AUTHORIZATION} $$$$ $$HOME");
    expect(literal("a$b")).toBe("a$$b");
  });

  it("bound the queue on disk, and memory by the container's limit", () => {
    const { extensions, processors } = config({ collector: { memory: "1GiB", queue: { diskPerSignal: "2GiB" } } });
    expect(extensions["file_storage/queue"]?.max_size).toBe(2 * 1024 ** 3);
    expect(processors["memory_limiter"]).toMatchObject({ limit_mib: 716 });
    expect(collectorService(settingsOf({ collector: { memory: "1GiB" } })).env["GOMEMLIMIT"]).toBe("819MiB");
  });

  it("add nothing that is not asked for", () => {
    const { exporters, processors } = config({
      collector: { resourceDetectors: [], redaction: { kinds: [] }, histograms: "pass" },
    });
    expect(Object.keys(exporters).filter((id) => !id.startsWith("otlp_http/"))).toEqual([]);
    expect(Object.keys(processors).sort()).toEqual(["filter/no_recorded_value", "memory_limiter"]);
  });
});

describe("the model", () => {
  const part = (id: string, config = {}): Component => ({ id, config });
  const empty = { pipelines: [], extensions: [], telemetry: {} };

  it("refuses two different components with one id", () => {
    const pipelines = [
      {
        id: "traces",
        receivers: [part("otlp")],
        processors: [],
        exporters: [part("x", { a: 1 }), part("x", { a: 2 })],
      },
    ];
    expect(() => renderCollector({ ...empty, pipelines })).toThrow(/two different components are called x/);
  });

  it("refuses a pipeline without an end", () => {
    const pipelines = [{ id: "traces", receivers: [part("otlp")], processors: [], exporters: [] }];
    expect(() => renderCollector({ ...empty, pipelines })).toThrow(/pipeline traces needs at least one/);
  });

  it("starts every extension that a component names, once", () => {
    const storage = part("file_storage/q");
    const exporter = { ...part("x"), extensions: [storage] };
    const pipelines = ["traces", "logs"].map((id) => ({
      id,
      receivers: [part("otlp")],
      processors: [],
      exporters: [exporter],
    }));
    const rendered = parse(renderCollector({ ...empty, pipelines })) as Config;
    expect(rendered.service.extensions).toEqual(["file_storage/q"]);
  });

  it("does not depend on the order in which settings were written", () => {
    const a = settingsOf({ resourceAttributes: { a: "1", b: "2" } });
    const b = settingsOf({ resourceAttributes: { b: "2", a: "1" } });
    expect(collectorConfig(a)).toBe(collectorConfig(b));
    expect(collectorFrom(a).pipelines).toHaveLength(4);
  });
});

describe("the service", () => {
  it("waits for the databases, which it would lose data without", () => {
    expect(collectorService(settingsOf()).needs).toEqual(["greptimedb-bootstrap"]);
    expect(collectorService(settingsOf(externalValues)).needs).toEqual([]);
  });

  it("keeps its queues on a volume, and has no command to be asked by", () => {
    const service = collectorService(settingsOf());
    expect(service.mounts).toEqual([{ volume: "queue", path: "/var/lib/otelcol", sizeMiB: 4506 }]);
    expect(service.health.command).toBeUndefined();
  });

  it("publishes the Prometheus exporter only when asked", () => {
    const names = (values: Record<string, unknown>) =>
      collectorService(settingsOf(values)).ports.map(({ name }) => name);
    expect(names({})).not.toContain("prometheus");
    expect(names(everything)).toContain("prometheus");
  });
});
