import { fromThreshold, type Board, type BoardContext, type Panel } from "../panel.ts";
import { current, maxBy, minBy, plus, rate, ratio, reached, sum, sumBy } from "../promql.ts";
import * as m from "./collector-metrics.ts";
import type { Signal } from "./collector-metrics.ts";
import { stackDelivery } from "./ids.ts";
import { ledgerPanels } from "./ledger.ts";
import { ofAllCollectors, ofCollector } from "./own.ts";
import { largestQueueFill, queueFill, refusedShare } from "./queries.ts";

const { panels: id } = stackDelivery;
const window = "$__rate_interval";

/** Where a panel of each signal stands, with its title's first word. */
const bySignal = (
  ids: { readonly spans: number; readonly logRecords: number; readonly metricPoints: number },
  panel: (signal: Signal, title: string, panelId: number) => Panel,
): Panel[] => [
  panel(m.spans, "Spans", ids.spans),
  panel(m.logRecords, "Log records", ids.logRecords),
  panel(m.metricPoints, "Metric points", ids.metricPoints),
];

/** From the collector's receivers to GreptimeDB: what is refused, what waits, what is lost? */
export const stackDeliveryBoard = (context: BoardContext): Board => ({
  uid: stackDelivery.uid,
  title: "Delivery",
  description: "What the collector takes, refuses, queues, sends and loses.",
  variables: [],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Accepted", panels: accepted },
    { title: "Refused", panels: refused(context) },
    { title: "Queues", panels: queues(context) },
    { title: "Taken by GreptimeDB", panels: sent },
    { title: "Lost", panels: lost },
    ...(context.parts.includes("ledger") ? [{ title: "Delivery ledger", panels: ledgerPanels(context) }] : []),
    { title: "The collector", panels: collector },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.queueFill,
    title: "Fullest queue",
    description: "How full the fullest queue is. Good: next to 0 %. Red: rule CollectorQueueNearFull.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "CollectorQueueNearFull"),
    target: { query: largestQueueFill(), legend: "full" },
    empty: "–",
  },
  ...bySignal(
    { spans: id.spansRefused, logRecords: id.logRecordsRefused, metricPoints: id.metricPointsRefused },
    ({ refused: refusals, accepted: taken }, title, panelId) => {
      const refusalRate = sum(rate(refusals, window, ofCollector));
      return {
        kind: "stat",
        id: panelId,
        title: `${title} refused`,
        description:
          "Share of what came in that the collector did not take. Good: 0 %. Red: rule CollectorRefusing; look at the queues, then at memory.",
        width: 4,
        height: 4,
        unit: "percentunit",
        decimals: 1,
        steps: fromThreshold(context, "CollectorRefusing"),
        target: {
          query: ratio(refusalRate, plus(refusalRate, sum(rate(taken, window, ofCollector)))),
          legend: "refused",
        },
        empty: "0 %",
      };
    },
  ),
  {
    kind: "stat",
    id: id.memory,
    title: "Memory",
    description:
      "What the collector has in RAM, of several the one that has most. Its limit is the setting collector.memory, 512 MiB unless changed.",
    width: 4,
    height: 4,
    unit: "bytes",
    target: { query: maxBy([], current(m.memory, ofCollector)), legend: "memory" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.uptime,
    title: "Uptime",
    description:
      "Since the collector started, of several the last. A small value that nobody expects is a crash. None, for long: rule CollectorDown fires.",
    width: 4,
    height: 4,
    unit: "s",
    target: { query: minBy([], reached(m.uptime, ofCollector)), legend: "uptime" },
    empty: "down",
  },
];

const accepted: Panel[] = bySignal(
  { spans: id.spansAccepted, logRecords: id.logRecordsAccepted, metricPoints: id.metricPointsAccepted },
  (signal, title, panelId) => ({
    kind: "timeseries",
    id: panelId,
    title: `${title} accepted`,
    description:
      "Per second, by receiver: otlp is what applications send, prometheus what is scraped. A drop to zero is as telling as a peak.",
    width: 8,
    height: 8,
    unit: "cps",
    targets: [{ query: sumBy(["receiver"], rate(signal.accepted, window, ofCollector)), legend: "{{receiver}}" }],
    empty: "0",
  }),
);

const refused = (context: BoardContext): Panel[] =>
  bySignal(
    {
      spans: id.spansRefusedByReceiver,
      logRecords: id.logRecordsRefusedByReceiver,
      metricPoints: id.metricPointsRefusedByReceiver,
    },
    (signal, title, panelId) => ({
      kind: "timeseries",
      id: panelId,
      title: `${title} refused, by receiver`,
      description:
        "Share of what came in that the collector did not take. Senders of OTLP try again; what was scraped is lost. Good: 0 %. Line: rule CollectorRefusing.",
      width: 8,
      height: 8,
      unit: "percentunit",
      steps: fromThreshold(context, "CollectorRefusing"),
      targets: [{ query: refusedShare(signal, window), legend: "{{receiver}}" }],
      empty: "0 %",
    }),
  );

const queues = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.queueByExporter,
    title: "Queues",
    description:
      "How full each queue is, of its capacity in bytes. Good: next to 0 %. It grows while GreptimeDB takes less than comes in. Line: rule CollectorQueueNearFull.",
    width: 8,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "CollectorQueueNearFull"),
    targets: [{ query: queueFill(), legend: "{{exporter}}" }],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.queueSize,
    title: "Queued data",
    description:
      "What waits in each queue. After an outage it should shrink; if it does not, GreptimeDB is slower than what comes in.",
    width: 8,
    height: 8,
    unit: "bytes",
    targets: [{ query: sumBy(["exporter"], current(m.queueSize, ofAllCollectors)), legend: "{{exporter}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.inFlight,
    title: "Requests under way",
    description:
      "Requests to GreptimeDB that wait for an answer or for another try; at most four an exporter of a collector. As many for long: GreptimeDB is slow or away.",
    width: 8,
    height: 8,
    unit: "none",
    targets: [{ query: sumBy(["exporter"], current(m.inFlight, ofCollector)), legend: "{{exporter}}" }],
    empty: "0",
  },
];

const sent: Panel[] = bySignal(
  { spans: id.spansSent, logRecords: id.logRecordsSent, metricPoints: id.metricPointsSent },
  (signal, title, panelId) => ({
    kind: "timeseries",
    id: panelId,
    title: `${title} delivered`,
    description: "Per second, by exporter. Good: as many as accepted.",
    width: 8,
    height: 8,
    unit: "cps",
    targets: [{ query: sumBy(["exporter"], rate(signal.sent, window, ofCollector)), legend: "{{exporter}}" }],
    empty: "0",
  }),
);

const lost: Panel[] = bySignal(
  { spans: id.spansLost, logRecords: id.logRecordsLost, metricPoints: id.metricPointsLost },
  (signal, title, panelId) => ({
    kind: "timeseries",
    id: panelId,
    title: `${title} not delivered`,
    description:
      "Since the collector started; each step is a loss. Lost: GreptimeDB refused them for good (rule CollectorDataLoss; the collector's log names the reason). No room: the queue was full, and senders of OTLP were told to try again. Good: nothing, or flat.",
    width: 8,
    height: 8,
    unit: "short",
    targets: [
      { query: sumBy(["exporter"], reached(signal.lost, ofAllCollectors)), legend: "{{exporter}} lost" },
      { query: sumBy(["exporter"], reached(signal.notQueued, ofAllCollectors)), legend: "{{exporter}} no room" },
    ],
    empty: "0",
  }),
);

const collector: Panel[] = [
  {
    kind: "timeseries",
    id: id.memoryOverTime,
    title: "Memory",
    description:
      "RAM and heap, of several collectors the one that has most. From 70 % of collector.memory less a spike's worth on, the memory limiter refuses what comes in. A sawtooth is the garbage collector at work; steady growth is not.",
    width: 12,
    height: 8,
    unit: "bytes",
    targets: [
      { query: maxBy([], current(m.memory, ofCollector)), legend: "RAM" },
      { query: maxBy([], current(m.heap, ofCollector)), legend: "heap" },
    ],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.cpu,
    title: "CPU",
    description:
      "100 % is one core. Near what the machine has: the collector, not GreptimeDB, limits what goes through.",
    width: 12,
    height: 8,
    unit: "percentunit",
    targets: [{ query: sum(rate(m.cpu, window, ofCollector)), legend: "CPU" }],
    empty: "–",
  },
];
