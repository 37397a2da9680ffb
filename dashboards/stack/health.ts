import { ownJobs } from "../../configs/collector/own-jobs.ts";
import { tables } from "../../configs/greptimedb/store.ts";
import { boardLink, sqlLink, traceLink } from "../links.ts";
import { fromThreshold, type Board, type BoardContext, type Panel, type SqlTable } from "../panel.ts";
import { current, minBy, quantile, rate, ratio, reached, sum, sumBy, sumOver } from "../promql.ts";
import { up } from "../scraping.ts";
import { signals, uptime } from "./collector-metrics.ts";
import { httpRequests, ingestRows, promqlElapsed } from "./database-metrics.ts";
import { alerts, evaluationFailures, evaluations } from "./grafana-metrics.ts";
import { stackDatabase, stackDelivery, stackGrafana, stackHealth } from "./ids.ts";
import { ofCollector, ofDatabase, ofGrafana } from "./own.ts";
import { databaseMemoryShare, down, largestQueueFill, serverErrors } from "./queries.ts";

const { panels: id } = stackHealth;
const window = "$__rate_interval";

/** Is the stack well, and if not: what is sent, the collector, GreptimeDB or Grafana? */
export function stackHealthBoard(context: BoardContext): Board {
  const hasDatabase = context.parts.includes(ownJobs.database);
  const stats = [...health(context), ...(hasDatabase ? databaseHealth(context) : [])];
  return {
    uid: stackHealth.uid,
    title: "Stack health",
    description: "The collector, GreptimeDB and Grafana themselves: are they there, and does what is sent arrive?",
    variables: [],
    rows: [
      { title: "Is it well?", panels: stats.map((panel) => ({ ...panel, width: 24 / stats.length })) },
      { title: "Services", panels: [spanServices(context), logServices(context)] },
      { title: "Scrape targets", panels: targets(context) },
      { title: "Delivery", panels: delivery },
      ...(hasDatabase ? [{ title: "GreptimeDB", panels: database(context) }] : []),
      { title: "Alerting", panels: alerting },
    ],
  };
}

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.targetsDown,
    title: "Targets down",
    description:
      "Scrape targets, the stack's own among them, whose last scrape failed. Good: 0. Otherwise see which below; rule ScrapeTargetDown fires after five minutes.",
    width: 4,
    height: 4,
    unit: "none",
    steps: fromThreshold(context, "ScrapeTargetDown"),
    target: { query: sumOver([], down()), legend: "down" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.queueFill,
    title: "Fullest queue",
    description:
      "How full the fullest of the collector's queues is. Good: next to 0 %. Red: rule CollectorQueueNearFull; open Delivery.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "CollectorQueueNearFull"),
    target: { query: largestQueueFill(), legend: "full" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.uptime,
    title: "Collector uptime",
    description:
      "Since the collector started, of several the last. A small value that nobody expects is a crash: `docker logs` and `docker inspect` say why. None: rule CollectorDown.",
    width: 4,
    height: 4,
    unit: "s",
    target: { query: minBy([], reached(uptime, ofCollector)), legend: "uptime" },
    empty: "down",
  },
  {
    kind: "stat",
    id: id.evaluationFailures,
    title: "Failed evaluations",
    description:
      "Share of evaluations of alert rules that failed: those rules are silent. Good: 0 %. If it lasts, rule GrafanaRuleEvaluationFailing fires; open Grafana's own board.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    target: {
      query: ratio(sum(rate(evaluationFailures, window, ofGrafana)), sum(rate(evaluations, window, ofGrafana))),
      legend: "failed",
    },
    empty: "0 %",
  },
];

const databaseHealth = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.requestErrors,
    title: "GreptimeDB errors",
    description:
      "Share of requests that GreptimeDB answered with a server error. Good: 0 %, also before the first error. Otherwise open GreptimeDB's own board.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    target: {
      query: ratio(sum(rate(httpRequests, window, serverErrors)), sum(rate(httpRequests, window, ofDatabase))),
      legend: "errors",
    },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.databaseMemory,
    title: "GreptimeDB memory",
    description:
      "How much of the memory that it may use GreptimeDB has in RAM; in a cluster, the process with the most. Red: rule GreptimeDbMemoryHigh.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 0,
    steps: fromThreshold(context, "GreptimeDbMemoryHigh"),
    target: { query: databaseMemoryShare(), legend: "used" },
    empty: "–",
  },
];

/** Services by what they have sent, whatever metrics they have. */
const spanServices = ({ databases }: BoardContext): SqlTable => ({
  kind: "sql",
  id: id.spanServices,
  title: "Services that send spans",
  description:
    "What arrived of each service within the range, and when last. A service that is missing does not run, or does not reach the collector: see docs/connect-your-app.md.",
  width: 12,
  height: 8,
  sql: [
    "SELECT service_name AS service, COUNT(*) AS spans, MAX(timestamp) AS last, MAX(trace_id) AS example",
    `FROM \`${databases.traces}\`.${tables.traces}`,
    "WHERE $__timeFilter(timestamp)",
    "GROUP BY service_name ORDER BY service_name LIMIT 100",
  ].join("\n"),
  units: { spans: "short" },
  columnLinks: { example: [traceLink] },
});

const logServices = ({ databases }: BoardContext): SqlTable => ({
  kind: "sql",
  id: id.logServices,
  title: "Services that send log records",
  description: "What arrived of each service within the range, and when last. Click a service for its newest records.",
  width: 12,
  height: 8,
  sql: [
    "SELECT `service.name` AS service, COUNT(*) AS records, MAX(timestamp) AS last",
    `FROM \`${databases.logs}\`.${tables.logs}`,
    "WHERE $__timeFilter(timestamp)",
    "GROUP BY `service.name` ORDER BY `service.name` LIMIT 100",
  ].join("\n"),
  units: { records: "short" },
  columnLinks: {
    service: [
      sqlLink(
        "Newest records",
        [
          "SELECT timestamp, severity_text, body, trace_id",
          `FROM \`${databases.logs}\`.${tables.logs}`,
          "WHERE $__timeFilter(timestamp) AND `service.name` = '${__value.raw}'",
          "ORDER BY timestamp DESC LIMIT 100",
        ].join("\n"),
      ),
    ],
  },
});

const targets = (context: BoardContext): Panel[] => [
  {
    kind: "table",
    id: id.targets,
    title: "Targets",
    description:
      "Every target that the collector scrapes, the stack's own among them: 1 if the last scrape succeeded, 0 if it failed. A job that is missing has never been scraped.",
    width: 12,
    height: 8,
    keys: { job: "Job", instance: "Instance" },
    columns: [{ header: "Up", unit: "none", query: minBy(["job", "instance"], current(up)) }],
  },
  {
    kind: "timeseries",
    id: id.targetsOverTime,
    title: "Failed scrapes",
    description:
      "1 while scrapes of a target fail, 0 while they succeed. A gap means that nothing arrived at all. Line: rule ScrapeTargetDown.",
    width: 12,
    height: 8,
    unit: "none",
    steps: fromThreshold(context, "ScrapeTargetDown"),
    targets: [{ query: down(), legend: "{{job}} {{instance}}" }],
    empty: "–",
  },
];

const toDelivery = boardLink("Delivery", stackDelivery.uid);

const delivery: Panel[] = [
  {
    kind: "timeseries",
    id: id.accepted,
    title: "Accepted by the collector",
    description:
      "Spans, log records and metric points per second that the collector took. A drop to zero is as telling as a peak.",
    width: 12,
    height: 8,
    unit: "cps",
    targets: Object.values(signals).map(({ words, accepted }) => ({
      query: sum(rate(accepted, window, ofCollector)),
      legend: words,
    })),
    empty: "0",
    links: [toDelivery],
  },
  {
    kind: "timeseries",
    id: id.sent,
    title: "Taken by GreptimeDB",
    description:
      "Spans, log records and metric points per second that the collector has delivered. Good: the same as accepted. Less: they wait in the queues.",
    width: 12,
    height: 8,
    unit: "cps",
    targets: Object.values(signals).map(({ words, sent }) => ({
      query: sum(rate(sent, window, ofCollector)),
      legend: words,
    })),
    empty: "0",
    links: [toDelivery],
  },
];

const database = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.ingest,
    title: "Rows written",
    description: "Rows per second that GreptimeDB wrote, by database.",
    width: 12,
    height: 8,
    unit: "cps",
    targets: [{ query: sumBy(["db"], rate(ingestRows, window, ofDatabase)), legend: "{{db}}" }],
    empty: "0",
    links: [boardLink("GreptimeDB", stackDatabase.uid)],
  },
  {
    kind: "timeseries",
    id: id.queryLatency,
    title: "Query latency p99",
    description: "99 of 100 PromQL queries of boards and rules are faster. Line: rule GreptimeDbQuerySlow.",
    width: 12,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "GreptimeDbQuerySlow"),
    targets: [{ query: quantile(0.99, promqlElapsed, { window, where: ofDatabase }), legend: "p99" }],
    empty: "–",
    links: [boardLink("GreptimeDB", stackDatabase.uid)],
  },
];

const alerting: Panel[] = [
  {
    kind: "timeseries",
    id: id.evaluations,
    title: "Evaluations of rules",
    description:
      "Evaluations per second, and those that failed. Good: steady, none failed. None at all: Grafana evaluates nothing.",
    width: 12,
    height: 8,
    unit: "cps",
    targets: [
      { query: sum(rate(evaluations, window, ofGrafana)), legend: "all" },
      { query: sum(rate(evaluationFailures, window, ofGrafana)), legend: "failed" },
    ],
    empty: "0",
    links: [boardLink("Grafana", stackGrafana.uid)],
  },
  {
    kind: "timeseries",
    id: id.alerts,
    title: "Alerts by state",
    description: "Alerts in Grafana. One always fires while all is well: the rule Watchdog.",
    width: 12,
    height: 8,
    unit: "none",
    targets: [{ query: sumBy(["state"], current(alerts, ofGrafana)), legend: "{{state}}" }],
    empty: "0",
    links: [boardLink("Grafana", stackGrafana.uid)],
  },
];
