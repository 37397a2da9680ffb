import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { hostRoot } from "../../configs/collector/host-metrics.ts";
import { collectorConfig } from "../../configs/collector/config.ts";
import { queueDirectory } from "../../configs/collector/exporters.ts";
import { collectorServices } from "../../configs/collector/service.ts";
import { images } from "../../configs/images.ts";
import type { Service } from "../../configs/service.ts";
import { settingsOf } from "../support/settings.ts";
import { collectorBinary, environmentOf } from "../../cli/lab/collector.ts";
import { attributesOf, awkwardValues, typedTexts } from "../support/hard-values.ts";

/** The collector itself reads what is rendered: keys, types, components, references between them. */

const directory = mkdtempSync(join(tmpdir(), "validate-"));
const queues = join(directory, "queues");
mkdirSync(queues);

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Run {
  readonly code: unknown;
  /** Empty, unless something is wrong. */
  readonly output: string;
}

/** The directories of queues and of the node must exist when a configuration is validated: others take their place. */
const placed = (config: string): string =>
  config.replaceAll(queueDirectory, queues).replaceAll(`root_path: ${hostRoot}`, "root_path: /");

const rendered = (values: Record<string, unknown>): string => placed(collectorConfig(settingsOf(values)));

const run = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> =>
  new Promise((resolve) => {
    execFile(collectorBinary(), args, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });

const [gateway] = collectorServices(settingsOf());

function validated(yaml: string, service: Service = gateway!): Promise<Run> {
  const file = join(directory, "config.yaml");
  writeFileSync(file, yaml);
  return run(["validate", `--config=${file}`], { ...environmentOf(service), NODE_NAME: "node-1" });
}

const collector = (settings: Record<string, unknown>) => ({ collector: settings });

const external = (settings: Record<string, unknown>) => ({
  greptimedb: { topology: "external", external: { host: "db.example.com", ...settings } },
  greptimedbWriterPassword: "writer's password",
  greptimedbReaderPassword: "reader's password",
});

const variants: Record<string, Record<string, unknown>> = {
  "the defaults": {},
  "debug basic": collector({ debug: "basic" }),
  "debug normal": collector({ debug: "normal" }),
  "debug detailed": collector({ debug: "detailed" }),
  "the Prometheus exporter": collector({ ports: { prometheus: 8889 } }),
  "the Prometheus exporter with debug": collector({ ports: { prometheus: 8889 }, debug: "basic" }),
  "browser origins": collector({
    cors: { origins: ["http://localhost:*", "https://*.example.com", "https://app.example.com:8443"] },
  }),
  "many scrape jobs": collector({
    scrape: Array.from({ length: 30 }, (_, index) => ({
      job: `team.service-${String(index)}`,
      targets: [`host-${String(index)}.example.com:8000`, "10.0.0.1:80"],
    })),
  }),
  "the shortest and the longest interval": collector({
    scrape: [
      { job: "fast", targets: ["app:8000"], interval: "1s" },
      { job: "slow", targets: ["app:8001"], interval: "75s" },
    ],
  }),
  "paths with $": collector({
    scrape: [
      { job: "a.b.c", targets: ["app:8000"], path: "/metrics/$1&x=${env:HOME}" },
      { job: "d.e", targets: ["app:8001"], path: "/$$/${1}" },
    ],
  }),
  "attributes with special characters": { resourceAttributes: attributesOf(awkwardValues) },
  "attributes that look like other types": { resourceAttributes: attributesOf(typedTexts) },
  "jobs that look like other types": collector({
    scrape: ["2024-01-01", "1_000", "0b11", "0123", "yes", "null"].map((job) => ({ job, targets: ["10.0.0.1:80"] })),
  }),
  "no resource detector": collector({ resourceDetectors: [] }),
  "the system detector": collector({ resourceDetectors: ["system"] }),
  "both detectors": collector({ resourceDetectors: ["env", "system"] }),
  "metrics of the machine": collector({ hostMetrics: true }),
  "no log columns": collector({ logColumns: [] }),
  "several log columns": collector({ logColumns: ["correlation_id", "session_id", "http.route", "user-tier"] }),
  "an external GreptimeDB with TLS": external({}),
  "an external GreptimeDB with TLS on port 4000": external({ port: 4000 }),
  "an external GreptimeDB without TLS": external({ tls: false }),
  "an external GreptimeDB without TLS on port 443": external({ tls: false, port: 443 }),
  "the least memory and disk": collector({ memory: "192MiB", queue: { diskPerSignal: "256MiB" } }),
  "the most memory and disk": collector({ memory: "64GiB", queue: { diskPerSignal: "1TiB" } }),
  "nothing masked": collector({ redaction: { kinds: [] } }),
  "everything masked": collector({ redaction: { kinds: ["credentials", "named", "email", "cards"] } }),
  "patterns of one's own": collector({
    redaction: {
      patterns: ["ACME-[0-9]{8}", "(?i)top secret", "[$]{2}\\w+", "\\$[{]env:HOME[}]", "a\"b'c#: d", "\\\\x41"],
    },
  }),
  "content hashed": collector({ content: "hash" }),
  "content dropped": collector({ content: "drop" }),
  limits: collector({ limits: { attributes: 64, valueLength: 4096 } }),
  filters: collector({
    filter: [
      { signal: "traces", attribute: "http.route", matches: "^/(healthz|metrics)$" },
      { signal: "traces", matches: '^ping"$' },
      { signal: "metrics", attribute: "user.id", matches: "^[$][{]env[}]" },
      { signal: "metrics", matches: "^noisy_" },
      { signal: "logs", attribute: "logger", matches: "access" },
      { signal: "logs", matches: "GET /healthz" },
    ],
  }),
  "a share of the traces": collector({ sampling: { ratio: 0.25 } }),
  "whole traces": collector({
    sampling: { tail: { enabled: true, ratio: 0.05, slow: "30s", wait: "2m", traces: 1000 } },
  }),
  "counted spans": collector({ spanMetrics: { enabled: true, dimensions: ["gen_ai.request.model", "http.route"] } }),
  "counted spans, and a share of the traces": collector({ spanMetrics: { enabled: true }, sampling: { ratio: 0.5 } }),
  "counted spans, and whole traces": collector({
    spanMetrics: { enabled: true },
    sampling: { tail: { enabled: true } },
  }),
  "histograms as they are": collector({ histograms: "pass" }),
  "sums of differences": collector({ deltaToCumulative: true }),
  "a second destination": collector({ secondDestination: { endpoint: "https://otlp.example.com/otlp" } }),
  "a second destination for traces": {
    collector: {
      secondDestination: { endpoint: "https://otlp.example.com:4318", signals: ["traces"], auth: "secret" },
    },
    secondDestinationAuthorization: "Bearer abc.def~+/=",
  },
  "all that leads somewhere": {
    collector: {
      secondDestination: { endpoint: "https://otlp.example.com", auth: "secret" },
      spanMetrics: { enabled: true },
      sampling: { tail: { enabled: true } },
      deltaToCumulative: true,
      ports: { prometheus: 8889 },
      debug: "basic",
    },
    secondDestinationAuthorization: "Basic dXNlcjpwYXNz",
  },
  "all that takes something out": collector({
    redaction: { kinds: ["credentials", "named", "email", "cards"], patterns: ["ACME-[0-9]{8}"] },
    content: "hash",
    limits: { attributes: 128, valueLength: 16384 },
    filter: [{ signal: "traces", matches: "^ping$" }],
  }),
  "one database for everything": {
    greptimedb: {
      databases: { metrics: "all", traces: "all", logs: "all" },
      retention: { metrics: "7d", traces: "7d", logs: "7d" },
    },
  },
};

test("the collector under test is of the version that is deployed", async () => {
  const [, tag] = images.collector.split(":");
  expect(await run(["--version"], {})).toEqual({ code: 0, output: `otelcol-contrib version ${String(tag)}\n` });
});

describe("the collector accepts", () => {
  test.each(Object.entries(variants))("%s", async (_, values) => {
    expect(await validated(rendered(values))).toEqual({ code: 0, output: "" });
  });
});

const cluster = (settings: Record<string, unknown>) => ({ platform: "kubernetes", collector: settings });

const clusters: Record<string, Record<string, unknown>> = {
  "the defaults": cluster({}),
  "nobody asked who they are": cluster({ auth: "none" }),
  "two tokens": cluster({ token: { generation: 2, keepPrevious: true } }),
  "a certificate": cluster({ tlsSecret: "collector-tls" }),
  "several gateways": cluster({ replicas: 3 }),
  "annotated pods": cluster({ annotationScraping: true }),
  "an agent": cluster({ agent: { enabled: true } }),
  "an agent for logs": cluster({ agent: { enabled: true, hostMetrics: false } }),
  "an agent for metrics": cluster({ agent: { enabled: true, logs: false } }),
  everything: cluster({
    replicas: 2,
    tlsSecret: "collector-tls",
    token: { generation: 2, keepPrevious: true },
    annotationScraping: true,
    agent: { enabled: true },
    debug: "detailed",
    cors: { origins: ["https://app.example.com"] },
    resourceDetectors: ["env", "system"],
  }),
};

const collectors = Object.entries(clusters).flatMap(([name, values]) =>
  collectorServices(settingsOf(values)).map((service) => ({ collector: service.name, name, service })),
);

test.each(collectors)("the collector accepts, in a cluster with $name, that of $collector", async ({ service }) => {
  const [config] = service.files;
  if (typeof config?.text !== "string") throw new Error(`${service.name} has no configuration`);
  expect(await validated(placed(config.text), service)).toEqual({ code: 0, output: "" });
});

test("the collector refuses a key that it does not know", async () => {
  const yaml = rendered({}).replace("limit_mib:", "limit_mebibytes:");
  const { code, output } = await validated(yaml);
  expect(code).toBe(1);
  expect(output).toContain("limit_mebibytes");
});

test("the collector refuses a pipeline with a component that is not defined", async () => {
  const yaml = rendered({}).replaceAll("- filter/no_recorded_value", "- filter/another");
  const { code, output } = await validated(yaml);
  expect(code).toBe(1);
  expect(output).toContain("filter/another");
});
