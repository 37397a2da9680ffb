import { tables } from "../../configs/greptimedb/store.ts";
import { boardLink, sqlLink } from "../links.ts";
import type { BoardContext, DataLink } from "../panel.ts";
import { cacheAnalytics, primitivePerformance } from "./ids.ts";

/** Where a number of these boards leads to: what it is about alone, and the spans behind it. */

const columns =
  "timestamp, service_name, span_name, duration_nano / 1000000000.0 AS seconds, span_status_message, trace_id";

const spans =
  (title: string, where: string, order: string) =>
  (context: BoardContext): DataLink =>
    sqlLink(
      title,
      `SELECT ${columns} FROM \`${context.databases.traces}\`.${tables.traces} WHERE $__timeFilter(timestamp)${where} ORDER BY ${order} LIMIT 100`,
    );

const failed = " AND span_status_code = 'STATUS_CODE_ERROR'";

/** What an application calls the spans of a primitive is its own choice; that the name is part of it is common. */
const naming = (primitive: string) => ` AND strpos(span_name, '${primitive}') > 0`;
const inLegend = naming("${__field.labels.primitive}");
const inRow = naming("${__data.fields.Primitive}");
const ofService = " AND service_name = '${__field.labels.service_name}'";

const latest = "timestamp DESC";
const longest = "duration_nano DESC";

/** From panels of everything. */
export const failedSpans = spans("Failed spans", failed, latest);
export const slowSpans = spans("Slowest spans", "", longest);

/** From panels with a line a primitive. */
export const failedSpansOfPrimitive = spans("Failed spans that name it", failed + inLegend, latest);
export const slowSpansOfPrimitive = spans("Slowest spans that name it", inLegend, longest);

/** From tables with a row a primitive. */
export const failedSpansOfRow = spans("Failed spans that name it", failed + inRow, latest);
export const slowSpansOfRow = spans("Slowest spans that name it", inRow, longest);

/** From panels with a line a service. */
export const failedSpansOfService = spans("Failed spans of the service", failed + ofService, latest);

const only = (primitive: string) => `&\${service:queryparam}&var-primitive=${primitive}`;

/** From panels with a line a primitive. */
export const toPrimitive = boardLink(
  "Look at this primitive",
  primitivePerformance.uid,
  only("${__field.labels.primitive}"),
);
export const toCache = boardLink("Look at this cache", cacheAnalytics.uid, only("${__field.labels.primitive}"));

/** From tables with a row a primitive. */
export const onlyPrimitive = boardLink(
  "Only this primitive",
  primitivePerformance.uid,
  only("${__data.fields.Primitive}"),
);
export const onlyCache = boardLink("Only this cache", cacheAnalytics.uid, only("${__data.fields.Primitive}"));
export const executionsOfRow = boardLink(
  "Executions of this primitive",
  primitivePerformance.uid,
  only("${__data.fields.Primitive}"),
);
