import { counter, gauge, histogram, type Label } from "../metric.ts";
import { up } from "../scraping.ts";

/** Metrics of workers that take messages from queues; the collector scrapes them from the workers' own endpoint. */

const workerType: Label = { help: "What the worker does with a message.", values: ["inference", "embedding"] };

export const messagesProcessed = counter({
  name: "pythia_messages_processed_total",
  route: "scrape",
  help: "Messages that workers are done with, well or not.",
  emittedBy: "workers",
  labels: {
    worker_type: workerType,
    status: { help: "How it ended.", values: ["success", "error", "timeout"] },
  },
});

export const processingDuration = histogram({
  name: "pythia_message_processing_seconds",
  unit: "s",
  route: "scrape",
  help: "Time that a worker took for a message, without its time in the queue.",
  emittedBy: "workers",
  labels: { worker_type: workerType },
  // the defaults of Prometheus' client for Python
  buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
});

/** Queues and types of workers have no label in common: only the job says which workers may empty a queue. */
export const queueSize = gauge({
  name: "pythia_queue_size",
  route: "scrape",
  help: "Messages that wait in a queue. A queue that several targets report counts once, by the largest report.",
  emittedBy: "workers",
  labels: { queue_name: { help: "Queue.", values: ["inference", "embedding"] } },
});

export const metrics = [messagesProcessed, processingDuration, queueSize, up] as const;
