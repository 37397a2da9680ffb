import type { CommonLabel } from "../metric.ts";
import { increase, observations, plus, rate, ratio, sumBy, type LabelOf, type Vector, type View } from "../promql.ts";
import * as m from "./metrics.ts";

/** What boards and rules ask alike, so that a panel shows what its rule looks at. */

export const executions = observations(m.executionDuration);

type Labels = LabelOf<"primitive">;

/** Errors over executions, two metrics: above 1 where an application counts a failed execution as an error only. */
export const errorRatio = <B extends Labels = never>({
  window,
  where = {},
  by = [],
}: View<"primitive", B>): Vector<B> =>
  ratio(
    sumBy<Labels, B>(by, rate(m.executionErrors, window, where)),
    sumBy<Labels, B>(by, rate(executions, window, where)),
  );

/** Executions and errors together: not nothing, even where failed executions are counted as errors only and all fail. */
export const attempts = <B extends Labels = never>({ window, where = {}, by = [] }: View<"primitive", B>): Vector<B> =>
  plus(
    sumBy<Labels, B>(by, increase(executions, window, where)),
    sumBy<Labels, B>(by, increase(m.executionErrors, window, where)),
  );

/** Timeouts over executions. Timeouts do not say of which primitive. */
export const timeoutRatio = <B extends CommonLabel = never>({
  window,
  where = {},
  by = [],
}: View<never, B>): Vector<B> =>
  ratio(
    sumBy<CommonLabel, B>(by, rate(m.timeoutsTriggered, window, where)),
    sumBy<Labels, B>(by, rate(executions, window, where)),
  );

/** Hits over lookups: nothing, not 0, for a cache that never had a hit, or never a miss. */
export const hitRatio = <B extends Labels = never>({ window, where = {}, by = [] }: View<"primitive", B>): Vector<B> =>
  ratio(
    sumBy<Labels, B>(by, rate(m.cacheHits, window, where)),
    plus(
      sumBy<Labels, B>(by, rate(m.cacheHits, window, where)),
      sumBy<Labels, B>(by, rate(m.cacheMisses, window, where)),
    ),
  );

/** Lookups within the window. */
export const lookups = <B extends Labels = never>({ window, where = {}, by = [] }: View<"primitive", B>): Vector<B> =>
  plus(
    sumBy<Labels, B>(by, increase(m.cacheHits, window, where)),
    sumBy<Labels, B>(by, increase(m.cacheMisses, window, where)),
  );
