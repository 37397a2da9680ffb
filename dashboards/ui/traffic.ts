import { either, rate, ratio, rest, sumBy, times, type Ago, type Vector, type Where, type Window } from "../promql.ts";
import { uiRequests } from "./metrics.ts";

/** Requests, and how they compare with an earlier day. */

interface Look {
  readonly window: Window;
  readonly where?: Where<"action" | "component">;
}

/** Requests per second, now or so long ago. */
export const traffic = <B extends "service_name">(
  by: readonly B[],
  { window, where = {} }: Look,
  when: Ago = {},
): Vector<B> => sumBy(by, rate(uiRequests, window, where, when));

/**
 * Share of the requests of so long ago that is missing now; negative when there are more now. With the last browser
 * goes the last series: zero times the past stands in for the present that has none.
 */
export function missing<B extends "service_name">(by: readonly B[], look: Look, when: Required<Ago>): Vector<B> {
  const past = traffic(by, look, when);
  return rest(ratio(either(traffic(by, look), times(0, past)), past));
}
