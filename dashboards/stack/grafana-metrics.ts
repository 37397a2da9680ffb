import { counter, gauge, histogram, type Label } from "../metric.ts";
import { processCpu, processMemory } from "./process-metrics.ts";

/**
 * What Grafana says of itself: names, kinds, labels and buckets as read from /metrics of version 12.4.3. Counters of
 * notifications appear with the first one that is sent, or fails.
 */

const emittedBy = "Grafana";
const org: Label = { help: "Grafana's organisation.", values: ["1"] };
const integration: Label = { help: "How it is sent.", values: ["webhook", "slack", "email", "pagerduty"] };

export const evaluations = counter({
  name: "grafana_alerting_rule_evaluations_total",
  route: "scrape",
  help: "Evaluations of alert rules.",
  emittedBy,
  labels: { org },
});

export const evaluationFailures = counter({
  name: "grafana_alerting_rule_evaluation_failures_total",
  route: "scrape",
  help: "Evaluations of alert rules that got no answer, or a wrong one, even when tried again.",
  emittedBy,
  labels: { org },
});

export const evaluationDuration = histogram({
  name: "grafana_alerting_rule_evaluation_duration_seconds",
  unit: "s",
  route: "scrape",
  help: "Duration of evaluations of alert rules.",
  emittedBy,
  labels: { org },
  buckets: [0.01, 0.1, 0.5, 1, 5, 10, 15, 30, 60, 120, 180, 240, 300],
});

export const schedulerBehind = gauge({
  name: "grafana_alerting_scheduler_behind_seconds",
  unit: "s",
  route: "scrape",
  help: "How late the evaluation of rules is.",
  emittedBy,
  labels: {},
});

export const alerts = gauge({
  name: "grafana_alerting_alerts",
  route: "scrape",
  help: "Alerts by state.",
  emittedBy,
  labels: { state: { help: "State.", values: ["normal", "alerting", "pending", "recovering", "nodata", "error"] } },
});

export const notifications = counter({
  name: "grafana_alerting_notifications_total",
  route: "scrape",
  help: "Notifications that Grafana tried to send.",
  emittedBy,
  labels: { integration, org },
});

export const notificationsFailed = counter({
  name: "grafana_alerting_notifications_failed_total",
  sometimes: true,
  route: "scrape",
  help: "Notifications that could not be sent.",
  emittedBy,
  labels: { integration, org },
});

export const datasourceRequests = histogram({
  name: "grafana_plugin_request_duration_seconds",
  unit: "s",
  route: "scrape",
  help: "Duration of requests to data sources, as Grafana sees them.",
  emittedBy,
  labels: {
    plugin_id: { help: "Kind of data source.", values: ["prometheus", "mysql", "jaeger"] },
    endpoint: { help: "What was asked for.", values: ["queryData", "callResource", "checkHealth"] },
    status: { help: "How it ended.", values: ["ok", "error", "cancelled"] },
  },
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300, 600],
});

export const grafanaMetrics = [
  evaluations,
  evaluationFailures,
  evaluationDuration,
  schedulerBehind,
  alerts,
  notifications,
  notificationsFailed,
  datasourceRequests,
  processMemory,
  processCpu,
] as const;
