import { boardLink, traceLink } from "../links.ts";
import { linksInto, type Board, type BoardContext, type Color, type DataLink, type Panel } from "../panel.ts";
import { bucket, chosenIn, column, containing, inRange, perSecondOfRange, shareOf, typed } from "../sql.ts";
import { logTable } from "../tables.ts";
import { tracing } from "../traces/ids.ts";
import { logSearch as identity } from "./ids.ts";

const { panels: id } = identity;

/**
 * Severities by the lowest number of their range, as OpenTelemetry defines them. The number, not the text: each
 * library writes the text in its own way.
 */
const severities = { FATAL: 21, ERROR: 17, WARN: 13, INFO: 9, DEBUG: 5, TRACE: 1 } as const;

/** A record whose sender gave no number. */
const unspecified = "UNSPECIFIED";

const colors: Readonly<Record<string, Color>> = {
  FATAL: "purple",
  ERROR: "red",
  WARN: "orange",
  INFO: "green",
  DEBUG: "blue",
  TRACE: "gray",
  [unspecified]: "yellow",
};

const severity = [
  "CASE",
  ...Object.entries(severities).map(([name, from]) => `WHEN severity_number >= ${String(from)} THEN '${name}'`),
  `ELSE '${unspecified}' END`,
].join(" ");

const isError = `severity_number >= ${String(severities.ERROR)}`;
const isTraced = "trace_id <> ''";
const service = column("service.name");
const correlation = "json_get_string(log_attributes, 'correlation_id')";

const chosen = [
  inRange,
  chosenIn(service, "service"),
  chosenIn(severity, "severity"),
  containing("body", "search"),
  typed(correlation, "correlation"),
  typed("trace_id", "trace"),
].join("\nAND ");

/** What services wrote down: how much, how bad, and the lines themselves. */
export const logSearchBoard = (context: BoardContext): Board => ({
  uid: identity.uid,
  title: "Logs",
  description:
    "Log records of every service, by severity, and the lines themselves. Every panel follows what is chosen and typed at the top.",
  variables: [
    {
      kind: "sql",
      name: "service",
      label: "Service",
      sql: `SELECT DISTINCT ${service} FROM ${logTable(context)} WHERE ${inRange} AND ${service} <> '' ORDER BY ${service} LIMIT 500`,
    },
    { kind: "choice", name: "severity", label: "Severity", values: [...Object.keys(severities), unspecified] },
    { kind: "text", name: "search", label: "Text" },
    { kind: "text", name: "correlation", label: "Correlation id" },
    { kind: "text", name: "trace", label: "Trace id" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Over time", panels: overTime(context) },
    { title: "What stands out", panels: messages(context) },
    { title: "Records", panels: records(context) },
  ],
});

const health = (context: BoardContext): Panel[] => {
  const stat = { kind: "sql-stat", width: 4, height: 4 } as const;
  const from = `FROM ${logTable(context)} WHERE ${chosen}`;
  return [
    {
      ...stat,
      id: id.rate,
      title: "Records",
      description: "Records per second over the range. 0 while services run: see docs/connect-your-app.md.",
      unit: "cps",
      decimals: 2,
      sql: `SELECT ${perSecondOfRange} AS records ${from}`,
      empty: "0",
    },
    {
      ...stat,
      id: id.records,
      title: "Records in the range",
      description: "Records within the range that match what is chosen and typed.",
      unit: "short",
      sql: `SELECT count(*) AS records ${from}`,
      empty: "0",
    },
    {
      ...stat,
      id: id.services,
      title: "Services",
      description:
        "Services that wrote such records within the range. Fewer than you run: their logs are not exported.",
      unit: "none",
      sql: `SELECT count(DISTINCT ${service}) AS services ${from}`,
      empty: "0",
    },
    {
      ...stat,
      id: id.errors,
      title: "Errors",
      description: "Records of severity ERROR or FATAL within the range. When there are any, look at *Error messages*.",
      unit: "short",
      sql: `SELECT count(*) AS errors ${from} AND ${isError}`,
      empty: "0",
    },
    {
      ...stat,
      id: id.errorShare,
      title: "Errors, share",
      description: "Share of records that are of severity ERROR or FATAL.",
      unit: "percentunit",
      decimals: 2,
      sql: `SELECT ${shareOf(isError)} AS share ${from}`,
      empty: "–",
    },
    {
      ...stat,
      id: id.traced,
      title: "With a trace",
      description:
        "Share of records that carry a trace id. From these a link leads to the trace. Low: the logging library is not connected to tracing, see docs/connect-your-app.md.",
      unit: "percentunit",
      decimals: 0,
      sql: `SELECT ${shareOf(isTraced)} AS share ${from}`,
      empty: "–",
    },
  ];
};

const overTime = (context: BoardContext): Panel[] => {
  const series = { kind: "sql-timeseries", style: "bars", width: 12, height: 8, unit: "short", empty: "0" } as const;
  const by = (metric: string, condition = chosen) =>
    [
      `SELECT ${bucket} AS time, ${metric} AS metric, count(*) AS records`,
      `FROM ${logTable(context)}`,
      `WHERE ${condition}`,
      "GROUP BY time, metric ORDER BY time",
    ].join("\n");
  return [
    {
      ...series,
      id: id.bySeverity,
      title: "Records by severity",
      description:
        "Records in each bar, by the severity's number. UNSPECIFIED: the sender gave none. The first and the last bar may be parts.",
      colors,
      sql: by(severity),
    },
    {
      ...series,
      id: id.byService,
      title: "Records by service",
      description: "Records in each bar. A service that floods hides the others, and fills the disk.",
      sql: by(service),
    },
    {
      ...series,
      id: id.errorsByService,
      title: "Errors by service",
      description: "Records of severity ERROR or FATAL in each bar. No bar is good: nobody complained.",
      sql: by(service, `${chosen} AND ${isError}`),
    },
    {
      kind: "sql-bargauge",
      id: id.errorTotals,
      title: "Errors by service in the range",
      description: "Records of severity ERROR or FATAL within the range, of the twenty services with the most.",
      width: 12,
      height: 8,
      unit: "short",
      sql: [
        `SELECT ${service} AS service, count(*) AS errors`,
        `FROM ${logTable(context)}`,
        `WHERE ${chosen} AND ${isError}`,
        "GROUP BY service ORDER BY errors DESC LIMIT 20",
      ].join("\n"),
      empty: "0",
    },
  ];
};

const messages = (context: BoardContext): Panel[] => {
  const table = { kind: "sql", width: 12, height: 10, units: { records: "short" } } as const;
  const top = (condition: string) =>
    [
      `SELECT count(*) AS records, ${severity} AS severity, ${service} AS service, substr(body, 1, 200) AS message,`,
      "max(timestamp) AS last",
      `FROM ${logTable(context)}`,
      `WHERE ${condition}`,
      "GROUP BY severity, service, message ORDER BY records DESC LIMIT 50",
    ].join("\n");
  return [
    {
      ...table,
      id: id.messages,
      title: "Top messages",
      description:
        "Messages that occur most often, told apart by their first 200 characters; those with ids in them count as different.",
      sql: top(chosen),
      columnLinks: { service: fromService(context) },
    },
    {
      ...table,
      id: id.errorMessages,
      title: "Error messages",
      description: "The same, of severity ERROR or FATAL. Empty is good. The one on top is what to look at first.",
      sql: top(`${chosen} AND ${isError}`),
      columnLinks: { service: fromService(context) },
    },
  ];
};

const records = (context: BoardContext): Panel[] => [
  {
    kind: "sql-logs",
    id: id.lines,
    title: "Log lines",
    description:
      "The newest five hundred records that match. Open a line for its attributes and the link to its trace. In the text to search for, write a backslash twice.",
    width: 24,
    height: 16,
    sql: [
      `SELECT timestamp, body, ${severity} AS level, ${service} AS service, trace_id, span_id,`,
      `${correlation} AS correlation_id, json_to_string(log_attributes) AS attributes`,
      `FROM ${logTable(context)}`,
      `WHERE ${chosen}`,
      "ORDER BY timestamp DESC LIMIT 500",
    ].join("\n"),
    columnLinks: { service: fromService(context), trace_id: fromTraceId, correlation_id: [sameCorrelation] },
  },
  {
    kind: "sql",
    id: id.errorRecords,
    title: "Errors with their traces",
    description:
      "The newest hundred records of severity ERROR or FATAL that match. Click a trace id to open the trace, a correlation id for everything that has it.",
    width: 24,
    height: 10,
    sql: [
      `SELECT timestamp, ${severity} AS severity, ${service} AS service, substr(body, 1, 500) AS message,`,
      `${correlation} AS correlation_id, trace_id`,
      `FROM ${logTable(context)}`,
      `WHERE ${chosen} AND ${isError}`,
      "ORDER BY timestamp DESC LIMIT 100",
    ].join("\n"),
    units: {},
    columnLinks: { service: fromService(context), trace_id: fromTraceId, correlation_id: [sameCorrelation] },
  },
];

const fromTraceId: readonly DataLink[] = [
  traceLink,
  boardLink("Logs of the trace", identity.uid, "&var-trace=${__value.raw}"),
];

const sameCorrelation = boardLink(
  "Everything with this id",
  identity.uid,
  "&var-correlation=${__value.raw:percentencode}",
);

const fromService = (context: BoardContext): readonly DataLink[] => [
  boardLink("Only this service", identity.uid, "&var-service=${__value.raw:percentencode}"),
  ...linksInto(
    context,
    "traces",
    boardLink("Spans of the service", tracing.uid, "&var-service=${__value.raw:percentencode}"),
  ),
];
