import { boardsFor, rulesFor } from "../../dashboards/content.ts";
import type { Board, Panel } from "../../dashboards/panel.ts";
import type { Query } from "../../dashboards/promql.ts";
import { ruleTitle } from "../../dashboards/rule.ts";
import { settingsOf } from "./settings.ts";

export interface NamedQuery {
  /** `tool-calls/10/Errors`: board, panel, and which of its queries. */
  readonly name: string;
  readonly query: Query;
}

/** Every query of every panel. */
export const panelQueries = (boards: readonly Board[] = boardsFor(settingsOf())): NamedQuery[] =>
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
    case "text":
      return [];
  }
}

/** Every query of every rule, with one expected service. */
export const ruleQueries = (): NamedQuery[] =>
  [...rulesFor(settingsOf({ alerts: { services: ["checkout"] } })).values()]
    .flat()
    .flatMap((rule) => [
      { name: `${ruleTitle(rule)}/A`, query: rule.query },
      ...(rule.guard === undefined ? [] : [{ name: `${ruleTitle(rule)}/B`, query: rule.guard.query }]),
    ]);
