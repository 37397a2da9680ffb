import { datasources } from "../../configs/grafana/datasources.ts";
import type {
  DataLink,
  NodeGraph,
  SqlBarGauge,
  SqlLogs,
  SqlPanel,
  SqlStat,
  SqlTable,
  SqlTimeSeries,
} from "../panel.ts";
import {
  barGaugeFields,
  barGaugeOptions,
  dataLinks,
  measure,
  override,
  statOptions,
  tableCells,
  tableOptions,
  type Json,
} from "./fields.ts";

/** Panels over SQL, in the same JSON as those over PromQL (dashboards/grafana/panel.ts). */

export const sqlSource = { type: datasources.sql.type, uid: datasources.sql.uid };

export function sqlPanel(panel: SqlPanel): Json {
  switch (panel.kind) {
    case "sql":
      return sqlTable(panel);
    case "sql-stat":
      return sqlStat(panel);
    case "sql-timeseries":
      return sqlTimeSeries(panel);
    case "sql-bargauge":
      return sqlBarGauge(panel);
    case "sql-logs":
      return sqlLogs(panel);
    case "sql-graph":
      return nodeGraph(panel);
  }
}

const target = (refId: string, sql: string, format: "table" | "time_series" = "table"): Json => ({
  refId,
  datasource: sqlSource,
  editorMode: "code",
  format,
  rawQuery: true,
  rawSql: sql,
});

const sqlTable = (panel: SqlTable): Json => ({
  type: "table",
  datasource: sqlSource,
  targets: [target("A", panel.sql)],
  fieldConfig: {
    defaults: { noValue: "–", custom: tableCells(true) },
    overrides: [
      ...Object.entries(panel.units).map(([name, unit]) => override(name, { id: "unit", value: unit })),
      ...columnLinks(panel.columnLinks),
    ],
  },
  options: tableOptions,
});

const sqlStat = (panel: SqlStat): Json => ({
  type: "stat",
  datasource: sqlSource,
  targets: [target("A", panel.sql)],
  fieldConfig: {
    defaults: { ...measure(panel), noValue: panel.empty, color: { mode: "thresholds" }, ...dataLinks(panel.links) },
    overrides: [],
  },
  options: statOptions(panel, "value"),
});

/** Bars begin at their time, as the buckets do that they stand for. */
const barsFrom = 1;

const sqlTimeSeries = (panel: SqlTimeSeries): Json => ({
  type: "timeseries",
  datasource: sqlSource,
  // buckets that people can tell from each other, and that hold more than one row
  interval: "30s",
  maxDataPoints: 120,
  targets: [target("A", panel.sql, "time_series")],
  fieldConfig: {
    defaults: {
      ...measure(panel),
      min: 0,
      noValue: panel.empty,
      color: { mode: "palette-classic" },
      ...dataLinks(panel.links),
      custom: {
        ...(panel.style === "bars"
          ? { drawStyle: "bars", barAlignment: barsFrom, lineWidth: 0, fillOpacity: 80 }
          : { drawStyle: "line", lineInterpolation: "linear", lineWidth: 1, fillOpacity: 10 }),
        showPoints: "auto",
        spanNulls: false,
        stacking: { mode: panel.style === "bars" ? "normal" : "none", group: "A" },
        thresholdsStyle: { mode: panel.steps === undefined ? "off" : "dashed" },
      },
    },
    overrides: Object.entries(panel.colors ?? {}).map(([name, color]) =>
      override(name, { id: "color", value: { mode: "fixed", fixedColor: color } }),
    ),
  },
  options: {
    legend: {
      displayMode: "table",
      placement: "bottom",
      showLegend: true,
      calcs: panel.style === "bars" && panel.unit === "short" ? ["sum"] : ["lastNotNull", "max"],
    },
    tooltip: { mode: "multi", sort: "desc" },
  },
});

const sqlBarGauge = (panel: SqlBarGauge): Json => ({
  type: "bargauge",
  datasource: sqlSource,
  targets: [target("A", panel.sql)],
  fieldConfig: barGaugeFields(panel),
  // one bar a row, not one for all
  options: barGaugeOptions({ calcs: [], fields: "", values: true, limit: 50 }),
});

const sqlLogs = (panel: SqlLogs): Json => ({
  type: "logs",
  datasource: sqlSource,
  targets: [target("A", panel.sql)],
  fieldConfig: { defaults: {}, overrides: columnLinks(panel.columnLinks) },
  options: {
    dedupStrategy: "none",
    enableLogDetails: true,
    prettifyLogMessage: false,
    showCommonLabels: false,
    showLabels: false,
    showLogContextToggle: false,
    showTime: true,
    sortOrder: "Descending",
    wrapLogMessage: true,
  },
});

const nodeGraph = (panel: NodeGraph): Json => {
  const [mainStatUnit, secondaryStatUnit] = panel.units;
  return {
    type: "nodeGraph",
    datasource: sqlSource,
    targets: [target("nodes", panel.nodes), target("edges", panel.edges)],
    fieldConfig: { defaults: {}, overrides: [] },
    options: {
      nodes: {
        mainStatUnit,
        secondaryStatUnit,
        arcs: Object.entries(panel.arcs).map(([field, color]) => ({ field, color })),
      },
      edges: { mainStatUnit, secondaryStatUnit },
      zoomMode: "cooperative",
    },
  };
};

const columnLinks = (links: Readonly<Record<string, readonly DataLink[]>>): Json[] =>
  Object.entries(links).map(([name, of]) =>
    override(name, { id: "links", value: of.map(({ title, url }) => ({ title, url })) }),
  );
