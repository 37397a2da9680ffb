import type { Answer, Request } from "./http.ts";

/**
 * Grafana as far as the task for its content asks it, with a memory. It answers as 12.4 was seen to: the same codes, the
 * same order of members, compact JSON with `<`, `>` and `&` escaped, rules of a person without a provenance.
 */

export interface FakeFolder {
  uid: string;
  title: string;
  parentUid?: string;
}

export interface FakeRule {
  uid: string;
  folderUID: string;
  ruleGroup: string;
  title: string;
  labels?: Record<string, string>;
  model?: Record<string, unknown>;
  provenance?: string;
  receiver?: string;
}

export interface FakeReceiver {
  uid: string;
  name: string;
  type: string;
  settings: Record<string, unknown>;
  provenance?: string;
}

export interface FakeBoard {
  uid: string;
  folder: string;
}

interface State {
  readonly folders: Map<string, FakeFolder>;
  readonly boards: FakeBoard[];
  readonly receivers: Map<string, FakeReceiver>;
  rules: FakeRule[];
}

export class FakeGrafana {
  readonly state: State = { folders: new Map(), boards: [], receivers: new Map(), rules: [] };
  readonly #authorization: string;
  /** Answers instead, where it has one. */
  misbehave: (request: Request) => Answer | undefined = () => undefined;

  constructor(user: string, password: string) {
    this.#authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }

  /** What Grafana does with its files when it starts. */
  provision(boards: readonly FakeBoard[], titleOf: (folder: string) => string): void {
    this.state.boards.splice(0, this.state.boards.length, ...boards);
    for (const { folder } of boards) {
      if (!this.state.folders.has(folder)) this.state.folders.set(folder, { uid: folder, title: titleOf(folder) });
    }
  }

  readonly answer = (request: Request): Answer => {
    const wrong = this.misbehave(request);
    if (wrong !== undefined) return wrong;
    const { pathname, searchParams } = new URL(request.path, "http://grafana");
    if (pathname === "/api/health") return json(200, { database: "ok" });
    if (request.headers.authorization !== this.#authorization)
      return json(401, { message: "Invalid username or password" });
    if (pathname === "/api/org") return json(200, { id: 1, name: "Main Org." });
    const [, board] = /^\/api\/dashboards\/uid\/([^/]+)$/.exec(pathname) ?? [];
    if (board !== undefined) return this.#board(board);
    const body: unknown = request.body === "" ? undefined : JSON.parse(request.body);
    if (pathname.startsWith("/api/folders")) return this.#folders(request.method, pathname, searchParams, body);
    if (pathname.startsWith("/api/v1/provisioning/contact-points"))
      return this.#contactPoints(request.method, pathname, body as FakeReceiver);
    return this.#rules(request.method, pathname, body as PostedGroup);
  };

  #board(uid: string): Answer {
    const board = this.state.boards.find((each) => each.uid === uid);
    return board === undefined ? json(404, { message: "Dashboard not found" }) : json(200, { dashboard: { uid } });
  }

  #folders(method: string, path: string, query: URLSearchParams, body: unknown): Answer {
    if (path !== "/api/folders") return this.#folder(method, path, body as FakeFolder);
    if (method === "GET") return json(200, this.#children(query.get("parentUid") ?? undefined));
    const { uid, title, parentUid } = body as FakeFolder;
    const { folders } = this.state;
    if (folders.has(uid)) return json(412, { message: "the folder has been changed by someone else" });
    if (parentUid !== undefined && !folders.has(parentUid)) return json(400, { message: "parent folder not found" });
    folders.set(uid, { uid, title, ...(parentUid === undefined ? {} : { parentUid }) });
    return json(200, body);
  }

  #folder(method: string, path: string, body: FakeFolder): Answer {
    const [, uid = "", action] = /^\/api\/folders\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const folder = this.state.folders.get(uid);
    if (folder === undefined) return json(404, { message: "folder not found", status: "not-found" });
    if (action === "counts") return json(200, this.#counts(uid));
    if (action === "move" && body.parentUid !== undefined) folder.parentUid = body.parentUid;
    if (method === "PUT") folder.title = body.title;
    if (method !== "DELETE") return json(200, folder);
    if (Object.values(this.#counts(uid)).some((count) => count > 0))
      return json(400, { messageId: "folder.not-empty", message: "Folder cannot be deleted: folder is not empty" });
    this.state.folders.delete(uid);
    return json(200, { message: "Folder deleted" });
  }

  #children(parent: string | undefined): FakeFolder[] {
    return [...this.state.folders.values()].filter(({ parentUid }) => parentUid === parent);
  }

  #counts(uid: string): Record<string, number> {
    return {
      alertrule: this.state.rules.filter(({ folderUID }) => folderUID === uid).length,
      dashboard: this.state.boards.filter(({ folder }) => folder === uid).length,
      folder: this.#children(uid).length,
      librarypanel: 0,
    };
  }

  #contactPoints(method: string, path: string, body: FakeReceiver): Answer {
    const { receivers, rules } = this.state;
    const [, uid] = /contact-points\/([^/]+)$/.exec(path) ?? [];
    if (method === "GET") {
      return json(
        200,
        [...receivers.values()].map(({ provenance, settings, ...rest }) => ({
          ...rest,
          settings: { ...settings, ...("url" in settings ? { url: "[REDACTED]" } : {}) },
          disableResolveMessage: false,
          ...(provenance === undefined ? {} : { provenance }),
        })),
      );
    }
    if (method === "POST") {
      if (receivers.has(body.uid)) return json(409, { message: `UID '${body.uid}' already exists` });
      receivers.set(body.uid, { ...body, provenance: "api" });
      return json(202, body);
    }
    const known = receivers.get(uid ?? "");
    if (method === "PUT") {
      if (known === undefined) return json(404, { message: `contact point with uid '${uid ?? ""}' not found` });
      receivers.set(known.uid, { ...body, provenance: "api" });
      return json(202, { message: "contactpoint updated" });
    }
    if (known === undefined) return json(202, { message: "contactpoint deleted" });
    const last = [...receivers.values()].filter(({ name }) => name === known.name).length === 1;
    if (last && rules.some(({ receiver }) => receiver === known.name))
      return json(409, {
        message: "Contact point is currently used in the notification settings of one or many rules.",
      });
    receivers.delete(known.uid);
    return json(202, { message: "contactpoint deleted" });
  }

  #rules(method: string, path: string, body: PostedGroup): Answer {
    if (path === "/api/v1/provisioning/alert-rules") return json(200, this.state.rules.map(listed));
    const [, folder = "", group = ""] =
      /^\/api\/v1\/provisioning\/folder\/([^/]+)\/rule-groups\/([^/]+)$/.exec(path) ?? [];
    const others = this.state.rules.filter(({ folderUID, ruleGroup }) => folderUID !== folder || ruleGroup !== group);
    if (method === "DELETE") {
      if (others.length === this.state.rules.length) return json(404, { message: "NotFound" });
      this.state.rules = others;
      return { status: 204 };
    }
    if (!this.state.folders.has(folder)) return json(400, { message: "invalid alert rule: folder does not exist" });
    const receivers = new Set([...this.state.receivers.values()].map(({ name }) => name));
    const posted = body.rules.map(({ uid, title, labels = {}, notification_settings }) => ({
      uid,
      folderUID: folder,
      ruleGroup: group,
      title,
      labels,
      provenance: "api",
      ...(notification_settings === undefined ? {} : { receiver: notification_settings.receiver }),
    }));
    const unknown = posted.find(({ receiver }) => receiver !== undefined && !receivers.has(receiver));
    if (unknown !== undefined) return json(400, { message: `receiver ${String(unknown.receiver)} does not exist` });
    const uids = new Set(posted.map(({ uid }) => uid));
    this.state.rules = [...others.filter(({ uid }) => !uids.has(uid)), ...posted];
    return json(200, body);
  }
}

interface PostedGroup {
  readonly rules: readonly {
    readonly uid: string;
    readonly title: string;
    readonly labels?: Record<string, string>;
    readonly notification_settings?: { readonly receiver: string };
  }[];
}

/** In the order in which Grafana writes the members. */
const listed = ({ uid, folderUID, ruleGroup, title, labels, model, provenance }: FakeRule, index: number) => ({
  id: index + 1,
  uid,
  orgID: 1,
  folderUID,
  ruleGroup,
  title,
  condition: "C",
  data: [{ refId: "C", queryType: "", datasourceUid: "__expr__", model: model ?? {} }],
  updated: "2026-11-21T20:34:06Z",
  noDataState: "OK",
  for: "5m",
  annotations: { summary: '{{ with $values.A }}"{{ .Value }}"{{ end }} is } too ] much, \\' },
  labels: labels ?? {},
  ...(provenance === undefined ? {} : { provenance }),
  isPaused: false,
  notification_settings: null,
  record: null,
});

/** As Go writes it. */
const json = (status: number, value: unknown): Answer => ({
  status,
  body: JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026"),
});
