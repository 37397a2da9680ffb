import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { coverage } from "../../../cli/coverage.ts";
import { inventoryFrom, InventoryBuilder, type Inventory } from "../../../cli/coverage/inventory.ts";
import { readInventory } from "../../../cli/coverage/read.ts";
import { rehearsed } from "../../../cli/demo.ts";
import { playFrom } from "../../../cli/demo/play.ts";
import { packs } from "../../../dashboards/packs.ts";
import { access, adminAccess, placesOf } from "../../support/fake-stack.ts";
import { recordingServer, type Answer } from "../../support/http.ts";
import { output } from "../../support/output.ts";

let directory = "";
let inventory: Inventory;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "coverage-"));
  const play = playFrom({ minutes: "2", rate: "2", scenario: "healthy", seed: "1" });
  inventory = (await rehearsed(play)).build();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function fileOf(content: unknown): string {
  const file = join(directory, "inventory.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

async function run(args: readonly string[], { stdin = "", env = {}, columns = 0 } = {}) {
  const { stream, text } = output(columns);
  const code = await coverage(args, {
    stdin: Readable.from([stdin]) as never,
    stdout: stream,
    stderr: { write: () => true, isTTY: false } as never,
    env,
  });
  return { code, stdout: text() };
}

describe("an inventory", () => {
  it.each([
    ["", "is no JSON"],
    ["[1", "is no JSON"],
    ["[]", "is no inventory"],
    ['{"format":2,"metrics":[],"spans":[],"logRecords":[]}', "format: "],
    ['{"format":1,"metrics":[{"name":"x"}],"spans":[],"logRecords":"none"}', "metrics.0.service: "],
    ['{"format":1,"metrics":[{"name":"","service":"s","labels":[]}],"spans":[],"logRecords":[]}', "metrics.0.name: "],
  ])("that is %j is refused", (text, words) => {
    expect(() => inventoryFrom(text, "FILE")).toThrow(words);
  });

  it("is refused with what is wrong with it, but not endlessly", () => {
    const metrics = Array.from({ length: 500 }, () => ({ name: 1 }));
    const refused = () => inventoryFrom(JSON.stringify({ format: 1, metrics, spans: [], logRecords: [] }), "FILE");
    expect(refused).toThrow(/and \d+ more$/);
    expect(refused).toThrow(/^FILE is no inventory/);
  });

  it("may hold what nobody here knows", () => {
    const text = JSON.stringify({ ...inventory, demo: { seed: 1 }, comment: "mine" });
    expect(inventoryFrom(text, "FILE")).toEqual(inventory);
  });

  it("is the same in whatever order it is put together", () => {
    const noted = [
      ["b", "2"],
      ["a", "1"],
      ["a", "2"],
      ["b", "2"],
    ] as const;
    const built = [noted, [...noted].reverse()].map((order) => {
      const builder = new InventoryBuilder();
      for (const [name, service] of order) builder.series(name, service, ["z", name], ["10", "inf", "2"]);
      return builder.build();
    });
    expect(built[0]).toEqual(built[1]);
    expect(built[0]!.metrics.map(({ name, service }) => name + service)).toEqual(["a1", "a2", "b2"]);
    expect(built[0]!.metrics[0]!.bounds).toEqual(["2", "10", "inf"]);
  });
});

describe("the command", () => {
  it("reports on a recorded inventory, for machines", async () => {
    const { code, stdout } = await run(["--from", fileOf(inventory), "--json"]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      score: number;
      packs: { name: string }[];
      findings: { pack: string; what: string }[];
      rules: { id: string; state: string }[];
    };
    expect(report.packs.map(({ name }) => name)).toEqual(packs.map(({ name }) => name));
    // the demo's telemetry without that of the stack's own parts
    expect(new Set(report.findings.map(({ pack }) => pack))).toEqual(new Set(["stack"]));
    expect(report.rules.find(({ id }) => id === "ToolErrorRatioHigh")).toMatchObject({ state: "fed" });
    expect(report.rules.find(({ id }) => id === "CollectorDown")).toMatchObject({ state: "empty" });
    expect(report.score).toBeGreaterThan(60);
    expect(report.score).toBeLessThan(90);
  });

  it("reports on the inventory of docs/coverage.md", async () => {
    const [, text = ""] = /```json\n([^]*?)```/.exec(readFileSync("docs/coverage.md", "utf8"))!;
    const { code, stdout } = await run(["--from", fileOf(text), "--json"]);
    expect(code).toBe(0);
    const { score, services, findings, rules } = JSON.parse(stdout) as {
      score: number;
      services: object[];
      findings: { metric: string; what: string; evidence: string; services: string[] }[];
      rules: { id: string; state: string }[];
    };
    expect(services).toEqual([{ service: "shop", spans: true, logRecords: false, packs: { agents: 1 } }]);
    expect(findings.filter(({ what }) => what !== "never seen")).toMatchObject([
      { metric: "http.server.request.duration", what: "old name", services: ["shop"] },
    ]);
    expect(rules.filter(({ state }) => state === "fed")).toEqual([
      { id: "ToolErrorRatioHigh", pack: "agents", state: "fed" },
      { id: "MetricsDatasourceDown", pack: "stack", state: "fed" },
      { id: "Watchdog", pack: "stack", state: "fed" },
    ]);
    expect(score).toBeLessThan(20);
  });

  it("reads standard input, and the same bytes give the same report", async () => {
    const stdin = JSON.stringify(inventory);
    const [one, other] = [await run(["--from", "-"], { stdin }), await run(["--from", "-"], { stdin })];
    expect(one).toEqual(other);
    expect(one.stdout).toMatch(/^\d+ % {2}\d+ of \d+ panels and rules are fed/);
  });

  it.each([80, 120])("fits into %d columns, but for lines that are to be copied", async (columns) => {
    const { stdout } = await run(["--from", fileOf({ ...inventory, spans: [] }), "--all"], { columns });
    const lines = stdout
      .replaceAll(/\u001b\[\d+m/g, "")
      .split("\n")
      .filter((line) => !line.startsWith("         "));
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  it("ends with 1 when the score is too low, and shows it all the same", async () => {
    const file = fileOf(inventory);
    expect(await run(["--from", file, "--at-least", "99"])).toMatchObject({ code: 1 });
    expect(await run(["--from", file, "--at-least", "50"])).toMatchObject({ code: 0 });
  });

  it("saves what it has read", async () => {
    const file = join(directory, "saved.json");
    await run(["--from", fileOf(inventory), "--save", file]);
    expect(inventoryFrom(readFileSync(file, "utf8"), file)).toEqual(inventory);
  });

  it.each([
    [["--minutes", "1"], "--minutes 1: write a whole number from 5 to 10080"],
    [["--at-least", "101"], "--at-least 101: write a whole number from 0 to 100"],
    [["--from", "/does/not/exist"], "--from /does/not/exist: "],
    [["--form", "x"], "Did you mean --from?"],
  ])("refuses %j", async (args, words) => {
    await expect(run(args)).rejects.toThrow(words);
  });
});

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Grafana's data source for SQL, over tables of GreptimeDB: rows as columns. */
function answering(tables: Readonly<Record<string, Table>>): (request: { readonly body: string }) => Answer {
  const frame = (columns: unknown[][]) => ({
    status: 200,
    body: JSON.stringify({ results: { A: { status: 200, frames: [{ data: { values: columns } }] } } }),
  });
  return ({ body }) => {
    const { queries } = JSON.parse(body) as { queries: [{ rawSql: string }] };
    const sql = queries[0].rawSql;
    if (sql.includes("information_schema.columns")) {
      const all = Object.entries(tables)
        .filter(([table]) => table.startsWith("metrics."))
        .flatMap(([table, { columns }]) => columns.map((column) => [table.slice(8), column]));
      return frame([all.map(([table]) => table), all.map(([, column]) => column)]);
    }
    const [, database = "", table = ""] = /FROM `([^`]*)`\.`?([^` ]*)`? WHERE/.exec(sql)!;
    const found = tables[`${database}.${table}`];
    if (found === undefined) {
      return { status: 400, body: `{"results":{"A":{"error":"Error 1146 (42S02): Table not found: ${table}"}}}` };
    }
    const values = (column: string) => found.rows.map((row) => row[found.columns.indexOf(column)] ?? null);
    if (sql.startsWith("SELECT DISTINCT")) {
      const columns = [...sql.matchAll(/`?(service_name|service\.name|\ble)`?(?= AS|,| FROM)/g)].map(
        ([, name]) => name!,
      );
      return frame(columns.map(values));
    }
    const services = [...new Set(values("service_name"))];
    const counted = [...sql.matchAll(/count\(`([^`]*)`\)/g)].map(([, column]) =>
      services.map(
        (service) =>
          found.rows.filter(
            (row) =>
              row[found.columns.indexOf("service_name")] === service && row[found.columns.indexOf(column!)] !== null,
          ).length,
      ),
    );
    return frame([services, ...counted]);
  };
}

const tables: Readonly<Record<string, Table>> = {
  "metrics.agent_tool_calls_total": {
    columns: ["greptime_timestamp", "greptime_value", "service_name", "status", "tool_name"],
    rows: [
      ["1", "1", "shop", "success", "search"],
      ["2", "1", "shop", "error", null],
      ["2", "1", "other", null, null],
    ],
  },
  "metrics.ui_render_duration_milliseconds_bucket": {
    columns: ["greptime_timestamp", "greptime_value", "service_name", "le"],
    rows: [
      ["1", "1", "web", "16"],
      ["1", "1", "web", "inf"],
    ],
  },
  "metrics.http_server_duration_milliseconds_count": {
    columns: ["greptime_timestamp", "greptime_value", "service_name"],
    rows: [["1", "1", "old"]],
  },
  "metrics.what_nobody_reads": { columns: ["service_name"], rows: [["x"]] },
  "traces.opentelemetry_traces": { columns: ["service_name"], rows: [["shop"]] },
};

const databases = { metrics: "metrics", traces: "traces", logs: "logs" };

async function readFrom(answer: (request: { readonly body: string }) => Answer) {
  const server = await recordingServer(answer);
  onTestFinished(() => server.close());
  const grafana = { url: server.url, authorization: adminAccess };
  const now = Date.parse("2026-12-01T12:00:00Z");
  const told: string[] = [];
  const read = readInventory(grafana, databases, packs, { minutes: 60, now }, (done, all) => {
    told.push(`${String(done)}/${String(all)}`);
  });
  return { inventory: await read, server, told };
}

describe("what a running stack holds", () => {
  it("is read through Grafana: services, labels that have values, buckets", async () => {
    const { inventory: read, server, told } = await readFrom(answering(tables));
    expect(read).toEqual({
      format: 1,
      window: { from: "2026-12-01T11:00:00.000Z", to: "2026-12-01T12:00:00.000Z" },
      metrics: [
        { name: "agent_tool_calls_total", service: "other", labels: ["service_name"] },
        { name: "agent_tool_calls_total", service: "shop", labels: ["service_name", "status", "tool_name"] },
        { name: "http_server_duration_milliseconds_count", service: "old", labels: ["service_name"] },
        {
          name: "ui_render_duration_milliseconds_bucket",
          service: "web",
          labels: ["le", "service_name"],
          bounds: ["16", "inf"],
        },
      ],
      spans: ["shop"],
      logRecords: [],
    });
    expect(told.at(-1)).toBe("3/3");
    // only what is in the window, and nothing of tables that nobody reads
    const asked = server.requests.map(
      ({ body }) => (JSON.parse(body) as { queries: [{ rawSql: string }] }).queries[0].rawSql,
    );
    expect(asked.filter((sql) => sql.includes("what_nobody_reads"))).toEqual([]);
    expect(asked.slice(1).every((sql) => sql.includes("> now() - INTERVAL '60' MINUTE"))).toBe(true);
    expect(server.requests.every(({ headers }) => headers.authorization === adminAccess)).toBe(true);
  });

  it("is what the command compares, for somebody else's stack, too", async () => {
    const server = await recordingServer(answering(tables));
    onTestFinished(() => server.close());
    const places = placesOf(server.url);
    const { code, stdout } = await run([...places, "--json"], { env: access });
    expect(code).toBe(0);
    const { window, findings } = JSON.parse(stdout) as {
      window: object;
      findings: { metric: string; what: string }[];
    };
    expect(Object.keys(window)).toEqual(["from", "to"]);
    expect(findings.find(({ metric }) => metric === "http.server.request.duration")).toMatchObject({
      what: "old name",
    });
    await expect(run(places)).rejects.toThrow("GRAFANA_USER and GRAFANA_PASSWORD");
  });

  it("may be nothing", async () => {
    const { inventory: read } = await readFrom(answering({}));
    expect(read).toMatchObject({ metrics: [], spans: [], logRecords: [] });
  });

  it("is asked for with names in quotes, whatever they are", async () => {
    const { server } = await readFrom((request) =>
      answering({
        "metrics.agent_tool_calls_total": { columns: ["service_name", "a`b; DROP TABLE x"], rows: [["s", "1"]] },
      })(request),
    );
    const [, second] = server.requests.map(
      ({ body }) => (JSON.parse(body) as { queries: [{ rawSql: string }] }).queries[0].rawSql,
    );
    expect(second).toContain("count(`a``b; DROP TABLE x`)");
  });

  it.each([
    [401, '{"message":"Invalid username or password"}', "HTTP 401"],
    [403, '{"message":"Access denied"}', "HTTP 403"],
    [502, "<html>\u001b[31mBad gateway</html>", "HTTP 502: <html> [31mBad gateway</html>"],
    [200, "{}", "HTTP 200"],
    [400, '{"results":{"A":{"error":"Error 1045 (28000): Access denied for user reader"}}}', "1045"],
  ])("is an error when Grafana answers %d", async (status, body, words) => {
    await expect(readFrom(() => ({ status, body }))).rejects.toThrow(words);
  });
});
