import { fromThreshold, type Board, type BoardContext, type Panel } from "../panel.ts";
import { quantiles } from "../quantiles.ts";
import { chosen, distribution, increase, quantile, rate, sum, sumBy, total } from "../promql.ts";
import { partName } from "../stored-name.ts";
import { primitivePerformance } from "./ids.ts";
import * as link from "./links.ts";
import * as m from "./metrics.ts";
import { errorRatio, executions } from "./queries.ts";

const { panels: id } = primitivePerformance;
const window = "$__rate_interval";
const both = { service_name: chosen("service"), primitive: chosen("primitive") };
const byRange = { window: "$__range", where: both, by: ["primitive"] } as const;

/** Which primitive is slow or fails, and which one the time goes to. */
export const primitivePerformanceBoard = (context: BoardContext): Board => ({
  uid: primitivePerformance.uid,
  title: "Primitive performance",
  description: "Primitives of workflows: how often they run, how many fail, how long they take.",
  variables: [
    { name: "service", label: "Service", series: partName(m.executionDuration, "count"), of: "service_name" },
    { name: "primitive", label: "Primitive", series: partName(m.executionDuration, "count"), of: "primitive" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "By primitive", panels: byPrimitive(context) },
    { title: "Spread", panels: spread(context) },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.executionRate,
    title: "Executions",
    description: "Executions of the chosen primitives per second.",
    width: 4,
    height: 4,
    unit: "ops",
    target: { query: sum(rate(executions, window, both)), legend: "executions" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.errorShare,
    title: "Errors",
    description:
      "Errors over executions of the chosen primitives. Red: the threshold of rule PrimitiveErrorRatioHigh. Also 0 % before the first error.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "PrimitiveErrorRatioHigh"),
    target: { query: errorRatio({ window, where: both }), legend: "errors" },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.p95,
    title: "Execution p95",
    description:
      "95 of 100 executions of the chosen primitives are faster. Red: the threshold of rule PrimitiveSlow. Never more than the last bucket of the application's histogram.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 1,
    steps: fromThreshold(context, "PrimitiveSlow"),
    target: { query: quantile(0.95, m.executionDuration, { window, where: both }), legend: "p95" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.executionsInRange,
    title: "Executions in the range",
    description: "Executions of the chosen primitives within the range.",
    width: 4,
    height: 4,
    unit: "short",
    target: { query: sum(increase(executions, "$__range", both)), legend: "executions" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.errorsInRange,
    title: "Errors in the range",
    description:
      "Errors of the chosen primitives within the range. A primitive's very first error makes the series and is counted from the second on: an increase needs a value before it.",
    width: 4,
    height: 4,
    unit: "short",
    target: { query: sum(increase(m.executionErrors, "$__range", both)), legend: "errors" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.concurrency,
    title: "Running on average",
    description:
      "Seconds of execution that ended per second: how many executions run at once, on average. More at the same rate of executions means that they became slower.",
    width: 4,
    height: 4,
    unit: "short",
    decimals: 1,
    target: { query: sum(rate(total(m.executionDuration), window, both)), legend: "running" },
    empty: "0",
  },
];

const byPrimitive = (context: BoardContext): Panel[] => [
  {
    kind: "table",
    id: id.byPrimitive,
    title: "Primitives",
    description:
      "One row a primitive, over the range. Click a number for what stands behind it. Total time shows where an improvement pays most. A primitive that never failed has no error share; whether a failed execution is among the executions is up to the application, so the share can pass 100 %.",
    width: 24,
    height: 8,
    keys: { primitive: "Primitive" },
    columns: [
      {
        header: "Executions",
        unit: "short",
        query: sumBy(["primitive"], increase(executions, "$__range", both)),
        links: [link.onlyPrimitive, link.onlyCache],
      },
      {
        header: "Errors",
        unit: "percentunit",
        decimals: 1,
        steps: fromThreshold(context, "PrimitiveErrorRatioHigh"),
        query: errorRatio(byRange),
        links: [link.failedSpansOfRow(context)],
      },
      { header: "p50", unit: "s", decimals: 2, query: quantile(0.5, m.executionDuration, byRange) },
      {
        header: "p95",
        unit: "s",
        decimals: 2,
        steps: fromThreshold(context, "PrimitiveSlow"),
        query: quantile(0.95, m.executionDuration, byRange),
        links: [link.slowSpansOfRow(context)],
      },
      {
        header: "Total time",
        unit: "s",
        query: sumBy(["primitive"], increase(total(m.executionDuration), "$__range", both)),
      },
    ],
  },
  {
    kind: "timeseries",
    id: id.executions,
    title: "Executions by primitive",
    description:
      "Executions per second. In step with the load is good; a drop of one primitive alone means that those before it fail, or that a cache or a router spares it.",
    width: 12,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["primitive"], rate(executions, window, both)), legend: "{{primitive}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.errorRatio,
    title: "Errors over executions by primitive",
    description:
      "Below the line is good. Errors and executions are two metrics: where the application counts a failed execution as an error only, the share can pass 100 %, and is infinite when nothing succeeds any more. Empty for a primitive that never failed. Line: rule PrimitiveErrorRatioHigh.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "PrimitiveErrorRatioHigh"),
    targets: [{ query: errorRatio({ window, where: both, by: ["primitive"] }), legend: "{{primitive}}" }],
    empty: "0 %",
    links: [link.failedSpansOfPrimitive(context)],
  },
  {
    kind: "timeseries",
    id: id.errors,
    title: "Errors by primitive",
    description:
      "Errors per second. None is good. Compare with the share beside it: more errors at the same share come from more traffic.",
    width: 12,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["primitive"], rate(m.executionErrors, window, both)), legend: "{{primitive}}" }],
    empty: "0",
    links: [link.failedSpansOfPrimitive(context)],
  },
  {
    kind: "timeseries",
    id: id.duration,
    title: "Execution time p95 by primitive",
    description:
      "95 of 100 executions are faster. Flat and below the line is good. A primitive that runs others is as slow as they are: look for the innermost one that rose. Line: rule PrimitiveSlow.",
    width: 12,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "PrimitiveSlow"),
    targets: [
      {
        query: quantile(0.95, m.executionDuration, { window, where: both, by: ["primitive"] }),
        legend: "{{primitive}}",
      },
    ],
    empty: "–",
    links: [link.slowSpansOfPrimitive(context)],
  },
];

const spread = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.quantiles,
    title: "Execution time",
    description:
      "p50, p95 and p99 of the chosen primitives. Close together is good. A p99 that jumps while p50 stays is a wait, a retry or a lock; all three at once is the dependency or the load. A flat line at the last bucket of the application's histogram means that the truth is above it.",
    width: 8,
    height: 8,
    unit: "s",
    targets: quantiles(m.executionDuration, both),
    empty: "–",
    links: [link.slowSpans(context)],
  },
  {
    kind: "heatmap",
    id: id.heat,
    title: "Execution time, spread",
    description:
      "How many executions took how long. Two bands of one primitive are two kinds of work, such as found and not found in a cache, which a quantile would hide.",
    width: 8,
    height: 8,
    unit: "s",
    query: distribution(m.executionDuration, { window, where: both }),
  },
  {
    kind: "timeseries",
    id: id.time,
    title: "Where the time goes",
    description:
      "Seconds of execution per second, by primitive: how many run at once, on average. The widest band is where an improvement pays most; one that runs others contains them.",
    width: 8,
    height: 8,
    unit: "short",
    stacked: true,
    targets: [{ query: sumBy(["primitive"], rate(total(m.executionDuration), window, both)), legend: "{{primitive}}" }],
    empty: "0",
  },
];
