import { datasources } from "../../configs/grafana/datasources.ts";
import {
  isSql,
  type BarGauge,
  type Heatmap,
  type Panel,
  type PromTable,
  type PromTarget,
  type Stat,
  type Text,
  type TimeSeries,
} from "../panel.ts";
import type { Query } from "../promql.ts";
import {
  dataLinks,
  measure,
  override,
  thresholds,
  type Json,
  barGaugeFields,
  barGaugeOptions,
  statOptions,
  tableCells,
  tableOptions,
} from "./fields.ts";
import type { GridPosition } from "./layout.ts";
import { sqlPanel } from "./sql-panel.ts";

/** Panels in Grafana's classic JSON (schema version 42), with every default that matters written out. */

/** The metrics datasource, as chosen at the top of the board. */
export const metricsSource = { type: datasources.metrics.type, uid: "${datasource}" };

export const panelJson = (panel: Panel, gridPos: GridPosition): Json => ({
  id: panel.id,
  title: panel.title,
  description: panel.description,
  gridPos,
  ...body(panel),
});

function body(panel: Panel): Json {
  if (isSql(panel)) return sqlPanel(panel);
  switch (panel.kind) {
    case "stat":
      return stat(panel);
    case "timeseries":
      return timeSeries(panel);
    case "bargauge":
      return barGauge(panel);
    case "heatmap":
      return heatmap(panel);
    case "table":
      return promTable(panel);
    case "text":
      return markdown(panel);
  }
}

const stat = (panel: Stat): Json => ({
  type: "stat",
  datasource: metricsSource,
  targets: [panel.target, ...(panel.also === undefined ? [] : [panel.also])].map((of, index) =>
    instant(refId(index), of),
  ),
  fieldConfig: { defaults: { ...measure(panel), noValue: panel.empty, color: { mode: "thresholds" } }, overrides: [] },
  options: statOptions(panel, panel.also === undefined ? "value" : "value_and_name"),
});

const timeSeries = (panel: TimeSeries): Json => ({
  type: "timeseries",
  datasource: metricsSource,
  targets: panel.targets.map((target, index) => range(refId(index), target)),
  fieldConfig: {
    defaults: {
      ...measure(panel),
      ...(panel.signed === true ? {} : { min: 0 }),
      noValue: panel.empty,
      color: { mode: "palette-classic" },
      ...dataLinks(panel.links),
      custom: {
        drawStyle: "line",
        lineInterpolation: "linear",
        lineWidth: 1,
        fillOpacity: stacking(panel) === "none" ? 10 : 30,
        showPoints: "auto",
        spanNulls: false,
        stacking: { mode: stacking(panel), group: "A" },
        thresholdsStyle: { mode: panel.steps === undefined ? "off" : "dashed" },
      },
    },
    overrides: [],
  },
  options: {
    legend: {
      displayMode: "table",
      placement: "bottom",
      showLegend: true,
      calcs: ["lastNotNull", "max"],
      sortBy: "Max",
      sortDesc: true,
    },
    tooltip: { mode: "multi", sort: "desc" },
  },
});

const stacking = ({ stacked = false }: TimeSeries): "none" | "normal" | "percent" =>
  stacked === true ? "normal" : stacked === false ? "none" : stacked;

const barGauge = (panel: BarGauge): Json => ({
  type: "bargauge",
  datasource: metricsSource,
  targets: [instant("A", panel.target)],
  fieldConfig: barGaugeFields(panel),
  options: barGaugeOptions({ calcs: ["lastNotNull"], fields: "", values: false }),
});

const heatmap = (panel: Heatmap): Json => ({
  type: "heatmap",
  datasource: metricsSource,
  targets: [{ ...range("A", { query: panel.query, legend: "{{le}}" }), format: "heatmap" }],
  fieldConfig: { defaults: {}, overrides: [] },
  options: {
    calculate: false,
    cellGap: 1,
    exemplars: { color: "rgba(255,0,255,0.7)" },
    color: {
      mode: "scheme",
      scheme: "Oranges",
      exponent: 0.5,
      scale: "exponential",
      steps: 64,
      fill: "dark-orange",
      reverse: false,
    },
    legend: { show: true },
    rowsFrame: { layout: "auto" },
    showValue: "never",
    tooltip: { mode: "single", showColorScale: true, yHistogram: true },
    yAxis: { axisPlacement: "left", reverse: false, unit: panel.unit },
  },
});

/** One frame a column, joined by their labels. */
const promTable = (panel: PromTable): Json => {
  const names = panel.columns.map((_, index) => `Value #${refId(index)}`);
  return {
    type: "table",
    datasource: metricsSource,
    targets: panel.columns.map(({ query }, index) => ({
      ...instant(refId(index), { query, legend: "__auto" }),
      format: "table",
    })),
    transformations: [
      { id: "merge", options: {} },
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries([...Object.keys(panel.keys), ...names].map((name, index) => [name, index])),
          renameByName: {
            ...panel.keys,
            ...Object.fromEntries(names.map((name, index) => [name, panel.columns[index]?.header])),
          },
        },
      },
    ],
    fieldConfig: {
      defaults: { noValue: "–", custom: tableCells(false) },
      overrides: panel.columns.map(({ header, unit, decimals, steps, links, empty }) =>
        override(
          header,
          { id: "unit", value: unit },
          ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
          ...(empty === undefined ? [] : [{ id: "noValue", value: empty }]),
          ...(steps === undefined
            ? []
            : [
                { id: "thresholds", value: thresholds(steps) },
                { id: "custom.cellOptions", value: { type: "color-text" } },
              ]),
          ...(links === undefined ? [] : [{ id: "links", value: links.map(({ title, url }) => ({ title, url })) }]),
        ),
      ),
    },
    options: { ...tableOptions, sortBy: [{ displayName: panel.columns[0]?.header, desc: true }] },
  };
};

const markdown = (panel: Text): Json => ({ type: "text", options: { mode: "markdown", content: panel.markdown } });

const target = (refIdOf: string, { query, legend }: PromTarget): Json => ({
  refId: refIdOf,
  datasource: metricsSource,
  editorMode: "code",
  expr: query.expr,
  legendFormat: legend,
});

const range = (id: string, of: PromTarget): Json => ({ ...target(id, of), range: true, instant: false });
const instant = (id: string, of: PromTarget | { query: Query; legend: string }): Json => ({
  ...target(id, of),
  range: false,
  instant: true,
});

const refId = (index: number): string => String.fromCharCode("A".charCodeAt(0) + index);
