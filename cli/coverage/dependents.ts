import type { Settings } from "../../configs/settings/settings.ts";
import { tables } from "../../configs/greptimedb/store.ts";
import { boardContext, packsOf, rulesFor } from "../../dashboards/content.ts";
import { queriesOfPanel } from "../../dashboards/panel-queries.ts";
import { isSql, type Panel, type SqlPanel } from "../../dashboards/panel.ts";
import type { Query, Reading } from "../../dashboards/promql.ts";
import { ruleTitle, type Rule } from "../../dashboards/rule.ts";

/** What needs telemetry: the panels and rules of a stack, with what each of their queries reads. */

export interface Dependent {
  readonly kind: "panel" | "rule";
  readonly pack: string;
  /** Stable: `agent-performance/20`, `ToolErrorRatioHigh`. */
  readonly id: string;
  /** For people: `Agent performance: Tool calls`. */
  readonly title: string;
  /** What each query reads; one that reads nothing, such as a constant, is always fed. */
  readonly queries: readonly (readonly Reading[])[];
  /** Tables that SQL reads. */
  readonly tables: readonly ("spans" | "logRecords")[];
}

export function dependentsOf(settings: Settings): Dependent[] {
  const context = boardContext(settings);
  const rules = rulesFor(settings);
  return packsOf(settings).flatMap((pack) => [
    ...pack.boards(context).flatMap(({ uid, title, rows }) =>
      rows
        .flatMap(({ panels }) => panels)
        .filter(({ kind }) => kind !== "text")
        .map((panel) => ofPanel(panel, pack.name, { uid, title })),
    ),
    ...(rules.get(pack.name) ?? []).map((rule) => ofRule(rule, pack.name)),
  ]);
}

const ofPanel = (panel: Panel, pack: string, board: { readonly uid: string; readonly title: string }): Dependent => ({
  kind: "panel",
  pack,
  id: `${board.uid}/${String(panel.id)}`,
  title: `${board.title}: ${panel.title}`,
  queries: queriesOfPanel(panel).map(({ query }) => query.readings),
  tables: isSql(panel) ? tablesIn(panel) : [],
});

const ofRule = (rule: Rule, pack: string): Dependent => ({
  kind: "rule",
  pack,
  id: ruleTitle(rule),
  title: ruleTitle(rule),
  queries: [rule.query, rule.guard?.query, rule.confirm?.query]
    .filter((query): query is Query => query !== undefined)
    .map(({ readings }) => readings),
  tables: [],
});

/** A query about GreptimeDB's own tables needs no telemetry. */
function tablesIn(panel: SqlPanel): ("spans" | "logRecords")[] {
  const text = panel.kind === "sql-graph" ? panel.nodes + panel.edges : panel.sql;
  return [
    ...(text.includes(`.${tables.traces}`) ? (["spans"] as const) : []),
    ...(text.includes(`.${tables.logs}`) ? (["logRecords"] as const) : []),
  ];
}
