import { execFile } from "node:child_process";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { RunningStack } from "../../cli/running/stack.ts";
import { lastTrouble } from "../../cli/running/stack.ts";
import { UserError } from "../../cli/exit.ts";
import { follow, smoke as smokeCommand } from "../../cli/smoke.ts";
import { FakeStack, remedies, stackAt } from "../support/fake-stack.ts";
import { plain } from "../support/plain-style.ts";
import { recordingServer, type Answer, type Request } from "../support/http.ts";

let fake: FakeStack;
let server: Awaited<ReturnType<typeof recordingServer>>;
beforeEach(async () => {
  fake = new FakeStack();
  server = await recordingServer(fake.answer);
});
afterEach(() => server.close());

interface Report {
  ok: boolean;
  steps: { id: string; state: string; detail?: string; evidence?: string; remedy?: string }[];
}

async function smoke(change: Partial<RunningStack> = {}, target: Partial<RunningStack["target"]> = {}) {
  const stack = stackAt(server.url, change);
  const moved = { ...stack, target: { ...stack.target, ...target } };
  let output = "";
  const code = await follow(moved, { patienceSeconds: 1, json: true, style: plain }, (text) => (output += text));
  const report = JSON.parse(output) as Report;
  return { code, report, broken: report.steps.find(({ state }) => state === "failed") };
}

const to =
  (path: RegExp, answer: Answer) =>
  (request: Request): Answer | undefined =>
    path.test(request.path) ? answer : undefined;

describe("npm run smoke", () => {
  it("follows a record of each signal through a stack that is well", async () => {
    const { code, report } = await smoke();
    expect(code).toBe(0);
    expect(report.ok).toBe(true);
    expect(report.steps.map(({ id, state }) => `${id} ${state}`)).toEqual(
      ["traces", "logs", "metrics"]
        .map((signal) => `collector-${signal} ok`)
        .concat(
          ["traces", "logs", "metrics"].map((signal) => `greptimedb-${signal} ok`),
          ["grafana-login ok"],
          ["traces", "logs", "metrics"].map((signal) => `grafana-${signal} ok`),
          ["dashboards ok", "rules ok"],
        ),
    );
  });

  it("takes no record of an earlier run for its own", async () => {
    await smoke();
    fake.instead = to(/^\/v1\/(traces|logs|metrics)$/, { status: 200 });
    const { broken } = await smoke();
    expect(broken).toMatchObject({ id: "greptimedb-traces", evidence: "it is not in database traces after 1 s" });
  });

  it.each<[string, RegExp, Answer, { id: string; evidence: string | RegExp; remedy: string | RegExp }]>([
    [
      "the collector wants a token",
      /^\/v1\/traces/,
      { status: 401, body: "Unauthorized" },
      { id: "collector-traces", evidence: "HTTP 401: Unauthorized", remedy: /OTEL_EXPORTER_OTLP_HEADERS/ },
    ],
    [
      "the collector is full",
      /^\/v1\/logs/,
      { status: 503, body: "sending queue is full" },
      { id: "collector-logs", evidence: "HTTP 503: sending queue is full", remedy: /CollectorRefusing/ },
    ],
    [
      "the collector speaks TLS",
      /^\/v1\/traces/,
      { status: 400, body: "Client sent an HTTP request to an HTTPS server.\n" },
      { id: "collector-traces", evidence: /HTTPS server/, remedy: /https/ },
    ],
    [
      "the reader's password is wrong",
      /^\/v1\/sql/,
      { status: 401, body: '{"code":7002,"error":"User not found"}' },
      { id: "greptimedb-traces", evidence: /the reader is not let in: HTTP 401/, remedy: /^deploy again/ },
    ],
    [
      "GreptimeDB is overloaded",
      /^\/v1\/prometheus/,
      { status: 503, body: "\u001b[31mbusy\u0007\r\n now" },
      { id: "greptimedb-metrics", evidence: /after 1 s \(HTTP 503: \[31mbusy now\)$/, remedy: /^read the log/ },
    ],
    [
      "Grafana's password was changed",
      /limit=1$/,
      { status: 401, body: '{"message":"Invalid username or password"}' },
      { id: "grafana-login", evidence: /Invalid username/, remedy: /deploy again/ },
    ],
    [
      "a data source is broken",
      /^\/api\/ds\/query/,
      { status: 400, body: '{"results":{"A":{"error":"Access denied","status":400}}}' },
      { id: "grafana-logs", evidence: /Access denied/, remedy: /data sources again/ },
    ],
    [
      "a data source finds nothing",
      /\/api\/traces\//,
      { status: 404, body: '{"data":null}' },
      { id: "grafana-traces", evidence: /does not find it|HTTP 404/, remedy: /data sources again/ },
    ],
    [
      "Grafana answers a page in place of JSON",
      /type=dash-db/,
      { status: 200, body: "<html>".padEnd(5000, "x") },
      { id: "dashboards", evidence: /^HTTP 200: <html>x+…$/, remedy: "deploy again" },
    ],
    [
      "Grafana sends somebody elsewhere",
      /limit=1$/,
      { status: 302, body: "" },
      { id: "grafana-login", evidence: "HTTP 302", remedy: "reach Grafana" },
    ],
  ])(
    "names the broken hop: %s",
    async (_, path, answer, { id, evidence, remedy }) => {
      fake.instead = to(path, answer);
      const { code, report, broken } = await smoke();
      expect(code).toBe(1);
      expect(broken?.id).toBe(id);
      expect(broken?.evidence).toMatch(evidence);
      expect(broken?.remedy).toMatch(remedy);
      const index = report.steps.findIndex((step) => step.id === id);
      expect(report.steps.slice(index + 1).every(({ state }) => state === "not tried")).toBe(true);
    },
    15_000,
  );

  it("says what the collector says when records do not arrive", async () => {
    fake.instead = to(/^\/v1\/(traces|logs|metrics)$/, { status: 200 });
    const trouble = "not retryable error: Permanent error: rpc error: code = Unauthenticated, HTTP Status Code 401";
    const { broken } = await smoke({ collectorTrouble: () => Promise.resolve(trouble) });
    expect(broken).toMatchObject({ id: "greptimedb-traces", evidence: `the collector cannot send: ${trouble}` });
    expect(broken?.remedy).toMatch(/^deploy again {3}\(puts users and passwords right\)$/);
  });

  it("finds nobody where nobody is", async () => {
    const nobody = "http://localhost:9";
    expect((await smoke({}, { otlp: { url: nobody, headers: {} } })).broken).toMatchObject({ remedy: "reach OTLP" });
    expect((await smoke({}, { otlp: undefined })).broken).toMatchObject({
      evidence: "OTLP over HTTP is not published",
    });
    expect((await smoke({}, { grafana: { url: nobody, authorization: "" } })).broken).toMatchObject({
      id: "grafana-login",
    });
  });

  it("asks Grafana alone where GreptimeDB is not published", async () => {
    const { code, report } = await smoke({}, { greptimedb: undefined });
    expect(code).toBe(0);
    expect(report.steps.filter(({ state }) => state === "skipped").map(({ id }) => id)).toEqual(
      ["traces", "logs", "metrics"].map((signal) => `greptimedb-${signal}`),
    );
    fake.instead = to(/^\/v1\/(traces|logs|metrics)$/, { status: 200 });
    expect((await smoke({}, { greptimedb: undefined })).broken?.id).toBe("grafana-traces");
  });

  it("waits for what is on its way", async () => {
    const arrived = Date.now() + 700;
    fake.instead = (request) =>
      request.path === "/v1/sql" && Date.now() < arrived
        ? { status: 200, body: '{"output":[{"records":{"rows":[]}}]}' }
        : undefined;
    expect((await smoke()).code).toBe(0);
  });

  it("misses boards and rules that should be there", async () => {
    fake.boards = ["llm-calls"];
    expect((await smoke()).broken).toMatchObject({ id: "dashboards", evidence: "missing: stack-health" });
    fake.boards = ["llm-calls", "stack-health", "one-more"];
    fake.rules = [{ name: "Watchdog" }];
    expect((await smoke()).broken).toMatchObject({ id: "rules", evidence: "missing: CollectorDown" });
    expect((await smoke({ expected: undefined })).code).toBe(0);
  });

  it("sees a rule that cannot be evaluated, and names those that fire", async () => {
    fake.rules = [
      { name: "CollectorDown", state: "firing" },
      { name: "Watchdog", state: "firing" },
    ];
    expect((await smoke()).report.steps.at(-1)?.detail).toBe("2 rules; firing: CollectorDown");
    fake.rules = [
      { name: "CollectorDown", health: "error", lastError: "failed to\nquery" },
      { name: "Watchdog", health: "error" },
    ];
    expect((await smoke()).broken).toMatchObject({
      id: "rules",
      evidence: "CollectorDown cannot be evaluated (and 1 more): failed to query",
    });
  });

  it("fits a terminal, and shows no password", async () => {
    fake.instead = to(/^\/v1\/sql/, { status: 401, body: "x".repeat(1000) });
    for (const width of [80, 120]) {
      let output = "";
      const shown = { patienceSeconds: 1, json: false, width, style: plain };
      expect(await follow(stackAt(server.url), shown, (text) => (output += text))).toBe(1);
      expect(output).toMatch(/✘ GreptimeDB has the traces/);
      expect(output).toContain(`→ ${remedies.redeploy}`);
      const words = output.split("\n").filter((line) => line.length > width && line.trim().includes(" "));
      expect(words).toEqual([]);
      expect(output).not.toMatch(/the-(reader|admin)-password|Basic /);
    }
  }, 15_000);
});

describe("the collector's trouble", () => {
  const log = (...lines: string[]) =>
    lastTrouble(() => Promise.resolve({ code: 0, stdout: lines.join("\n"), stderr: "" }), "c");

  it("is the error of the last line that has one", async () => {
    expect(
      await log(
        '2026-11-30T00:00:00Z\terror\tinternal/queue_sender.go:50\tExporting failed. Dropping data.\t{"resource": {}, "error": "first", "dropped_items": 1}',
        '2026-11-30T00:00:01Z\tinfo\tinternal/retry_sender.go:133\tExporting failed. Will retry the request after interval.\t{"error": "failed to \\"push\\": 503", "interval": "5s"}',
        "2026-11-30T00:00:02Z\tinfo\tsomething else\t{}",
      ),
    ).toBe('failed to \\"push\\": 503');
  });

  it("is none where there is none, or no log", async () => {
    expect(await log("2026-11-30T00:00:02Z\tinfo\tall is well\t{}")).toBeUndefined();
    expect(await log()).toBeUndefined();
  });
});

describe("its arguments", () => {
  /** What it writes, or the error that it ends with. */
  async function run(args: readonly string[], env: Record<string, string>) {
    let written = "";
    const stream = { write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
    try {
      const code = await smokeCommand(args, {
        stdout: stream as typeof process.stdout,
        stderr: stream as typeof process.stderr,
        env,
      });
      return { code, written };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { code: error.exitCode, written: error.message };
    }
  }
  const elsewhere = ["--otlp-url", "http://localhost:9", "--grafana-url", "http://localhost:9"];

  it.each([
    [["--help"], {}, 0, /Exit codes/],
    [["--wiat", "3"], {}, 2, /Did you mean --wait/],
    [["--wait", "0"], {}, 2, /1 to 900/],
    [["--stack", "../x"], {}, 2, /letters, digits/],
    [elsewhere, {}, 2, /GRAFANA_USER and GRAFANA_PASSWORD, or GRAFANA_TOKEN must be set/],
    [["--otlp-url", "localhost:4318", "--grafana-url", "http://x"], { GRAFANA_TOKEN: "t" }, 2, /write an address/],
    [["--otlp-url", "http://a:b@x", "--grafana-url", "http://x"], { GRAFANA_TOKEN: "t" }, 2, /leave user and password/],
    [[...elsewhere, "--json"], { GRAFANA_TOKEN: "t" }, 1, /^\{\n {2}"ok": false/],
  ] as const)("%j", async (args, env, code, written) => {
    const result = await run(args, env);
    expect(result.written).toMatch(written);
    expect(result.code).toBe(code);
  });

  it("end a process with the code that says how it went, and no stack trace", async () => {
    const options = { encoding: "utf8" as const, env: { PATH: process.env["PATH"] ?? "", GRAFANA_TOKEN: "t" } };
    const ended = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, ["cli/smoke.ts", ...elsewhere], options, (error, stdout, stderr) => {
        resolve({ code: error?.code, stdout, stderr });
      });
    });
    expect(ended).toMatchObject({ code: 1, stderr: "" });
    expect(ended.stdout).toMatch(
      /^ {2}✘ The collector takes traces.*\n.*\n.*\nBroken: .*; 11 steps behind it were not tried\.\n$/,
    );
  });
});
