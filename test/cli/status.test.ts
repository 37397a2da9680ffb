import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { dockerParts, kubernetesParts } from "../../cli/running/parts.ts";
import type { RunningStack } from "../../cli/running/stack.ts";
import { isWell, status as statusCommand } from "../../cli/status.ts";
import { readStatus, type Status } from "../../cli/status/read.ts";
import { screen } from "../../cli/status/screen.ts";
import { newestQuestions, stackQuestions, telemetryQuestions } from "../../cli/status/vitals.ts";
import { UserError } from "../../cli/exit.ts";
import { readableBytes, readableDuration } from "../../cli/terminal.ts";
import { settingsOf } from "../support/settings.ts";
import { FakeStack, stackAt } from "../support/fake-stack.ts";
import { fakeDocker } from "../support/docker.ts";
import { plain } from "../support/plain-style.ts";
import { recordingServer, type Answer, type Request } from "../support/http.ts";
import { metrics } from "../../dashboards/stack/metrics.ts";
import { storedName } from "../../dashboards/stored-name.ts";
import { complaints } from "../support/promql.ts";

const noon = Date.parse("2026-11-30T12:00:00Z");

interface Question {
  readonly expr?: string;
  readonly rawSql?: string;
}

const frames = (...values: unknown[][]): Answer => ({
  status: 200,
  body: JSON.stringify({ results: { A: { status: 200, frames: values.length === 0 ? [] : [{ data: { values } }] } } }),
});

/** Answers of a stack that works: each question has its own number. */
function answered({ expr, rawSql }: Question): Answer {
  if (expr !== undefined) {
    const { spans, logRecords, metricPoints } = telemetryQuestions;
    const numbers = new Map<string, number>([
      [spans.accepted, 12.5],
      [spans.delivered, 12.4],
      [logRecords.accepted, 0],
      [metricPoints.accepted, 1234.5],
      [metricPoints.delivered, 1200],
      [metricPoints.refused, 0.25],
      [spans.lost, 7],
      [stackQuestions.collectorUptime, 7300],
      [stackQuestions.queueFill, 0.034],
      [stackQuestions.queued, 12_000_000],
      [stackQuestions.databaseMemory, 0.62],
      [stackQuestions.targetsDown, 1],
    ]);
    const number = numbers.get(expr);
    return number === undefined ? frames() : frames([noon], [number]);
  }
  if (rawSql!.includes("disk_size")) return frames([5_000_000_000]);
  if (rawSql!.includes("opentelemetry_traces")) return frames([noon - 3000]);
  if (rawSql!.includes("opentelemetry_logs")) return frames([null]);
  return frames(["2026-11-30 11:59:15"]);
}

let fake: FakeStack;
let server: Awaited<ReturnType<typeof recordingServer>>;
beforeEach(async () => {
  fake = new FakeStack();
  fake.instead = ({ path, body }: Request) =>
    path === "/api/ds/query" ? answered((JSON.parse(body) as { queries: [Question] }).queries[0]) : undefined;
  server = await recordingServer(fake.answer);
});
afterEach(() => server.close());

const read = (more: Partial<RunningStack> = {}): Promise<Status> => readStatus(stackAt(server.url, more), () => noon);
const drawn = (of: Status, width = 100): string =>
  screen(of, { style: plain, width }).replaceAll(server.url, "http://localhost:3001");

describe("the questions", () => {
  it("are PromQL that the stack's boards could ask, and read databases by their names", () => {
    const all: string[] = [
      ...Object.values(telemetryQuestions).flatMap((of) => Object.values<string>({ ...of })),
      ...Object.values(stackQuestions),
    ];
    const counters = new Set(metrics.filter(({ kind }) => kind === "counter").map(storedName));
    for (const question of all) expect(complaints(question, counters), question).toEqual([]);
    expect(Object.values(newestQuestions({ metrics: "m", traces: "t-1", logs: "l" }))).toEqual([
      "SELECT max(timestamp) AS newest FROM `t-1`.opentelemetry_traces WHERE timestamp > now() - INTERVAL '15' MINUTE",
      "SELECT max(timestamp) AS newest FROM `l`.opentelemetry_logs WHERE timestamp > now() - INTERVAL '15' MINUTE",
      "SELECT max(greptime_timestamp) AS newest FROM `m`.otelcol_process_uptime WHERE greptime_timestamp > now() - INTERVAL '15' MINUTE",
    ]);
  });
});

describe("npm run status", () => {
  it("shows a stack on one screen", async () => {
    fake.rules = [
      { name: "CollectorQueueNearFull", state: "firing" },
      { name: "Watchdog", state: "firing" },
      { name: "A", state: "pending" },
    ];
    const found = await read();
    expect(drawn(found)).toMatchInlineSnapshot(`
      "What runs
        ✔ obs-collector  running for 120 min
        ✔ obs-greptimedb healthy for 26 h
        ✘ obs-grafana    unhealthy for 60 s

      Where
        Grafana        http://localhost:3001
        OTLP over HTTP http://localhost:3001
        GreptimeDB     http://localhost:3001

      Telemetry
                       taken/s  stored/s  refused/s  lost          newest
        spans            12.50     12.40          0     7         3 s ago
        log records          0         –          0     0  none in 15 min
        metric points     1235      1200       0.25     0        45 s ago

      The stack itself
        Collector runs         for 2 h
        Fullest queue          3.4 % (11.4 MiB wait in all)
        GreptimeDB's memory    62 % of its limit
        On disk                4.7 GiB
        Scrape targets down    1

      Alerts
        firing: CollectorQueueNearFull
        pending: A
      "
    `);
    expect(found.problems).toEqual([]);
    expect(isWell(found)).toBe(false);
  });

  it("shows a stack in which nothing has happened yet", async () => {
    fake.instead = ({ path }) => (path === "/api/ds/query" ? frames() : undefined);
    fake.rules = [];
    const found = await read({ parts: () => Promise.resolve([]) });
    expect(drawn(found)).toMatchInlineSnapshot(`
      "What runs
        nothing

      Where
        Grafana        http://localhost:3001
        OTLP over HTTP http://localhost:3001
        GreptimeDB     http://localhost:3001

      Telemetry
                       taken/s  stored/s  refused/s  lost          newest
        spans                –         –          0     0  none in 15 min
        log records          –         –          0     0  none in 15 min
        metric points        –         –          0     0  none in 15 min

      The stack itself
        Collector runs         unknown
        Fullest queue          –
        GreptimeDB's memory    – of its limit
        On disk                –
        Scrape targets down    –

      Alerts
        no rules
      "
    `);
    expect(isWell(found)).toBe(false);
  });

  it.each([
    [
      "Grafana does not let in",
      /^\/api\//,
      { status: 401, body: '{"message":"Invalid username or password"}' },
      /HTTP 401.*Invalid username/,
    ],
    ["Grafana is overloaded", /^\/api\//, { status: 503, body: "" }, /^Grafana: HTTP 503$/],
    [
      "GreptimeDB is away",
      /ds\/query/,
      { status: 502, body: '{"results":{"A":{"error":"connection refused"}}}' },
      /connection refused/,
    ],
    ["an answer is hostile", /ds\/query/, { status: 200, body: '{"results":{"A":{"frames":5}}}' }, /HTTP 200/],
    ["an answer is a page", /./, { status: 200, body: "<html>\u001b[2J" }, /HTTP 200: <html> \[2J$/],
  ])("says once what was not answered: %s", async (_, path, answer, problem) => {
    fake.instead = (request) => (path.test(request.path) ? answer : undefined);
    const found = await read({ parts: () => Promise.resolve([{ name: "a", state: "running", well: true }]) });
    expect(found.problems).toEqual([expect.stringMatching(problem)]);
    expect(isWell(found)).toBe(false);
    expect(drawn(found)).toMatch(/Not answered\n {2}Grafana: HTTP/);
    // what was not answered is not taken for nothing
    expect(drawn(found)).not.toMatch(/none in|no rules| 0 /);
  });

  it("takes numbers only for numbers", async () => {
    fake.instead = ({ path }) => (path === "/api/ds/query" ? frames(["x"], ["NaN"]) : undefined);
    const { stack, telemetry, disk } = await read();
    expect(new Set([...Object.values(stack), ...Object.values(telemetry.spans), disk])).toEqual(new Set([undefined]));
  });

  it("says that Grafana is nowhere", async () => {
    const nowhere = { ...stackAt("http://localhost:9").target };
    const found = await readStatus(stackAt(server.url, { target: nowhere }), () => noon);
    expect(found.problems).toEqual([expect.stringMatching(/^Grafana: /)]);
    const unknown = await readStatus(stackAt(server.url, { target: { ...nowhere, grafana: undefined } }), () => noon);
    expect(unknown.problems).toEqual(["nobody says where Grafana is"]);
  });

  it("fits a terminal of 80 columns, and shows no password", async () => {
    const found = await read({
      parts: () =>
        Promise.resolve({
          problem:
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock, which is long",
        }),
    });
    const text = drawn(found, 80);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text + JSON.stringify(found)).not.toMatch(/the-(reader|admin)-password|Basic /);
  });

  it("refuses options that contradict each other", async () => {
    const run = statusCommand(["--watch", "--json"], { stdout: process.stdout, stderr: process.stderr, env: {} });
    await expect(run).rejects.toThrow(UserError);
  });
});

describe("what runs", () => {
  it("on Docker are containers that should run, and those that failed", async () => {
    const { docker } = fakeDocker({
      containers: [
        { name: "obs-collector", startedAt: "2026-11-30T11:00:00Z" },
        { name: "obs-grafana", health: "starting" },
        { name: "obs-greptimedb", running: false, exitCode: 137, outOfMemory: true },
        { name: "obs-owner", running: false, exitCode: 0 },
        { name: "obs-proof", running: false, exitCode: 1 },
      ],
    });
    const parts = await dockerParts({ docker, label: "l=x", endpoint: undefined, environment: {} });
    expect(parts).toMatchObject([
      { name: "obs-collector", state: "running", well: true, since: "2026-11-30T11:00:00Z" },
      { name: "obs-grafana", state: "starting", well: false },
      { name: "obs-greptimedb", state: "was killed: it reached its memory limit", well: false },
      { name: "obs-proof", state: "ended with exit code 1", well: false },
    ]);
  });

  it.each([
    [127, "", "there is no `docker` command on the path"],
    [1, "Cannot connect to the Docker daemon\nIs it running?", "Cannot connect to the Docker daemon"],
  ])("without Docker is nothing, with the reason (%i)", async (code, stderr, problem) => {
    const docker = () => Promise.resolve({ code, stdout: "", stderr });
    expect(await dockerParts({ docker, label: "l", endpoint: undefined, environment: {} })).toEqual({ problem });
  });

  const pods = {
    items: [
      {
        metadata: { name: "collector-0" },
        status: {
          phase: "Running",
          containerStatuses: [
            { ready: true, restartCount: 2, state: { running: { startedAt: "2026-11-30T10:00:00Z" } } },
          ],
        },
      },
      {
        metadata: { name: "grafana-0" },
        status: {
          phase: "Pending",
          startTime: "2026-11-30T11:00:00Z",
          containerStatuses: [{ ready: false, restartCount: 0, state: { waiting: { reason: "ImagePullBackOff" } } }],
        },
      },
      { metadata: { name: "datanode-0" }, status: { phase: "Pending" } },
      { metadata: { name: "bootstrap-x" }, status: { phase: "Succeeded" } },
    ],
  };

  it("on Kubernetes are pods, but those of tasks that are done", async () => {
    const { kubernetes } = settingsOf({ platform: "kubernetes" });
    const asked: (readonly string[])[] = [];
    const parts = await kubernetesParts(kubernetes, (args) => {
      asked.push(args);
      return Promise.resolve({
        code: 0,
        stdout: args[1] === kubernetes.namespace ? JSON.stringify(pods) : '{"items":[]}',
        stderr: "",
      });
    });
    expect(parts).toEqual([
      { name: "collector-0", state: "ready, started again 2 times", well: true, since: "2026-11-30T10:00:00Z" },
      { name: "grafana-0", state: "ImagePullBackOff", well: false, since: "2026-11-30T11:00:00Z" },
      { name: "datanode-0", state: "pending", well: false },
    ]);
    expect(asked.map((args) => args[1])).toEqual([kubernetes.namespace, kubernetes.agentNamespace]);
  });

  it("on Kubernetes without kubectl, or without rights, is the reason", async () => {
    const { kubernetes } = settingsOf({ platform: "kubernetes" });
    const refused = { code: 1, stdout: "", stderr: "Error from server (Forbidden): pods is forbidden\n" };
    expect(await kubernetesParts(kubernetes, () => Promise.resolve(refused))).toEqual({
      problem: "Error from server (Forbidden): pods is forbidden",
    });
    expect(await kubernetesParts(kubernetes, () => Promise.resolve({ code: 127, stdout: "", stderr: "" }))).toEqual({
      problem: "there is no `kubectl` on the path",
    });
  });
});

describe("sizes and durations", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1_048_576, "1.0 MiB"],
    [5_000_000_000, "4.7 GiB"],
    [2 ** 60, "1048576.0 TiB"],
  ])("%i bytes", (bytes, text) => {
    expect(readableBytes(bytes)).toBe(text);
  });

  it.each([
    [0.4, "0 s"],
    [119, "119 s"],
    [120, "2 min"],
    [7199, "120 min"],
    [7200, "2 h"],
    [172_800, "2 d"],
  ])("%d seconds", (seconds, text) => {
    expect(readableDuration(seconds)).toBe(text);
  });
});
