/**
 * Identities that links, bookmarks and alert rules hold on to. Never reuse or renumber: add.
 */
export const workflowOverview = {
  uid: "workflow-overview",
  panels: {
    services: 1,
    executionRate: 2,
    errorShare: 3,
    p95: 4,
    timeoutShare: 5,
    hitRatio: 6,
    executions: 10,
    duration: 11,
    durationHeat: 12,
    errorRatio: 13,
    errors: 14,
    routeShare: 20,
    routeDuration: 21,
    routeHeat: 22,
    routes: 23,
    timeoutRatio: 30,
    timeouts: 31,
    timeoutDuration: 32,
    timeoutHeat: 33,
    cacheHitRatio: 40,
    cacheLookups: 41,
  },
} as const;

export const primitivePerformance = {
  uid: "primitive-performance",
  panels: {
    executionRate: 1,
    errorShare: 2,
    p95: 3,
    executionsInRange: 4,
    errorsInRange: 5,
    concurrency: 6,
    byPrimitive: 10,
    executions: 20,
    errorRatio: 21,
    errors: 22,
    duration: 23,
    quantiles: 30,
    heat: 31,
    time: 32,
  },
} as const;

export const cacheAnalytics = {
  uid: "cache-analytics",
  panels: {
    hitRatio: 1,
    reported: 2,
    lookups: 3,
    misses: 4,
    evictions: 5,
    entries: 6,
    hitRatioByPrimitive: 10,
    reportedByPrimitive: 11,
    byPrimitive: 20,
    hitsByPrimitive: 21,
    missesByPrimitive: 22,
    entriesByPrimitive: 30,
    evictionsByPrimitive: 31,
    evictionsPerMiss: 32,
  },
} as const;
