/** Identities that links and bookmarks hold on to. Never reuse or renumber: add. */
export const tracing = {
  uid: "tracing",
  panels: {
    spanRate: 1,
    traces: 2,
    services: 3,
    errorShare: 4,
    failedTraces: 5,
    rootP95: 6,
    spansByService: 10,
    spansByFamily: 11,
    errorsByService: 12,
    errorShareByService: 13,
    errorsByOperation: 14,
    rootDuration: 20,
    rootSpread: 21,
    operationP95: 22,
    operations: 30,
    kinds: 31,
    slowest: 40,
    failed: 41,
    found: 42,
  },
} as const;

export const serviceMap = {
  uid: "service-map",
  panels: {
    services: 1,
    connections: 2,
    calls: 3,
    errorShare: 4,
    map: 10,
    callsBetween: 20,
    received: 21,
    failedCalls: 22,
  },
} as const;
