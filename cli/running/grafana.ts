import { datasources } from "../../configs/grafana/datasources.ts";
import type { Answered } from "./greptimedb.ts";
import { ask, jsonOf, type Reply } from "./http.ts";
import type { Target } from "./target.ts";

/** Grafana's HTTP API, as far as the commands need it. */

type Access = NonNullable<Target["grafana"]>;

const get = ({ url, authorization }: Access, path: string): Promise<Reply> =>
  ask(`${url}${path}`, { headers: { authorization } });

/** Whether one is let in: something that people and service accounts with any role may ask, and nobody else. */
export const login = (grafana: Access): Promise<Reply> => get(grafana, "/api/search?limit=1");

interface Frames {
  readonly results?: Readonly<
    Record<string, { readonly frames?: readonly { readonly data?: { readonly values?: unknown[][] } }[] }>
  >;
}

/** Asks a datasource what a panel would ask; the columns of all frames, one after the other. */
async function query(grafana: Access, question: Readonly<Record<string, unknown>>): Promise<Answered<unknown[]>> {
  const reply = await ask(`${grafana.url}/api/ds/query`, {
    headers: { authorization: grafana.authorization, "content-type": "application/json" },
    body: JSON.stringify({
      from: "now-15m",
      to: "now",
      queries: [{ refId: "A", intervalMs: 15_000, maxDataPoints: 100, ...question }],
    }),
  });
  const frames = ((jsonOf(reply.body) ?? {}) as Frames).results?.["A"]?.frames;
  if (reply.status !== 200 || !Array.isArray(frames)) return { reply };
  return { reply, rows: (frames as { data?: { values?: unknown[][] } }[]).flatMap(({ data }) => data?.values ?? []) };
}

const reference = ({ uid, type }: { readonly uid: string; readonly type: string }) => ({ uid, type });

/** An instant PromQL query through the metrics datasource; the columns that come back. */
export const metricsQuery = (grafana: Access, expr: string): Promise<Answered<unknown[]>> =>
  query(grafana, { datasource: reference(datasources.metrics), expr, instant: true, range: false });

/** A SQL query through the SQL datasource; the columns that come back. */
export const sqlQuery = (grafana: Access, rawSql: string): Promise<Answered<unknown[]>> =>
  query(grafana, { datasource: reference(datasources.sql), rawSql, format: "table" });

/** A trace through the traces datasource; none if it is not known there. */
export async function trace(grafana: Access, traceId: string): Promise<Answered<unknown>> {
  const reply = await get(grafana, `/api/datasources/proxy/uid/${datasources.traces.uid}/api/traces/${traceId}`);
  if (reply.status === 404 && jsonOf(reply.body) !== undefined) return { reply, rows: [] };
  const { data } = (jsonOf(reply.body) ?? {}) as { data?: unknown[] | null };
  return reply.status === 200 && data !== undefined ? { reply, rows: data ?? [] } : { reply };
}

/** Uids of all dashboards that there are. */
export async function dashboards(grafana: Access): Promise<Answered<string>> {
  const reply = await get(grafana, "/api/search?type=dash-db&limit=5000");
  const found = jsonOf(reply.body);
  if (reply.status !== 200 || !Array.isArray(found)) return { reply };
  return { reply, rows: (found as { uid?: unknown }[]).map(({ uid }) => String(uid)) };
}

/** An alert rule as Grafana evaluates it. */
export interface EvaluatedRule {
  readonly name: string;
  readonly folder: string;
  /** `inactive`, `pending`, `firing`, … */
  readonly state: string;
  /** `ok`, `error`, `nodata`, `unknown` before its first evaluation. */
  readonly health: string;
  readonly lastError: string;
}

/** All alert rules that there are. */
export async function rules(grafana: Access): Promise<Answered<EvaluatedRule>> {
  const reply = await get(grafana, "/api/prometheus/grafana/api/v1/rules");
  const { data } = (jsonOf(reply.body) ?? {}) as {
    data?: { groups?: { file?: unknown; rules?: Partial<Record<keyof EvaluatedRule, unknown>>[] }[] };
  };
  if (reply.status !== 200 || !Array.isArray(data?.groups)) return { reply };
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    reply,
    rows: data.groups.flatMap(({ file, rules: all = [] }) =>
      all.map(({ name, state, health, lastError }) => ({
        name: text(name),
        folder: text(file),
        state: text(state),
        health: text(health),
        lastError: text(lastError),
      })),
    ),
  };
}
