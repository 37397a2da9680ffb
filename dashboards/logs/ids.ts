/** Identities that links and bookmarks hold on to. Never reuse or renumber: add. */
export const logSearch = {
  uid: "log-search",
  panels: {
    rate: 1,
    records: 2,
    services: 3,
    errors: 4,
    errorShare: 5,
    traced: 6,
    bySeverity: 10,
    byService: 11,
    errorsByService: 12,
    errorTotals: 13,
    messages: 20,
    errorMessages: 21,
    lines: 30,
    errorRecords: 31,
  },
} as const;
