import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { allBefore, recordStack, revealed, Secret, type Graph } from "../../graph/index.ts";
import { container, names, ofType } from "../support/graph.ts";

const shared = {
  "alerts.contactPoints":
    '[{"name":"chat","type":"slack"},{"name":"hook","type":"webhook","severities":["critical","watchdog"]},{"name":"mail","type":"email","severities":["info"],"addresses":["a@example.com","b@example.com"]},{"name":"pager","type":"pagerduty","severities":["critical"]}]',
  "contactPointSecrets.chat": "https://hooks.example.com/the-slack-secret?a=1&b=<2>",
  "contactPointSecrets.hook": "https://example.com/the-hook-secret",
  "contactPointSecrets.pager": "the-pagerduty-key",
  "alerts.services": '["checkout","cart"]',
  "alerts.rules.ToolErrorRatioHigh": '{"threshold":0.3,"for":"7m"}',
  "alerts.rules.ToolLatencyHigh.enabled": "false",
  "grafana.smtp.host": "mail:25",
};

const recordings = new Map<string, Promise<Graph>>();
/** Recordings follow one another, because the SDK keeps its state in globals. */
let last: Promise<unknown> = Promise.resolve();
function graphOf(publish: "api" | "files"): Promise<Graph> {
  const known = recordings.get(publish);
  if (known !== undefined) return known;
  const recording = last.then(
    async () => (await recordStack({ set: { ...shared, "grafana.publish": publish } })).graph,
  );
  last = recording;
  recordings.set(publish, recording);
  return recording;
}

/** Files in a container, by path. */
async function uploads(name: string): Promise<Record<string, unknown>> {
  const list = container(await graphOf("files"), name).inputs["uploads"] as { file: string; content: unknown }[];
  return Object.fromEntries(list.map(({ file, content }) => [file, content]));
}

const inDirectory = (files: Record<string, unknown>, directory: string): unknown[] =>
  Object.entries(files)
    .filter(([path]) => path.startsWith(`${directory}/`))
    .map(([, content]) => JSON.parse(String(revealed(content))) as unknown);

describe("publishing by files", () => {
  it("needs no API from outside: no provider, nothing made through it", async () => {
    const { nodes } = await graphOf("files");
    expect(nodes.filter(({ type }) => /grafana:|Content$/.test(type)).map(({ name, type }) => [name, type])).toEqual([
      ["obs-grafana", "greptime-observability:grafana:Grafana"],
    ]);
  });

  it("fills Grafana from inside once it is healthy, and again when it is replaced", async () => {
    const graph = await graphOf("files");
    const task = container(graph, "obs-grafana-content");
    expect(names(allBefore(graph, task))).toContain("obs-grafana");
    expect(names(Object.values(task.propertyDependencies).flat())).toContain("obs-grafana");
    expect(task.inputs["name"]).toBe("greptime-observability-dev-grafana-content");
  });

  it("gives the same outputs", async () => {
    const [api, files] = [await graphOf("api"), await graphOf("files")];
    expect(Object.keys(files.outputs)).toEqual(Object.keys(api.outputs));
    expect(files.outputs["dashboards"]).toEqual(api.outputs["dashboards"]);
  });

  it("marks what holds a secret, and only that", async () => {
    const files = await uploads("obs-grafana-content");
    const marked = Object.entries(files).filter(([, content]) => content instanceof Secret);
    expect(marked.map(([path]) => path).every((path) => path.includes("/contact-points/"))).toBe(true);
    // two of the critical, one each of the others but mail, which has none
    expect(marked).toHaveLength(5);
    const { nodes } = await graphOf("files");
    expect(JSON.stringify(nodes)).not.toMatch(/the-slack-secret|the-hook-secret|the-pagerduty-key/);
  });

  it("keeps every board below what one ConfigMap can be applied with", async () => {
    const files = await uploads("obs-grafana");
    const boards = Object.entries(files).filter(([path]) => path.startsWith("/etc/grafana-boards/"));
    expect(boards.length).toBeGreaterThan(17);
    for (const [path, content] of boards) expect(Buffer.byteLength(String(content)), path).toBeLessThanOrEqual(100_000);
  });
});

describe("the two publishers", () => {
  it("have the same boards in the same folders", async () => {
    const dashboards = ofType(await graphOf("api"), "grafana:oss/dashboard:Dashboard");
    const files = await uploads("obs-grafana");
    const byPath = Object.fromEntries(
      dashboards.map(({ inputs }) => {
        const { uid } = JSON.parse(String(inputs["configJson"])) as { uid: string };
        return [`/etc/grafana-boards/${packOf(inputs["folder"])}/${uid}.json`, inputs["configJson"]];
      }),
    );
    expect(
      Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith("/etc/grafana-boards"))),
    ).toEqual(byPath);
    const providers = parse(
      String(files["/etc/grafana/provisioning/dashboards/greptime-observability.yaml"]),
    ) as Providers;
    const withBoards = new Set(dashboards.map(({ inputs }) => inputs["folder"]));
    expect(new Set(providers.providers.map(({ folderUid }) => folderUid))).toEqual(withBoards);
    for (const { name, folderUid, options, disableDeletion } of providers.providers) {
      const directory = `/etc/grafana-boards/${packOf(folderUid)}`;
      expect([name, options.path, disableDeletion]).toEqual([folderUid, directory, false]);
    }
  });

  it("have the same folders, one inside the other", async () => {
    const task = await uploads("obs-grafana-content");
    const bodies = inDirectory(task, "/etc/grafana-content/folders") as ApiFolder[];
    const plain = bodies.map(({ uid, title, parentUid }) => ({ uid, title, parentUid }));
    expect(plain.sort(byUid)).toEqual(
      (await apiFolders()).map(({ uid, title, parentUid }) => ({ uid, title, parentUid })).sort(byUid),
    );
  });

  it("have the same rules, field by field", async () => {
    const groups = ofType(await graphOf("api"), "grafana:alerting/ruleGroup:RuleGroup").map(
      ({ inputs }) => inputs as unknown as ProviderGroup,
    );
    const task = await uploads("obs-grafana-content");
    const bodies = inDirectory(task, "/etc/grafana-content/rule-groups") as BodyGroup[];
    const key = ({ folder, name }: { folder: string; name: string }) => `${folder}/${name}`;
    const api = Object.fromEntries(groups.map(fromProvider).map((group) => [key(group), group]));
    const files = Object.fromEntries(bodies.map(fromBody).map((group) => [key(group), group]));
    expect(files).toEqual(api);
    const rules = Object.values(files).flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(60);
    expect(rules.filter(({ contactPoint }) => contactPoint !== undefined).length).toBeGreaterThan(50);
  });

  it("have the same receivers in the same contact points", async () => {
    const points = ofType(await graphOf("api"), "grafana:alerting/contactPoint:ContactPoint");
    const api = points.flatMap(({ inputs }) => providerReceivers(revealed(inputs) as Record<string, unknown>));
    const task = await uploads("obs-grafana-content");
    const bodies = inDirectory(task, "/etc/grafana-content/contact-points") as BodyReceiver[];
    const files = bodies.map(({ name, type, settings }) => JSON.stringify([name, type, settings]));
    expect(files.sort()).toEqual(api.sort());
    expect(new Set(bodies.map(({ uid }) => uid)).size).toBe(bodies.length);
    for (const { uid } of bodies) expect(uid).toMatch(/^[a-z0-9-]{1,40}$/);
  });
});

const packOf = (folder: unknown): string => String(folder).replace(/^greptime-observability-/, "");

interface ApiFolder {
  readonly uid: string;
  readonly title: string;
  readonly parentUid?: string | undefined;
}

interface Providers {
  readonly providers: readonly {
    readonly name: string;
    readonly folderUid: string;
    readonly disableDeletion: boolean;
    readonly options: { readonly path: string };
  }[];
}

async function apiFolders(): Promise<ApiFolder[]> {
  return ofType(await graphOf("api"), "grafana:oss/folder:Folder").map(({ inputs }) => ({
    uid: String(inputs["uid"]),
    title: String(inputs["title"]),
    parentUid: inputs["parentFolderUid"] as string | undefined,
  }));
}

const byUid = (a: ApiFolder, b: ApiFolder): number => (a.uid < b.uid ? -1 : 1);

/** A rule as both spell it, in words of neither. */
interface PlainRule {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly pending: string;
  readonly keepFiring: string;
  readonly noData: string;
  readonly error: string;
  readonly labels: unknown;
  readonly annotations: unknown;
  readonly queries: readonly unknown[];
  readonly contactPoint: string | undefined;
  readonly groupBy: readonly string[] | undefined;
}

interface PlainGroup {
  readonly name: string;
  readonly folder: string;
  readonly seconds: number;
  readonly rules: readonly PlainRule[];
}

interface ProviderGroup {
  readonly name: string;
  readonly folderUid: string;
  readonly intervalSeconds: number;
  readonly rules: readonly {
    readonly uid: string;
    readonly name: string;
    readonly condition: string;
    readonly for: string;
    readonly keepFiringFor?: string;
    readonly noDataState: string;
    readonly execErrState: string;
    readonly labels: unknown;
    readonly annotations: unknown;
    readonly datas: readonly { refId: string; datasourceUid: string; relativeTimeRange: unknown; model: string }[];
    readonly notificationSettings?: { readonly contactPoint: string; readonly groupBies: readonly string[] };
  }[];
}

const fromProvider = ({ name, folderUid, intervalSeconds, rules }: ProviderGroup): PlainGroup => ({
  name,
  folder: folderUid,
  seconds: intervalSeconds,
  rules: rules.map((rule) => ({
    uid: rule.uid,
    title: rule.name,
    condition: rule.condition,
    pending: rule.for,
    keepFiring: rule.keepFiringFor ?? "0s",
    noData: rule.noDataState,
    error: rule.execErrState,
    labels: rule.labels,
    annotations: rule.annotations,
    queries: rule.datas.map(({ refId, datasourceUid, relativeTimeRange, model }) => ({
      refId,
      datasourceUid,
      relativeTimeRange,
      model: JSON.parse(model) as unknown,
    })),
    contactPoint: rule.notificationSettings?.contactPoint,
    groupBy: rule.notificationSettings?.groupBies,
  })),
});

interface BodyGroup {
  readonly title: string;
  readonly folderUid: string;
  readonly interval: number;
  readonly rules: readonly {
    readonly uid: string;
    readonly title: string;
    readonly condition: string;
    readonly orgID: number;
    readonly folderUID: string;
    readonly ruleGroup: string;
    readonly for: string;
    readonly keep_firing_for: string;
    readonly noDataState: string;
    readonly execErrState: string;
    readonly labels: unknown;
    readonly annotations: unknown;
    readonly isPaused: boolean;
    readonly data: readonly unknown[];
    readonly notification_settings?: { readonly receiver: string; readonly group_by: readonly string[] };
  }[];
}

/** Whatever the body has that is not read here is unknown, and makes the test fail. */
const fromBody = ({ title: group, folderUid, interval, rules, ...none }: BodyGroup): PlainGroup => {
  expect(none).toEqual({});
  return {
    name: group,
    folder: folderUid,
    seconds: interval,
    rules: rules.map((rule) => {
      const { uid, title, condition, labels, annotations, data, notification_settings, ...rest } = rule;
      const { for: pending, keep_firing_for, noDataState, execErrState, ...constant } = rest;
      expect(constant).toEqual({ orgID: 1, folderUID: folderUid, ruleGroup: group, isPaused: false });
      return {
        uid,
        title,
        condition,
        pending,
        keepFiring: keep_firing_for,
        noData: noDataState,
        error: execErrState,
        labels,
        annotations,
        queries: data,
        contactPoint: notification_settings?.receiver,
        groupBy: notification_settings?.group_by,
      };
    }),
  };
};

interface BodyReceiver {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly settings: Record<string, string>;
}

/** The provider has a list for each type. */
const providerReceivers = ({ name, ...lists }: Record<string, unknown>): string[] => {
  const types: Record<string, string> = {
    emails: "email",
    pagerduties: "pagerduty",
    slacks: "slack",
    webhooks: "webhook",
  };
  return Object.entries(lists).flatMap(([list, receivers]) =>
    (receivers as Record<string, unknown>[]).map((settings) =>
      JSON.stringify([
        name,
        types[list],
        list === "emails" ? { addresses: (settings["addresses"] as string[]).join(";") } : settings,
      ]),
    ),
  );
};
