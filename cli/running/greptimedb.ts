import { databaseHeader, paths } from "../../configs/greptimedb/store.ts";
import { ask, jsonOf, type Reply } from "./http.ts";
import type { Target } from "./target.ts";

/** GreptimeDB's HTTP API, as a reader. */

export interface Databases {
  readonly metrics: string;
  readonly traces: string;
  readonly logs: string;
}

type Access = NonNullable<Target["greptimedb"]>;

/** An answer, and the rows in it; without rows where it is no answer to the question. */
export interface Answered<Row> {
  readonly reply: Reply;
  readonly rows?: readonly Row[];
}

/** Rows of a SQL query. */
export async function sql(
  { url, authorization }: Access,
  database: string,
  statement: string,
): Promise<Answered<readonly unknown[]>> {
  const reply = await ask(`${url}${paths.sql}`, {
    headers: {
      authorization,
      "content-type": "application/x-www-form-urlencoded",
      [databaseHeader]: database,
    },
    body: new URLSearchParams({ sql: statement }).toString(),
  });
  const { output } = (jsonOf(reply.body) ?? {}) as { output?: [{ records?: { rows?: unknown[][] } }?] };
  const rows = Array.isArray(output) ? output[0]?.records?.rows : undefined;
  return reply.status === 200 && Array.isArray(rows) ? { reply, rows } : { reply };
}

/** Values of an instant PromQL query. */
export async function promql(
  { url, authorization }: Access,
  database: string,
  query: string,
): Promise<Answered<number>> {
  const reply = await ask(`${url}${paths.prometheus}/api/v1/query`, {
    headers: {
      authorization,
      "content-type": "application/x-www-form-urlencoded",
      [databaseHeader]: database,
    },
    body: new URLSearchParams({ query }).toString(),
  });
  const { status, data } = (jsonOf(reply.body) ?? {}) as {
    status?: unknown;
    data?: { result?: { value?: [unknown, unknown] }[] };
  };
  if (reply.status !== 200 || status !== "success" || !Array.isArray(data?.result)) return { reply };
  return { reply, rows: data.result.map(({ value }) => Number(value?.[1])) };
}
