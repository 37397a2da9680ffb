import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { collectorConfig } from "../../configs/collector/config.ts";
import { queueDirectory } from "../../configs/collector/exporters.ts";
import { images } from "../../configs/images.ts";
import { settingsOf } from "../support/settings.ts";
import { collectorBinary, collectorEnvironment } from "./support/collector.ts";
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

/** The directory of the queues must exist when a configuration is validated: one of this test takes its place. */
const rendered = (values: Record<string, unknown>): string =>
  collectorConfig(settingsOf(values)).replaceAll(queueDirectory, queues);

const run = (...args: string[]): Promise<Run> =>
  new Promise((resolve) => {
    execFile(collectorBinary(), args, { env: collectorEnvironment }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });

function validated(yaml: string): Promise<Run> {
  const file = join(directory, "config.yaml");
  writeFileSync(file, yaml);
  return run("validate", `--config=${file}`);
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
  "no log columns": collector({ logColumns: [] }),
  "several log columns": collector({ logColumns: ["correlation_id", "session_id", "http.route", "user-tier"] }),
  "an external GreptimeDB with TLS": external({}),
  "an external GreptimeDB with TLS on port 4000": external({ port: 4000 }),
  "an external GreptimeDB without TLS": external({ tls: false }),
  "an external GreptimeDB without TLS on port 443": external({ tls: false, port: 443 }),
  "the least memory and disk": collector({ memory: "192MiB", queue: { diskPerSignal: "256MiB" } }),
  "the most memory and disk": collector({ memory: "64GiB", queue: { diskPerSignal: "1TiB" } }),
  "one database for everything": {
    greptimedb: {
      databases: { metrics: "all", traces: "all", logs: "all" },
      retention: { metrics: "7d", traces: "7d", logs: "7d" },
    },
  },
};

test("the collector under test is of the version that is deployed", async () => {
  const [, tag] = images.collector.split(":");
  expect(await run("--version")).toEqual({ code: 0, output: `otelcol-contrib version ${String(tag)}\n` });
});

describe("the collector accepts", () => {
  test.each(Object.entries(variants))("%s", async (_, values) => {
    expect(await validated(rendered(values))).toEqual({ code: 0, output: "" });
  });
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
