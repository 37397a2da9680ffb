import { setTimeout as sleep } from "node:timers/promises";

import { expect, vi } from "vitest";

import { logRecords, metrics, send, spans } from "../../../cli/lab/otlp.ts";
import type { Store } from "../../../cli/lab/store.ts";
import type { Testbed } from "./testbed.ts";

/** What an application sends around an outage, and that it arrives. */

export const sender = { "service.name": "shop" };

/** After an outage the next try may be as far away as the outage was long, and a half. */
export const afterOutage = { timeout: 60_000, interval: 200 };

export const bodies = (store: Store): string[] => store.logRecords().map(({ body }) => body);

export const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${String(index).padStart(4, "0")}`);

/** One request for each text; all must be acknowledged. */
export async function sendLogs({ otlp }: Testbed, texts: readonly string[]): Promise<void> {
  for (const text of texts) expect(await send(otlp, "logs", logRecords(sender, [text]))).toBe(200);
}

/** Sends all three signals before, during and after an outage; all must arrive, twice where the answer was lost. */
export async function survives(testbed: Testbed, begin: () => void | Promise<void>, end: () => void | Promise<void>) {
  const { store, otlp } = testbed;
  const sendAll = async (name: string) => {
    const texts = numbered(name, 50);
    await sendLogs(testbed, texts);
    expect(await send(otlp, "traces", spans(sender, texts))).toBe(200);
    const points = texts.map((text, index) => ({ name: text, value: index }));
    expect(await send(otlp, "metrics", metrics(sender, points))).toBe(200);
    return texts;
  };
  const before = await sendAll("before");
  await begin();
  const during = await sendAll("during");
  await sleep(6000);
  await end();
  const all = new Set([...before, ...during, ...(await sendAll("after"))]);
  await vi.waitFor(() => {
    expect(new Set(bodies(store))).toEqual(all);
    expect(new Set(store.spans().map(({ name }) => name))).toEqual(all);
    const sent = store.points().filter(({ resource }) => resource["service.name"] === sender["service.name"]);
    expect(new Set(sent.map(({ metric }) => metric))).toEqual(all);
  }, afterOutage);
}
