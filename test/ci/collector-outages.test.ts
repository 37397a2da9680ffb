import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test, vi } from "vitest";

import { logRecords, send } from "../../cli/lab/otlp.ts";
import { afterOutage, bodies, numbered, sender, sendLogs, survives } from "./support/outage.ts";
import { openTestbed } from "./support/testbed.ts";

/** GreptimeDB or the collector is away for a while. What the collector has acknowledged must arrive all the same. */

test("nothing is lost while GreptimeDB answers 503", async (context) => {
  const testbed = await openTestbed(context);
  const { store } = testbed;
  await survives(
    testbed,
    () => {
      store.status = 503;
    },
    () => {
      store.status = 200;
    },
  );
  for (const signal of ["traces", "logs", "metrics"] as const) {
    expect(store.requestsFor(signal).filter(({ status }) => status === 503).length).toBeGreaterThanOrEqual(2);
  }
});

test("nothing is lost while GreptimeDB refuses connections", async (context) => {
  const testbed = await openTestbed(context);
  const { store } = testbed;
  await survives(
    testbed,
    () => store.stop(),
    () => store.start(),
  );
});

test("nothing is lost when the collector is killed while GreptimeDB answers 503", async (context) => {
  const testbed = await openTestbed(context);
  const { store, otlp } = testbed;
  store.status = 503;
  const acknowledged: string[] = [];
  const sendUntilRefused = async (name: string) => {
    for (const text of numbered(name, 100_000)) {
      const status = await send(otlp, "logs", logRecords(sender, [text])).catch(() => 0);
      if (status !== 200) return;
      acknowledged.push(text);
    }
  };
  const senders = ["a", "b", "c", "d"].map(sendUntilRefused);
  await sleep(3000);
  await testbed.kill();
  await Promise.all(senders);
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(bodies(store)).toEqual([]);

  store.status = 200;
  await testbed.start();
  await vi.waitFor(() => {
    // what was being sent when the collector died may come twice, and records whose answer was lost may come as well
    const arrived = new Set(bodies(store));
    expect(acknowledged.filter((text) => !arrived.has(text))).toEqual([]);
  }, afterOutage);
});

test("a full queue refuses what comes, and loses nothing of what it has", async (context) => {
  const values = { collector: { queue: { diskPerSignal: "256MiB" } } };
  const testbed = await openTestbed(context, { values });
  const { store, otlp } = testbed;
  store.status = 503;
  const acknowledged: string[] = [];
  const refused: number[] = [];
  const text = randomBytes(100_000).toString("hex");
  for (const name of numbered("record", 2000)) {
    const status = await send(otlp, "logs", logRecords(sender, [`${name} ${text}`]));
    if (status === 200) acknowledged.push(name);
    else refused.push(status);
    // not the first time: others may still fit, and a queue without room to work in loses more
    if (refused.length === 20) break;
  }
  expect(acknowledged.length).toBeGreaterThan(20);
  // clients try again after this one
  expect(new Set(refused)).toEqual(new Set([503]));
  store.status = 200;
  await vi.waitFor(() => {
    const arrived = new Set(bodies(store).map((body) => body.slice(0, "record 0000".length)));
    expect(acknowledged.filter((name) => !arrived.has(name))).toEqual([]);
  }, afterOutage);
  // a storage without room loses some of what the queue reads, depending on when: the queue must be full before
  expect(/run out of available space/.exec(testbed.log())?.[0]).toBeUndefined();
});

test("what GreptimeDB refuses with 400 is not sent again: it is lost, and the log says so", async (context) => {
  const testbed = await openTestbed(context);
  const { store } = testbed;
  store.status = 400;
  await sendLogs(testbed, ["refused"]);
  await vi.waitFor(() => {
    expect(store.requestsFor("logs")).toHaveLength(1);
  }, afterOutage);
  store.status = 200;
  // longer than the first pause before a retry
  await sleep(4000);
  await sendLogs(testbed, ["taken"]);
  await vi.waitFor(() => {
    expect(bodies(store)).toEqual(["taken"]);
  }, afterOutage);
  expect(store.requestsFor("logs").map(({ status }) => status)).toEqual([400, 200]);
  expect(testbed.log()).toMatch(/Dropping data.*otlp_http\/logs|otlp_http\/logs.*Dropping data/);
});
