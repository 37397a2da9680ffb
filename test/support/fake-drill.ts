import { contentFor } from "../../dashboards/content.ts";
import { everything } from "./queries.ts";
import { pointsIn, type Point } from "../../cli/lab/decode.ts";
import type { Answer, Request } from "./http.ts";

/** GreptimeDB and Grafana as a drill needs them, with a clock of their own: what fires depends on the database. */

export interface FakeAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const ok = (answer: object = {}): Answer => ({ status: 200, body: JSON.stringify(answer) });

/** As the stack has them, by uid. */
let boards: ReadonlyMap<string, string> | undefined;

interface PostedRule {
  readonly title: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

export class FakeDrillStack {
  /** Milliseconds since 1970; a sleep moves it. */
  now = Date.parse("2026-12-01T12:00:00Z");
  readonly databases = new Map<string, Point[]>();
  readonly dropped: string[] = [];
  folder = false;
  source: { url: string; database: string } | undefined;
  silence: string | undefined;
  rules: PostedRule[] = [];
  readonly log: string[] = [];
  /** What the first rule says in a database; the others are silent. */
  alert: FakeAlert = { labels: {} };
  firesIn: readonly string[] = ["drill_ill"];
  /** Titles of others that fire with it. */
  others: readonly string[] = [];
  /** Whether the boards of the stack are there. */
  boards = true;
  /** An answer in place of the usual one. */
  instead: (request: Request, path: string) => Answer | undefined = () => undefined;
  #badSince = 0;

  readonly clock = {
    now: (): number => this.now,
    sleep: (milliseconds: number): Promise<void> => {
      this.now += milliseconds;
      return Promise.resolve();
    },
  };

  readonly answer = (request: Request): Answer => {
    const { pathname } = new URL(request.path, "http://x");
    const line = `${request.method} ${pathname}`;
    const other = this.instead(request, line);
    if (other !== undefined) return other;
    if (pathname.startsWith("/v1/")) return this.#greptimedb(request, pathname);
    this.log.push(line);
    return this.#grafana(request, line) ?? { status: 404, body: '{"message":"Not found"}' };
  };

  #greptimedb({ body, headers, raw }: Request, path: string): Answer {
    if (path === "/v1/sql") {
      const statement = new URLSearchParams(body).get("sql")!;
      const [, verb = "", name = ""] = /^(DROP|CREATE) DATABASE (?:IF EXISTS )?`(\w+)`/.exec(statement)!;
      if (verb === "CREATE") this.databases.set(name, []);
      else if (this.databases.delete(name)) this.dropped.push(name);
      return { status: 200, body: '{"output":[{"affectedrows":1}],"execution_time_ms":2}' };
    }
    const database = this.databases.get(String(headers["x-greptime-db-name"]));
    if (database === undefined) return { status: 400, body: '{"code":4001,"error":"Database not found"}' };
    database.push(...pointsIn(raw));
    return { status: 200 };
  }

  #grafana({ body }: Request, line: string): Answer | undefined {
    const handler = this.#handlers[line];
    if (handler !== undefined) return handler(body);
    const [, board] = /^GET \/api\/dashboards\/uid\/(.*)$/.exec(line) ?? [];
    return board === undefined ? undefined : this.#board(board);
  }

  readonly #pointed = (body: string): Answer => {
    const { url, secureJsonData } = JSON.parse(body) as { url: string; secureJsonData: Record<string, string> };
    const fired = this.#isBad() && this.now - this.#badSince >= 20_000;
    this.source = { url, database: secureJsonData["httpHeaderValue1"]! };
    // what fires goes on, as long as the query says so
    if (!fired || !this.#isBad()) this.#badSince = this.now;
    return ok();
  };

  readonly #handlers: Readonly<Record<string, (body: string) => Answer | undefined>> = {
    "GET /api/datasources/uid/greptimedb-metrics": () =>
      ok({ url: "http://greptimedb:4000/v1/prometheus", jsonData: { httpMethod: "POST", timeInterval: "15s" } }),
    "POST /api/folders": () => {
      this.folder = true;
      return ok();
    },
    "POST /api/datasources": this.#pointed,
    "PUT /api/datasources/uid/greptime-observability-drill": this.#pointed,
    "POST /api/alertmanager/grafana/api/v2/silences": () => {
      this.silence = "the-silence";
      return { status: 202, body: '{"silenceID":"the-silence"}' };
    },
    "PUT /api/v1/provisioning/folder/greptime-observability-drill/rule-groups/drill": (body) => {
      ({ rules: this.rules } = JSON.parse(body) as { rules: PostedRule[] });
      return ok();
    },
    "GET /api/prometheus/grafana/api/v1/rules": () => ok(this.#evaluated()),
    "DELETE /api/folders/greptime-observability-drill": () => {
      if (!this.folder) return undefined;
      this.folder = false;
      this.rules = [];
      return ok();
    },
    "DELETE /api/datasources/uid/greptime-observability-drill": () => {
      if (this.source === undefined) return undefined;
      this.source = undefined;
      return ok();
    },
    "DELETE /api/alertmanager/grafana/api/v2/silence/the-silence": () => {
      this.silence = undefined;
      return ok();
    },
  };

  #board(uid: string): Answer {
    boards ??= new Map(
      contentFor(everything(), { grafanaUrl: "", contactPoints: {} }).dashboards.map((board) => [
        board.uid,
        board.json,
      ]),
    );
    const dashboard = this.boards ? (JSON.parse(boards.get(uid) ?? "{}") as object) : {};
    return { status: 200, body: JSON.stringify({ dashboard }) };
  }

  #isBad(): boolean {
    return this.firesIn.includes(this.source?.database ?? "") || this.source?.url === "http://127.0.0.1:9";
  }

  #evaluated(): object {
    const since = (this.now - this.#badSince) / 1000;
    const state = !this.#isBad() || since < 10 ? "inactive" : since < 20 ? "pending" : "firing";
    const rules = this.rules.map(({ title, labels, annotations }, index) => {
      const fires = index === 0 ? state : this.others.includes(title) && state === "firing" ? "firing" : "inactive";
      const alert = {
        labels: { ...labels, alertname: title, grafana_folder: "Drill", ...this.alert.labels },
        annotations: { ...annotations, summary: "search: 33 % fail", description: "Look.", ...this.alert.annotations },
        state: fires === "firing" ? "Alerting" : "Pending",
        value: this.alert.value ?? "3.3e-01",
      };
      return {
        name: title,
        state: fires,
        health: "ok",
        lastEvaluation: new Date(Math.floor(this.now / 10_000) * 10_000).toISOString(),
        alerts: fires === "inactive" ? [] : [alert],
      };
    });
    return { status: "success", data: { groups: [{ name: "drill", file: "Drill", rules }] } };
  }
}
