import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { contentTask } from "../../configs/grafana/content-task.ts";
import type { Task } from "../../configs/service.ts";
import { revealed } from "../../configs/text.ts";
import { publishedContent } from "../../dashboards/published.ts";
import { FakeGrafana, type FakeRule } from "../support/fake-grafana.ts";
import { recordingServer, type Request } from "../support/http.ts";
import { settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";

const root = "greptime-observability";
const secrets: Record<string, string> = {
  grafanaAdminPassword: "the-admin-password.~!*^+-_4711",
  "contactPointSecrets.chat": "https://hooks.example.com/T0/B0/the-chat-secret?a=1&b=<2>",
  "contactPointSecrets.hook": "https://example.com/the-hook-secret",
  "contactPointSecrets.pager": "the-pager-key-$`;|#",
};
const people = [
  { name: "chat", type: "slack", severities: ["critical", "warning"] },
  { name: "hook", type: "webhook", severities: ["critical"] },
  { name: "pager", type: "pagerduty", severities: ["critical"] },
];
const stack = (packs: readonly string[], contactPoints: readonly object[] = people) => ({
  grafana: { publish: "files" },
  dashboards: { packs },
  alerts: { contactPoints },
  contactPointSecrets: Object.fromEntries(
    Object.entries(secrets).flatMap(([name, secret]) =>
      name.startsWith("contactPointSecrets.") ? [[name.slice("contactPointSecrets.".length), secret]] : [],
    ),
  ),
});

type Server = Awaited<ReturnType<typeof recordingServer>>;
const servers: Server[] = [];
afterAll(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A Grafana that has read its files, and the task that runs against it. */
async function running(grafana = new FakeGrafana("admin", secrets["grafanaAdminPassword"] ?? "")) {
  const server = await recordingServer((request) => grafana.answer(request));
  servers.push(server);
  const run = async (values: Record<string, unknown>, { boards = true, watched = false, patience = 1 } = {}) => {
    const settings = settingsOf(values);
    const published = publishedContent(settings, "http://localhost:3001")!;
    if (boards) grafana.provision(published.boards, (uid) => `Observability: ${uid}`);
    const before = server.requests.length;
    const result = await runTask(contentTask(settings, published), server.url, { watched, patience });
    return { ...result, requests: server.requests.slice(before), published };
  };
  return { grafana, state: grafana.state, run };
}

async function runTask({ script, env, files = [] }: Task, url: string, { watched = false, patience = 1 } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "grafana-content-"));
  const valueOf = (name: string) => secrets[name] ?? "";
  for (const { path, text } of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), revealed(text, valueOf));
  }
  const impatient = script.replaceAll(/within (30|60|120) /g, `within ${String(patience)} `);
  const values = Object.entries(env).map(([name, value]) => [name, revealed(value, valueOf)] as const);
  const here = impatient.replaceAll("=/etc/grafana-content", `=${directory}/etc/grafana-content`);
  return runScript(here, { ...Object.fromEntries(values), GRAFANA_URL: url }, { watched });
}

const changes = (requests: readonly Request[]): string[] =>
  requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
const groupsIn = (rules: readonly FakeRule[]): string[] =>
  [...new Set(rules.map(({ folderUID, ruleGroup }) => `${folderUID}/${ruleGroup}`))].sort();
const byHand = (uid: string, folderUID: string, ruleGroup: string, more: Partial<FakeRule> = {}): FakeRule => ({
  uid,
  folderUID,
  ruleGroup,
  title: uid,
  ...more,
});

describe.concurrent("the task for Grafana's content", () => {
  it("makes folders, contact points and rules, in an order that Grafana takes", async () => {
    const { run, state } = await running();
    const { code, output, published, requests } = await run(stack(["agents", "logs"]));
    expect([output.includes("FAILED"), code]).toEqual([false, 0]);
    expect([...state.folders.values()]).toEqual(
      expect.arrayContaining([
        { uid: root, title: "Observability" },
        { uid: `${root}-agents`, title: "Agents", parentUid: root },
        { uid: `${root}-logs`, title: "Logs", parentUid: root },
      ]),
    );
    expect(state.folders.size).toBe(3);
    const [agents] = published.ruleGroups;
    const { rules } = JSON.parse(agents!.body) as { rules: { uid: string }[] };
    expect(state.rules.map(({ uid }) => uid)).toEqual(rules.map(({ uid }) => uid));
    expect(state.rules.every(({ provenance }) => provenance === "api")).toBe(true);
    expect(changes(requests).every((change) => !change.startsWith("DELETE"))).toBe(true);
  });

  it("gives each receiver its own secret, whatever characters it has", async () => {
    const { run, state } = await running();
    await run(stack(["agents"]));
    const receivers = [...state.receivers.values()].map(({ name, type, settings }) => [name, type, settings]);
    expect(receivers).toEqual([
      [`${root} critical`, "slack", { url: secrets["contactPointSecrets.chat"] }],
      [`${root} critical`, "webhook", { url: secrets["contactPointSecrets.hook"] }],
      [`${root} critical`, "pagerduty", { integrationKey: secrets["contactPointSecrets.pager"] }],
      [`${root} warning`, "slack", { url: secrets["contactPointSecrets.chat"] }],
    ]);
  });

  it("sends mail to all addresses of a contact point", async () => {
    const { run, state } = await running();
    const point = { name: "mail", type: "email", addresses: ["a@example.com", "b@example.com"] };
    const { code } = await run({
      ...stack(["agents"], [point]),
      grafana: { publish: "files", smtp: { host: "mail:25" } },
    });
    expect(code).toBe(0);
    expect([...state.receivers.values()].map(({ settings }) => settings)).toEqual([
      { addresses: "a@example.com;b@example.com" },
      { addresses: "a@example.com;b@example.com" },
    ]);
  });

  it("run again changes nothing and deletes nothing", async () => {
    const { run, state } = await running();
    await run(stack(["agents", "ui"]));
    const before = structuredClone(state);
    const { code, requests } = await run(stack(["agents", "ui"]));
    expect(code).toBe(0);
    expect(state).toEqual(before);
    expect(changes(requests).filter((change) => /^(DELETE|POST \/api\/(folders$|v1))/.test(change))).toEqual([]);
  });

  it("takes a removed pack away: its rules, then its folder", async () => {
    const { run, state } = await running();
    await run(stack(["agents", "workers"]));
    const { code, output } = await run(stack(["agents"]));
    expect(code).toBe(0);
    expect(output).toContain(`rules of ${root}-workers/workers: deleted\nfolder ${root}-workers: deleted\n`);
    expect([...state.folders.keys()].sort()).toEqual([root, `${root}-agents`]);
    expect(groupsIn(state.rules)).toEqual([`${root}-agents/agents`]);
  });

  it("takes a removed rule group of a pack that stays away", async () => {
    const { run, state } = await running();
    await run(stack(["agents"]));
    // whatever its rules say of themselves
    const labels = { folderUID: "theirs", ruleGroup: "theirs", provenance: "file" };
    state.rules.push(byHand("old-1", `${root}-agents`, "agents-old", { provenance: "api", labels, model: labels }));
    const { code } = await run(stack(["agents"]));
    expect(code).toBe(0);
    expect(groupsIn(state.rules)).toEqual([`${root}-agents/agents`]);
  });

  it("takes a removed contact point away, once no rule names it", async () => {
    const { run, state } = await running();
    await run(stack(["agents"]));
    const { code, requests } = await run(stack(["agents"], people.slice(1)));
    expect(code).toBe(0);
    expect([...state.receivers.values()].map(({ type }) => type)).toEqual(["webhook", "pagerduty"]);
    expect(state.rules.some(({ receiver }) => receiver === `${root} warning`)).toBe(false);
    const order = changes(requests);
    expect(order.findIndex((change) => change.startsWith("DELETE"))).toBeGreaterThan(
      order.findLastIndex((change) => change.includes("rule-groups")),
    );
  });

  it("takes the last contact point away", async () => {
    const { run, state } = await running();
    await run(stack(["agents"]));
    const { code } = await run(stack(["agents"], []));
    expect([code, state.receivers.size]).toEqual([0, 0]);
  });

  it("changes what a contact point is in its place", async () => {
    const { run, state } = await running();
    await run(stack(["agents"], [people[1]!]));
    const [before] = state.receivers.keys();
    await run(stack(["agents"], [{ ...people[1], type: "slack" }]));
    expect([...state.receivers.values()]).toMatchObject([{ uid: before, type: "slack" }]);
  });
});

describe.concurrent("what others made in the same Grafana", () => {
  const imposter = { folderUID: `${root}-agents`, ruleGroup: "gone", provenance: "api" };
  const inStackFolder = (uid: string, ruleGroup: string, more: Partial<FakeRule> = {}) =>
    byHand(uid, `${root}-agents`, ruleGroup, more);
  const foreignRules: Record<string, FakeRule> = {
    "of a person, in the stack's folder": inStackFolder("a", "mine"),
    "under a name that quotes": inStackFolder("b", 'x","provenance":"api', { provenance: "api" }),
    "under a name with spaces": inStackFolder("c", "agents old", { provenance: "api" }),
    "with labels that look like members": inStackFolder("d", "labelled", { labels: imposter }),
    "with a query that looks like a rule": inStackFolder("e", "queried", { model: imposter }),
    "with a query full of brackets": inStackFolder("f", "bracketed", {
      model: { expr: '{a="]}[\\"{"}', ...imposter },
    }),
    "of another program, elsewhere": byHand("g", "theirs", "agents", { provenance: "api" }),
    "in a folder with nearly that name": byHand("h", `${root}x-agents`, "old", { provenance: "api" }),
    "from files": inStackFolder("i", "filed", { provenance: "file" }),
  };

  it("stays: rules, whatever they are called and hold", async () => {
    const { run, state } = await running();
    await run(stack(["agents"]));
    state.rules.unshift(...Object.values(foreignRules));
    const { code, output } = await run(stack(["agents"]));
    expect(code, output).toBe(0);
    const left = Object.entries(foreignRules).filter(([, rule]) => state.rules.includes(rule));
    expect(left.map(([name]) => name)).toEqual(Object.keys(foreignRules));
  });

  it("stays when it is among rules of the stack, and so does the folder", async () => {
    const { run, state } = await running();
    await run(stack(["agents", "workers"]));
    const mine = byHand("mine", `${root}-workers`, "workers");
    state.rules.push(mine);
    const { code, output } = await run(stack(["agents"]));
    expect(code).toBe(0);
    expect(state.rules).toContain(mine);
    expect(output).toContain(`rules of ${root}-workers/workers: kept`);
    expect(output).toContain(`folder ${root}-workers: kept`);
  });

  it("stays in the folder of a removed pack: a board", async () => {
    const { run, grafana, state } = await running();
    const { published } = await run(stack(["agents", "workers"]));
    const board = { uid: "theirs", folder: `${root}-workers` };
    const left = published.boards.filter(({ folder }) => folder === `${root}-agents`);
    grafana.provision([...left, board], (uid) => uid);
    const { code, output } = await run(stack(["agents"]), { boards: false });
    expect(code).toBe(0);
    expect(output).toMatch(/workers: kept, because somebody else's things are in it: \{.*"dashboard":1/);
    expect(state.folders.has(`${root}-workers`)).toBe(true);
  });

  it("stays: folders beside and inside the stack's", async () => {
    const { run, state } = await running();
    await run(stack(["agents"]));
    const titled = { uid: "theirs", title: `x","uid":"${root}-workers`, parentUid: root };
    const beside = { uid: `${root}-mine`, title: "Beside" };
    for (const folder of [titled, beside]) state.folders.set(folder.uid, folder);
    const { code } = await run(stack(["agents"]));
    expect(code).toBe(0);
    expect([...state.folders.values()]).toEqual(expect.arrayContaining([titled, beside]));
  });

  it("stays: contact points, whatever they are called and hold", async () => {
    const { run, state } = await running();
    const foreign = [
      { uid: "theirs", name: `x","uid":"${root}-0123456789abcdef`, type: "webhook", settings: { url: "http://a" } },
      { uid: "nested", name: "y", type: "webhook", settings: { payload: { uid: `${root}-0123456789abcdef` } } },
      { uid: `${root}-0123456789abcdef0`, name: "z", type: "webhook", settings: {} },
      { uid: "same-name", name: `${root} critical`, type: "webhook", settings: {} },
    ];
    for (const receiver of foreign) state.receivers.set(receiver.uid, receiver);
    const { code, requests } = await run(stack(["agents"]));
    expect(code).toBe(0);
    expect([...state.receivers.values()]).toEqual(expect.arrayContaining(foreign));
    expect(changes(requests).filter((change) => change.startsWith("DELETE"))).toEqual([]);
  });

  it("keeps a contact point from being deleted that it uses, and that is said", async () => {
    const { run, state } = await running();
    await run(stack(["agents"]));
    state.rules.push(byHand("mine", "theirs", "mine", { receiver: `${root} warning` }));
    const { code, output } = await run(stack(["agents"], people.slice(1)));
    expect(code).toBe(1);
    expect(output).toMatch(/FAILED: contact point .* cannot be deleted \(HTTP 409\): .*currently used.*of your own/);
  });
});

describe.concurrent("a failure", () => {
  const failing = (method: string, path: RegExp, status: number, body = '{"message":"the reason"}') => {
    const grafana = new FakeGrafana("admin", secrets["grafanaAdminPassword"] ?? "");
    grafana.misbehave = (request) =>
      request.method === method && path.test(request.path) ? { status, body } : undefined;
    return grafana;
  };

  it.each([
    ["GET", /health/, 503, /does not answer at .*health \(HTTP 503\): .*the reason/],
    ["GET", /org/, 401, /does not let the administrator in \(HTTP 401\): .*the reason/],
    ["GET", /dashboards/, 404, /has no board agent-performance after 60 s.*HTTP 404.*Grafana's log/],
    ["GET", /folders\//, 403, /does not say whether folder .* is there \(HTTP 403\)/],
    ["POST", /folders$/, 400, /folder greptime-observability cannot be made \(HTTP 400\)/],
    ["POST", /move/, 500, /folder .*-agents cannot be moved into greptime-observability \(HTTP 500\)/],
    ["PUT", /folders/, 412, /folder .* cannot be named \(HTTP 412\)/],
    ["GET", /contact-points/, 500, /contact points cannot be listed \(HTTP 500\)/],
    ["POST", /contact-points/, 400, /refuses contact point .* \(HTTP 400\): \{"message":"the reason"\}/],
    ["PUT", /rule-groups/, 400, /refuses the rules of .*-agents\/agents \(HTTP 400\): .*the reason/],
    ["GET", /alert-rules/, 502, /rules cannot be listed \(HTTP 502\)/],
    ["GET", /parentUid/, 500, /folders cannot be listed \(HTTP 500\)/],
    ["DELETE", /rule-groups/, 403, /rules of .*-workers\/workers cannot be deleted \(HTTP 403\)/],
    ["DELETE", /folders/, 400, /folder .*-workers cannot be deleted \(HTTP 400\)/],
    ["GET", /counts/, 500, /does not say what is in folder .*-workers \(HTTP 500\)/],
  ] as const)("of %s %s is said in one line, with Grafana's answer", async (method, path, status, message) => {
    const { run, state } = await running(failing(method, path, status));
    state.folders.set(`${root}-workers`, { uid: `${root}-workers`, title: "Workers", parentUid: root });
    state.rules.push(byHand("old", `${root}-workers`, "workers", { provenance: "api" }));
    const { code, output } = await run(stack(["agents"]));
    expect(output.split("\n").filter((line) => line.startsWith("FAILED"))).toEqual([expect.stringMatching(message)]);
    expect(code).toBe(1);
  });

  it("half way leaves what is there, and the next run goes on from it", async () => {
    const grafana = failing("PUT", /rule-groups\/workers/, 500);
    const { run, state } = await running(grafana);
    await run(stack(["agents", "ui"]));
    const failed = await run(stack(["workers", "agents"]));
    expect(failed.code).toBe(1);
    expect(groupsIn(state.rules)).toEqual([`${root}-agents/agents`, `${root}-ui/ui`]);
    grafana.misbehave = () => undefined;
    const { code } = await run(stack(["workers", "agents"]));
    expect(code).toBe(0);
    expect(groupsIn(state.rules)).toEqual([`${root}-agents/agents`, `${root}-workers/workers`]);
  });

  it("that passes is waited for", async () => {
    const { run, grafana } = await running();
    let busy = 1;
    grafana.misbehave = ({ path }) =>
      path.includes("rule-groups") && busy-- > 0 ? { status: 500, body: "database is locked" } : undefined;
    const { code, requests } = await run(stack(["agents"]), { patience: 60 });
    expect(code).toBe(0);
    expect(requests.filter(({ path }) => path.includes("rule-groups"))).toHaveLength(2);
  });

  it("is none when what is to be deleted has gone by itself", async () => {
    const { run, grafana, state } = await running();
    await run(stack(["agents", "ui"]));
    grafana.misbehave = ({ method, path }) => {
      if (method !== "DELETE") return undefined;
      if (path.includes("rule-groups")) state.rules = state.rules.filter(({ ruleGroup }) => ruleGroup !== "ui");
      return { status: 404, body: '{"message":"not found"}' };
    };
    const { code, output } = await run(stack(["agents"]));
    expect(output).toContain(`rules of ${root}-ui/ui: deleted\nfolder ${root}-ui: deleted\n`);
    expect(code).toBe(0);
  });

  it("of a Grafana that takes rules and does not list them is noticed", async () => {
    const { run } = await running(failing("GET", /alert-rules/, 200, "[]"));
    const { code, output } = await run(stack(["agents"]));
    expect(output).toContain(`FAILED: Grafana took the rules of ${root}-agents/agents, but does not list them`);
    expect(code).toBe(1);
  });

  it("with a wrong password asks once, before Grafana locks the administrator out", async () => {
    const { run } = await running(new FakeGrafana("admin", "another-password"));
    const { code, output, requests } = await run(stack(["agents"]));
    expect(code).toBe(1);
    expect(output).toMatch(/HTTP 401.*Invalid username or password/);
    expect(requests.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1);
  });

  it("when nothing listens is said after the time it was given", async () => {
    const settings = settingsOf(stack(["agents"]));
    const { code, output } = await runTask(
      contentTask(settings, publishedContent(settings, "")!),
      "http://127.0.0.1:9",
    );
    expect(output).toMatch(/FAILED: Grafana does not answer at .*:9\/api\/health \(HTTP 000\): .*(refused|connect)/i);
    expect(code).toBe(1);
  });

  it("whose answer is long is cut", async () => {
    const { run } = await running(failing("PUT", /rule-groups/, 400, "x".repeat(5000)));
    expect((await run(stack(["agents"]))).output).toMatch(/HTTP 400\): x{300}\n/);
  });
});

describe.concurrent("a secret", () => {
  const hidden = Object.values(secrets).flatMap((secret) => [
    secret,
    Buffer.from(`admin:${secret}`).toString("base64"),
  ]);

  it("is in no argument and in no line of the log", async () => {
    const { run } = await running();
    const { commandLines, output, code } = await run(stack(["agents"]), { watched: true });
    expect(code).toBe(0);
    expect(commandLines.some((line) => line.includes("curl"))).toBe(true);
    for (const secret of hidden) {
      expect(output).not.toContain(secret);
      expect(commandLines.join("\n")).not.toContain(secret);
    }
  });

  it.each(["chat", "hook", "pager"])("that Grafana's refusal repeats is not shown: %s", async (name) => {
    const grafana = new FakeGrafana("admin", secrets["grafanaAdminPassword"] ?? "");
    const secret = secrets[`contactPointSecrets.${name}`] ?? "";
    // cut or not: its beginning would do
    const escaped = secret.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
    const body = `{"message":"${"x".repeat(270)} cannot use ${escaped}"}`;
    grafana.misbehave = ({ method, path, body: sent }) =>
      method === "POST" && path.includes("contact-points") && sent.includes(secret) ? { status: 400, body } : undefined;
    const { run } = await running(grafana);
    const { code, output } = await run(stack(["agents"]));
    expect(code).toBe(1);
    expect(output).toMatch(/FAILED: Grafana refuses contact point .* \(HTTP 400\): its answer repeats the secret/);
    expect(output).not.toContain(secret.slice(0, 20));
  });
});

describe.concurrent("the task's data", () => {
  const task = (values = {}) => {
    const settings = settingsOf({ ...stack(["agents"]), ...values });
    return contentTask(settings, publishedContent(settings, "http://x")!);
  };

  it("makes it run when Grafana is there, and again when Grafana is replaced", () => {
    expect(task()).toMatchObject({
      needs: ["grafana"],
      targets: ["grafana"],
      calls: [{ to: "grafana", port: 3000 }],
    });
    expect(task().user.uid).toBeGreaterThan(0);
  });

  it("changes with the content, so that the task runs again", () => {
    const changed = task({ alerts: { rules: { ToolErrorRatioHigh: { threshold: 0.5 } } } });
    expect(JSON.stringify(changed.files)).not.toBe(JSON.stringify(task().files));
  });

  it("refuses a name that would be something else in a path or in the shell", () => {
    const settings = settingsOf(stack(["agents"]));
    const published = publishedContent(settings, "")!;
    for (const name of ["a/b", "a b", "$(x)", "..", "A"]) {
      const odd = { ...published, ruleGroups: [{ name, folder: root, body: "{}" }] };
      expect(() => contentTask(settings, odd), name).toThrow(/not a name/);
    }
  });
});
