import { boardLink } from "../links.ts";
import type { BoardContext, DataLink } from "../panel.ts";
import { spansLink } from "../span-links.ts";
import { seconds, spanFailed } from "../sql.ts";
import { cacheAnalytics, primitivePerformance } from "./ids.ts";

/** Where a number of these boards leads to: what it is about alone, and the spans behind it. */

const columns = `${seconds("duration_nano")} AS seconds, span_status_message`;

const spans =
  (title: string, order: "timestamp" | "duration_nano", ...conditions: readonly string[]) =>
  (context: BoardContext): DataLink =>
    spansLink(title, context, {
      columns,
      order,
      ...(conditions.length === 0 ? {} : { where: conditions.join(" AND ") }),
    });

/** What an application calls the spans of a primitive is its own choice; that the name is part of it is common. */
const naming = (primitive: string) => `strpos(span_name, '${primitive}') > 0`;
const inLegend = naming("${__field.labels.primitive}");
const inRow = naming("${__data.fields.Primitive}");
const ofService = "service_name = '${__field.labels.service_name}'";

/** From panels of everything. */
export const failedSpans = spans("Failed spans", "timestamp", spanFailed);
export const slowSpans = spans("Slowest spans", "duration_nano");

/** From panels with a line a primitive. */
export const failedSpansOfPrimitive = spans("Failed spans that name it", "timestamp", spanFailed, inLegend);
export const slowSpansOfPrimitive = spans("Slowest spans that name it", "duration_nano", inLegend);

/** From tables with a row a primitive. */
export const failedSpansOfRow = spans("Failed spans that name it", "timestamp", spanFailed, inRow);
export const slowSpansOfRow = spans("Slowest spans that name it", "duration_nano", inRow);

/** From panels with a line a service. */
export const failedSpansOfService = spans("Failed spans of the service", "timestamp", spanFailed, ofService);

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
