/**
 * Identities that links, bookmarks and alert rules hold on to. Never reuse or renumber: add.
 */
export const workersOverview = {
  uid: "workers-overview",
  panels: {
    targetsUp: 1,
    targetsDown: 2,
    throughput: 3,
    errorShare: 4,
    longestQueue: 5,
    processingP95: 6,
    byType: 10,
    byStatus: 11,
    types: 12,
    errorRatio: 20,
    errors: 21,
    processing: 30,
    p95ByType: 31,
    heat: 32,
    queueSize: 40,
    queueGrowth: 41,
    drainTime: 42,
    queues: 43,
    down: 50,
    targets: 51,
  },
} as const;
