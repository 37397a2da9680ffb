import { afterEach, describe, expect, it } from "vitest";

import { etcdMembersTask } from "../../configs/greptimedb/cluster/etcd-members.ts";
import { greptimedbTasks } from "../../configs/greptimedb/services.ts";
import type { Task } from "../../configs/service.ts";
import { revealed, secretsIn } from "../../configs/text.ts";
import { recordingServer, type Answer, type Request } from "../support/http.ts";
import { clusterValues, elsewhereValues, externalValues, settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";

type Values = Record<string, unknown>;
type Server = Awaited<ReturnType<typeof recordingServer>>;

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function listening(answer: (request: Request) => Answer): Promise<Server> {
  const server = await recordingServer(answer);
  servers.push(server);
  return server;
}

const password = "the-password-4711";
const ok = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });
const patient = (script: string) => script.replaceAll(/within \d+/g, "within 1");
const env = (from: Task["env"]) =>
  Object.fromEntries(Object.entries(from).map(([name, text]) => [name, revealed(text, () => password)]));

describe("the proof that etcd is one", () => {
  const of = (members: number) =>
    etcdMembersTask(settingsOf({ greptimedb: { topology: "cluster", cluster: { metadata: { etcd: { members } } } } }));

  /** Members that each list so many. */
  async function run(...listed: number[]) {
    const addresses = await Promise.all(
      listed.map(async (count) => {
        const { url } = await listening(() => ok({ members: Array.from({ length: count }, () => ({ peerURLs: [] })) }));
        return url.replace("http://", "");
      }),
    );
    const task = of(3);
    return runScript(patient(task.script), { ...env(task.env), MEMBERS: addresses.join(" ") });
  }

  it("holds when each member knows as many as there are", async () => {
    expect(await run(3, 3, 3)).toMatchObject({ code: 0, output: "etcd: 3 members, all of one cluster\n" });
  });

  it.each([
    ["the first", [1, 3, 3], 1],
    ["the last", [3, 3, 5], 5],
  ])("fails when %s belongs to another etcd, and says how to go back", async (_, listed, found) => {
    const { code, output } = await run(...listed);
    expect(code).toBe(1);
    expect(output).toMatch(`belongs to an etcd of ${String(found)}, not of 3 members`);
    expect(output).toMatch(`metadata.etcd.members back to ${String(found)}`);
  });

  it("fails when a member does not answer", async () => {
    const task = of(1);
    const { code, output } = await runScript(patient(task.script), { ...env(task.env), MEMBERS: "127.0.0.1:9" });
    expect(output).toMatch(/^FAILED: 127\.0\.0\.1:9 does not answer \(HTTP 000\)/);
    expect(code).toBe(1);
  });

  it("asks all members, again when one is replaced, and is what a metasrv can ask itself", () => {
    const task = of(3);
    expect(task.env["MEMBERS"]).toBe(
      [0, 1, 2].map((i) => `greptimedb-etcd-${String(i)}.greptimedb-etcd:2379`).join(" "),
    );
    expect(task).toMatchObject({ needs: ["greptimedb-etcd"], targets: ["greptimedb-etcd"] });
    expect(task.check).toEqual({ script: task.script, env: task.env, calls: task.calls });
  });
});

const bootstrapOf = (values: Values): Task => {
  const task = greptimedbTasks(settingsOf(values)).find(({ name }) => name === "greptimedb-bootstrap");
  if (task === undefined) throw new Error("no bootstrap");
  return task;
};

describe("the bootstrap of a cluster", () => {
  /** A cluster with datanodes that each lead so many regions. */
  const store =
    (...regions: readonly number[]) =>
    ({ path, body }: Request): Answer => {
      if (path === "/health") return ok({});
      const sql = new URLSearchParams(body).get("sql") ?? "";
      const [, relation, bound] = /peer_type = 'DATANODE' AND peer_id (<|>=) (\d+)/.exec(sql) ?? [];
      if (relation === undefined) return ok(sql.startsWith("SHOW") ? retained(sql) : {});
      const some = sql.endsWith(`AND node_status NOT LIKE '%"leader_regions":0,%'`);
      const found = regions.filter(
        (count, id) => (relation === "<" ? id < Number(bound) : id >= Number(bound)) && (!some || count > 0),
      );
      return ok({ output: [{ records: { rows: [[found.length]], total_rows: 1 } }] });
    };
  const retained = (sql: string) => `ttl = '${sql.includes("metrics") ? "30" : "14"}days'`;

  async function run(regions: readonly number[], values: Values = clusterValues) {
    const { url, requests } = await listening(store(...regions));
    const task = bootstrapOf(values);
    const result = await runScript(patient(task.script), { ...env(task.env), GREPTIMEDB_URL: url });
    return { ...result, statements: requests.flatMap(({ body }) => new URLSearchParams(body).get("sql") ?? []) };
  }

  it("goes on when all datanodes are there, and hold what there is", async () => {
    const { code, output, statements } = await run([1, 2]);
    expect(output).toMatch(/^database metrics keeps its data for 30d\n/);
    expect(code).toBe(0);
    expect(statements.filter((sql) => sql.startsWith("CREATE DATABASE"))).toHaveLength(3);
  });

  it("is not misled by a datanode beyond the number that holds nothing", async () => {
    expect((await run([1, 0, 0])).code).toBe(0);
  });

  it("lets a datanode go whose regions will move", async () => {
    const { greptimedb, ...secrets } = elsewhereValues;
    const values = {
      ...secrets,
      greptimedb: { ...greptimedb, cluster: { ...greptimedb.cluster, datanode: { replicas: 2 } } },
    };
    expect((await run([1, 1, 10], values)).code).toBe(0);
  });

  it.each([
    ["one is missing", [1], /^FAILED: not all 2 datanodes have registered \(HTTP 200\)/],
    [
      "data lies on one that is about to go",
      [1, 1, 10],
      /^FAILED: data lies on datanodes beyond the first 2.*\n?.*Raise/,
    ],
  ])("fails before anything is made when %s", async (_, regions, reason) => {
    const { code, output, statements } = await run(regions);
    expect(output).toMatch(reason);
    expect(code).toBe(1);
    expect(statements.filter((sql) => sql.startsWith("CREATE"))).toEqual([]);
  });

  it("is patient with a cluster of which a part is just starting, but not with a refusal", async () => {
    let asked = 0;
    const answers = store(0, 0);
    const { url } = await listening((request) => {
      if (!request.body.includes("ALTER")) return answers(request);
      asked += 1;
      return asked === 1 ? { status: 500, body: "starting" } : { status: 403, body: "refused" };
    });
    const task = bootstrapOf(clusterValues);
    const script = task.script.replace("within 30", "within 3");
    const { code, output } = await runScript(script, { ...env(task.env), GREPTIMEDB_URL: url });
    expect(output).toBe("FAILED: cannot set the retention of database metrics (HTTP 403): refused\n");
    expect(asked).toBe(2);
    expect(code).toBe(1);
  });

  it("runs behind all roles, and again when one of them is replaced, but not for the proxy", () => {
    const { needs, targets, calls, timeoutSeconds } = bootstrapOf(clusterValues);
    const roles = ["etcd", "metasrv", "datanode", "frontend"].map((role) => `greptimedb-${role}`);
    expect(needs).toEqual([...roles, "greptimedb-proxy"]);
    expect(targets).toEqual(roles);
    expect(calls).toEqual([{ to: "greptimedb-frontend", port: 4000 }]);
    expect(timeoutSeconds).toBeGreaterThanOrEqual(300);
  });
});

describe("the check that the bootstrap is done", () => {
  const header = `Basic ${Buffer.from(`writer:${password}`).toString("base64")}`;

  /** GreptimeDB as it answers a writer that chooses a database. */
  const store =
    (databases: readonly string[]) =>
    ({ headers, body }: Request): Answer => {
      if (headers.authorization !== header) return { status: 401, body: "{}" };
      const [, name = ""] = /^USE (\w+)$/.exec(new URLSearchParams(body).get("sql") ?? "") ?? [];
      return databases.includes(name) ? ok({}) : { status: 400, body: `Failed to find schema, schema info: ${name}` };
    };

  async function check(databases: readonly string[], values: Values = {}) {
    const { url, requests } = await listening(store(databases));
    const task = bootstrapOf(values);
    if (task.check === undefined) throw new Error("no check");
    const result = await runScript(patient(task.check.script), { ...env(task.check.env), GREPTIMEDB_URL: url });
    return { ...result, requests };
  }

  it("holds when the writer finds each database, and asks for each once", async () => {
    expect(await check(["metrics", "traces", "logs"])).toMatchObject({ code: 0, output: "" });
    const databases = { metrics: "all", traces: "all", logs: "all" };
    const retention = { metrics: "7d", traces: "7d", logs: "7d" };
    const { code, requests } = await check(["all"], { greptimedb: { databases, retention } });
    expect(code).toBe(0);
    expect(requests).toHaveLength(1);
  });

  it("does not hold while one is missing, and says which", async () => {
    const { code, output } = await check(["metrics", "logs"]);
    expect(output).toBe(
      "FAILED: database traces is not there (HTTP 400): Failed to find schema, schema info: traces\n",
    );
    expect(code).toBe(1);
  });

  it.each([
    ["a process", {}, "greptimedb"],
    ["a cluster", clusterValues, "greptimedb-frontend"],
  ])("asks of %s what answers, as the writer", (_, values, host) => {
    const { check: asked } = bootstrapOf(values);
    expect(asked?.calls).toEqual([{ to: host, port: 4000 }]);
    expect(Object.values(asked?.env ?? {}).flatMap(secretsIn)).toEqual(["greptimedbWriterPassword"]);
  });

  it("is not there where nothing is made", () => {
    expect(greptimedbTasks(settingsOf(externalValues))).toEqual([]);
  });
});
