import { setTimeout as sleep } from "node:timers/promises";

import type { Answer } from "../store.ts";
import type { Testbed } from "../testbed.ts";
import type { Traffic } from "./numbers.ts";

/** What goes wrong, and what is promised of it. */

/**
 * `kept`: nothing that was acknowledged is lost. `permanent`: GreptimeDB refuses for good; what is lost is what the
 * collector itself counts as lost, and no more.
 */
export type Promised = "kept" | "permanent";

/** How long things take, in seconds. */
export interface Pace {
  /** How long something is away. */
  readonly outage: number;
  /** How long all is well, before and after. */
  readonly calm: number;
}

export const paces: Readonly<Record<"full" | "short", Pace>> = {
  full: { outage: 60, calm: 5 },
  short: { outage: 4, calm: 1 },
};

export interface Case {
  readonly name: string;
  /** What happens, as a row of a table says it. */
  readonly what: string;
  readonly promised: Promised;
  /** Settings of the stack. @default {} */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Whether the proxy of a cluster stands in between. @default false */
  readonly proxied?: boolean;
  /** What each of the senders does. @default usual traffic */
  readonly traffic?: Traffic;
  /** Senders of each signal. @default 2 */
  readonly senders?: number;
  /** Clients must have been told to try again. @default false */
  readonly refuses?: boolean;
  /** What happens while records are sent. */
  readonly happens: (bed: Testbed, pace: Pace, random: () => number) => Promise<void>;
}

export const usualTraffic: Traffic = { batch: 10, pause: 50 };

/** What happens in a case. */
const during = (happens: Case["happens"]): Case["happens"] => happens;

const seconds = (count: number): Promise<void> => sleep(count * 1000);

/** Something of the server's own choice for a while; then all is well. */
const answering =
  (answers: (random: () => number) => () => Answer): Case["happens"] =>
  async ({ store }, { outage }, random) => {
    store.answers = answers(random);
    await seconds(outage);
    store.answers = undefined;
  };

const refusedForGood = (status: number): Case => ({
  name: `refused-${String(status)}`,
  what: `GreptimeDB answers ${String(status)} for a while`,
  promised: "permanent",
  happens: answering(() => () => status),
});

/** The cases, in the order in which they are played. */
export const cases: readonly Case[] = [
  {
    name: "away",
    what: "GreptimeDB refuses connections",
    promised: "kept",
    happens: during(async ({ store }, { outage }) => {
      await store.stop();
      await seconds(outage);
      await store.start();
    }),
  },
  {
    name: "overloaded",
    what: "GreptimeDB answers 503 and 429 at random, some with Retry-After",
    promised: "kept",
    happens: answering((random) => () => {
      const drawn = random();
      if (drawn < 0.3) return 503;
      if (drawn < 0.5) return 429;
      return drawn < 0.6 ? { status: 429, retryAfter: 1 } : 200;
    }),
  },
  {
    name: "killed",
    what: "the collector is killed (SIGKILL) in the middle of it, and started again",
    promised: "kept",
    happens: during(async (bed, { calm }) => {
      await bed.kill();
      await bed.start();
      await seconds(calm);
      await bed.kill();
      await bed.start();
    }),
  },
  {
    name: "killed-while-away",
    what: "the collector is killed while GreptimeDB is away",
    promised: "kept",
    happens: during(async (bed, { outage }) => {
      await bed.store.stop();
      await seconds(outage / 2);
      await bed.kill();
      await bed.start();
      await seconds(outage / 2);
      await bed.store.start();
    }),
  },
  {
    name: "replaced-while-away",
    what: "the collector is ended (SIGTERM) and started again while GreptimeDB is away",
    promised: "kept",
    happens: during(async (bed, { outage }) => {
      await bed.store.stop();
      await seconds(outage / 2);
      await bed.terminate();
      await bed.start();
      await seconds(outage / 2);
      await bed.store.start();
    }),
  },
  {
    name: "stalled",
    what: "GreptimeDB takes requests and does not answer, until it is started again",
    promised: "kept",
    happens: during(async ({ store }, { outage }) => {
      store.answers = () => "stall";
      await seconds(outage);
      // connections break, which is how such an outage ends
      await store.stop();
      store.answers = undefined;
      await store.start();
    }),
  },
  {
    name: "answers-lost",
    what: "GreptimeDB stores every third request, and its answer is lost",
    promised: "kept",
    happens: answering((random) => () => (random() < 1 / 3 ? "silence" : 200)),
  },
  {
    name: "disk-full",
    what: "GreptimeDB is away until the queues are full",
    promised: "kept",
    refuses: true,
    values: { collector: { queue: { diskPerSignal: "256MiB" } } },
    // a third of the disk holds data: some 90 MB a signal
    traffic: { batch: 20, padding: 200_000, pause: 0 },
    senders: 1,
    happens: during(async ({ store }, { calm }) => {
      await store.stop();
      await seconds(15 + 3 * calm);
      await store.start();
    }),
  },
  {
    name: "memory-full",
    what: "a burst of large requests while GreptimeDB is away, with room in the queues",
    promised: "kept",
    refuses: true,
    values: { collector: { queue: { diskPerSignal: "8GiB" } } },
    // prompts of 50 KB, some 5 MB a request, 24 at once
    traffic: { batch: 100, padding: 50_000, pause: 0 },
    senders: 8,
    happens: during(async ({ store }, { outage, calm }) => {
      await store.stop();
      await seconds(Math.min(outage, 10) + calm);
      await store.start();
    }),
  },
  {
    name: "datanode-away",
    what: "a GreptimeDB cluster answers 500, behind the stack's proxy",
    promised: "kept",
    proxied: true,
    happens: answering(() => () => 500),
  },
  refusedForGood(400),
  refusedForGood(401),
  refusedForGood(500),
];
