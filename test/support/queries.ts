import type { Settings } from "../../configs/settings/settings.ts";
import { boardContext, boardsFor, rulesFor } from "../../dashboards/content.ts";
import { packs } from "../../dashboards/packs.ts";
import type { Board, Panel } from "../../dashboards/panel.ts";
import type { Query } from "../../dashboards/promql.ts";
import { ruleTitle, type Rule } from "../../dashboards/rule.ts";
import { settingsOf } from "./settings.ts";

export interface NamedQuery {
  /** `tool-calls/10/Errors`: board, panel, and which of its queries. */
  readonly name: string;
  readonly query: Query;
}

/** Every query of every panel. */
export const panelQueries = (boards: readonly Board[] = boardsFor(everything())): NamedQuery[] =>
  boards.flatMap((board) =>
    board.rows.flatMap(({ panels }) =>
      panels.flatMap((panel) =>
        queriesOf(panel).map(({ name, query }) => ({ name: `${board.uid}/${String(panel.id)}/${name}`, query })),
      ),
    ),
  );

function queriesOf(panel: Panel): NamedQuery[] {
  switch (panel.kind) {
    case "stat":
    case "bargauge":
      return [{ name: panel.target.legend, query: panel.target.query }];
    case "timeseries":
      return panel.targets.map(({ legend, query }) => ({ name: legend, query }));
    case "heatmap":
      return [{ name: "buckets", query: panel.query }];
    case "table":
      return panel.columns.map(({ header, query }) => ({ name: header, query }));
    case "sql":
    case "sql-stat":
    case "sql-timeseries":
    case "sql-bargauge":
    case "sql-logs":
    case "sql-graph":
    case "text":
      return [];
  }
}

/** The boards of one pack. */
const boardsOf = (pack: string): Board[] =>
  packs.filter(({ name }) => name === pack).flatMap(({ boards }) => boards(boardContext(everything())));

/** Every query of the panels of one pack. */
export const panelQueriesOf = (pack: string): NamedQuery[] => panelQueries(boardsOf(pack));

/** The panels of one pack. */
export const panelsOf = (pack: string): Panel[] =>
  boardsOf(pack).flatMap(({ rows }) => rows.flatMap(({ panels }) => panels));

/** Settings with which every panel and rule exists. */
export const everything = (): Settings =>
  settingsOf({
    alerts: { services: ["checkout"] },
    dashboards: { prices: [{ model: "large", input: 2.5, output: 10, asOf: "2026-11-01" }] },
  });

/** Every query of every rule, with one expected service. */
export const ruleQueries = (): NamedQuery[] => [...rulesFor(everything()).values()].flat().flatMap(queriesOfRule);

/** The queries of a rule, by their names in Grafana. */
export const queriesOfRule = (rule: Rule): NamedQuery[] =>
  (
    [
      ["A", rule.query],
      ["B", rule.guard?.query],
      ["D", rule.confirm?.query],
    ] as const
  ).flatMap(([refId, query]) => (query === undefined ? [] : [{ name: `${ruleTitle(rule)}/${refId}`, query }]));
