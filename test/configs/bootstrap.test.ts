import { afterEach, describe, expect, it } from "vitest";

import { bootstrapTask } from "../../configs/greptimedb/bootstrap.ts";
import { revealed } from "../../configs/text.ts";
import { recordingServer, type Answer, type Request } from "../support/http.ts";
import { settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";

const password = "the-admin-password-4711";
const header = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;

/** How GreptimeDB writes back what was set. */
const written: Record<string, string> = { "30d": "30days", "14d": "14days", "7d": "7days" };

/** GreptimeDB as far as the bootstrap asks it, with a memory. */
function greptimedb(misbehave: (sql: string) => Answer | undefined = () => undefined) {
  const ttl = new Map<string, string>();
  return (request: Request): Answer => {
    if (request.path === "/health") return { status: 200, body: "{}" };
    if (request.headers.authorization !== header) return { status: 401, body: '{"error":"wrong password"}' };
    const sql = new URLSearchParams(request.body).get("sql") ?? "";
    return misbehave(sql) ?? execute(sql, ttl);
  };
}

function execute(sql: string, ttl: Map<string, string>): Answer {
  // as GreptimeDB 1.1 does it: quotes are taken off everywhere but in ALTER DATABASE
  const [, altered, quoted] = /^(?:ALTER DATABASE (\S+)|.*?"([^"]+)")/.exec(sql) ?? [];
  const database = altered ?? quoted ?? "";
  if (altered?.startsWith('"') === true) return { status: 400, body: `Failed to find schema: ${altered}` };
  const [value] = /(?<=ttl=|'ttl'=)'[^']+'/.exec(sql) ?? [];
  if (value !== undefined && (sql.startsWith("ALTER") || !ttl.has(database))) ttl.set(database, value.slice(1, -1));
  return { status: 200, body: sql.startsWith("SHOW") ? `CREATE DATABASE x ${options(ttl.get(database) ?? "")}` : "{}" };
}

const options = (kept: string) => (kept === "forever" ? "" : `WITH(\\n ttl = '${written[kept] ?? kept}'\\n)`);

type Server = Awaited<ReturnType<typeof recordingServer>>;
let server: Server | undefined;
afterEach(async () => server?.close());

async function bootstrap(values: Record<string, unknown> = {}, answer = greptimedb()) {
  server = await recordingServer(answer);
  const task = bootstrapTask(settingsOf(values));
  const env = Object.fromEntries(
    Object.entries(task.env).map(([name, value]) => [name, revealed(value, () => password)]),
  );
  const run = await runScript(task.script.replace("within 60", "within 1"), { ...env, GREPTIMEDB_URL: server.url });
  const statements = server.requests.flatMap(({ body }) => new URLSearchParams(body).get("sql") ?? []);
  return { ...run, statements, requests: server.requests };
}

describe("the bootstrap", () => {
  it("creates each database, sets its retention, and reads it back", async () => {
    const { code, output, statements } = await bootstrap({ greptimedb: { retention: { logs: "forever" } } });
    expect(output).toBe(
      "database metrics keeps its data for 30d\ndatabase traces keeps its data for 14d\ndatabase logs keeps its data for forever\n",
    );
    expect(code).toBe(0);
    expect(statements.filter((sql) => sql.includes("traces"))).toEqual([
      `CREATE DATABASE IF NOT EXISTS "traces" WITH (ttl='14d')`,
      `ALTER DATABASE traces SET 'ttl'='14d'`,
      `SHOW CREATE DATABASE "traces"`,
    ]);
  });

  it("creates a database once when signals share it", async () => {
    const databases = { metrics: "public", traces: "public", logs: "public" };
    const retention = { metrics: "7d", traces: "7d", logs: "7d" };
    const { code, statements } = await bootstrap({ greptimedb: { databases, retention } });
    expect(code).toBe(0);
    expect(statements).toHaveLength(3);
  });

  it("keeps the password out of the process list and the log", async () => {
    const { commandLines, output, requests } = await bootstrap();
    expect(requests.every(({ headers, path }) => path === "/health" || headers.authorization === header)).toBe(true);
    expect(commandLines.some((line) => line.includes("curl"))).toBe(true);
    for (const hidden of [password, header.slice("Basic ".length)]) {
      expect(commandLines.join("\n")).not.toContain(hidden);
      expect(output).not.toContain(hidden);
    }
  });

  it.each([
    [
      "a wrong password",
      greptimedb(() => ({ status: 401, body: "{}" })),
      /FAILED: cannot create database metrics \(HTTP 401\)/,
    ],
    [
      "a refused ALTER",
      greptimedb((sql) => (sql.startsWith("ALTER") ? { status: 400, body: "no such option" } : undefined)),
      /cannot set the retention of database metrics \(HTTP 400\): no such option/,
    ],
    [
      "a retention that is not in force",
      greptimedb((sql) => (sql.startsWith("SHOW") ? { status: 200, body: "ttl = '90days'" } : undefined)),
      /should keep its data for 30days, but: ttl = '90days'/,
    ],
    [
      "a retention that is not there",
      greptimedb((sql) => (sql.startsWith("SHOW") ? { status: 200, body: "CREATE DATABASE metrics" } : undefined)),
      /has no retention, although 30d was set/,
    ],
    ["an overloaded database", greptimedb(() => ({ status: 503, body: "x".repeat(5000) })), /HTTP 503\): x{300}\n/],
  ])("fails on %s, and says why", async (_, answer, reason) => {
    const { code, output } = await bootstrap({}, answer);
    expect(output).toMatch(reason);
    expect(output.split("\n").filter((line) => line !== "")).toHaveLength(1);
    expect(code).toBe(1);
  });

  it("fails when nothing listens, after the time it was given", async () => {
    const task = bootstrapTask(settingsOf());
    const run = await runScript(task.script.replace("within 60", "within 1"), {
      GREPTIMEDB_URL: "http://127.0.0.1:9",
      SQL_PATH: "/v1/sql",
      ADMIN_AUTHORIZATION: header,
      DATABASES: "metrics|1h|1h",
    });
    expect(run.output).toMatch(
      /FAILED: GreptimeDB does not answer at http:\/\/127\.0\.0\.1:9\/health \(HTTP 000\): .*(refused|connect)/i,
    );
    expect(run.code).toBe(1);
  });

  it("acts on this stack's GreptimeDB, and runs again when that is replaced", () => {
    const task = bootstrapTask(settingsOf());
    expect(task).toMatchObject({ needs: ["greptimedb"], targets: ["greptimedb"] });
    expect(task.user.uid).toBeGreaterThan(0);
  });
});
