import { counter } from "../../../dashboards/metric.ts";
import { partName } from "../../../dashboards/stored-name.ts";
import * as m from "../../../dashboards/workflows/metrics.ts";
import { phases } from "../failures.ts";
import { observed, points, type Observations, type Series } from "../traffic.ts";
import { buckets, by, one, type PackProof } from "./proof.ts";

const retrieve = { primitive: "retrieve" };
const summarize = { primitive: "summarize" };

/** Executions that took so many seconds in each second: unlike {@link observed}, whose observations are all of 1 s. */
const lasting = (service: string, labels: typeof retrieve, observations: Observations, seconds: number): Series[] => {
  const sum = partName(m.executionDuration, "sum");
  return [
    ...observed(m.executionDuration, service, labels, observations).filter(({ series }) => !series.startsWith(sum)),
    ...points(counter({ ...m.executionDuration, name: sum }), service, labels, seconds),
  ];
};

const executionBuckets = buckets({
  "0.005": 0,
  "0.01": 0,
  "0.025": 0,
  "0.05": 0,
  "0.1": 0,
  "0.25": 3,
  "0.5": 4,
  "1": 4,
  "2.5": 4.5,
  "5": 5,
  "10": 5,
  "30": 5,
  "60": 5,
  "120": 5,
  "300": 5,
  inf: 5,
});

const routeBuckets = buckets({
  "0.005": 0,
  "0.01": 0,
  "0.025": 0,
  "0.05": 0,
  "0.1": 0,
  "0.25": 0,
  "0.5": 3,
  "1": 3,
  "2.5": 3,
  "5": 4,
  "10": 4,
  "30": 4,
  "60": 4,
  "120": 4,
  "300": 4,
  inf: 4,
});

const timeoutBuckets = buckets({
  "0.005": 0,
  "0.01": 0,
  "0.025": 0,
  "0.05": 0,
  "0.1": 0,
  "0.25": 0,
  "0.5": 0,
  "1": 0,
  "2.5": 0,
  "5": 0,
  "10": 0,
  "30": 0.04,
  "60": 0.04,
  "120": 0.04,
  "300": 0.04,
  inf: 0.04,
});

/** The cache of summarize does well in every story, so that only the one that fails can be the reason for an alert. */
const healthyCache = [
  ...points(m.cacheHits, "reviewer", summarize, 0.4),
  ...points(m.cacheMisses, "reviewer", summarize, 0.1),
];

/**
 * Two services with a primitive each. Of 5 executions a second 4 are retrieve, 3 of them between 0.1 s and 0.25 s and
 * one up to 0.5 s; of summarize half end between 1 s and 2.5 s, half up to 5 s.
 */
export const workflowsProof: PackProof = {
  pack: "workflows",
  healthy: () => [
    ...lasting("planner", retrieve, { 0.25: 3, 0.5: 1 }, 0.8),
    ...lasting("reviewer", summarize, { 2.5: 0.5, 5: 0.5 }, 2.5),
    ...points(m.executionErrors, "planner", retrieve, 0.1),
    ...points(m.cacheHits, "planner", retrieve, 3),
    ...points(m.cacheMisses, "planner", retrieve, 1),
    ...healthyCache,
    ...points(m.cacheEvictions, "planner", retrieve, 0.2),
    ...points(m.cacheSize, "planner", retrieve, 500),
    ...points(m.cacheSize, "reviewer", retrieve, 100),
    ...points(m.cacheSize, "reviewer", summarize, 50),
    ...points(m.cacheHitRate, "planner", retrieve, 0.9),
    ...points(m.cacheHitRate, "reviewer", retrieve, 0.7),
    ...points(m.cacheHitRate, "reviewer", summarize, 0.8),
    ...points(m.routeSelected, "planner", { route: "fast" }, 3),
    ...points(m.routeSelected, "planner", { route: "quality" }, 1.25),
    ...observed(m.routeDuration, "planner", { route: "fast" }, { 0.5: 3 }),
    ...observed(m.routeDuration, "planner", { route: "quality" }, { 5: 1 }),
    ...points(m.timeoutsTriggered, "planner", {}, 0.04),
    ...observed(m.timeoutDuration, "planner", {}, { 30: 0.04 }),
  ],
  panels: {
    "workflow-overview/1/services": one(2),
    "workflow-overview/2/executions": one(5),
    "workflow-overview/3/errors": one(0.02),
    // the 4.75th of 5 is in the middle of the half between 2.5 s and 5 s
    "workflow-overview/4/p95": one(3.75),
    "workflow-overview/5/timeouts": one(0.008),
    // 3.4 of 4.5
    "workflow-overview/6/hits": one(0.755556),
    "workflow-overview/10/{{primitive}}": by("primitive", { retrieve: 4, summarize: 1 }),
    // the 2.5th is among the 3 between 0.1 s and 0.25 s: 0.1 + 0.15 × 2.5/3
    "workflow-overview/11/p50": one(0.225),
    "workflow-overview/11/p95": one(3.75),
    "workflow-overview/11/p99": one(4.75),
    "workflow-overview/12/buckets": executionBuckets,
    "workflow-overview/13/{{primitive}}": by("primitive", { retrieve: 0.025 }),
    "workflow-overview/14/{{primitive}}": by("primitive", { retrieve: 0.1 }),
    "workflow-overview/20/{{route}}": by("route", { fast: 3, quality: 1.25 }),
    "workflow-overview/21/{{route}}": by("route", { fast: 0.4875, quality: 4.875 }),
    "workflow-overview/22/buckets": routeBuckets,
    "workflow-overview/23/Decisions": by("route", { fast: 10_800, quality: 4500 }),
    "workflow-overview/23/Executions": by("route", { fast: 10_800, quality: 3600 }),
    "workflow-overview/23/p50": by("route", { fast: 0.375, quality: 3.75 }),
    "workflow-overview/23/p95": by("route", { fast: 0.4875, quality: 4.875 }),
    "workflow-overview/23/p99": by("route", { fast: 0.4975, quality: 4.975 }),
    // of the 4 of its own service, not of all 5
    "workflow-overview/30/{{service_name}}": by("service_name", { planner: 0.01 }),
    "workflow-overview/31/{{service_name}}": by("service_name", { planner: 0.04 }),
    "workflow-overview/32/p50": one(20),
    "workflow-overview/32/p95": one(29),
    "workflow-overview/32/p99": one(29.8),
    "workflow-overview/33/buckets": timeoutBuckets,
    "workflow-overview/40/{{primitive}}": by("primitive", { retrieve: 0.75, summarize: 0.8 }),
    "workflow-overview/41/{{primitive}}": by("primitive", { retrieve: 14_400, summarize: 1800 }),
    "primitive-performance/1/executions": one(5),
    "primitive-performance/2/errors": one(0.02),
    "primitive-performance/3/p95": one(3.75),
    "primitive-performance/4/executions": one(18_000),
    "primitive-performance/5/errors": one(360),
    "primitive-performance/6/running": one(3.3),
    "primitive-performance/10/Executions": by("primitive", { retrieve: 14_400, summarize: 3600 }),
    "primitive-performance/10/Errors": by("primitive", { retrieve: 0.025 }),
    "primitive-performance/10/p50": by("primitive", { retrieve: 0.2, summarize: 2.5 }),
    "primitive-performance/10/p95": by("primitive", { retrieve: 0.45, summarize: 4.75 }),
    "primitive-performance/10/Total time": by("primitive", { retrieve: 2880, summarize: 9000 }),
    "primitive-performance/20/{{primitive}}": by("primitive", { retrieve: 4, summarize: 1 }),
    "primitive-performance/21/{{primitive}}": by("primitive", { retrieve: 0.025 }),
    "primitive-performance/22/{{primitive}}": by("primitive", { retrieve: 0.1 }),
    "primitive-performance/23/{{primitive}}": by("primitive", { retrieve: 0.45, summarize: 4.75 }),
    "primitive-performance/30/p50": one(0.225),
    "primitive-performance/30/p95": one(3.75),
    "primitive-performance/30/p99": one(4.75),
    "primitive-performance/31/buckets": executionBuckets,
    "primitive-performance/32/{{primitive}}": by("primitive", { retrieve: 0.8, summarize: 2.5 }),
    "cache-analytics/1/hits": one(0.755556),
    "cache-analytics/2/reported": one(0.7),
    "cache-analytics/3/lookups": one(16_200),
    "cache-analytics/4/misses": one(1.1),
    "cache-analytics/5/evictions": one(0.2),
    "cache-analytics/6/entries": one(650),
    "cache-analytics/10/{{primitive}}": by("primitive", { retrieve: 0.75, summarize: 0.8 }),
    "cache-analytics/11/{{primitive}}": by("primitive", { retrieve: 0.7, summarize: 0.8 }),
    "cache-analytics/20/Misses": by("primitive", { retrieve: 3600, summarize: 360 }),
    "cache-analytics/20/Hits": by("primitive", { retrieve: 10_800, summarize: 1440 }),
    "cache-analytics/20/Hit ratio": by("primitive", { retrieve: 0.75, summarize: 0.8 }),
    "cache-analytics/20/Reported": by("primitive", { retrieve: 0.7, summarize: 0.8 }),
    "cache-analytics/20/Evictions": by("primitive", { retrieve: 720 }),
    "cache-analytics/20/Entries": by("primitive", { retrieve: 600, summarize: 50 }),
    "cache-analytics/21/{{primitive}}": by("primitive", { retrieve: 3, summarize: 0.4 }),
    "cache-analytics/22/{{primitive}}": by("primitive", { retrieve: 1, summarize: 0.1 }),
    "cache-analytics/30/{{primitive}}": by("primitive", { retrieve: 600, summarize: 50 }),
    "cache-analytics/31/{{primitive}}": by("primitive", { retrieve: 0.2 }),
    "cache-analytics/32/{{primitive}}": by("primitive", { retrieve: 0.2 }),
  },
  failures: {
    // one execution in five fails: 5 % of the window after 2.5 minutes, five more to hold; back below it after 7.5,
    // and five more for which it goes on firing
    PrimitiveErrorRatioHigh: {
      series: [
        ...observed(m.executionDuration, "planner", retrieve, { 0.5: 1 }),
        ...points(m.executionErrors, "planner", retrieve, phases(0, 0.2)),
        ...observed(m.executionDuration, "reviewer", summarize, { 5: 1 }),
        ...points(m.executionErrors, "reviewer", summarize, 0.02),
      ],
      labels: retrieve,
      detectedWithin: 8,
      silentWithin: 13,
    },
    // all executions between half a minute and one: a twentieth of the window within a minute, ten more to hold; less
    // than that again after 14.25, and five more
    PrimitiveSlow: {
      series: [
        ...observed(m.executionDuration, "planner", retrieve, { 10: phases(1, 0), 60: phases(0, 1) }),
        ...observed(m.executionDuration, "reviewer", summarize, { 5: 1 }),
      ],
      labels: retrieve,
      detectedWithin: 11,
      silentWithin: 20,
    },
    // one execution in ten: 5 % of the window after 7.5 minutes, five more to hold; the same on the way back
    WorkflowTimeoutRatioHigh: {
      series: [
        ...observed(m.executionDuration, "planner", retrieve, { 0.5: 1 }),
        ...points(m.timeoutsTriggered, "planner", {}, phases(0, 0.1)),
        ...observed(m.executionDuration, "reviewer", summarize, { 5: 1 }),
        ...points(m.timeoutsTriggered, "reviewer", {}, 0.02),
      ],
      labels: { service_name: "planner" },
      detectedWithin: 13,
      silentWithin: 13,
    },
    // no hit any more. After t minutes the window has the 30 healthy ones, with 0.8 hits a lookup, and t without:
    // half at 18, a quarter of an hour more to hold. Of the hour before minute t after the end, t are healthy and 40
    // are not, or fewer once t is above 20: half at 37.5, and five more for which it goes on firing
    CacheHitRatioLow: {
      series: [
        ...points(m.cacheHits, "planner", retrieve, phases(8, 0)),
        ...points(m.cacheMisses, "planner", retrieve, phases(2, 10)),
        ...healthyCache,
      ],
      labels: retrieve,
      detectedWithin: 34,
      silentWithin: 43,
    },
  },
};
