import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test, vi, type TestContext } from "vitest";
import type { Document } from "yaml";

import type { Point } from "../../cli/lab/decode.ts";
import type { Testbed } from "../../cli/lab/testbed.ts";
import { proofTask } from "../../configs/collector/proof.ts";
import { revealed } from "../../configs/text.ts";
import { settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";
import { recordingServer, type Request } from "../support/http.ts";
import { copiesAnswer, ledgerOn, startLedger } from "../support/ledger.ts";
import { openTestbed } from "./support/testbed.ts";

/** The delivery ledger with the real collector: it finds what arrives, and misses what does not. */

const arriving = { timeout: 50_000, interval: 100 };

/** Answers as GreptimeDB would that holds what the store was sent. */
const asked =
  ({ store }: Testbed) =>
  ({ path, headers }: Request) => {
    if (path !== "/v1/sql") return { status: 404 };
    const keys: Record<string, () => (string | number)[]> = {
      traces: () => store.spans().map(({ traceId }) => traceId),
      logs: () => store.logRecords().map(({ traceId }) => traceId),
      metrics: () => store.points("delivery_ledger_number").map(({ value }) => value),
    };
    const copies = new Map<string | number, number>();
    for (const key of keys[String(headers["x-greptime-db-name"])]!()) copies.set(key, (copies.get(key) ?? 0) + 1);
    return { status: 200, body: copiesAnswer([...copies]) };
  };

/** A testbed with a ledger. */
async function withLedger(
  context: TestContext,
  collector: object,
  variables: Readonly<Record<string, string>> = { DUE: "10" },
  change?: (config: Document) => void,
) {
  const values = { collector: { ...ledgerOn, ...collector } };
  const bed = await openTestbed(context, { values, ...(change === undefined ? {} : { change }) });
  const server = await recordingServer(asked(bed));
  const directory = mkdtempSync(join(tmpdir(), "ledger-"));
  const ledger = startLedger({
    values,
    collectorPort: Number(new URL(bed.otlp).port),
    greptimedbUrl: server.url,
    directory,
    variables: { INTERVAL: "0.3", ...variables },
  });
  context.onTestFinished(async () => {
    await ledger.stop();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return bed;
}

/** What the ledger says, as it arrived last. */
function said({ store }: Testbed, metric: string): Record<string, number> {
  const latest = new Map<string, Point>();
  for (const point of store.points(`delivery_ledger.${metric}`)) latest.set(String(point.attributes["signal"]), point);
  return Object.fromEntries([...latest].map(([signal, { value }]) => [signal, value]));
}

/** Runs the proof of a deployment. */
async function prove(bed: Testbed, collector: object) {
  const server = await recordingServer((request) => {
    if (request.path !== "/v1/prometheus/api/v1/query") return asked(bed)(request);
    const values = bed.store.points("pipeline_proof_timestamp").map(({ value }) => `"${String(value)}"`);
    return { status: 200, body: `{"data":{"result":[{"value":[1,${values.join(",")}]}]}}` };
  });
  const { script, env } = proofTask(settingsOf({ collector }));
  const moved = script
    .replaceAll(":4318", `:${new URL(bed.otlp).port}`)
    .replaceAll(":13133", `:${new URL(bed.health).port}`);
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, revealed(value, () => "x")]));
  const run = await runScript(moved, { ...variables, COLLECTOR: "127.0.0.1", GREPTIMEDB_URL: server.url });
  await server.close();
  return run;
}

test.for([
  ["no trace kept", { sampling: { ratio: 0 } }],
  ["no trace kept after the fact", { sampling: { tail: { enabled: true, ratio: 0, wait: "1s" } } }],
  ["long attributes cut, everything masked", { limits: { attributes: 16, valueLength: 64 }, content: "drop" }],
] as const)("a deployment's proof holds: %s", async ([, collector], context) => {
  const { output, code } = await prove(await openTestbed(context, { values: { collector } }), collector);
  expect(output).toMatch(/^collector: healthy\nspan: .*\nlog: .*\nmetric: .*\n$/);
  expect(code).toBe(0);
});

const all = (count: number) => ({ traces: count, logs: count, metrics: count });
const atLeast = (count: number) => ({
  traces: expect.toSatisfy((value: number) => value >= count) as number,
  logs: expect.toSatisfy((value: number) => value >= count) as number,
  metrics: expect.toSatisfy((value: number) => value >= count) as number,
});

test.for([
  ["as it is", {}],
  ["everything masked", { redaction: { kinds: ["credentials", "named", "email", "cards"] }, content: "drop" }],
  ["no trace kept", { sampling: { ratio: 0 } }],
  ["no trace kept after the fact", { sampling: { tail: { enabled: true, ratio: 0, wait: "1s" } } }],
] as const)("finds every record: %s", async ([, collector], context) => {
  const bed = await withLedger(context, collector);
  await vi.waitFor(() => {
    expect(said(bed, "stored")).toEqual(atLeast(10));
  }, arriving);
  for (const none of ["missing", "lost", "late", "duplicated"]) expect(said(bed, none), none).toEqual(all(0));
});

/** GreptimeDB is away, and the collector is killed meanwhile. */
async function outage(bed: Testbed): Promise<void> {
  await vi.waitFor(() => {
    expect(said(bed, "stored")).toEqual(atLeast(3));
  }, arriving);
  await bed.store.stop();
  await sleep(3000);
  await bed.kill();
  await bed.start();
  await bed.store.start();
}

test("what was queued when the collector was killed is late, and nothing is lost", async (context) => {
  const bed = await withLedger(context, {}, { DUE: "1" });
  await outage(bed);
  await vi.waitFor(() => {
    expect(said(bed, "late")).toEqual(atLeast(1));
    expect(said(bed, "missing")).toEqual(all(0));
  }, arriving);
  expect(said(bed, "lost")).toEqual(all(0));
});

test("a queue in memory is seen for what it is", async (context) => {
  const inMemory = (config: Document) => {
    for (const signal of ["traces", "logs", "metrics"])
      config.deleteIn(["exporters", `otlp_http/${signal}`, "sending_queue", "storage"]);
  };
  const bed = await withLedger(context, {}, { DUE: "4", ROUNDS: "30" }, inMemory);
  await outage(bed);
  await vi.waitFor(() => {
    expect(said(bed, "missing")).toEqual(atLeast(1));
  }, arriving);
  await vi.waitFor(() => {
    expect(said(bed, "lost")).toEqual(atLeast(1));
  }, arriving);
});
