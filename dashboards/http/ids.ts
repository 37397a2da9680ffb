/**
 * Identities that links, bookmarks and alert rules hold on to. Never reuse or renumber: add.
 */
export const requestsBoard = {
  uid: "http-requests",
  panels: {
    rate: 1,
    errorShare: 2,
    p95: 3,
    slowShare: 4,
    inFlight: 5,
    callErrorShare: 6,
    byService: 10,
    byClass: 11,
    missing: 12,
    inFlightByService: 13,
    errorRatio: 20,
    failures: 21,
    budget: 22,
    quantiles: 30,
    heat: 31,
    p95ByService: 32,
    slowByService: 33,
    routes: 40,
    byRoute: 41,
    errorsByRoute: 42,
    p95ByRoute: 43,
    calls: 50,
    callErrors: 51,
    callFailures: 52,
    callP95: 53,
  },
} as const;
