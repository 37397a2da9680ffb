import { SpanKind } from "@opentelemetry/api";

import { up } from "../../dashboards/scraping.ts";
import * as m from "../../dashboards/workers/metrics.ts";
import type { Source } from "./telemetry.ts";
import type { Trail } from "./trail.ts";
import { sources, type World } from "./world.ts";

/** Queues, and workers that empty them. */

const queues = ["inference", "embedding"] as const;
export type Queue = (typeof queues)[number];

/** Seconds that a message takes, at the median. */
const seconds: Readonly<Record<Queue, number>> = { inference: 0.35, embedding: 0.06 };

/** Messages for each visit, when all is well. */
const perVisit: Readonly<Record<Queue, number>> = { inference: 1.2, embedding: 0.6 };

/** How many times as many messages workers can do as usually come. */
const reserve = 1.3;

export interface Backlog {
  readonly waiting: Record<Queue, number>;
}

export const emptyBacklog = (): Backlog => ({ waiting: { inference: 0, embedding: 0 } });

/** The workers that run. */
export const running = ({ conditions }: World, all: readonly Source[]): Source[] =>
  all.slice(0, Math.max(1, Math.round(all.length * conditions.workersUp)));

/**
 * A second of messages that come and are done.
 * @param visits how many visits there were on average
 */
export function worked(world: World, all: readonly Source[], { waiting }: Backlog, visits: number): void {
  const { luck, conditions } = world;
  const there = running(world, all);
  for (const queue of queues) {
    const usual = visits * perVisit[queue];
    waiting[queue] += luck.howMany(usual * conditions.messages);
    const capacity = luck.howMany((usual * reserve * there.length) / all.length);
    const done = Math.min(waiting[queue], capacity);
    waiting[queue] -= done;
    for (let message = 0; message < done; message += 1) processed(world, there, queue);
  }
}

function processed({ telemetry, luck }: World, there: readonly Source[], queue: Queue): void {
  const source = there[luck.below(there.length)] ?? sources.workers[0];
  const status = luck.oneOf(`${queue} message`, { success: 985, error: 10, timeout: 5 });
  telemetry.add(source, m.messagesProcessed, { worker_type: queue, status });
  telemetry.observe(source, m.processingDuration, { worker_type: queue }, luck.around(seconds[queue]));
}

/** What each worker says of itself; of one that is down, whoever scrapes it says that it is. */
export function reported(world: World, all: readonly Source[], { waiting }: Backlog): void {
  const { telemetry, luck } = world;
  const there = running(world, all);
  for (const source of all) telemetry.set(source, up, {}, there.includes(source) ? 1 : 0);
  for (const source of there) {
    for (const queue of queues) {
      telemetry.set(source, m.queueSize, { queue_name: queue }, waiting[queue] + luck.below(4));
    }
  }
}

/** A message that a request leaves behind, as a trace tells it. */
export function handedOver(world: World, trail: Trail, from: Source): void {
  const { luck } = world;
  const queue = luck.oneOf("message of a visit", { inference: 2, embedding: 1 });
  const attributes = { "messaging.destination.name": queue };
  trail.within({ source: from, name: `publish ${queue}`, kind: SpanKind.PRODUCER, attributes }, () => {
    trail.spend(0.002);
    trail.meanwhile(() => {
      trail.spend(luck.around(0.2));
      const [source = sources.workers[0]] = running(world, sources.workers);
      trail.within({ source, name: `process ${queue}`, kind: SpanKind.CONSUMER, attributes }, () => {
        trail.spend(luck.around(seconds[queue]));
        trail.log("INFO", `message of ${queue} is done`);
      });
    });
  });
}
