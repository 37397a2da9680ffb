import { describe, expect, it } from "vitest";

import { boardsFor } from "../../dashboards/content.ts";
import { isSql } from "../../dashboards/panel.ts";
import { column } from "../../dashboards/sql.ts";
import { answered, sqlComplaints } from "../support/sql.ts";
import { everything, sqlQueries } from "../support/queries.ts";

const panels = boardsFor(everything()).flatMap(({ uid, rows }) =>
  rows.flatMap((row) =>
    row.panels.filter(isSql).map((panel) => ({ name: `${uid}/${String(panel.id)} ${panel.title}`, panel })),
  ),
);

describe("SQL", () => {
  // names in full: the report at the end goes by them, and `$name` would be cut short
  it.each(sqlQueries().map(({ name, sql }) => [name, sql] as const))(
    "of %s parses, names what there is, within the range and with an end, and quotes what people type",
    (_, sql) => {
      expect(sqlComplaints(sql), sql).toEqual([]);
    },
  );

  it("is found wherever boards have it: panels, links, variables", () => {
    const names = sqlQueries().map(({ name }) => name);
    expect(names).toContain("tool-calls/40/rows");
    expect(names).toContain("agent-performance/11/Failed spans");
    expect(names).toContain("service-map/10/edges");
    expect(names).toContain("log-search/service");
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("the answers' columns", () => {
  it.each(panels)("are those that $name shows", ({ panel }) => {
    if (panel.kind === "sql-graph") {
      const nodes = ["id", "title", "mainstat", "secondarystat", ...Object.keys(panel.arcs)];
      expect(answered(panel.nodes)).toEqual(nodes);
      expect(answered(panel.edges)).toEqual(["id", "source", "target", "mainstat", "secondarystat"]);
      return;
    }
    const names = answered(panel.sql);
    if (panel.kind === "sql-stat") expect(names).toHaveLength(1);
    if (panel.kind === "sql-bargauge") expect(names).toHaveLength(2);
    // Grafana takes the first text for the line
    if (panel.kind === "sql-logs") expect(names.slice(0, 3)).toEqual(["timestamp", "body", "level"]);
    if (panel.kind === "sql-timeseries") expectSeries(names, Object.keys(panel.colors ?? {}), panel.sql);
    const named = [
      ...("units" in panel ? Object.keys(panel.units) : []),
      ...("columnLinks" in panel ? Object.keys(panel.columnLinks) : []),
    ];
    for (const name of named) expect(names).toContain(name);
  });

  /** Time first; then the series' name and one number, or a number a series. */
  function expectSeries(names: readonly string[], colored: readonly string[], sql: string) {
    const [time, ...rest] = names;
    expect(time).toBe("time");
    if (rest[0] === "metric") expect(rest).toHaveLength(2);
    else expect(rest).not.toContain("metric");
    // a colour is for a series that there can be: a column, or a text that the query writes
    for (const name of colored) expect(rest.includes(name) || sql.includes(`'${name}'`), name).toBe(true);
  }
});

describe("the check itself", () => {
  const spans = "`traces`.opentelemetry_traces";
  const good = `SELECT trace_id FROM ${spans} WHERE $__timeFilter(timestamp) ORDER BY trace_id LIMIT 5`;

  it("has nothing against a good query", () => {
    expect(sqlComplaints(good)).toEqual([]);
    expect(sqlComplaints(good.replace("WHERE", "WHERE span_name = '${__field.labels.tool}' AND"))).toEqual([]);
  });

  it.each([
    ["a wrong column", good.replace("SELECT trace_id", "SELECT trace"), /^no column trace$/],
    ["an attribute's column", good.replace("SELECT trace_id", "SELECT `span_attributes.tool`"), /no column span_att/],
    ["a column of another table", good.replace("SELECT trace_id", "SELECT body"), /no column body/],
    [
      "an alias where there is none yet",
      good.replace("SELECT trace_id", "SELECT trace_id AS t").replace("timestamp)", "timestamp) AND t = 'x'"),
      /no column t/,
    ],
    [
      "a column of neither side",
      `SELECT a.nope AS n FROM ${spans} AS a WHERE $__timeFilter(a.timestamp) ORDER BY n LIMIT 1`,
      /no column a\.nope/,
    ],
    [
      "a wrong column inside",
      good.replace(
        "timestamp)",
        `timestamp) AND trace_id IN (SELECT nope FROM ${spans} WHERE $__timeFilter(timestamp))`,
      ),
      /no column nope/,
    ],
    [
      "a wrong column of a part",
      `WITH c AS (${good}) SELECT span_id FROM c ORDER BY span_id LIMIT 1`,
      /no column span_id/,
    ],
    ["another table", good.replace("opentelemetry_traces", "spans"), /no table traces\.spans/],
    ["another database", good.replace("`traces`", "`metrics`"), /no table metrics\./],
    [
      "no time filter",
      good.replace("$__timeFilter(timestamp)", "span_id = 'x'"),
      /no time filter on opentelemetry_traces/,
    ],
    [
      "a time filter that is one of two ways",
      good.replace("timestamp)", "timestamp) OR span_id = 'x'"),
      /no time filter/,
    ],
    [
      "a time filter on one of two tables",
      `SELECT a.span_id FROM ${spans} AS a JOIN ${spans} AS b ON a.span_id = b.span_id WHERE $__timeFilter(a.timestamp) ORDER BY a.span_id LIMIT 1`,
      /^no time filter on b$/,
    ],
    [
      "no time filter in the second half",
      `WITH c AS (${good} UNION ALL SELECT span_id FROM ${spans}) SELECT trace_id FROM c ORDER BY trace_id LIMIT 1`,
      /no time filter/,
    ],
    ["no LIMIT", good.replace(" LIMIT 5", ""), /no LIMIT/],
    [
      "no LIMIT on groups",
      `SELECT span_name, count(*) AS n FROM ${spans} WHERE $__timeFilter(timestamp) GROUP BY span_name ORDER BY n`,
      /no LIMIT/,
    ],
    ["no order", good.replace("ORDER BY trace_id ", ""), /ORDER BY/],
    ["an unquoted variable", good.replace("timestamp)", "timestamp) AND span_name = '$name'"), /unquoted: \$name/],
    ["a variable in other quotes", good.replace("timestamp)", "timestamp) AND span_name = '${name}'"), /unquoted/],
    [
      "a variable in quotes of its own",
      good.replace("timestamp)", "timestamp) AND span_name = '${name:sqlstring}'"),
      /quoted twice/,
    ],
    [
      "a link's value without quotes",
      good.replace("timestamp)", "timestamp) AND span_name = ${__value.raw}"),
      /unquoted/,
    ],
    [
      "a macro that GreptimeDB does not answer",
      good.replace("SELECT trace_id", "SELECT $__timeGroup(timestamp, '1m')"),
      /unquoted: \$__timeGroup/,
    ],
    ["broken syntax", good.replace("FROM", "FORM"), /syntax/],
  ])("complains about %s", (_, sql, reason) => {
    expect(sqlComplaints(sql).join("; ")).toMatch(reason);
  });

  it("of columns is the compiler's, too, where they have a type", () => {
    expect(column("service.name")).toBe("`service.name`");
    // @ts-expect-error there is no such column
    expect(column("service.nam")).toBe("`service.nam`");
  });
});
