import { execFile, spawn } from "node:child_process";

import { expect, test } from "vitest";

import { playFrom } from "../../cli/demo/play.ts";
import { rehearsed } from "../../cli/demo.ts";
import type { Point, Span } from "../../cli/lab/decode.ts";
import { freePort } from "../../cli/lab/ports.ts";
import { packs } from "../../dashboards/packs.ts";
import { labelName, seriesNames } from "../../dashboards/stored-name.ts";
import { openTestbed } from "./support/testbed.ts";

/** `npm run demo` through the real collector, into a server that writes down what it gets. */

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const env = { PATH: process.env["PATH"] ?? "" };

const demo = (...options: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["cli/demo.ts", ...options], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });

const play = playFrom({ minutes: "0.5", rate: "5", scenario: "healthy", seed: "1" });
const options = ["--minutes", "0.5", "--rate", "5", "--json"];

const catalogue = new Map(packs.flatMap(({ metrics }) => metrics).map((metric) => [metric.name, metric]));
const kinds = { counter: "sum", upDownCounter: "sum", gauge: "gauge", histogram: "histogram" } as const;

/** Which series has which labels, in which service; of a kind that is not the catalogue's there is none. */
const shapeOf = (points: readonly Point[]): Set<string> =>
  new Set(
    points.flatMap(({ metric, kind, resource, attributes }) => {
      const known = catalogue.get(metric);
      const names = known === undefined || kinds[known.kind] !== kind ? [] : seriesNames(known);
      return names.flatMap((name) =>
        Object.keys(attributes).map((label) => `${serviceOf({ resource })} ${name} ${labelName(label)}`),
      );
    }),
  );

async function expectedShape(): Promise<string[]> {
  const { metrics } = (await rehearsed(play)).build();
  const common = ["service_name", "service_instance_id", "job", "instance", "le"];
  return metrics.flatMap(({ name, service, labels }) =>
    labels.filter((label) => !common.includes(label)).map((label) => `${service} ${name} ${label}`),
  );
}

const serviceOf = ({ resource }: Pick<Span, "resource">): string => String(resource["service.name"]);

test("everything that the dry run announces goes through the collector, and traces cross services", async (context) => {
  const bed = await openTestbed(context);
  const { code, stdout } = await demo("--otlp-url", bed.otlp, ...options);
  const ended = JSON.parse(stdout) as { visits: number; sent: Record<string, number>; refused: object };
  expect(code).toBe(0);
  expect(ended.refused).toEqual({ spans: 0, logRecords: 0, metricPoints: 0 });
  await expect.poll(() => bed.store.spans().length, { timeout: 20_000 }).toBe(ended.sent["spans"]);
  await expect.poll(() => bed.store.logRecords().length, { timeout: 20_000 }).toBe(ended.sent["logRecords"]);

  const stored = shapeOf(bed.store.points());
  const expected = await expectedShape();
  expect(expected.length).toBeGreaterThan(250);
  expect(expected.filter((line) => !stored.has(line))).toEqual([]);

  const services = new Map<string, Set<string>>();
  for (const span of bed.store.spans()) {
    services.set(span.traceId, (services.get(span.traceId) ?? new Set()).add(serviceOf(span)));
  }
  expect(services.size).toBe(ended.visits);
  expect(Math.max(...[...services.values()].map(({ size }) => size))).toBe(5);
  const logged = bed.store.logRecords();
  expect(logged.length).toBeGreaterThan(100);
  expect(logged.every(({ traceId }) => services.has(traceId))).toBe(true);
});

test("what is scraped is served, and not sent; and the job says whether it is up", async (context) => {
  const port = await freePort();
  const values = { collector: { scrape: [{ job: "demo-workers", targets: ["demo.internal:9464"], interval: "1s" }] } };
  const targets = { "demo.internal:9464": `127.0.0.1:${String(port)}` };
  const bed = await openTestbed(context, { values, targets });
  const { code } = await demo("--otlp-url", bed.otlp, "--serve-metrics", String(port), ...options);
  expect(code).toBe(0);
  const of = (name: string) => bed.store.points(name);
  await expect.poll(() => of("pythia_messages_processed_total").length, { timeout: 20_000 }).toBeGreaterThan(10);
  expect(new Set(of("pythia_messages_processed_total").map(serviceOf))).toEqual(new Set(["demo-workers"]));
  expect(of("primitive_execution_duration_seconds").some(({ kind }) => kind === "histogram")).toBe(true);
  // said by whoever scrapes, and by nobody else
  expect(new Set(of("up").map(serviceOf))).toEqual(new Set(["demo-workers", "otelcol"]));
});

test("a collector that refuses is said so, and the exit code is 1", async (context) => {
  const values = { collector: { auth: "bearer" } };
  const bed = await openTestbed(context, { values });
  const { code, stderr } = await demo("--otlp-url", bed.otlp, ...options);
  expect(code).toBe(1);
  expect(stderr).toContain("OTEL_EXPORTER_OTLP_HEADERS has to have the token of collector.auth");
});

test("Ctrl-C ends it early, and what was recorded is sent", async (context) => {
  const bed = await openTestbed(context);
  const child = spawn(process.execPath, ["cli/demo.ts", "--otlp-url", bed.otlp, "--json", "--rate", "5"], { env });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await expect.poll(() => bed.store.spans().length, { timeout: 30_000 }).toBeGreaterThan(0);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  const { sent, seconds } = JSON.parse(Buffer.concat(chunks).toString()) as {
    sent: { spans: number };
    seconds: number;
  };
  expect(seconds).toBeLessThan(30);
  await expect.poll(() => bed.store.spans().length, { timeout: 20_000 }).toBe(sent.spans);
});
