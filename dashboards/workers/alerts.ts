import { failed } from "../agents/alerts.ts";
import {
  current,
  increase,
  matches,
  maxBy,
  minBy,
  observations,
  quantile,
  rate,
  ratio,
  rest,
  slope,
  sumBy,
} from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { up } from "../scraping.ts";
import { workersOverview } from "./ids.ts";
import { messagesProcessed, processingDuration, queueSize } from "./metrics.ts";

/** Scrape jobs of workers, by their names: `up` says nothing else about a target. */
export const workerJobs = { job: matches(".*worker.*") };

const { uid: board, panels } = workersOverview;

const lastValue =
  "A target that died keeps its last queue size for five minutes. If WorkerDown fires as well, the number is old: ask the broker itself.";

export const rules: readonly Rule[] = [
  rule({
    name: "HighErrorRate",
    severity: "warning",
    summary:
      "{{ $labels.worker_type }} workers: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of messages fail",
    description:
      "More messages fail in {{ $labels.worker_type }} workers than may. Look whether all fail alike or only some messages.",
    query: ratio(
      sumBy(["worker_type"], rate(messagesProcessed, "5m", { status: failed })),
      sumBy(["worker_type"], rate(messagesProcessed, "5m")),
    ),
    threshold: {
      fires: "above",
      value: 0.05,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "One message in twenty is more than single bad messages explain; a dependency or a release is behind it.",
    },
    guard: {
      query: sumBy(["worker_type"], increase(messagesProcessed, "5m")),
      atLeast: 20,
      why: "Below twenty messages in five minutes a single failure would be the whole five per cent.",
    },
    for: 120,
    keepFiringFor: 300,
    ...quiet,
    panel: { board, id: panels.errorRatio },
    runbook: {
      meaning:
        "Of the messages that one type of worker was done with in the last five minutes, more than the threshold ended as error, failure or timeout.",
      impact: "Work is lost or done again, depending on what the queue does with failed messages; retries add load.",
      diagnosis: [
        "Open the linked panel: one type of worker or all? All at once points to what they share: the broker, the database, the network.",
        "In *Messages by status*, tell errors from timeouts. Timeouts come with a high *Processing p95*: a slow dependency.",
        "Read the worker's log for the first error after the jump. The same message again and again is a poison message, different ones are a dependency or a release.",
      ],
      mitigation: [
        "Roll the release back if there was one; restore the dependency otherwise.",
        "Move a poison message out of the queue, so that it is not tried for ever.",
      ],
    },
  }),
  rule({
    name: "HighProcessingLatency",
    severity: "warning",
    summary:
      "{{ $labels.worker_type }} workers: p95 of processing is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description:
      "One message in twenty takes {{ $labels.worker_type }} workers longer than it may. The queue grows next.",
    query: quantile(0.95, processingDuration, { window: "5m", by: ["worker_type"] }),
    threshold: {
      fires: "above",
      value: 5,
      unit: "seconds",
      settable: { min: 0, max: 86_400 },
      why: "When one message in twenty holds a worker for more than five seconds, workers of short tasks no longer keep up. Five is a bound of a bucket, so it is met exactly. For long tasks set more, but a value beyond the largest bound (10 s by the client's defaults) is never reached: give the histogram larger buckets first.",
    },
    guard: {
      query: sumBy(["worker_type"], increase(observations(processingDuration), "5m")),
      atLeast: 20,
      why: "With twenty messages the p95 is one message already.",
    },
    for: 60,
    keepFiringFor: 300,
    ...quiet,
    panel: { board, id: panels.p95ByType },
    runbook: {
      meaning:
        "The 95th percentile of one worker type's processing time over five minutes is above the threshold. Time in the queue is not part of it.",
      impact:
        "Fewer messages are done per worker; if as many arrive as before, the queue grows and everything is late.",
      diagnosis: [
        "Open the linked panel: one type or all, a jump or a slow rise?",
        "In *Processing time, spread*, a second band means that some messages are slow (a kind of work, a customer); one band that moved up means that all are (a dependency, the machine).",
        "Compare with *Queue size* and *Time to drain*: do the workers still keep up?",
      ],
      mitigation: [
        "Relieve the dependency, or give the slow kind of work a queue and workers of its own.",
        "Add workers if what they share is not the bottleneck.",
      ],
    },
  }),
  rule({
    name: "QueueBacklog",
    severity: "critical",
    summary: "{{ $labels.queue_name }}: {{ with $values.A }}{{ humanize .Value }}{{ end }} messages wait",
    description:
      "Far more messages wait in {{ $labels.queue_name }} than workers usually leave. Look first whether the workers are up and process anything.",
    query: maxBy(["queue_name"], current(queueSize)),
    threshold: {
      fires: "above",
      value: 1000,
      unit: "number",
      settable: { min: 1, max: 1e9 },
      why: "A thousand waiting messages are no burst that settles within five minutes. Set what your workers empty within the time that people wait.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: { board, id: panels.queueSize },
    runbook: {
      meaning: "More messages than the threshold have been waiting in one queue for five minutes.",
      impact:
        "Everything that goes through the queue is late, at least by *Time to drain*. A bounded queue refuses messages next.",
      diagnosis: [
        "In *Targets*, see whether the workers are up. " + lastValue,
        "In *Messages by worker type*, see whether they process anything. Nothing: they hang. As usual: more arrives than they can do. Less than usual: they are slow or fail.",
        "Open the linked panel: a step is a burst from a producer, a slope is a lack of workers.",
      ],
      mitigation: [
        "Restart workers that hang; add workers if they keep up with less than what arrives.",
        "Hold back the producer of a burst.",
        "The alert ends when the size is no longer reported, too, five minutes after the workers died. That is not the end of the backlog.",
      ],
    },
  }),
  rule({
    name: "WorkerDown",
    severity: "critical",
    summary: "{{ $labels.job }}: {{ $labels.instance }} does not answer",
    description:
      "The collector cannot scrape {{ $labels.instance }} of {{ $labels.job }}. The worker is down, or its endpoint cannot be reached.",
    query: rest(minBy(["job", "instance"], current(up, workerJobs))),
    threshold: {
      fires: "above",
      value: 0.5,
      unit: "number",
      words: "while scrapes of a target fail",
      why: "The query is 0 while the last scrape succeeded and 1 after one that failed. A minute is four scrapes in a row or more at intervals of up to 15 s: no lost packet. The rule watches scrape jobs whose name contains `worker`.",
    },
    for: 60,
    keepFiringFor: 300,
    ...quiet,
    panel: { board, id: panels.down },
    runbook: {
      meaning: "Scrapes of one target of a job whose name contains `worker` have failed for a minute (`up` is 0).",
      impact:
        "Its messages are left to the other workers, or wait. Its own metrics are missing: queue size and rates keep their last values for up to five minutes, then vanish, and the other rules about it fall silent.",
      diagnosis: [
        "Does the process run, and does its endpoint answer? `curl -s http://<instance>/metrics | head`",
        "Does it answer there but not to the collector? From a container `localhost` is the container itself; on Linux the worker must listen beyond 127.0.0.1 for `host.docker.internal`.",
        "Why does the scrape fail? The collector's log names the error (`docker logs`).",
        "Are all targets of the job down? Then look at what they share: a release, the machine, the network.",
      ],
      mitigation: [
        "Start the worker again; read its last log lines before they are gone.",
        "Take a target that is gone for good out of `collector.scrape`: the alert ends five minutes after its last scrape.",
      ],
    },
  }),
  rule({
    name: "WorkerQueueGrowing",
    severity: "warning",
    summary: "{{ $labels.queue_name }} grows by {{ with $values.A }}{{ humanize .Value }}{{ end }} messages a second",
    description:
      "{{ $labels.queue_name }} has grown for half an hour: more arrives than the workers do. QueueBacklog follows unless somebody acts.",
    query: maxBy(["queue_name"], slope(queueSize, "15m")),
    threshold: {
      fires: "above",
      value: 0.1,
      unit: "number",
      settable: { min: 0, max: 1e6 },
      why: "A tenth of a message a second, kept up for half an hour, is 180 messages more, and reaches the thousand of QueueBacklog within three hours: time to act before that wakes somebody.",
    },
    for: 1800,
    keepFiringFor: 300,
    ...quiet,
    panel: { board, id: panels.queueGrowth },
    runbook: {
      meaning:
        "The line through a queue's size over a quarter of an hour has risen faster than the threshold for half an hour. A single burst does not: it raises the line for a quarter of an hour.",
      impact: "Messages wait longer and longer.",
      diagnosis: [
        "In *Messages by worker type*, see whether throughput fell (slow or failing workers) or stayed (more arrives).",
        "In *Processing p95 by worker type* and *Errors by worker type*, see what changed when the growth began.",
        "In *Queues*, see which other queues grow: all of them points to the workers, one to its producer.",
      ],
      mitigation: ["Add workers, or mend what slows them down.", "Slow the producer down if its load is not wanted."],
    },
  }),
  rule({
    name: "WorkerQueueStalled",
    severity: "critical",
    summary: "{{ $labels.job }}: messages arrive, and no worker processes any",
    description:
      "A queue of {{ $labels.job }} grows while none of its workers is done with a single message. The workers hang: they are up, and do nothing.",
    query: sumBy(["job"], increase(messagesProcessed, "10m")),
    threshold: {
      fires: "below",
      value: 1,
      unit: "number",
      words: "while a queue grows and no message is processed",
      why: "Not one message in ten minutes. It counts all types of workers of a job together, because nothing says which type empties which queue; a single type that hangs shows as WorkerQueueGrowing.",
    },
    guard: {
      query: maxBy(["job"], slope(queueSize, "10m")),
      atLeast: 0.02,
      why: "Twelve messages in ten minutes: somebody sends. A queue that rests, such as one for dead letters, is no sign of trouble.",
    },
    for: 600,
    keepFiringFor: 300,
    ...quiet,
    panel: { board, id: panels.byType },
    runbook: {
      meaning:
        "For ten minutes now a queue of the job has been growing, and all that time not one message had been processed in the ten minutes before.",
      impact: "All work of the job stands still, although its targets are up.",
      diagnosis: [
        "Open the linked panel: when did the last line fall to zero? What happened then (a release, a broker that was restarted)?",
        "Read the workers' logs: a lost connection to the broker that is never made again, a lock, or a first message that never ends.",
        "Take a stack dump of a worker (for Python `py-spy dump --pid`) before it is restarted: it shows where it hangs.",
        "The rule is blind where queue and workers are scraped as different jobs, and for workers that have not processed any message since they started.",
      ],
      mitigation: [
        "Restart the workers.",
        "If workers of this job run at intervals by design, set `alerts.rules.WorkerQueueStalled.for` beyond the interval.",
      ],
    },
  }),
];
