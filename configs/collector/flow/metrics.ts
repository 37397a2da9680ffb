import type { Settings } from "../../settings/settings.ts";
import type { Component } from "../model.ts";

/** Metrics in a form of which GreptimeDB stores everything. */
export const storableMetrics = (settings: Settings): Component[] => [
  ...(settings.collector.deltaToCumulative
    ? [{ id: "deltatocumulative", config: { max_stale: "15m", max_streams: 100_000 } }]
    : []),
  ...(settings.collector.histograms === "convert" ? [explicitHistograms] : []),
];

/**
 * Bounds for whatever is measured, whose unit nobody knows here: seconds, milliseconds, bytes, tokens. Quantiles are as
 * exact as these are close; an application that chooses its own buckets is exact.
 */
const bounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000,
  10_000, 25_000, 50_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
] as const;

const explicitHistograms: Component = {
  id: "transform/explicit_histograms",
  config: {
    error_mode: "ignore",
    metric_statements: [
      `convert_exponential_histogram_to_histogram("upper", [${bounds.map((bound) => bound.toFixed(4).replace(/0+$/, "0")).join(", ")}]) where metric.type == METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM`,
    ],
  },
  why: "GreptimeDB takes exponential histograms and stores nothing of them",
};
