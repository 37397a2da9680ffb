import { fromThreshold, belowThreshold, type Board, type BoardContext, type Panel } from "../panel.ts";
import { quantiles } from "../quantiles.ts";
import { chosen, count, distribution, increase, observations, quantile, rate, sum, sumBy } from "../promql.ts";
import { partName } from "../stored-name.ts";
import { workflowOverview } from "./ids.ts";
import * as link from "./links.ts";
import * as m from "./metrics.ts";
import { errorRatio, executions, hitRatio, lookups, timeoutRatio } from "./queries.ts";

const { panels: id } = workflowOverview;
const window = "$__rate_interval";
const service = { service_name: chosen("service") };

/** Is it well, and if not: executions, routes, timeouts or caches? */
export const workflowOverviewBoard = (context: BoardContext): Board => ({
  uid: workflowOverview.uid,
  title: "Workflow overview",
  description: "Executions, routing, timeouts and caches of workflows.",
  variables: [
    { name: "service", label: "Service", series: partName(m.executionDuration, "count"), of: "service_name" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Executions", panels: executionPanels(context) },
    { title: "Routes", panels: routes(context) },
    { title: "Timeouts", panels: timeouts(context) },
    { title: "Caches", panels: caches(context) },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.services,
    title: "Services reporting",
    description:
      "Services whose primitives ran within the range. Fewer than you run: the service is idle, or the collector does not scrape its endpoint.",
    width: 4,
    height: 4,
    unit: "none",
    target: { query: count(sumBy(["service_name"], increase(executions, "$__range"))), legend: "services" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.executionRate,
    title: "Executions",
    description:
      "Executions of primitives per second. A workflow of five primitives counts five times, and a primitive that runs others counts besides them.",
    width: 4,
    height: 4,
    unit: "ops",
    target: { query: sum(rate(executions, window, service)), legend: "executions" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.errorShare,
    title: "Errors",
    description:
      "Errors over executions, all primitives. Red: the threshold of rule PrimitiveErrorRatioHigh, which looks at each primitive by itself. Also 0 % before the first error.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "PrimitiveErrorRatioHigh"),
    target: { query: errorRatio({ window, where: service }), legend: "errors" },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.p95,
    title: "Execution p95",
    description:
      "95 of 100 executions are faster, all primitives. Red: the threshold of rule PrimitiveSlow, which looks at each primitive by itself.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 1,
    steps: fromThreshold(context, "PrimitiveSlow"),
    target: { query: quantile(0.95, m.executionDuration, { window, where: service }), legend: "p95" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.timeoutShare,
    title: "Timeouts",
    description:
      "Timeouts over executions. Red: the threshold of rule WorkflowTimeoutRatioHigh, which looks at each service by itself. Also 0 % before the first timeout.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "WorkflowTimeoutRatioHigh"),
    target: { query: timeoutRatio({ window, where: service }), legend: "timeouts" },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.hitRatio,
    title: "Cache hits",
    description:
      "Hits over lookups, all caches together. Red: below the threshold of rule CacheHitRatioLow, which looks at each cache by itself over an hour. Empty as long as there is no hit at all, or no miss at all.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: belowThreshold(context, "CacheHitRatioLow"),
    target: { query: hitRatio({ window, where: service }), legend: "hits" },
    empty: "–",
  },
];

const executionPanels = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.executions,
    title: "Executions by primitive",
    description:
      "Executions per second. Steady or in step with the load is good; one that falls while those before it do not is where the workflow stops.",
    width: 8,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["primitive"], rate(executions, window, service)), legend: "{{primitive}}" }],
    empty: "0",
    links: [link.toPrimitive],
  },
  {
    kind: "timeseries",
    id: id.duration,
    title: "Execution time",
    description:
      "p50, p95 and p99 of all primitives together. Flat is good; if p99 leaves p50 behind, a few executions wait for something: look at the single primitives. A quantile never shows more than the last bucket of the application's histogram. Line: the threshold of rule PrimitiveSlow.",
    width: 8,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "PrimitiveSlow"),
    targets: quantiles(m.executionDuration, service),
    empty: "–",
    links: [link.slowSpans(context)],
  },
  {
    kind: "heatmap",
    id: id.durationHeat,
    title: "Execution time, spread",
    description:
      "How many executions took how long. A band for each kind of primitive is normal; a band that moves up is one that became slow.",
    width: 8,
    height: 8,
    unit: "s",
    query: distribution(m.executionDuration, { window, where: service }),
  },
  {
    kind: "timeseries",
    id: id.errorRatio,
    title: "Errors over executions by primitive",
    description:
      "Below the line is good. Errors and executions are two metrics: where the application counts a failed execution as an error only, it can pass 100 %. Empty for a primitive that never failed. Line: rule PrimitiveErrorRatioHigh.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "PrimitiveErrorRatioHigh"),
    targets: [{ query: errorRatio({ window, where: service, by: ["primitive"] }), legend: "{{primitive}}" }],
    empty: "0 %",
    links: [link.toPrimitive, link.failedSpansOfPrimitive(context)],
  },
  {
    kind: "timeseries",
    id: id.errors,
    title: "Errors by primitive",
    description:
      "Errors per second. None is good. Several primitives at once share a dependency, or one of them runs the others; follow failed spans to the first that failed.",
    width: 12,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["primitive"], rate(m.executionErrors, window, service)), legend: "{{primitive}}" }],
    empty: "0",
    links: [link.toPrimitive, link.failedSpansOfPrimitive(context)],
  },
];

const routes = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.routeShare,
    title: "Decisions by route",
    description:
      "Each route's share of the router's decisions; the legend has decisions per second. Steady shares are good; a shift without a release means that the traffic, or what the router judges by, has changed.",
    width: 8,
    height: 8,
    unit: "ops",
    stacked: "percent",
    targets: [{ query: sumBy(["route"], rate(m.routeSelected, window, service)), legend: "{{route}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.routeDuration,
    title: "Duration p95 by route",
    description:
      "95 of 100 executions of the route are faster. Flat is good. A route that became slow has a slow primitive behind it: rule PrimitiveSlow names that one.",
    width: 8,
    height: 8,
    unit: "s",
    targets: [
      { query: quantile(0.95, m.routeDuration, { window, where: service, by: ["route"] }), legend: "{{route}}" },
    ],
    empty: "–",
    links: [link.slowSpans(context)],
  },
  {
    kind: "heatmap",
    id: id.routeHeat,
    title: "Duration of routes, spread",
    description:
      "How many routed executions took how long. A band for each route is what a router is for; if two routes share one band, the choice between them saves no time.",
    width: 8,
    height: 8,
    unit: "s",
    query: distribution(m.routeDuration, { window, where: service }),
  },
  {
    kind: "table",
    id: id.routes,
    title: "Routes",
    description:
      "One row a route, over the range. More decisions than executions: what was routed failed before its duration was observed, or still runs.",
    width: 24,
    height: 6,
    keys: { route: "Route" },
    columns: [
      { header: "Decisions", unit: "short", query: sumBy(["route"], increase(m.routeSelected, "$__range", service)) },
      {
        header: "Executions",
        unit: "short",
        query: sumBy(["route"], increase(observations(m.routeDuration), "$__range", service)),
      },
      ...([0.5, 0.95, 0.99] as const).map((share) => ({
        header: `p${String(share * 100)}`,
        unit: "s" as const,
        decimals: 2,
        query: quantile(share, m.routeDuration, { window: "$__range", where: service, by: ["route"] }),
      })),
    ],
  },
];

const timeouts = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.timeoutRatio,
    title: "Timeouts over executions by service",
    description:
      "Timeouts do not say which primitive they stopped, so all executions of the service are the measure, those without a timeout included. Below the line is good. Empty for a service without any. Line: rule WorkflowTimeoutRatioHigh.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "WorkflowTimeoutRatioHigh"),
    targets: [{ query: timeoutRatio({ window, where: service, by: ["service_name"] }), legend: "{{service_name}}" }],
    empty: "0 %",
    links: [link.failedSpansOfService(context)],
  },
  {
    kind: "timeseries",
    id: id.timeouts,
    title: "Timeouts by service",
    description:
      "Timeouts per second. None, or a few that do not grow, is good. Growth together with the execution time means a slow dependency.",
    width: 12,
    height: 8,
    unit: "ops",
    targets: [
      { query: sumBy(["service_name"], rate(m.timeoutsTriggered, window, service)), legend: "{{service_name}}" },
    ],
    empty: "0",
    links: [link.failedSpansOfService(context)],
  },
  {
    kind: "timeseries",
    id: id.timeoutDuration,
    title: "Time until timeout",
    description:
      "p50, p95 and p99 of how long executions ran until they were stopped. Flat at the limits that you set is good: more means that stopping itself takes time. Some applications also observe executions that ended in time; then this is the time under a limit, and p50 lies far below it.",
    width: 12,
    height: 8,
    unit: "s",
    targets: quantiles(m.timeoutDuration, service),
    empty: "–",
    links: [link.slowSpans(context)],
  },
  {
    kind: "heatmap",
    id: id.timeoutHeat,
    title: "Time until timeout, spread",
    description:
      "How many ran how long. A band at each limit that you set is good; one at a limit that you do not know is a default somewhere.",
    width: 12,
    height: 8,
    unit: "s",
    query: distribution(m.timeoutDuration, { window, where: service }),
  },
];

const caches = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.cacheHitRatio,
    title: "Cache hit ratio by primitive",
    description:
      "Hits over lookups. Above the line is good; lower and the work behind the cache is done again. Empty for a cache that never had a hit: *Cache analytics* shows its misses. Line: the threshold of rule CacheHitRatioLow.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: belowThreshold(context, "CacheHitRatioLow"),
    targets: [{ query: hitRatio({ window, where: service, by: ["primitive"] }), legend: "{{primitive}}" }],
    empty: "–",
    links: [link.toCache],
  },
  {
    kind: "bargauge",
    id: id.cacheLookups,
    title: "Cache lookups in the range",
    description:
      "Hits and misses together, by primitive: how much a poor hit ratio matters. A cache that is hardly asked needs no tuning.",
    width: 12,
    height: 8,
    unit: "short",
    target: { query: lookups({ window: "$__range", where: service, by: ["primitive"] }), legend: "{{primitive}}" },
    empty: "0",
    links: [link.toCache],
  },
];
