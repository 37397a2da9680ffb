import type { Metric } from "./metric.ts";
import type { PromTarget } from "./panel.ts";
import { quantile, type Where } from "./promql.ts";

/** p50, p95 and p99 over time. */
export const quantiles = <L extends string>(metric: Metric<L, "histogram">, where: Where<L>): PromTarget[] =>
  ([0.5, 0.95, 0.99] as const).map((share) => ({
    query: quantile(share, metric, { window: "$__rate_interval", where }),
    legend: `p${String(share * 100)}`,
  }));
