import { up } from "../scraping.ts";
import {
  current,
  matches,
  maxBy,
  maxOver,
  minBy,
  plus,
  rate,
  ratio,
  rest,
  sumBy,
  type Vector,
  type Window,
} from "../promql.ts";
import { queueCapacity, queueSize, type Signal } from "./collector-metrics.ts";
import { memoryLimit } from "./database-metrics.ts";
import { ofCollector, ofDatabase, toDatabase } from "./own.ts";
import { processMemory } from "./process-metrics.ts";

/** What boards and rules ask alike. */

/** 1 for each target whose last scrape failed, 0 for the others. */
export const down = (): Vector<"job" | "instance"> => rest(minBy(["job", "instance"], current(up)));

/** How much of what came in the collector did not take. */
export const refusedShare = ({ refused, accepted }: Signal, window: Window): Vector<"receiver"> => {
  const refusals = sumBy(["receiver"], rate(refused, window, ofCollector));
  return ratio(refusals, plus(refusals, sumBy(["receiver"], rate(accepted, window, ofCollector))));
};

/** How full each queue is. */
export const queueFill = (): Vector<"exporter"> =>
  ratio(maxBy(["exporter"], current(queueSize, toDatabase)), maxBy(["exporter"], current(queueCapacity, toDatabase)));

/** How full the fullest queue is; all have the same capacity. */
export const largestQueueFill = (): Vector<never> =>
  ratio(maxBy([], current(queueSize, toDatabase)), maxBy([], current(queueCapacity, toDatabase)));

/** How much of what it may use each process of GreptimeDB has in RAM: in a cluster there are several. */
export const databaseMemoryShares = (): Vector<"instance"> =>
  ratio(sumBy(["instance"], current(processMemory, ofDatabase)), sumBy(["instance"], current(memoryLimit, ofDatabase)));

/** The same of the process that is nearest to its limit. */
export const databaseMemoryShare = (): Vector<never> => maxOver([], databaseMemoryShares());

/** Requests that GreptimeDB itself could not answer. */
export const serverErrors = { ...ofDatabase, code: matches("5..") } as const;
