import { setTimeout as sleep } from "node:timers/promises";

import { logRecords, metrics, send, spans, type Signal } from "../otlp.ts";
import type { Store } from "../store.ts";

/** Numbered records: who sends them, and who counts what arrived. */

export const signals = ["traces", "logs", "metrics"] as const satisfies readonly Signal[];

const service = { "service.name": "numbered" };

/** What one sender does. */
export interface Traffic {
  /** Records of one request. */
  readonly batch: number;
  /** Characters that are added to each record. @default 0 */
  readonly padding?: number;
  /** Milliseconds between a request that was acknowledged and the next. */
  readonly pause: number;
}

/** What became of the records of one signal. */
export interface Count {
  readonly sent: number;
  /** Answered with 200: from there on the collector is responsible. */
  readonly acknowledged: number;
  /** Different records that arrived. */
  readonly delivered: number;
  /** Records that arrived again. */
  readonly twice: number;
  /** Requests that were not acknowledged, and sent again. */
  readonly refused: number;
  /** Acknowledged, and not delivered. */
  readonly lost: number;
}

/** Sends numbered records of one signal until it is told to stop, as an SDK does: what is not acknowledged, again. */
export class Sender {
  readonly acknowledged = new Set<string>();
  sent = 0;
  refused = 0;
  readonly statuses = new Set<number>();
  readonly signal: Signal;
  readonly #name: string;
  readonly #traffic: Traffic;
  #stopped = false;
  /** Time after which a request that is not acknowledged is given up, once it is told to stop. */
  #patience = Infinity;

  constructor(signal: Signal, name: string, traffic: Traffic) {
    this.signal = signal;
    this.#name = name;
    this.#traffic = traffic;
  }

  async run(otlp: string): Promise<void> {
    const { batch, padding, pause } = this.#shape();
    for (let first = 0; !this.#stopped; first += batch) {
      const numbers = Array.from({ length: batch }, (_, index) => `${this.#name}.${String(first + index)}`);
      this.sent += batch;
      if (await this.#delivered(otlp, bodyOf(this.signal, numbers, "x".repeat(padding)))) {
        for (const number of numbers) this.acknowledged.add(number);
      }
      await sleep(pause);
    }
  }

  /** Metric points are small and many, where spans and log records hold long texts. */
  #shape(): Required<Traffic> {
    const { batch, padding = 0, pause } = this.#traffic;
    if (this.signal !== "metrics" || padding === 0) return { batch, padding, pause };
    return { batch: batch * 50, padding: Math.ceil(padding / 400), pause };
  }

  /** @param patience milliseconds that the last request has to be acknowledged */
  stop(patience: number): void {
    this.#stopped = true;
    this.#patience = Date.now() + patience;
  }

  /** Tries again what may succeed later, a little later each time, as SDKs do. */
  async #delivered(otlp: string, body: object): Promise<boolean> {
    for (let wait = 100; Date.now() < this.#patience; wait = Math.min(wait * 2, 1000)) {
      const status = await send(otlp, this.signal, body).catch(() => 0);
      this.statuses.add(status);
      if (status === 200) return true;
      this.refused += 1;
      if (![0, 429, 502, 503, 504].includes(status)) return false;
      await sleep(wait);
    }
    return false;
  }
}

function bodyOf(signal: Signal, numbers: readonly string[], padding: string): object {
  const texts = numbers.map((number) => (padding === "" ? number : `${number} ${padding}`));
  if (signal === "traces") return spans(service, texts);
  if (signal === "logs") return logRecords(service, texts);
  return metrics(
    service,
    texts.map((name) => ({ name, value: 1 })),
  );
}

const numberIn = (text: string): string => text.split(" ")[0] ?? "";

/** Numbers that arrived, as often as they did. */
export function arrived(store: Store, signal: Signal): string[] {
  if (signal === "traces")
    return store
      .spans()
      .filter(ours)
      .map(({ name }) => numberIn(name));
  if (signal === "logs")
    return store
      .logRecords()
      .filter(ours)
      .map(({ body }) => numberIn(body));
  return store
    .points()
    .filter(ours)
    .map(({ metric }) => numberIn(metric));
}

const ours = ({ resource }: { resource: Readonly<Record<string, unknown>> }): boolean =>
  resource["service.name"] === service["service.name"];

export function counted(store: Store, signal: Signal, senders: readonly Sender[]): Count {
  const own = senders.filter((sender) => sender.signal === signal);
  const all = arrived(store, signal);
  const different = new Set(all);
  const total = (of: (sender: Sender) => number) => own.reduce((sum, sender) => sum + of(sender), 0);
  return {
    sent: total(({ sent }) => sent),
    acknowledged: total(({ acknowledged }) => acknowledged.size),
    delivered: different.size,
    twice: all.length - different.size,
    refused: total(({ refused }) => refused),
    lost: total(({ acknowledged }) => [...acknowledged].filter((number) => !different.has(number)).length),
  };
}
