import type { Board, BoardContext, Panel, Variable } from "../panel.ts";
import { bucket, countOf, durationQuantile, inRange, perSecondOfRange, seconds, shareOf, spanFailed } from "../sql.ts";
import { spanTable } from "../tables.ts";
import { tracing as identity } from "./ids.ts";
import { fromService, fromTraceId, isRoot, ofOperation, ofService, serviceVariable } from "./spans.ts";

const { panels: id } = identity;

const chosen = `${inRange} AND ${ofService} AND ${ofOperation}`;

/** What a person who looks for single spans takes as long. */
const longEnough = "duration_nano >= CAST(${minimum:sqlstring} AS DOUBLE) * 1000000000";

/** What spans tell: how many, which fail, which take long; and the single ones. */
export const tracingBoard = (context: BoardContext): Board => ({
  uid: identity.uid,
  title: "Tracing",
  description: "Spans of every service: how many there are, which fail, which take long, and the traces behind them.",
  variables: variables(context),
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Rate and errors", panels: [...rate(context), ...errors(context)] },
    { title: "Duration", panels: durations(context) },
    { title: "Operations", panels: operations(context) },
    { title: "Single traces", panels: singleTraces(context) },
  ],
});

const variables = (context: BoardContext): Variable[] => [
  serviceVariable(context),
  {
    kind: "sql",
    name: "operation",
    label: "Operation",
    sql: `SELECT DISTINCT span_name FROM ${spanTable(context)} WHERE ${inRange} AND ${ofService} ORDER BY span_name LIMIT 500`,
  },
  {
    kind: "one",
    name: "minimum",
    label: "At least",
    values: { any: "0", "10 ms": "0.01", "100 ms": "0.1", "1 s": "1", "5 s": "5", "10 s": "10", "1 min": "60" },
  },
];

const health = (context: BoardContext): Panel[] => {
  const spans = spanTable(context);
  return [
    {
      kind: "sql-stat",
      id: id.spanRate,
      title: "Spans",
      description: "Spans per second over the range. 0 while services run: see docs/connect-your-app.md.",
      width: 4,
      height: 4,
      unit: "cps",
      decimals: 2,
      sql: `SELECT ${perSecondOfRange} AS spans FROM ${spans} WHERE ${chosen}`,
      empty: "0",
    },
    {
      kind: "sql-stat",
      id: id.traces,
      title: "Traces",
      description: "Different traces within the range that the chosen services and operations took part in.",
      width: 4,
      height: 4,
      unit: "short",
      sql: `SELECT count(DISTINCT trace_id) AS traces FROM ${spans} WHERE ${chosen}`,
      empty: "0",
    },
    {
      kind: "sql-stat",
      id: id.services,
      title: "Services",
      description: "Services that sent spans within the range. Fewer than you run: some are not instrumented.",
      width: 4,
      height: 4,
      unit: "none",
      sql: `SELECT count(DISTINCT service_name) AS services FROM ${spans} WHERE ${chosen}`,
      empty: "0",
    },
    {
      kind: "sql-stat",
      id: id.errorShare,
      title: "Failed spans, share",
      description:
        "Share of spans with the status error. One failure often marks every span above it. When it grows, look at *Errors by operation*.",
      width: 4,
      height: 4,
      unit: "percentunit",
      decimals: 2,
      sql: `SELECT ${shareOf(spanFailed)} AS share FROM ${spans} WHERE ${chosen}`,
      empty: "–",
    },
    {
      kind: "sql-stat",
      id: id.failedTraces,
      title: "Traces with a failure",
      description: "Different traces within the range in which at least one of the chosen spans failed.",
      width: 4,
      height: 4,
      unit: "short",
      sql: `SELECT count(DISTINCT trace_id) AS traces FROM ${spans} WHERE ${chosen} AND ${spanFailed}`,
      empty: "0",
    },
    {
      kind: "sql-stat",
      id: id.rootP95,
      title: "Trace p95",
      description:
        "95 of 100 traces are faster: p95 of their first spans, an estimate. – if no chosen span is the first of a trace.",
      width: 4,
      height: 4,
      unit: "s",
      decimals: 2,
      sql: `SELECT ${durationQuantile(0.95)} AS p95 FROM ${spans} WHERE ${chosen} AND ${isRoot}`,
      empty: "–",
    },
  ];
};

const rate = (context: BoardContext): Panel[] => {
  const spans = spanTable(context);
  return [
    {
      kind: "sql-timeseries",
      id: id.spansByService,
      title: "Spans by service",
      description:
        "Spans in each bar. A service that vanishes has stopped, or has stopped sending. The first and the last bar may be parts.",
      width: 12,
      height: 8,
      unit: "short",
      style: "bars",
      sql: [
        `SELECT ${bucket} AS time, service_name AS metric, count(*) AS spans`,
        `FROM ${spans}`,
        `WHERE ${chosen}`,
        "GROUP BY time, metric ORDER BY time",
      ].join("\n"),
      empty: "0",
    },
    {
      kind: "sql-timeseries",
      id: id.spansByFamily,
      title: "Spans by kind of work",
      description:
        "Spans in each bar by the name before the first colon: tool_call:search and tool_call:browser count as tool_call. The twelve most frequent.",
      width: 12,
      height: 8,
      unit: "short",
      style: "bars",
      sql: [
        `SELECT ${bucket} AS time, split_part(span_name, ':', 1) AS metric, count(*) AS spans`,
        `FROM ${spans}`,
        `WHERE ${chosen} AND split_part(span_name, ':', 1) IN (`,
        `  SELECT split_part(span_name, ':', 1) FROM ${spans} WHERE ${chosen}`,
        "  GROUP BY split_part(span_name, ':', 1) ORDER BY count(*) DESC LIMIT 12)",
        "GROUP BY time, metric ORDER BY time",
      ].join("\n"),
      empty: "0",
    },
  ];
};

const errors = (context: BoardContext): Panel[] => {
  const spans = spanTable(context);
  return [
    {
      kind: "sql-timeseries",
      id: id.errorsByService,
      title: "Failed spans by service",
      description: "Failed spans in each bar. No bar is good: nothing failed.",
      width: 12,
      height: 8,
      unit: "short",
      style: "bars",
      sql: [
        `SELECT ${bucket} AS time, service_name AS metric, count(*) AS failed`,
        `FROM ${spans}`,
        `WHERE ${chosen} AND ${spanFailed}`,
        "GROUP BY time, metric ORDER BY time",
      ].join("\n"),
      empty: "0",
    },
    {
      kind: "sql-timeseries",
      id: id.errorShareByService,
      title: "Failed spans by service, share",
      description: "Share of a service's spans that failed. A line breaks where the service sent nothing.",
      width: 12,
      height: 8,
      unit: "percentunit",
      style: "lines",
      sql: [
        `SELECT ${bucket} AS time, service_name AS metric, ${shareOf(spanFailed)} AS share`,
        `FROM ${spans}`,
        `WHERE ${chosen}`,
        "GROUP BY time, metric ORDER BY time",
      ].join("\n"),
      empty: "–",
    },
    {
      kind: "sql",
      id: id.errorsByOperation,
      title: "Errors by operation",
      description:
        "Operations with failed spans, by what they say, most frequent first. One message on one operation is a defect; many operations at once share a dependency. The trace is one of several.",
      width: 24,
      height: 8,
      sql: [
        "SELECT service_name AS service, span_name AS operation, substr(span_status_message, 1, 200) AS message,",
        "count(*) AS failed, max(timestamp) AS last, max(trace_id) AS trace_id",
        `FROM ${spans}`,
        `WHERE ${chosen} AND ${spanFailed}`,
        "GROUP BY service, operation, message ORDER BY failed DESC LIMIT 50",
      ].join("\n"),
      units: { failed: "short" },
      columnLinks: { service: fromService(context), trace_id: fromTraceId(context) },
    },
  ];
};

const durations = (context: BoardContext): Panel[] => {
  const spans = spanTable(context);
  return [
    {
      kind: "sql-timeseries",
      id: id.rootDuration,
      title: "Trace duration",
      description:
        "p50, p95 and p99 of the first spans of traces, estimates. When p50 rises too, everything is slow, not a few.",
      width: 12,
      height: 8,
      unit: "s",
      style: "lines",
      sql: [
        `SELECT ${bucket} AS time, ${durationQuantile(0.5)} AS p50, ${durationQuantile(0.95)} AS p95, ${durationQuantile(0.99)} AS p99`,
        `FROM ${spans}`,
        `WHERE ${chosen} AND ${isRoot}`,
        "GROUP BY time ORDER BY time",
      ].join("\n"),
      empty: "–",
    },
    {
      kind: "sql-timeseries",
      id: id.rootSpread,
      title: "Trace duration, spread",
      description:
        "Traces by how long their first span took. Two groups with a gap between them often are two paths, one of them a timeout.",
      width: 12,
      height: 8,
      unit: "short",
      style: "bars",
      colors: {
        "below 100 ms": "green",
        "100 ms to 1 s": "blue",
        "1 to 10 s": "yellow",
        "10 to 60 s": "orange",
        "60 s or more": "red",
      },
      sql: [
        `SELECT ${bucket} AS time,`,
        `${countOf("duration_nano < 100000000")} AS \`below 100 ms\`,`,
        `${countOf("duration_nano >= 100000000 AND duration_nano < 1000000000")} AS \`100 ms to 1 s\`,`,
        `${countOf("duration_nano >= 1000000000 AND duration_nano < 10000000000")} AS \`1 to 10 s\`,`,
        `${countOf("duration_nano >= 10000000000 AND duration_nano < 60000000000")} AS \`10 to 60 s\`,`,
        `${countOf("duration_nano >= 60000000000")} AS \`60 s or more\``,
        `FROM ${spans}`,
        `WHERE ${chosen} AND ${isRoot}`,
        "GROUP BY time ORDER BY time",
      ].join("\n"),
      empty: "0",
    },
    {
      kind: "sql-timeseries",
      id: id.operationP95,
      title: "p95 by operation",
      description:
        "95 of 100 spans of an operation are faster; the ten operations that took the most time in all. The line that moved with the traces' duration is the cause.",
      width: 24,
      height: 8,
      unit: "s",
      style: "lines",
      sql: [
        `SELECT ${bucket} AS time, span_name AS metric, ${durationQuantile(0.95)} AS p95`,
        `FROM ${spans}`,
        `WHERE ${chosen} AND span_name IN (`,
        `  SELECT span_name FROM ${spans} WHERE ${chosen} GROUP BY span_name ORDER BY sum(duration_nano) DESC LIMIT 10)`,
        "GROUP BY time, metric ORDER BY time",
      ].join("\n"),
      empty: "–",
    },
  ];
};

const operations = (context: BoardContext): Panel[] => {
  const spans = spanTable(context);
  return [
    {
      kind: "sql",
      id: id.operations,
      title: "Operations",
      description:
        "One row a service and span name, over the range; the hundred that took the most time in all. Time in all counts nested spans again.",
      width: 16,
      height: 10,
      sql: [
        "SELECT service_name AS service, span_name AS operation, count(*) AS spans,",
        `${shareOf(spanFailed)} AS failed, ${durationQuantile(0.5)} AS p50, ${durationQuantile(0.95)} AS p95,`,
        `${seconds("max(duration_nano)")} AS slowest, ${seconds("sum(duration_nano)")} AS in_all`,
        `FROM ${spans}`,
        `WHERE ${chosen}`,
        "GROUP BY service, operation ORDER BY in_all DESC LIMIT 100",
      ].join("\n"),
      units: { spans: "short", failed: "percentunit", p50: "s", p95: "s", slowest: "s", in_all: "s" },
      columnLinks: { service: fromService(context) },
    },
    {
      kind: "sql-bargauge",
      id: id.kinds,
      title: "Spans by span kind",
      description:
        "Server and consumer spans receive work, client and producer spans ask for it, internal spans are steps in between. Only internal spans: context is not passed on between services.",
      width: 8,
      height: 10,
      unit: "short",
      sql: [
        "SELECT lower(replace(span_kind, 'SPAN_KIND_', '')) AS kind, count(*) AS spans",
        `FROM ${spans}`,
        `WHERE ${chosen}`,
        "GROUP BY kind ORDER BY spans DESC LIMIT 10",
      ].join("\n"),
      empty: "0",
    },
  ];
};

const singleTraces = (context: BoardContext): Panel[] => {
  const columns = [
    `SELECT timestamp, service_name AS service, span_name AS operation, ${seconds("duration_nano")} AS duration,`,
    "replace(span_status_code, 'STATUS_CODE_', '') AS status, substr(span_status_message, 1, 200) AS message, trace_id",
    `FROM ${spanTable(context)}`,
  ];
  const shared = {
    kind: "sql",
    width: 24,
    height: 10,
    units: { duration: "s" },
    columnLinks: { service: fromService(context), trace_id: fromTraceId(context) },
  } as const;
  return [
    {
      ...shared,
      id: id.slowest,
      title: "Slowest traces",
      description:
        "First spans of traces, slowest first. Empty if no chosen span is the first of its trace. Click a trace id to open the trace or its logs.",
      sql: [...columns, `WHERE ${chosen} AND ${isRoot} AND ${longEnough}`, "ORDER BY duration_nano DESC LIMIT 50"].join(
        "\n",
      ),
    },
    {
      ...shared,
      id: id.failed,
      title: "Failed spans",
      description: "Spans with the status error, newest first. Empty is good. Click a trace id to see what led to it.",
      sql: [
        ...columns,
        `WHERE ${chosen} AND ${spanFailed} AND ${longEnough}`,
        "ORDER BY timestamp DESC LIMIT 100",
      ].join("\n"),
    },
    {
      ...shared,
      id: id.found,
      title: "Spans that match",
      description:
        "Spans of the chosen services and operations that took at least as long as chosen, newest first; two hundred at most.",
      sql: [...columns, `WHERE ${chosen} AND ${longEnough}`, "ORDER BY timestamp DESC LIMIT 200"].join("\n"),
    },
  ];
};
