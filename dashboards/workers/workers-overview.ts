import { failed } from "../agents/alerts.ts";
import { boardLink } from "../links.ts";
import type { Board, BoardContext, DataLink, Panel } from "../panel.ts";
import { fromThreshold } from "../panel.ts";
import {
  chosen,
  current,
  distribution,
  increase,
  maxBy,
  minBy,
  quantile,
  rate,
  ratio,
  rest,
  slope,
  sum,
  sumBy,
  sumOver,
  type Vector,
  type Window,
} from "../promql.ts";
import { failedSpansLink } from "../span-links.ts";
import { up } from "../scraping.ts";
import { storedName } from "../stored-name.ts";
import { workerJobs } from "./alerts.ts";
import { workersOverview } from "./ids.ts";
import { messagesProcessed, processingDuration, queueSize } from "./metrics.ts";

const { panels: id } = workersOverview;
const window = "$__rate_interval";
const service = { service_name: chosen("service") };
const both = { ...service, worker_type: chosen("worker") };
const targets = { ...service, ...workerJobs };

/** Do the workers run, do they keep up, and what fails? */
export const workersOverviewBoard = (context: BoardContext): Board => ({
  uid: workersOverview.uid,
  title: "Workers overview",
  description: "Workers, the messages that they process, and the queues that they take them from.",
  variables: [
    { name: "service", label: "Service", series: storedName(messagesProcessed), of: "service_name" },
    { name: "worker", label: "Worker type", series: storedName(messagesProcessed), of: "worker_type" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Throughput", panels: throughput(context) },
    { title: "Errors", panels: errors(context) },
    { title: "Processing time", panels: processing(context) },
    { title: "Queues", panels: queues(context) },
    { title: "Targets", panels: targetPanels(context) },
  ],
});

/** Share of the chosen workers' messages that failed. */
const errorShare = <B extends "worker_type">(by: readonly B[], over: Window): Vector<B> =>
  ratio(
    sumBy(by, rate(messagesProcessed, over, { ...both, status: failed })),
    sumBy(by, rate(messagesProcessed, over, both)),
  );

/** 1 for a target whose last scrape failed, else 0. */
const isDown = rest(minBy(["job", "instance"], current(up, targets)));

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.targetsUp,
    title: "Targets up",
    description:
      "Targets of jobs named like workers whose last scrape succeeded. Fewer than you run: see *Targets* below, and `collector.scrape`.",
    width: 4,
    height: 4,
    unit: "none",
    target: { query: sum(current(up, targets)), legend: "up" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.targetsDown,
    title: "Targets down",
    description: "Targets whose last scrape failed. Good is 0. Red: rule WorkerDown, after a minute.",
    width: 4,
    height: 4,
    unit: "none",
    steps: fromThreshold(context, "WorkerDown"),
    target: { query: sumOver([], isDown), legend: "down" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.throughput,
    title: "Messages",
    description:
      "Messages per second that the chosen workers are done with, well or not. None while a queue grows: rule WorkerQueueStalled.",
    width: 4,
    height: 4,
    unit: "ops",
    target: { query: sum(rate(messagesProcessed, window, both)), legend: "messages" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.errorShare,
    title: "Errors",
    description:
      "Share of messages that failed, over the chosen workers. Red: the threshold of rule HighErrorRate, which looks at each worker type by itself. Also 0 % before the first failure.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "HighErrorRate"),
    target: { query: errorShare([], window), legend: "failures" },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.longestQueue,
    title: "Longest queue",
    description:
      "Messages in the queue where most wait. Red: rule QueueBacklog, after five minutes. When all targets are down it is the last value, for five minutes.",
    width: 4,
    height: 4,
    unit: "short",
    decimals: 0,
    steps: fromThreshold(context, "QueueBacklog"),
    target: { query: maxBy([], current(queueSize, service)), legend: "waiting" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.processingP95,
    title: "Processing p95",
    description:
      "95 of 100 messages are processed faster. Red: the threshold of rule HighProcessingLatency, which looks at each worker type by itself.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 2,
    steps: fromThreshold(context, "HighProcessingLatency"),
    target: { query: quantile(0.95, processingDuration, { window, where: both }), legend: "p95" },
    empty: "–",
  },
];

const throughput = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.byType,
    title: "Messages by worker type",
    description:
      "Messages per second that workers are done with, well or not. A line at zero next to a growing queue means workers that hang.",
    width: 12,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["worker_type"], rate(messagesProcessed, window, both)), legend: "{{worker_type}}" }],
    empty: "0",
    links: [toType],
  },
  {
    kind: "timeseries",
    id: id.byStatus,
    title: "Messages by status",
    description:
      "Messages per second by how they ended. Timeouts point to a slow dependency, errors to a release or to bad messages.",
    width: 12,
    height: 8,
    unit: "ops",
    stacked: true,
    targets: [{ query: sumBy(["status"], rate(messagesProcessed, window, both)), legend: "{{status}}" }],
    empty: "0",
  },
  {
    kind: "table",
    id: id.types,
    title: "Worker types",
    description:
      "One row a type of worker, over the range. A type without a failure has no error share. Red values are beyond the thresholds of rules HighErrorRate and HighProcessingLatency.",
    width: 24,
    height: 8,
    keys: { worker_type: "Type" },
    columns: [
      {
        header: "Messages",
        unit: "short",
        query: sumBy(["worker_type"], increase(messagesProcessed, "$__range", both)),
        links: [boardLink("Only this worker type", workersOverview.uid, "&var-worker=${__data.fields.Type}")],
      },
      {
        header: "Errors",
        unit: "percentunit",
        decimals: 1,
        steps: fromThreshold(context, "HighErrorRate"),
        query: errorShare(["worker_type"], "$__range"),
      },
      ...shares.map((share) => ({
        header: percentile(share),
        unit: "s" as const,
        decimals: 2,
        ...(share === 0.95 ? { steps: fromThreshold(context, "HighProcessingLatency") } : {}),
        query: quantile(share, processingDuration, { window: "$__range", where: both, by: ["worker_type"] }),
      })),
    ],
  },
];

const errors = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.errorRatio,
    title: "Errors by worker type",
    description:
      "Share of messages that ended as error, failure or timeout. Empty as long as none failed. Line: rule HighErrorRate. Beyond it: tell errors from timeouts by status, then read the workers' logs.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "HighErrorRate"),
    targets: [{ query: errorShare(["worker_type"], window), legend: "{{worker_type}}" }],
    empty: "0 %",
    links: [failedSpans(context), toType],
  },
  {
    kind: "timeseries",
    id: id.errors,
    title: "Failed messages",
    description:
      "Failed messages per second by worker type. Tells a high share of little traffic from one that loses much work.",
    width: 12,
    height: 8,
    unit: "ops",
    stacked: true,
    targets: [
      {
        query: sumBy(["worker_type"], rate(messagesProcessed, window, { ...both, status: failed })),
        legend: "{{worker_type}}",
      },
    ],
    empty: "0",
    links: [failedSpans(context), toType],
  },
];

const processing = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.processing,
    title: "Processing time",
    description:
      "p50, p95 and p99 of the chosen workers, without the time in the queue. A line that lies flat on the largest bucket's bound (10 s by the client's defaults) means at least so much.",
    width: 12,
    height: 8,
    unit: "s",
    targets: shares.map((share) => ({
      query: quantile(share, processingDuration, { window, where: both }),
      legend: percentile(share),
    })),
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.p95ByType,
    title: "Processing p95 by worker type",
    description:
      "95 of 100 messages are processed faster. Line: rule HighProcessingLatency. One type beyond it: its dependency; all: what they share.",
    width: 12,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "HighProcessingLatency"),
    targets: [
      {
        query: quantile(0.95, processingDuration, { window, where: both, by: ["worker_type"] }),
        legend: "{{worker_type}}",
      },
    ],
    empty: "–",
    links: [toType],
  },
  {
    kind: "heatmap",
    id: id.heat,
    title: "Processing time, spread",
    description:
      "How many messages took how long. Two bands mean two kinds of messages, which an average would hide; one band that moves up means that everything became slower.",
    width: 24,
    height: 8,
    unit: "s",
    query: distribution(processingDuration, { window, where: both }),
  },
];

const queues = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.queueSize,
    title: "Queue size",
    description:
      "Messages that wait, by queue, of all worker types: a queue does not say who empties it. Good comes back to its floor after each burst. Line: rule QueueBacklog. When the target that reports it is down, the line goes on at its last value for five minutes, then ends.",
    width: 12,
    height: 8,
    unit: "short",
    steps: fromThreshold(context, "QueueBacklog"),
    targets: [{ query: maxBy(["queue_name"], current(queueSize, service)), legend: "{{queue_name}}" }],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.queueGrowth,
    title: "Queue growth",
    description:
      "Messages per second by which a queue grows, or shrinks below 0. Good swings around 0. Line: rule WorkerQueueGrowing, which looks at a quarter of an hour. Above it for long: more arrives than the workers do.",
    width: 12,
    height: 8,
    unit: "cps",
    signed: true,
    steps: fromThreshold(context, "WorkerQueueGrowing"),
    targets: [{ query: maxBy(["queue_name"], slope(queueSize, window, service)), legend: "{{queue_name}}" }],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.drainTime,
    title: "Time to drain",
    description:
      "How long the workers of a job would need at their present rate for all that waits in its queues, if nothing more came. For a job as a whole: nothing says which type of worker empties which queue. Infinite, so without a line, while nothing is processed.",
    width: 12,
    height: 8,
    unit: "s",
    targets: [
      {
        query: ratio(
          sumOver(["job"], maxBy(["job", "queue_name"], current(queueSize, service))),
          sumBy(["job"], rate(messagesProcessed, window, service)),
        ),
        legend: "{{job}}",
      },
    ],
    empty: "–",
  },
  {
    kind: "table",
    id: id.queues,
    title: "Queues",
    description:
      "One row a queue: messages that wait now, and by how many a second it grew over the range. Long and growing is what to look into; long and shrinking settles itself.",
    width: 12,
    height: 8,
    keys: { queue_name: "Queue" },
    columns: [
      {
        header: "Waiting",
        unit: "short",
        decimals: 0,
        steps: fromThreshold(context, "QueueBacklog"),
        query: maxBy(["queue_name"], current(queueSize, service)),
      },
      {
        header: "Growth",
        unit: "cps",
        decimals: 2,
        steps: fromThreshold(context, "WorkerQueueGrowing"),
        query: maxBy(["queue_name"], slope(queueSize, "$__range", service)),
      },
    ],
  },
];

const targetPanels = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.down,
    title: "Targets down over time",
    description:
      "1 while scrapes of a target fail, 0 while they succeed. Line: rule WorkerDown, after a minute. Spikes are restarts; a line at 1 is a dead worker or an endpoint that cannot be reached.",
    width: 12,
    height: 8,
    unit: "none",
    steps: fromThreshold(context, "WorkerDown"),
    targets: [{ query: isDown, legend: "{{job}} {{instance}}" }],
    empty: "–",
  },
  {
    kind: "table",
    id: id.targets,
    title: "Targets",
    description:
      "One row a target that the collector scrapes for a job named like workers: 1 in the one column or in the other. A target that is missing here is not in `collector.scrape`, or was taken out more than five minutes ago.",
    width: 12,
    height: 8,
    keys: { job: "Job", instance: "Target" },
    columns: [
      { header: "Down", unit: "none", steps: fromThreshold(context, "WorkerDown"), query: isDown },
      { header: "Up", unit: "none", query: minBy(["job", "instance"], current(up, targets)) },
    ],
  },
];

const shares = [0.5, 0.95, 0.99] as const;
const percentile = (share: number): string => `p${String(share * 100)}`;

const toType: DataLink = boardLink(
  "Only this worker type",
  workersOverview.uid,
  "&var-worker=${__field.labels.worker_type}",
);

/** Of services named like workers, as their scrape jobs are. */
const failedSpans = (context: BoardContext): DataLink =>
  failedSpansLink("Failed spans", context, "service_name LIKE '%worker%'");
