import { counter, gauge, histogram, type Label } from "../metric.ts";

/**
 * Metrics of workflows that are put together from primitives: steps that run, cache, route, or stop what takes too
 * long. Applications expose them for Prometheus, commonly on :9464/metrics; pushed as OTLP they have the same names.
 */

const emittedBy = "workflow applications";
const primitive: Label = {
  help: "Primitive of the workflow, by its name in the code.",
  values: ["retrieve", "summarize", "validate"],
};
const route: Label = { help: "Route that the router chose.", values: ["fast", "quality"] };
const labels = { primitive };

/**
 * The default bounds of Prometheus' client libraries, thinned out, and beyond their last one (10 s), because a quantile
 * never shows more than the last bound.
 */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;

export const executionDuration = histogram({
  name: "primitive_execution_duration_seconds",
  unit: "s",
  route: "scrape",
  help: "Duration of executions. Whether failed ones are among them is up to the application.",
  emittedBy,
  labels,
  buckets,
});

export const executionErrors = counter({
  name: "primitive_execution_errors_total",
  sometimes: true,
  route: "scrape",
  help: "Executions that failed.",
  emittedBy,
  labels,
});

export const cacheHits = counter({
  name: "cache_hits_total",
  route: "scrape",
  help: "Lookups that found an entry.",
  emittedBy,
  labels,
});

export const cacheMisses = counter({
  name: "cache_misses_total",
  route: "scrape",
  help: "Lookups that found none.",
  emittedBy,
  labels,
});

export const cacheEvictions = counter({
  name: "cache_evictions_total",
  sometimes: true,
  route: "scrape",
  help: "Entries that were thrown out to make room.",
  emittedBy,
  labels,
});

export const cacheSize = gauge({
  name: "cache_size",
  route: "scrape",
  help: "Entries in the cache.",
  emittedBy,
  labels,
});

/** Without a unit: with `1` the name would gain `_ratio` when pushed as OTLP. */
export const cacheHitRate = gauge({
  name: "cache_hit_rate",
  share: true,
  route: "scrape",
  help: "Share of lookups that found an entry, 0 to 1, as the application reckons it, over a time that it chooses.",
  emittedBy,
  labels,
});

export const routeSelected = counter({
  name: "router_route_selected_total",
  route: "scrape",
  help: "Decisions of routers.",
  emittedBy,
  labels: { route },
});

export const routeDuration = histogram({
  name: "router_execution_duration_seconds",
  unit: "s",
  route: "scrape",
  help: "Duration of what was routed, by the route that was chosen.",
  emittedBy,
  labels: { route },
  buckets,
});

export const timeoutsTriggered = counter({
  name: "timeout_triggered_total",
  sometimes: true,
  route: "scrape",
  help: "Executions that were stopped because they took too long.",
  emittedBy,
  labels: {},
});

export const timeoutDuration = histogram({
  name: "timeout_duration_seconds",
  sometimes: true,
  unit: "s",
  route: "scrape",
  help: "How long executions ran until their timeout. Some applications also observe those that ended in time.",
  emittedBy,
  labels: {},
  buckets,
});

export const metrics = [
  executionDuration,
  executionErrors,
  cacheHits,
  cacheMisses,
  cacheEvictions,
  cacheSize,
  cacheHitRate,
  routeSelected,
  routeDuration,
  timeoutsTriggered,
  timeoutDuration,
] as const;
