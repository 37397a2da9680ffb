import { datasources } from "../configs/grafana/datasources.ts";
import type { DataLink } from "./panel.ts";

/** Links from a panel to what stands behind its numbers, with the same time range. */

/** Grafana's Explore with one query. What stands in `${…}` is left for Grafana to fill in. */
function exploreUrl(
  source: { readonly uid: string; readonly type: string },
  query: Readonly<Record<string, unknown>>,
): string {
  const datasource = { type: source.type, uid: source.uid };
  const pane = {
    datasource: source.uid,
    queries: [{ refId: "A", datasource, ...query }],
    range: { from: "${__from}", to: "${__to}" },
  };
  const encoded = encodeURIComponent(JSON.stringify({ a: pane }));
  const withVariables = encoded.replaceAll(/%24%7B(.*?)%7D/g, (_, name: string) => `\${${decodeURIComponent(name)}}`);
  return `/explore?schemaVersion=1&orgId=1&panes=${withVariables}`;
}

/** The trace whose id stands in the cell that was clicked. */
export const traceLink: DataLink = {
  title: "Open the trace",
  url: exploreUrl(datasources.traces, { query: "${__value.raw}" }),
};

/** Rows of a SQL query. */
export const sqlLink = (title: string, sql: string): DataLink => ({
  title,
  url: exploreUrl(datasources.sql, { rawSql: sql, rawQuery: true, editorMode: "code", format: "table" }),
});

/** A board with the range and the variables of the one that links to it. */
export const boardLink = (title: string, uid: string, variables = ""): DataLink => ({
  title,
  url: `/d/${uid}?\${__url_time_range}${variables}`,
});
