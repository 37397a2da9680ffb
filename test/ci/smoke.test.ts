import { execFile } from "node:child_process";

import { expect, test, type TestContext } from "vitest";

import type { Store } from "../../cli/lab/store.ts";
import { access, FakeStack, placesOf, type Held } from "../support/fake-stack.ts";
import { recordingServer } from "../support/http.ts";
import { openTestbed } from "./support/testbed.ts";

/** `npm run smoke` through the real collector; GreptimeDB and Grafana answer from what it sent. */

const heldBy = (store: Store): Held => ({
  get spans() {
    return store.spans().map(({ traceId }) => traceId);
  },
  get logs() {
    return store.logRecords().map(({ traceId }) => traceId);
  },
  get values() {
    return store.points("pipeline_proof_timestamp").map(({ value }) => value);
  },
});

interface Ended {
  readonly code: unknown;
  readonly report: { ok: boolean; steps: { id: string; state: string; evidence?: string }[] };
}

async function smoke(context: TestContext, collector: object, meanwhile: (store: Store) => void = () => undefined) {
  const bed = await openTestbed(context, { values: { collector } });
  const server = await recordingServer(new FakeStack(heldBy(bed.store)).answer);
  context.onTestFinished(() => server.close());
  meanwhile(bed.store);
  const env = { PATH: process.env["PATH"] ?? "", ...access };
  const places = placesOf(server.url, bed.otlp);
  return new Promise<Ended>((resolve) => {
    execFile(process.execPath, ["cli/smoke.ts", ...places, "--wait", "8", "--json"], { env }, (error, stdout) => {
      resolve({ code: error === null ? 0 : error.code, report: JSON.parse(stdout) as Ended["report"] });
    });
  });
}

test.for([
  ["as it is", {}],
  ["everything masked, attributes limited", { content: "drop", limits: { attributes: 16, valueLength: 64 } }],
  ["no trace kept", { sampling: { ratio: 0 } }],
  ["no trace kept after the fact", { sampling: { tail: { enabled: true, ratio: 0, wait: "1s" } } }],
] as const)("finds its records behind the collector: %s", async ([, collector], context) => {
  const { code, report } = await smoke(context, collector);
  expect(report.steps.filter(({ state }) => state !== "ok")).toEqual([]);
  expect(code).toBe(0);
});

test("names GreptimeDB as the hop where records end when it refuses the collector", async (context) => {
  const { code, report } = await smoke(context, {}, (store) => {
    store.status = 401;
  });
  expect(code).toBe(1);
  expect(report.steps.find(({ state }) => state === "failed")).toMatchObject({
    id: "greptimedb-traces",
    evidence: "it is not in database traces after 8 s",
  });
});
