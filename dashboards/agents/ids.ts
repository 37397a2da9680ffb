/**
 * Identities that links, bookmarks and alert rules hold on to. Never reuse or renumber: add.
 */
export const agentPerformance = {
  uid: "agent-performance",
  panels: {
    services: 1,
    requestRate: 2,
    requestErrorShare: 3,
    toolErrorShare: 4,
    executionP95: 5,
    tokens: 6,
    requestsByEndpoint: 10,
    requestErrors: 11,
    // 12 was the request duration, now on the board http-requests
    requestsByStatus: 13,
    budget: 14,
    toolCalls: 20,
    toolDistribution: 21,
    toolErrors: 22,
    toolLatency: 23,
    execution: 30,
    executionHeat: 31,
    callsPerRequest: 32,
    tokensByModel: 40,
    tokensByType: 41,
    tokensOfDay: 42,
    stateElements: 50,
    stateUpdates: 51,
    stateGrowth: 52,
  },
} as const;

export const toolCallsBoard = {
  uid: "tool-calls",
  panels: {
    callRate: 1,
    errorShare: 2,
    p95: 3,
    calls: 4,
    byTool: 10,
    callsByTool: 20,
    errorRatio: 21,
    byStatus: 22,
    latency: 23,
    quantiles: 30,
    heat: 31,
    slowest: 40,
  },
} as const;
