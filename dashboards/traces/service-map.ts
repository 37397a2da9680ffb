import { boardLink } from "../links.ts";
import type { Board, BoardContext, DataLink, Panel } from "../panel.ts";
import { chosenIn, inRange, seconds, spanFailed } from "../sql.ts";
import { spanTable } from "../tables.ts";
import { serviceMap as identity, tracing } from "./ids.ts";
import { fromTraceId, isRoot, ofService, serviceVariable } from "./spans.ts";

const { panels: id } = identity;

/** Who calls whom, as far as spans tell. */
export const serviceMapBoard = (context: BoardContext): Board => ({
  uid: identity.uid,
  title: "Service map",
  description:
    "Which service calls which, how often, how long it takes and how much of it fails: from spans whose parent belongs to another service. Every query joins the range's spans with themselves: with millions of spans, choose a short range.",
  variables: [serviceVariable(context)],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Map", panels: map(context) },
    { title: "Numbers", panels: numbers(context) },
  ],
});

const failure = (span: string): string => `CASE WHEN ${span}${spanFailed} THEN 1.0 ELSE 0.0 END`;

/** Calls between services: a span and its parent, when they belong to different ones, of which one is chosen. */
const calls = (context: BoardContext): string => {
  const spans = spanTable(context);
  return [
    "SELECT parent.service_name AS caller, child.service_name AS callee, child.span_name AS operation,",
    `child.timestamp AS at, child.duration_nano AS nano, ${failure("child.")} AS failed,`,
    "child.span_status_message AS message, child.trace_id AS trace",
    `FROM ${spans} AS child`,
    `JOIN ${spans} AS parent ON child.trace_id = parent.trace_id AND child.parent_span_id = parent.span_id`,
    "WHERE $__timeFilter(child.timestamp) AND $__timeFilter(parent.timestamp)",
    "AND child.service_name <> parent.service_name",
    `AND (${chosenIn("child.service_name", "service")} OR ${chosenIn("parent.service_name", "service")})`,
  ].join("\n");
};

/** What services did for others: calls that they received, and traces that began with them. */
const received = (context: BoardContext): string =>
  [
    "SELECT callee AS service, nano, failed FROM calls",
    "UNION ALL",
    `SELECT service_name AS service, duration_nano AS nano, ${failure("")} AS failed`,
    `FROM ${spanTable(context)}`,
    `WHERE ${inRange} AND ${isRoot} AND ${ofService}`,
  ].join("\n");

/** The same, with services of which only calls to others are known: an arrow needs a circle at both ends. */
const everybody = (context: BoardContext): string =>
  [received(context), "UNION ALL", "SELECT DISTINCT caller AS service, NULL AS nano, NULL AS failed FROM calls"].join(
    "\n",
  );

const onCalls = (context: BoardContext, query: string): string => `WITH calls AS (\n${calls(context)}\n)\n${query}`;

const onReceived = (context: BoardContext, services: string, query: string): string =>
  `WITH calls AS (\n${calls(context)}\n), received AS (\n${services}\n)\n${query}`;

const health = (context: BoardContext): Panel[] => [
  {
    kind: "sql-stat",
    id: id.services,
    title: "Services",
    description: "Chosen services that sent spans within the range. Fewer than you run: some are not instrumented.",
    width: 6,
    height: 4,
    unit: "none",
    sql: `SELECT count(DISTINCT service_name) AS services FROM ${spanTable(context)} WHERE ${inRange} AND ${ofService}`,
    empty: "0",
  },
  {
    kind: "sql-stat",
    id: id.connections,
    title: "Connections",
    description:
      "Pairs of services of which one calls the other. 0 with several services: trace context is not passed on between them.",
    width: 6,
    height: 4,
    unit: "none",
    sql: onCalls(
      context,
      "SELECT count(*) AS connections FROM (SELECT DISTINCT caller, callee FROM calls) AS connected",
    ),
    empty: "0",
  },
  {
    kind: "sql-stat",
    id: id.calls,
    title: "Calls between services",
    description: "Spans within the range whose parent belongs to another service.",
    width: 6,
    height: 4,
    unit: "short",
    sql: onCalls(context, "SELECT count(*) AS calls FROM calls"),
    empty: "0",
  },
  {
    kind: "sql-stat",
    id: id.errorShare,
    title: "Failed calls",
    description: "Share of the calls between services that failed, as the called service says.",
    width: 6,
    height: 4,
    unit: "percentunit",
    decimals: 2,
    sql: onCalls(context, "SELECT avg(failed) AS share FROM calls"),
    empty: "–",
  },
];

const map = (context: BoardContext): Panel[] => [
  {
    kind: "sql-graph",
    id: id.map,
    title: "Service map",
    description:
      "A circle a service: calls that it received or traces that it began, and their mean duration; the red part of its rim failed. An arrow a connection: calls and mean duration. A service of which only calls to others are known shows 0.",
    width: 24,
    height: 18,
    nodes: onReceived(
      context,
      everybody(context),
      [
        `SELECT service AS id, service AS title, count(nano) AS mainstat, ${seconds("avg(nano)")} AS secondarystat,`,
        "coalesce(avg(failed), 0.0) AS arc__failed, 1.0 - coalesce(avg(failed), 0.0) AS arc__succeeded",
        "FROM received GROUP BY service ORDER BY mainstat DESC LIMIT 200",
      ].join("\n"),
    ),
    edges: onCalls(
      context,
      [
        "SELECT concat(caller, ' → ', callee) AS id, caller AS source, callee AS target,",
        `count(*) AS mainstat, ${seconds("avg(nano)")} AS secondarystat`,
        "FROM calls GROUP BY caller, callee ORDER BY mainstat DESC LIMIT 500",
      ].join("\n"),
    ),
    units: ["short", "s"],
    arcs: { arc__failed: "red", arc__succeeded: "green" },
  },
];

const toService: readonly DataLink[] = [
  boardLink("Only this service", identity.uid, "&var-service=${__value.raw:percentencode}"),
  boardLink("Spans of the service", tracing.uid, "&var-service=${__value.raw:percentencode}"),
];

const numbers = (context: BoardContext): Panel[] => [
  {
    kind: "sql",
    id: id.callsBetween,
    title: "Calls between services",
    description:
      "One row a connection, most calls first; two hundred at most. Durations as the called service saw them.",
    width: 14,
    height: 10,
    sql: onCalls(
      context,
      [
        `SELECT caller, callee, count(*) AS calls, avg(failed) AS failed, ${seconds("avg(nano)")} AS mean,`,
        `${seconds("approx_percentile_cont(nano, 0.95)")} AS p95`,
        "FROM calls GROUP BY caller, callee ORDER BY calls DESC LIMIT 200",
      ].join("\n"),
    ),
    units: { calls: "short", failed: "percentunit", mean: "s", p95: "s" },
    columnLinks: { caller: toService, callee: toService },
  },
  {
    kind: "sql",
    id: id.received,
    title: "Calls received",
    description: "One row a service that received calls or began traces, most first; two hundred at most.",
    width: 10,
    height: 10,
    sql: onReceived(
      context,
      received(context),
      [
        `SELECT service, count(nano) AS calls, avg(failed) AS failed, ${seconds("avg(nano)")} AS mean`,
        "FROM received GROUP BY service ORDER BY calls DESC LIMIT 200",
      ].join("\n"),
    ),
    units: { calls: "short", failed: "percentunit", mean: "s" },
    columnLinks: { service: toService },
  },
  {
    kind: "sql",
    id: id.failedCalls,
    title: "Newest failed calls",
    description:
      "Calls between services that failed; a hundred at most. Empty is good. Click a trace id to open the trace.",
    width: 24,
    height: 10,
    sql: onCalls(
      context,
      [
        `SELECT at AS timestamp, caller, callee, operation, ${seconds("nano")} AS duration,`,
        "substr(message, 1, 200) AS message, trace AS trace_id",
        "FROM calls WHERE failed > 0 ORDER BY at DESC LIMIT 100",
      ].join("\n"),
    ),
    units: { duration: "s" },
    columnLinks: { caller: toService, callee: toService, trace_id: fromTraceId(context) },
  },
];
