import type { Board, Panel } from "../panel.ts";
import { current, distribution, matches, observations, quantile, rate, ratio, reached, sum, sumBy } from "../promql.ts";
import { quantiles } from "../quantiles.ts";
import * as m from "./grafana-metrics.ts";
import { stackGrafana } from "./ids.ts";
import { ofGrafana } from "./own.ts";
import { processCpu, processMemory } from "./process-metrics.ts";

const { panels: id } = stackGrafana;
const window = "$__rate_interval";
const where = ofGrafana;
const notOk = { ...where, status: matches("error|cancelled") };

/** Grafana from inside: are rules evaluated, is anybody told, do boards get answers? */
export const stackGrafanaBoard = (): Board => ({
  uid: stackGrafana.uid,
  title: "Grafana",
  description: "Alerting, requests to data sources, memory and CPU of Grafana itself.",
  variables: [],
  rows: [
    { title: "Is it well?", panels: health },
    { title: "Alerting", panels: alerting },
    { title: "Requests to data sources", panels: requests },
    { title: "Memory and CPU", panels: resources },
  ],
});

const health: Panel[] = [
  {
    kind: "stat",
    id: id.evaluations,
    title: "Evaluations of rules",
    description: "Per second. Good: steady. 0: Grafana evaluates no rule; its log says why.",
    width: 4,
    height: 4,
    unit: "cps",
    decimals: 2,
    target: { query: sum(rate(m.evaluations, window, where)), legend: "evaluations" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.failureShare,
    title: "Failed evaluations",
    description:
      "Share of evaluations that failed even when tried again: those rules are silent. Good: 0 %. If it lasts: rule GrafanaRuleEvaluationFailing.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    target: {
      query: ratio(sum(rate(m.evaluationFailures, window, where)), sum(rate(m.evaluations, window, where))),
      legend: "failed",
    },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.behind,
    title: "Evaluation delay",
    description: "How late rules are evaluated. Good: far below a second. More: Grafana lacks CPU.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 2,
    target: { query: sum(current(m.schedulerBehind, where)), legend: "delay" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.notificationsFailed,
    title: "Failed notifications",
    description:
      "Since Grafana started. Good: 0. Otherwise the log of Grafana names contact point and reason; rule GrafanaNotificationsFailing tells of new ones.",
    width: 4,
    height: 4,
    unit: "none",
    target: { query: sum(reached(m.notificationsFailed, where)), legend: "failed" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.queryP95,
    title: "Data sources p95",
    description: "95 of 100 requests to data sources are faster. Slow: compare with GreptimeDB's own latency.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 2,
    target: { query: quantile(0.95, m.datasourceRequests, { window, where }), legend: "p95" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.memory,
    title: "Memory",
    description: "What Grafana has in RAM. Its limit is the setting grafana.memory, 1 GiB unless changed.",
    width: 4,
    height: 4,
    unit: "bytes",
    target: { query: sum(current(processMemory, where)), legend: "memory" },
    empty: "–",
  },
];

const alerting: Panel[] = [
  {
    kind: "timeseries",
    id: id.evaluationsOverTime,
    title: "Evaluations of rules",
    description:
      "Per second, and those that failed. Good: steady, none failed. Failures that last: rule GrafanaRuleEvaluationFailing; *Alerting, Alert rules* shows which.",
    width: 12,
    height: 8,
    unit: "cps",
    targets: [
      { query: sum(rate(m.evaluations, window, where)), legend: "all" },
      { query: sum(rate(m.evaluationFailures, window, where)), legend: "failed" },
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.evaluationDuration,
    title: "Duration of evaluations",
    description: "p50, p95 and p99. Most of it is GreptimeDB's answer; near 30 s an evaluation fails.",
    width: 12,
    height: 8,
    unit: "s",
    targets: quantiles(m.evaluationDuration, where),
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.alerts,
    title: "Alerts by state",
    description: "One always fires while all is well: the rule Watchdog. error: that rule cannot be evaluated.",
    width: 8,
    height: 8,
    unit: "none",
    targets: [{ query: sumBy(["state"], current(m.alerts, where)), legend: "{{state}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.notifications,
    title: "Notifications",
    description: "Per second, by kind of contact point. Nothing before the first one, or without a contact point.",
    width: 8,
    height: 8,
    unit: "cps",
    targets: [{ query: sumBy(["integration"], rate(m.notifications, window, where)), legend: "{{integration}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.notificationFailures,
    title: "Failed notifications by kind",
    description:
      "Since Grafana started, by kind of contact point. Each step is an alert that did not reach somebody: rule GrafanaNotificationsFailing. Good: nothing, or flat.",
    width: 8,
    height: 8,
    unit: "short",
    targets: [{ query: sumBy(["integration"], reached(m.notificationsFailed, where)), legend: "{{integration}}" }],
    empty: "0",
  },
];

const requests: Panel[] = [
  {
    kind: "timeseries",
    id: id.queries,
    title: "Requests by data source",
    description:
      "Per second, by kind: prometheus is metrics and rules, mysql the tables of spans and log records, jaeger traces.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: [
      {
        query: sumBy(["plugin_id"], rate(observations(m.datasourceRequests), window, where)),
        legend: "{{plugin_id}}",
      },
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.queryFailures,
    title: "Failed requests by data source",
    description:
      "Per second: errors and requests that were cancelled, as by somebody who leaves a board. Lasting errors: open the data source in Grafana and press *Save & test*.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: [
      {
        query: sumBy(["plugin_id", "status"], rate(observations(m.datasourceRequests), window, notOk)),
        legend: "{{plugin_id}} {{status}}",
      },
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.queryLatency,
    title: "Latency p95 by data source",
    description: "95 of 100 requests are faster, as Grafana sees it: the network and GreptimeDB's queueing included.",
    width: 12,
    height: 8,
    unit: "s",
    targets: [
      {
        query: quantile(0.95, m.datasourceRequests, { window, where, by: ["plugin_id"] }),
        legend: "{{plugin_id}}",
      },
    ],
    empty: "–",
  },
  {
    kind: "heatmap",
    id: id.queryHeat,
    title: "Latency, spread",
    description: "How many requests to data sources took how long.",
    width: 12,
    height: 8,
    unit: "s",
    query: distribution(m.datasourceRequests, { window, where }),
  },
];

const resources: Panel[] = [
  {
    kind: "timeseries",
    id: id.memoryOverTime,
    title: "Memory",
    description:
      "RAM. Beyond grafana.memory the kernel kills it. Steady growth that no garbage collection ends is a leak.",
    width: 12,
    height: 8,
    unit: "bytes",
    targets: [{ query: sum(current(processMemory, where)), legend: "RAM" }],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.cpu,
    title: "CPU",
    description: "100 % is one core. Grafana lacks CPU when evaluations are late.",
    width: 12,
    height: 8,
    unit: "percentunit",
    targets: [{ query: sum(rate(processCpu, window, where)), legend: "CPU" }],
    empty: "–",
  },
];
