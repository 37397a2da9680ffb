import { up } from "../../../dashboards/scraping.ts";
import * as m from "../../../dashboards/workers/metrics.ts";
import { failingMinutes, usual, phases } from "../failures.ts";
import { observed, points, type Phase } from "../traffic.ts";
import { buckets, by, one, type PackProof } from "./proof.ts";

const job = "pythia-workers";
const inference = { worker_type: "inference" };
const embedding = { worker_type: "embedding" };
const rare = { worker_type: "rare" };
/** Fifteen messages in five minutes: too few for a pattern, all of them bad or not. */
const few = 0.05;
const success = { ...inference, status: "success" };
const target = { job, instance: `${job}-1` };

/** A queue that grows during the failure, by so many messages a second, and afterwards as told. */
const filling = (growth: number, after: Phase): Phase[] => [
  { minutes: usual.well, level: 0 },
  { minutes: failingMinutes, level: 0, growth },
  after,
];

/**
 * Inference ends below 500 ms (4 a second), 1 s (0.5) and 2.5 s (0.5), embedding below 100 ms (3). Of all eight the
 * 4th is a quarter into the bucket from 250 ms to 500 ms, the 7.6th 0.1/0.5 into that from 1 s to 2.5 s.
 */
export const workersProof: PackProof = {
  pack: "workers",
  healthy: () => [
    ...points(m.messagesProcessed, job, success, 4.85),
    ...points(m.messagesProcessed, job, { ...inference, status: "error" }, 0.1),
    ...points(m.messagesProcessed, job, { ...inference, status: "timeout" }, 0.05),
    ...points(m.messagesProcessed, job, { ...embedding, status: "success" }, 3),
    ...observed(m.processingDuration, job, inference, { 0.5: 4, 1: 0.5, 2.5: 0.5 }),
    ...observed(m.processingDuration, job, embedding, { 0.1: 3 }),
    // forty after an hour
    ...points(m.queueSize, job, { queue_name: "inference" }, [{ minutes: 90, level: 4, growth: 0.01 }]),
    ...points(m.queueSize, job, { queue_name: "embedding" }, 16),
    ...points(up, job, {}, 1),
  ],
  panels: {
    "workers-overview/1/up": one(1),
    "workers-overview/2/down": one(0),
    "workers-overview/3/messages": one(8),
    "workers-overview/4/failures": one(0.01875),
    "workers-overview/5/waiting": one(40),
    "workers-overview/6/p95": one(1.3),
    "workers-overview/10/{{worker_type}}": by("worker_type", { inference: 5, embedding: 3 }),
    "workers-overview/11/{{status}}": by("status", { success: 7.85, error: 0.1, timeout: 0.05 }),
    "workers-overview/12/Messages": by("worker_type", { inference: 18_000, embedding: 10_800 }),
    "workers-overview/12/Errors": by("worker_type", { inference: 0.03 }),
    "workers-overview/12/p50": by("worker_type", { inference: 0.40625, embedding: 0.0875 }),
    "workers-overview/12/p95": by("worker_type", { inference: 1.75, embedding: 0.09875 }),
    "workers-overview/12/p99": by("worker_type", { inference: 2.35, embedding: 0.09975 }),
    "workers-overview/20/{{worker_type}}": by("worker_type", { inference: 0.03 }),
    "workers-overview/21/{{worker_type}}": by("worker_type", { inference: 0.15 }),
    "workers-overview/30/p50": one(0.3125),
    "workers-overview/30/p95": one(1.3),
    "workers-overview/30/p99": one(2.26),
    "workers-overview/31/{{worker_type}}": by("worker_type", { inference: 1.75, embedding: 0.09875 }),
    "workers-overview/32/buckets": buckets({
      "0.005": 0,
      "0.01": 0,
      "0.025": 0,
      "0.05": 0,
      "0.075": 0,
      "0.1": 3,
      "0.25": 3,
      "0.5": 7,
      "0.75": 7,
      "1": 7.5,
      "2.5": 8,
      "5": 8,
      "7.5": 8,
      "10": 8,
      inf: 8,
    }),
    "workers-overview/40/{{queue_name}}": by("queue_name", { inference: 40, embedding: 16 }),
    "workers-overview/41/{{queue_name}}": by("queue_name", { inference: 0.01, embedding: 0 }),
    // 56 messages, 8 a second
    "workers-overview/42/{{job}}": by("job", { [job]: 7 }),
    "workers-overview/43/Waiting": by("queue_name", { inference: 40, embedding: 16 }),
    "workers-overview/43/Growth": by("queue_name", { inference: 0.01, embedding: 0 }),
    "workers-overview/50/{{job}} {{instance}}": [{ labels: target, value: 0 }],
    "workers-overview/51/Down": [{ labels: target, value: 0 }],
    "workers-overview/51/Up": [{ labels: target, value: 1 }],
  },
  failures: {
    // one message in ten: more than half of them are in the window of five minutes after three
    HighErrorRate: {
      series: [
        ...points(m.messagesProcessed, job, success, 9),
        ...points(m.messagesProcessed, job, { ...inference, status: "error" }, phases(0, 1)),
        ...points(m.messagesProcessed, job, { ...embedding, status: "success" }, 9),
        ...points(m.messagesProcessed, job, { ...rare, status: "error" }, few),
      ],
      labels: inference,
      detectedWithin: 5,
      silentWithin: 8,
    },
    // all of them take longer, so the p95 after the first minute
    HighProcessingLatency: {
      series: [
        ...observed(m.processingDuration, job, inference, { 0.5: phases(1, 0), 7.5: phases(0, 1) }),
        ...observed(m.processingDuration, job, embedding, { 0.1: 1 }),
        ...observed(m.processingDuration, job, rare, { 7.5: few }),
      ],
      labels: inference,
      detectedWithin: 2,
      silentWithin: 10,
    },
    // a burst, which WorkerQueueGrowing does not take for growth; two targets report the queue
    QueueBacklog: {
      series: [
        ...points(m.queueSize, job, { queue_name: "inference" }, phases(50, 1500)),
        ...points(m.queueSize, `${job}-more`, { queue_name: "embedding" }, 600),
        ...points(m.queueSize, job, { queue_name: "embedding" }, 600),
      ],
      labels: { queue_name: "inference" },
      detectedWithin: 5,
      silentWithin: 5,
    },
    // the first scrape that fails is the second in its minute; another job's target is no worker
    WorkerDown: {
      series: [
        ...points(up, job, {}, phases(1, 0, 1, { ...usual, well: usual.well + 0.25 })),
        ...points(up, "gateway", {}, phases(1, 0)),
      ],
      labels: target,
      detectedWithin: 2,
      silentWithin: 6,
    },
    // the line through fifteen minutes is steep enough after five; then half an hour
    WorkerQueueGrowing: {
      series: [
        ...points(m.queueSize, job, { queue_name: "inference" }, filling(0.41, { minutes: 60, level: 0 })),
        ...points(m.queueSize, job, { queue_name: "embedding" }, 900),
      ],
      labels: { queue_name: "inference" },
      detectedWithin: 35,
      silentWithin: 6,
    },
    // the last processed message leaves the window after ten minutes; afterwards the queue still grows
    WorkerQueueStalled: {
      series: [
        ...points(m.messagesProcessed, job, success, phases(5, 0)),
        ...points(
          m.queueSize,
          job,
          { queue_name: "inference" },
          filling(0.05, { minutes: 60, level: 120, growth: 0.05 }),
        ),
        // nothing is processed, and nothing arrives
        ...points(m.messagesProcessed, "idle-workers", success, phases(5, 0)),
        ...points(m.queueSize, "idle-workers", { queue_name: "dead-letters" }, 40),
      ],
      labels: { job },
      detectedWithin: 20,
      silentWithin: 6,
    },
  },
};
