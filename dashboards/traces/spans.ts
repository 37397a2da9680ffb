import { boardLink, traceLink } from "../links.ts";
import { logSearch } from "../logs/ids.ts";
import { linksInto, type BoardContext, type DataLink, type SqlVariable } from "../panel.ts";
import { chosenIn, inRange } from "../sql.ts";
import { spanTable } from "../tables.ts";
import { tracing } from "./ids.ts";

/** Conditions and links that the boards of this pack have in common. */

/** The first span of a trace. */
export const isRoot = "parent_span_id IS NULL";

export const ofService = chosenIn("service_name", "service");
export const ofOperation = chosenIn("span_name", "operation");

/** From the cell that holds a trace's id. */
export const fromTraceId = (context: BoardContext): readonly DataLink[] => [
  traceLink,
  ...linksInto(context, "logs", boardLink("Logs of the trace", logSearch.uid, "&var-trace=${__value.raw}")),
];

/** From the cell that holds a service's name. */
export const fromService = (context: BoardContext): readonly DataLink[] => [
  boardLink("Only this service", tracing.uid, "&var-service=${__value.raw:percentencode}"),
  ...linksInto(
    context,
    "logs",
    boardLink("Logs of the service", logSearch.uid, "&var-service=${__value.raw:percentencode}"),
  ),
];

/** Services that sent spans within the range. */
export const serviceVariable = (context: BoardContext): SqlVariable => ({
  kind: "sql",
  name: "service",
  label: "Service",
  sql: `SELECT DISTINCT service_name FROM ${spanTable(context)} WHERE ${inRange} ORDER BY service_name LIMIT 500`,
});
