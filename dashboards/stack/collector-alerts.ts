import { absent, counted } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { signals, uptime, type Signal } from "./collector-metrics.ts";
import { stackDelivery, stackHealth } from "./ids.ts";
import { ofCollector, toDatabase } from "./own.ts";
import { down, queueFill, refusedShare } from "./queries.ts";

const { panels: id } = stackDelivery;
const onDelivery = (panel: number) => ({ board: stackDelivery.uid, id: panel });

/** One rule a signal: GreptimeDB cannot add up metrics of which one does not exist yet. */
const ofEachSignal = (
  make: (signal: Signal, panel: { readonly refused: number; readonly lost: number }) => Rule,
): Rule[] => [
  make(signals.spans, { refused: id.spansRefusedByReceiver, lost: id.spansLost }),
  make(signals.logRecords, { refused: id.logRecordsRefusedByReceiver, lost: id.logRecordsLost }),
  make(signals.metricPoints, { refused: id.metricPointsRefusedByReceiver, lost: id.metricPointsLost }),
];

/** Collector and scrape targets: does what is sent arrive? */
export const collectorRules: readonly Rule[] = [
  rule({
    name: "CollectorDown",
    severity: "critical",
    summary: "The collector's own metrics do not arrive",
    description:
      "The collector does not run, or nothing of what it takes reaches GreptimeDB. All applications are unobserved.",
    query: absent(uptime, ofCollector),
    threshold: {
      fires: "above",
      value: 0,
      unit: "number",
      words: "while the collector's own metrics are missing",
      why: "The query has a result only while the metric is missing. The collector scrapes itself every 15 s.",
    },
    for: 300,
    keepFiringFor: 0,
    ...quiet,
    panel: onDelivery(id.uptime),
    runbook: {
      meaning:
        "The metric by which the collector says how long it runs has been missing for five minutes, on top of the five minutes for which a query still finds the last value. A first deployment does not set it off: Grafana starts after the collector, which scrapes itself at once.",
      impact:
        "No telemetry arrives. Applications try again for a while and then drop theirs, unless the collector runs and queues it.",
      diagnosis: [
        "Does it run? `docker ps --filter name=collector`, then `docker logs` of it.",
        "It runs: does its log say why it cannot send? 401 is a wrong password, *no such host* or *connection refused* a GreptimeDB that is not there.",
        "Was it killed for memory? `docker inspect` shows `OOMKilled`.",
      ],
      mitigation: [
        "`npm run up` starts what has stopped.",
        "Raise `collector.memory` if it was killed for memory; what was acknowledged is in its queues and is sent once it runs.",
      ],
    },
  }),
  ...ofEachSignal((signal, panel) =>
    rule({
      name: "CollectorDataLoss",
      instance: signal.words,
      severity: "critical",
      summary: `{{ with $values.A }}{{ humanize .Value }}{{ end }} ${signal.words} lost in 15 minutes`,
      description: `GreptimeDB refused ${signal.words} for good, and the collector threw them away. Its log names the reason.`,
      query: counted([], signal.lost, "15m", toDatabase),
      threshold: {
        fires: "above",
        value: 0,
        unit: "number",
        words: "when GreptimeDB refuses something for good",
        why: "Nothing that was acknowledged may be lost. What may still succeed is tried again without end, and does not count.",
      },
      for: 0,
      keepFiringFor: 0,
      ...quiet,
      panel: onDelivery(panel.lost),
      runbook: {
        meaning:
          "Within a quarter of an hour GreptimeDB answered at least one request of the collector with an error that is not tried again: any status but 429, 502, 503 and 504. There is one rule each for spans, log records and metric points.",
        impact: "That telemetry is gone, although its sender was told that it had arrived.",
        diagnosis: [
          "`docker logs` of the collector: *Exporting failed. Dropping data* names exporter, status and GreptimeDB's reason.",
          "The linked panel shows which exporter, and whether it goes on.",
          "401 or 403: the writer's password or rights have changed. 400: a column has another type than before, or the database is gone. 413: a request is too large.",
        ],
        mitigation: [
          "401: `npm run up` puts users and passwords right.",
          "400 for a type: give the attribute one type in all applications, or drop it; one application's records can fail a whole request.",
          "Restore what was lost from the applications, if they keep it: the collector has it no more.",
        ],
      },
    }),
  ),
  ...ofEachSignal((signal, panel) =>
    rule({
      name: "CollectorRefusing",
      instance: signal.words,
      severity: "warning",
      summary: `The collector refuses {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of ${signal.words} ({{ $labels.receiver }})`,
      description: `The collector has no room for ${signal.words}: its queue is full, or its memory. Applications are told to try again; what was scraped is lost.`,
      query: refusedShare(signal, "5m"),
      threshold: {
        fires: "above",
        value: 0.01,
        unit: "ratio",
        settable: { min: 0, max: 1 },
        why: "A single refusal in a peak is what the memory limit is for, and clients try again. One in a hundred for minutes is a lack of room.",
      },
      for: 300,
      keepFiringFor: 0,
      ...quiet,
      panel: onDelivery(panel.refused),
      runbook: {
        meaning:
          "Over five minutes the collector did not take more than the threshold of what came in. There is one rule each for spans, log records and metric points.",
        impact:
          "OTLP clients try again, and drop their telemetry when that takes too long. Metrics that the collector scrapes are not tried again: they have gaps.",
        diagnosis: [
          "*Delivery*, panel *Queues*: near 100 % means that GreptimeDB takes less than comes in, or nothing.",
          "Queues have room: then it is memory. Panel *Memory* against `collector.memory`; the log says *data refused due to high memory usage*.",
        ],
        mitigation: [
          "Queue: restore GreptimeDB; raise `collector.queue.diskPerSignal` if outages last longer than it holds.",
          "Memory: raise `collector.memory`, or send smaller batches.",
        ],
      },
    }),
  ),
  rule({
    name: "CollectorQueueNearFull",
    severity: "warning",
    summary: "{{ $labels.exporter }}: queue is {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} full",
    description:
      "The queue of {{ $labels.exporter }} fills: GreptimeDB takes this kind of data more slowly than it comes, or not at all. When it is full, the collector refuses.",
    query: queueFill(),
    threshold: {
      fires: "above",
      value: 0.8,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "A healthy queue is next to empty. A fifth of its room is left to act in.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: onDelivery(id.queueByExporter),
    runbook: {
      meaning:
        "The queue of one exporter holds more than the threshold of its capacity, in bytes. While GreptimeDB is away altogether this rule cannot be evaluated; MetricsDatasourceDown fires then.",
      impact: "None yet: the queue is on disk and is sent later. Once it is full, new telemetry is refused.",
      diagnosis: [
        "One exporter or all? One: GreptimeDB refuses or delays this kind of data; `docker logs` of the collector names the status.",
        "All: is GreptimeDB slow? Where this stack runs it, the board *GreptimeDB* says so: panels *Write latency p95* and *Stalled writes*.",
        "Does it grow or shrink? After an outage a queue that shrinks needs nothing but time.",
      ],
      mitigation: [
        "Relieve GreptimeDB: more memory (`greptimedb.memory`), a faster disk.",
        "More room: `collector.queue.diskPerSignal`; a third of it is what a queue takes.",
      ],
    },
  }),
  rule({
    name: "ScrapeTargetDown",
    severity: "warning",
    summary: "{{ $labels.job }}: {{ $labels.instance }} cannot be scraped",
    description:
      "{{ $labels.instance }} of job {{ $labels.job }} does not answer the collector. What it measures is missing.",
    query: down(),
    threshold: {
      fires: "above",
      value: 0.5,
      unit: "number",
      words: "while scrapes fail",
      why: "The query is 1 while the last scrape of a target failed, and 0 otherwise.",
    },
    for: 300,
    keepFiringFor: 0,
    ...quiet,
    panel: { board: stackHealth.uid, id: stackHealth.panels.targetsOverTime },
    runbook: {
      meaning:
        "Scrapes of one target have failed for five minutes: of a job in `collector.scrape`, or of GreptimeDB, Grafana or the collector itself.",
      impact: "Boards and rules over what the target measures see nothing; its own alerts stay silent.",
      diagnosis: [
        "Does the program run, and does it answer on host, port and path of the job?",
        "Does it answer the collector? On Linux it must listen beyond 127.0.0.1, and the firewall must let Docker's networks in.",
        "Slow rather than dead? A scrape may take as long as its interval, ten seconds at most; compare `scrape_duration_seconds`.",
      ],
      mitigation: [
        "Start the program, or mend its address in `collector.scrape`.",
        "Remove a job that is gone from `collector.scrape`.",
      ],
    },
  }),
];
