import { datasources } from "../../../configs/grafana/datasources.ts";
import { databaseHeader } from "../../../configs/greptimedb/store.ts";
import type { GrafanaRule } from "../../../dashboards/grafana/rules.ts";
import { ruleGroupBody } from "../../../dashboards/grafana/rule-group.ts";
import { exitCodes, UserError } from "../../exit.ts";
import { ask, excerpt, jsonOf, type Reply } from "../../running/http.ts";
import type { Target } from "../../running/target.ts";

/** What a drill has in Grafana: a folder, a data source, a group of rules, and a silence over all of its alerts. */

export type Access = NonNullable<Target["grafana"]>;

/** Fixed: what a drill that was broken off has left is found and removed by the next. */
export const drillUid = "greptime-observability-drill";
const group = "drill";

/** The label by which the silence knows them; no rule of a stack has it. */
export const drillLabel = "drill";

/** Seconds between evaluations: the fewest that Grafana allows. */
export const evaluationSeconds = 10;

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: string;
}

/** A rule of the drill, as Grafana evaluates it. */
export interface DrilledRule {
  readonly title: string;
  /** `inactive`, `pending`, `firing`. */
  readonly state: string;
  readonly health: string;
  readonly lastError: string;
  readonly evaluatedAt: string;
  readonly alerts: readonly Alert[];
}

/** Who reads GreptimeDB in the drill's data source. */
export interface Reader {
  readonly user: string;
  readonly password: string;
}

/** Of a data source, what a copy of it needs. */
interface Source {
  readonly url?: unknown;
  readonly jsonData?: object;
}

/** Grafana, as its administrator. Each method throws a UserError when Grafana does not do what it should. */
export class DrillGrafana {
  readonly #access: Access;
  #silence: string | undefined;

  constructor(access: Access) {
    this.#access = access;
  }

  #ask(method: string, path: string, body?: object): Promise<Reply> {
    const { url, authorization } = this.#access;
    return ask(`${url}${path}`, {
      method,
      headers: { authorization, "content-type": "application/json", "x-disable-provenance": "true" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutSeconds: 30,
    });
  }

  async #must(what: string, method: string, path: string, body?: object): Promise<unknown> {
    const reply = await this.#ask(method, path, body);
    if (reply.status >= 200 && reply.status < 300) return jsonOf(reply.body);
    const remedy = reply.status === 401 || reply.status === 403 ? " A drill needs Grafana's administrator." : "";
    throw new UserError(`Grafana: ${what}: ${excerpt(reply)}.${remedy}`, exitCodes.failed);
  }

  /** The stack's own data source. */
  async #metrics(): Promise<Source> {
    const path = `/api/datasources/uid/${datasources.metrics.uid}`;
    return (await this.#must("the data source for metrics is not there", "GET", path)) as Source;
  }

  /** Folder, data source and silence. The data source is that of the stack, with another database. */
  async open(database: string, reader: Reader, until: number): Promise<void> {
    const metrics = await this.#metrics();
    await this.#must("the folder cannot be made", "POST", "/api/folders", { uid: drillUid, title: "Drill" });
    await this.#must("the data source cannot be made", "POST", "/api/datasources", {
      ...this.#source(metrics, database, reader),
    });
    const silence = (await this.#must(
      "alerts cannot be silenced",
      "POST",
      "/api/alertmanager/grafana/api/v2/silences",
      {
        matchers: [{ name: drillLabel, value: "true", isEqual: true, isRegex: false }],
        startsAt: new Date(until - 86_400_000).toISOString(),
        endsAt: new Date(until).toISOString(),
        createdBy: "npm run drill",
        comment: "Alerts of a drill are nobody's business.",
      },
    )) as { silenceID?: string };
    this.#silence = silence.silenceID;
  }

  #source({ url, jsonData }: Source, database: string, { user, password }: Reader): object {
    return {
      uid: drillUid,
      name: "Drill",
      type: datasources.metrics.type,
      access: "proxy",
      url,
      basicAuth: true,
      basicAuthUser: user,
      jsonData: { ...jsonData, httpHeaderName1: databaseHeader },
      secureJsonData: { basicAuthPassword: password, httpHeaderValue1: database },
    };
  }

  /** From now on the rules look at another database; at none if it is undefined: nothing listens there. */
  async point(database: string | undefined, reader: Reader): Promise<void> {
    const metrics = await this.#metrics();
    const source = database === undefined ? { ...metrics, url: "http://127.0.0.1:9" } : metrics;
    await this.#must(
      "the data source cannot be changed",
      "PUT",
      `/api/datasources/uid/${drillUid}`,
      this.#source(source, database ?? "none", reader),
    );
  }

  /** The rules of the drill, and no others. */
  async setRules(rules: readonly GrafanaRule[]): Promise<void> {
    const body = ruleGroupBody({ name: group, folder: drillUid, intervalSeconds: evaluationSeconds, rules });
    await this.#must(
      "rules cannot be set",
      "PUT",
      `/api/v1/provisioning/folder/${drillUid}/rule-groups/${group}`,
      body,
    );
  }

  async rules(): Promise<DrilledRule[]> {
    const found = (await this.#must(
      "rules cannot be read",
      "GET",
      `/api/prometheus/grafana/api/v1/rules?folder_uid=${drillUid}`,
    )) as { data?: { groups?: { name?: unknown; folderUid?: unknown; rules?: Record<string, unknown>[] }[] } };
    return (found.data?.groups ?? [])
      .filter(({ name, folderUid = drillUid }) => name === group && folderUid === drillUid)
      .flatMap(({ rules = [] }) => rules.map(drilledRule));
  }

  /** Whether a board has a panel. */
  async hasPanel(board: string, panel: number): Promise<boolean> {
    const reply = await this.#ask("GET", `/api/dashboards/uid/${board}`);
    const { dashboard } = (jsonOf(reply.body) ?? {}) as { dashboard?: { panels?: unknown } };
    return reply.status === 200 && panelIds(dashboard?.panels).includes(panel);
  }

  /**
   * Removes everything, whether or not it is there.
   * @returns what could not be removed
   */
  async close(): Promise<string[]> {
    const steps: [string, string][] = [
      ["the folder Drill with its rules", `/api/folders/${drillUid}?forceDeleteRules=true`],
      ["the data source Drill", `/api/datasources/uid/${drillUid}`],
      ...(this.#silence === undefined
        ? []
        : [
            ["the silence of a drill", `/api/alertmanager/grafana/api/v2/silence/${this.#silence}`] as [string, string],
          ]),
    ];
    const left: string[] = [];
    for (const [what, path] of steps) {
      const { status } = await this.#ask("DELETE", path);
      if (status !== 404 && (status < 200 || status >= 300)) left.push(what);
    }
    this.#silence = undefined;
    return left;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function drilledRule({ name, state, health, lastError, lastEvaluation, alerts }: Record<string, unknown>): DrilledRule {
  const all = Array.isArray(alerts) ? (alerts as Record<string, unknown>[]) : [];
  return {
    title: text(name),
    state: text(state),
    health: text(health),
    lastError: text(lastError),
    evaluatedAt: text(lastEvaluation),
    alerts: all
      .filter((alert) => /^(alerting|firing)/i.test(text(alert["state"])))
      .map(({ labels, annotations, value }) => ({
        labels: (labels ?? {}) as Record<string, string>,
        annotations: (annotations ?? {}) as Record<string, string>,
        value: text(value),
      })),
  };
}

/** Rows hold panels of their own. */
function panelIds(panels: unknown): number[] {
  if (!Array.isArray(panels)) return [];
  return (panels as { id?: unknown; panels?: unknown }[]).flatMap(({ id, panels: inside }) => [
    ...(typeof id === "number" ? [id] : []),
    ...panelIds(inside),
  ]);
}
