/**
 * Identities that links, bookmarks and alert rules hold on to. Never reuse or renumber: add.
 */
export const uiMetrics = {
  uid: "ui-metrics",
  panels: {
    services: 1,
    requestRate: 2,
    trafficMissing: 3,
    renderP75: 4,
    slowShare: 5,
    interactionRate: 6,
    requestsByAction: 10,
    requestsByComponent: 11,
    traffic: 12,
    trafficMissingByService: 13,
    requestTable: 14,
    render: 20,
    renderHeat: 21,
    renderByComponent: 22,
    slowByComponent: 23,
    components: 24,
    interactionsByAction: 30,
    interactionsByTarget: 31,
    interactionTable: 32,
  },
} as const;
