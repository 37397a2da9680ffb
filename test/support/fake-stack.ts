import { datasources } from "../../configs/grafana/datasources.ts";
import type { RunningStack } from "../../cli/running/stack.ts";
import { basic } from "../../cli/running/http.ts";
import type { Answer, Request } from "./http.ts";

/** Collector, GreptimeDB and Grafana in one, answering in the shapes of the real ones. */

export const readerAccess = basic("reader", "the-reader-password");
export const adminAccess = basic("admin", "the-admin-password");

/** What lets a command in that is told where such a stack is. */
export const access = {
  GRAFANA_USER: "admin",
  GRAFANA_PASSWORD: "the-admin-password",
  GREPTIMEDB_USER: "reader",
  GREPTIMEDB_PASSWORD: "the-reader-password",
  GREPTIMEDB_WRITER_USER: "writer",
  GREPTIMEDB_WRITER_PASSWORD: "the-writer-password",
} as const;

/** Options that tell where it is. */
export const placesOf = (url: string, otlp = url): string[] =>
  Object.entries({ otlp, grafana: url, greptimedb: url }).flatMap(([part, at]) => [`--${part}-url`, at]);

/** What a stack holds. */
export interface Held {
  /** Trace ids. */
  readonly spans: string[];
  readonly logs: string[];
  /** Of the metric by which telemetry is proven. */
  readonly values: number[];
}

export interface FakeRule {
  readonly name: string;
  readonly state?: string;
  readonly health?: string;
  readonly lastError?: string;
}

export class FakeStack {
  readonly held: Held;
  boards = ["stack-health", "llm-calls"];
  rules: FakeRule[] = [{ name: "CollectorDown" }, { name: "Watchdog", state: "firing" }];
  /** An answer in place of the usual one. */
  instead: (request: Request) => Answer | undefined = () => undefined;

  constructor(held: Held = { spans: [], logs: [], values: [] }) {
    this.held = held;
  }

  readonly answer = (request: Request): Answer => {
    const other = this.instead(request);
    if (other !== undefined) return other;
    const { pathname } = new URL(request.path, "http://x");
    if (/^\/v1\/(traces|logs|metrics)$/.test(pathname)) return this.#taken(request.body);
    if (pathname.startsWith("/api/")) return this.#grafana(pathname, request);
    if (request.headers.authorization !== readerAccess) {
      return { status: 401, body: '{"code":7002,"error":"User not found","execution_time_ms":0}' };
    }
    if (pathname === "/v1/sql") return this.#sql(request);
    return { status: 200, body: this.#promql() };
  };

  #taken(body: string): Answer {
    const sent = JSON.parse(body) as object;
    const [id] = /(?<="traceId":")[0-9a-f]{32}/.exec(body) ?? [];
    if (id === undefined) this.held.values.push(Number(/(?<="asDouble":)[\d.]+/.exec(body)![0]));
    else ("resourceSpans" in sent ? this.held.spans : this.held.logs).push(id);
    return { status: 200, body: '{"partialSuccess":{}}' };
  }

  #rows(statement: string, database: string): string[] {
    const [, wanted = ""] = /trace_id = '([0-9a-f]{32})'/.exec(statement) ?? [];
    return (database === "traces" ? this.held.spans : this.held.logs).filter((id) => id === wanted);
  }

  #sql({ headers, body }: Request): Answer {
    const rows = this.#rows(new URLSearchParams(body).get("sql")!, String(headers["x-greptime-db-name"]));
    const schema = '{"column_schemas":[{"name":"trace_id","data_type":"String"}]}';
    const listed = rows.map((id) => `["${id}"]`).join(",");
    return {
      status: 200,
      body: `{"output":[{"records":{"schema":${schema},"rows":[${listed}],"total_rows":${String(rows.length)}}}],"execution_time_ms":2}`,
    };
  }

  #promql(): string {
    const result = this.held.values.slice(-1).map((value) => ({
      metric: { __name__: "pipeline_proof_timestamp_seconds", service_name: "greptime-observability" },
      value: [Date.now() / 1000, String(value)],
    }));
    return JSON.stringify({ status: "success", data: { resultType: "vector", result } });
  }

  #grafana(path: string, { headers, body }: Request): Answer {
    if (headers.authorization !== adminAccess) {
      return {
        status: 401,
        body: '{"message":"Invalid username or password","messageId":"password-auth.failed","statusCode":401}',
      };
    }
    const found = /\/api\/traces\/(.*)$/.exec(path)?.[1];
    if (found !== undefined) return this.#trace(found);
    if (path === "/api/ds/query") return this.#query(JSON.parse(body) as { queries: [Question] });
    if (path === "/api/search")
      return { status: 200, body: JSON.stringify(this.boards.map((uid) => ({ uid, type: "dash-db" }))) };
    if (path === "/api/prometheus/grafana/api/v1/rules") return { status: 200, body: this.#evaluated() };
    return { status: 404, body: '{"message":"Not found"}' };
  }

  #trace(id: string): Answer {
    return this.held.spans.includes(id)
      ? { status: 200, body: `{"data":[{"traceID":"${id}","spans":[],"processes":{}}],"total":0}` }
      : { status: 404, body: '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}' };
  }

  #query({ queries: [{ datasource, rawSql = "" }] }: { queries: [Question] }): Answer {
    const values =
      datasource.uid === datasources.metrics.uid
        ? this.held.values.slice(-1).map((value) => [[Date.now()], [value]])
        : [[this.#rows(rawSql, "logs")]];
    const frames = values.map((one) => ({ schema: { refId: "A", fields: [] }, data: { values: one } }));
    return { status: 200, body: JSON.stringify({ results: { A: { status: 200, frames } } }) };
  }

  #evaluated(): string {
    const rules = this.rules.map(({ name, state = "inactive", health = "ok", lastError }) => ({
      name,
      state,
      health,
      ...(lastError === undefined ? {} : { lastError }),
      type: "alerting",
    }));
    return JSON.stringify({ status: "success", data: { groups: [{ name: "stack", file: "Stack", rules }] } });
  }
}

interface Question {
  readonly datasource: { readonly uid: string };
  readonly rawSql?: string;
}

export const remedies = {
  redeploy: "deploy again",
  collectorLog: "read the log",
  reachOtlp: "reach OTLP",
  reachGrafana: "reach Grafana",
};

/** The stack behind an address, as a command would see it. */
export const stackAt = (url: string, more: Partial<RunningStack> = {}): RunningStack => ({
  target: {
    otlp: { url, headers: {} },
    grafana: { url, authorization: adminAccess },
    greptimedb: { url, authorization: readerAccess },
    databases: { metrics: "metrics", traces: "traces", logs: "logs" },
  },
  expected: { boards: ["stack-health", "llm-calls"], rules: ["CollectorDown", "Watchdog"], retentions: [] },
  collectorTrouble: () => Promise.resolve(undefined),
  parts: () =>
    Promise.resolve([
      { name: "obs-collector", state: "running", well: true, since: "2026-11-30T10:00:00.123456789Z" },
      { name: "obs-greptimedb", state: "healthy", well: true, since: "2026-11-29T10:00:00Z" },
      { name: "obs-grafana", state: "unhealthy", well: false, since: "2026-11-30T11:59:00Z" },
    ]),
  drift: () => undefined,
  remedies,
  ...more,
});
