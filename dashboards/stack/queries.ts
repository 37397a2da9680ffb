import { up } from "../scraping.ts";
import {
  current,
  matches,
  maxBy,
  minBy,
  plus,
  rate,
  ratio,
  rest,
  sum,
  sumBy,
  type Vector,
  type Window,
} from "../promql.ts";
import { queueCapacity, queueSize, type Signal } from "./collector-metrics.ts";
import { memoryLimit } from "./database-metrics.ts";
import { ofCollector, ofDatabase } from "./own.ts";
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
  ratio(maxBy(["exporter"], current(queueSize, ofCollector)), maxBy(["exporter"], current(queueCapacity, ofCollector)));

/** How full the fullest queue is; all have the same capacity. */
export const largestQueueFill = (): Vector<never> =>
  ratio(maxBy([], current(queueSize, ofCollector)), maxBy([], current(queueCapacity, ofCollector)));

/** How much of what it may use GreptimeDB has in RAM. */
export const databaseMemoryShare = (): Vector<never> =>
  ratio(sum(current(processMemory, ofDatabase)), sum(current(memoryLimit, ofDatabase)));

/** Requests that GreptimeDB itself could not answer. */
export const serverErrors = { ...ofDatabase, code: matches("5..") } as const;
