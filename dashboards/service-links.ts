import { boardLink } from "./links.ts";
import { logSearch } from "./logs/ids.ts";
import { linksInto, type Board, type BoardContext, type DataLink, type Panel } from "./panel.ts";
import { queriesOfPanel } from "./panel-queries.ts";
import { tracing } from "./traces/ids.ts";

/**
 * Adds to a board's lines and bars the way to spans and log records of the same services in the same time: of the one
 * whose line was clicked, or, where lines are not those of services, of those chosen at the top of the board.
 */
export function withServiceLinks(board: Board, context: BoardContext): Board {
  const chosen = board.variables.some(({ name }) => name === "service") ? "&${service:queryparam}" : undefined;
  if (board.uid === tracing.uid || board.uid === logSearch.uid) return board;
  const linked = (panel: Panel): Panel => {
    if (panel.kind !== "timeseries" && panel.kind !== "bargauge") return panel;
    const ofLine = queriesOfPanel(panel).every(({ query }) => query.by.includes("service_name"));
    const services = ofLine ? "&var-service=${__field.labels.service_name}" : chosen;
    return services === undefined
      ? panel
      : { ...panel, links: [...(panel.links ?? []), ...linksTo(services, ofLine, context)] };
  };
  return { ...board, rows: board.rows.map((row) => ({ ...row, panels: row.panels.map(linked) })) };
}

function linksTo(services: string, ofLine: boolean, context: BoardContext): DataLink[] {
  const whose = ofLine ? "of this service" : "of these services";
  return [
    ...linksInto(context, "traces", boardLink(`Traces ${whose}`, tracing.uid, services)),
    ...linksInto(context, "logs", boardLink(`Logs ${whose}`, logSearch.uid, services)),
  ];
}
