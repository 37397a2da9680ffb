import type { Settings } from "../../configs/settings/settings.ts";
import { boardContext, boardsFor, rulesFor } from "../../dashboards/content.ts";
import { packs } from "../../dashboards/packs.ts";
import { queriesOfPanel } from "../../dashboards/panel-queries.ts";
import { isSql, type Board, type DataLink, type Panel } from "../../dashboards/panel.ts";
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
        queriesOfPanel(panel).map(({ name, query }) => ({ name: `${board.uid}/${String(panel.id)}/${name}`, query })),
      ),
    ),
  );

/** The boards of one pack. */
export const boardsOf = (pack: string): Board[] =>
  packs.filter(({ name }) => name === pack).flatMap(({ boards }) => boards(boardContext(everything())));

export interface NamedSql {
  /** `tracing/40/rows`: board, panel, and which of its queries; or `tracing/service`, a variable. */
  readonly name: string;
  readonly sql: string;
}

/** Every SQL query of every panel, of every link into Explore, and of every variable. */
export const sqlQueries = (boards: readonly Board[] = boardsFor(everything())): NamedSql[] =>
  boards.flatMap(({ uid, variables, rows }) => [
    ...variables.flatMap((variable) =>
      variable.kind === "sql" ? [{ name: `${uid}/${variable.name}`, sql: variable.sql }] : [],
    ),
    ...rows
      .flatMap(({ panels }) => panels)
      .flatMap((panel) =>
        [...sqlOf(panel), ...linksOf(panel).flatMap(sqlOfLink)].map(({ name, sql }) => ({
          name: `${uid}/${String(panel.id)}/${name}`,
          sql,
        })),
      ),
  ]);

function sqlOf(panel: Panel): NamedSql[] {
  if (!isSql(panel)) return [];
  if (panel.kind !== "sql-graph") return [{ name: "rows", sql: panel.sql }];
  return [
    { name: "nodes", sql: panel.nodes },
    { name: "edges", sql: panel.edges },
  ];
}

const linksOf = (panel: Panel): DataLink[] => [
  ...(panel.links ?? []),
  ...(panel.kind === "table" ? panel.columns.flatMap(({ links }) => links ?? []) : []),
  ...("columnLinks" in panel ? Object.values(panel.columnLinks).flat() : []),
];

function sqlOfLink({ title, url }: DataLink): NamedSql[] {
  const panes = new URL(url, "http://grafana").searchParams.get("panes");
  if (panes === null) return [];
  const { a } = JSON.parse(panes) as { a: { queries: { rawSql?: string }[] } };
  return a.queries.flatMap(({ rawSql }) => (rawSql === undefined ? [] : [{ name: title, sql: rawSql }]));
}

/** Every query of the panels of one pack. */
export const panelQueriesOf = (pack: string): NamedQuery[] => panelQueries(boardsOf(pack));

/** The panels of one pack. */
export const panelsOf = (pack: string): Panel[] =>
  boardsOf(pack).flatMap(({ rows }) => rows.flatMap(({ panels }) => panels));

/** Settings with which every panel and rule exists. */
export const everything = (): Settings =>
  settingsOf({
    alerts: { services: ["checkout"] },
    collector: { ledger: { enabled: true } },
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
