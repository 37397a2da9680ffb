import { datasources } from "../../configs/grafana/datasources.ts";
import type { Board } from "../panel.ts";
import { placed } from "./layout.ts";
import { panelJson } from "./panel.ts";
import { variableJson } from "./variable.ts";

/**
 * Boards in Grafana's classic JSON. Schema version 42 is the last classic one; Grafana 13 still takes it, and
 * converts it when it loads a board, for which every panel and every row needs an id of its own.
 */

/** Tag of all boards of this stack; the links between them go by it. */
export const tag = "greptime-observability";

export function dashboardJson(board: Board): Record<string, unknown> {
  return {
    uid: board.uid,
    title: board.title,
    description: board.description,
    tags: [tag],
    schemaVersion: 42,
    editable: false,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    timepicker: {},
    timezone: "browser",
    fiscalYearStartMonth: 0,
    annotations: { list: [] },
    links: [navigation],
    templating: { list: [datasourceVariable, ...board.variables.map(variableJson)] },
    panels: panels(board),
  };
}

/** Rows have ids from 1,000,000,000 on, beyond those of any panel. */
const firstRowId = 1_000_000_000;

function panels(board: Board) {
  const list = placed(board.rows).flatMap(({ row, panels: children }, index) => [
    { id: firstRowId + index, type: "row", title: row.title, collapsed: false, gridPos: row.position, panels: [] },
    ...children.map(({ panel, position }) => panelJson(panel, position)),
  ]);
  const ids = list.map(({ id }) => Number(id));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`board ${board.uid} has two panels with id ${String(twice)}`);
  return list;
}

const navigation = {
  type: "dashboards",
  title: "Boards",
  tags: [tag],
  asDropdown: true,
  includeVars: true,
  keepTime: true,
  targetBlank: false,
  icon: "external link",
  tooltip: "",
  url: "",
};

const datasourceVariable = {
  name: "datasource",
  label: "Data source",
  type: "datasource",
  query: datasources.metrics.type,
  regex: `/^${datasources.metrics.name}$/`,
  current: { text: datasources.metrics.name, value: datasources.metrics.uid },
  // there is one; the variable lets a copied board look at another
  hide: 2,
  includeAll: false,
  multi: false,
  options: [],
  refresh: 1,
  skipUrlSync: false,
};
