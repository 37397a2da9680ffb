import { isSql, type Panel, type Unit } from "./panel.ts";
import type { Query } from "./promql.ts";

/** A query of a panel, by its legend or the header of its column, with the unit in which it is shown. */
export interface PanelQuery {
  readonly name: string;
  readonly query: Query;
  readonly unit: Unit;
}

/** All PromQL queries of a panel, in their order in Grafana. */
export function queriesOfPanel(panel: Panel): PanelQuery[] {
  if (isSql(panel)) return [];
  switch (panel.kind) {
    case "stat":
      return [panel.target, ...(panel.also === undefined ? [] : [panel.also])].map(({ legend, query }) => ({
        name: legend,
        query,
        unit: panel.unit,
      }));
    case "bargauge":
      return [{ name: panel.target.legend, query: panel.target.query, unit: panel.unit }];
    case "timeseries":
      return panel.targets.map(({ legend, query }) => ({ name: legend, query, unit: panel.unit }));
    case "heatmap":
      return [{ name: "buckets", query: panel.query, unit: panel.unit }];
    case "table":
      return panel.columns.map(({ header, query, unit }) => ({ name: header, query, unit }));
    case "text":
      return [];
  }
}
