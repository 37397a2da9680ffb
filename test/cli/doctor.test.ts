import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { examineStack, report } from "../../cli/doctor.ts";
import {
  certificateFinding,
  diagnose,
  ranked,
  rotationFindings,
  type About,
  type Observed,
} from "../../cli/doctor/diagnosis.ts";
import type { Finding } from "../../cli/finding.ts";
import { packs } from "../../dashboards/packs.ts";
import { runbookFile } from "../../dashboards/runbooks.ts";
import { driftOf } from "../../cli/running/stack.ts";
import type { Status, Telemetry } from "../../cli/status/read.ts";
import { FakeStack, remedies, stackAt } from "../support/fake-stack.ts";
import { plain } from "../support/plain-style.ts";
import { recordingServer } from "../support/http.ts";
import { settingsOf } from "../support/settings.ts";

/** Made for these tests, of nobody; its key was thrown away. Ends in 2036. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBfjCCASOgAwIBAgIUGat1C6sryHlKLAggOZHiwmBvw4EwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJY29sbGVjdG9yMB4XDTI2MTIwMTAwMDE0OFoXDTM2MTEyODAw
MDE0OFowFDESMBAGA1UEAwwJY29sbGVjdG9yMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEalT0tVHeQbw/G1AwMyuDfqxjWbF5JKnJCnfahnpvlQLYF8mT6s6MHAHD
Cx4iE+h3DVPQjYht3i958A3waY3maKNTMFEwHQYDVR0OBBYEFFb18QCRlQm5i3vK
ZvJMnf442xcSMB8GA1UdIwQYMBaAFFb18QCRlQm5i3vKZvJMnf442xcSMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAIfb0jX/sPvzpED1/PTp4epv
6k6VMUJOUQTQeRS3HHIoAiEA+Ft7lpCBNs0En1FI7W9kCO/rMc/rdztuTt4seXU3
nsw=
-----END CERTIFICATE-----`;

const calm: Telemetry = { accepted: 1, delivered: 1, refused: undefined, lost: 0, age: 10 };
const wellStatus: Status = {
  at: "2026-11-30T12:00:00.000Z",
  parts: [{ name: "collector", state: "running", well: true }],
  endpoints: { grafana: "http://g", otlp: "http://o", greptimedb: undefined },
  telemetry: { spans: calm, logRecords: { ...calm, age: undefined }, metricPoints: calm },
  stack: {
    collectorUptime: 7200,
    queueFill: 0.01,
    queued: 1024,
    databaseMemory: 0.5,
    targetsDown: 0,
    ledgerMissing: undefined,
  },
  disk: 1,
  alerts: { rules: 2, firing: [], pending: [] },
  problems: [],
};
const about: About = {
  expected: {
    boards: ["a", "b"],
    rules: ["R (x)", "S"],
    retentions: [
      { database: "traces", written: "7days" },
      { database: "logs", written: "forever" },
      { database: "secret", written: "1day" },
    ],
  },
  remedies,
};
const rule = (name: string, health = "ok") => ({ name, folder: "f", state: "inactive", health, lastError: "" });
const created = {
  traces: "CREATE DATABASE IF NOT EXISTS traces\nWITH(\n  ttl = '7days'\n)",
  logs: "CREATE DATABASE IF NOT EXISTS logs",
};
const well: Observed = {
  status: wellStatus,
  rules: [rule("R (x)"), rule("S")],
  boards: ["a", "b", "own"],
  clockAhead: 0,
  databases: created,
  drift: 0,
  versions: { Grafana: "13.2.9", GreptimeDB: "1.1.4" },
};

const withStatus = (change: Partial<Status>): Observed => ({ ...well, status: { ...wellStatus, ...change } });
const withStack = (change: Partial<Status["stack"]>) => withStatus({ stack: { ...wellStatus.stack, ...change } });
const withSpans = (change: Partial<Telemetry>) =>
  withStatus({ telemetry: { ...wellStatus.telemetry, spans: { ...calm, ...change } } });

const wrong = (observed: Observed, of: About = about): Finding[] =>
  diagnose(observed, of).filter(({ level }) => level !== "ok");

describe("a diagnosis", () => {
  it("of a stack that is well is that it is", () => {
    const findings = diagnose(well, about);
    expect(wrong(well)).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual([
      "What runs",
      "Grafana and GreptimeDB",
      "Collector",
      "Lost",
      "Retention",
      "Queues",
      "Clocks",
      "Lag",
      "Memory",
      "Versions",
      "Stack file",
      "Dashboards",
      "Alert rules",
    ]);
  });

  it.each([
    [{ Grafana: "13.2.3" }, "ok", "Grafana 13.2.3"],
    [{ GreptimeDB: "v1.1.9" }, "ok", "GreptimeDB 1.1.9"],
    [
      { Grafana: "12.4.3", GreptimeDB: "1.1.4" },
      "warning",
      "Grafana 12.4.3 runs, and boards and rules are made for 13.2.3",
    ],
    [
      { GreptimeDB: "1.2.0-beta.1" },
      "warning",
      "GreptimeDB 1.2.0-beta.1 runs, and boards and rules are made for 1.1.4",
    ],
  ])("compares versions: %j", (versions, level, detail) => {
    const findings = diagnose({ ...well, versions }, about);
    expect(findings.find(({ what }) => what === "Versions")).toMatchObject({ level, detail });
  });

  it("says nothing of versions that nobody told", () => {
    expect(diagnose({ ...well, versions: {} }, about).filter(({ what }) => what === "Versions")).toEqual([]);
  });

  it("sees that a rotation was begun and not ended", () => {
    expect(rotationFindings(settingsOf())).toEqual([]);
    const users = { generation: 3, keepPrevious: true };
    const token = { generation: 2, keepPrevious: true };
    const findings = rotationFindings(settingsOf({ greptimedb: { users }, collector: { auth: "bearer", token } }));
    expect(findings.map(({ level, detail }) => [level, detail])).toEqual([
      ["warning", "GreptimeDB still accepts the passwords of generation 2"],
      ["warning", "the collector still accepts the token of generation 1"],
    ]);
  });

  const cases: [string, Observed, Finding["level"], string, RegExp, RegExp][] = [
    ["nothing runs", withStatus({ parts: [] }), "problem", "What runs", /^nothing$/, /^deploy again$/],
    [
      "a part is sick",
      withStatus({ parts: [{ name: "grafana", state: "was killed", well: false }] }),
      "problem",
      "What runs",
      /^grafana was killed$/,
      /^deploy again$/,
    ],
    [
      "nobody sees what runs",
      withStatus({ parts: { problem: "no kubectl" } }),
      "warning",
      "What runs",
      /no kubectl/,
      /^$/,
    ],
    [
      "the collector is silent",
      withStack({ collectorUptime: undefined }),
      "problem",
      "Collector",
      /do not arrive/,
      /^read the log$/,
    ],
    ["spans were lost", withSpans({ lost: 7 }), "problem", "Lost", /^7 spans since/, /collectordataloss\.md$/],
    [
      "spans are refused",
      withSpans({ refused: 0.5 }),
      "warning",
      "Refused",
      /^0\.50 spans a second$/,
      /collectorrefusing/,
    ],
    [
      "a queue fills",
      withStack({ queueFill: 0.3 }),
      "warning",
      "Queues",
      /^the fullest is 30 % full \(1\.0 KiB/,
      /nearfull/,
    ],
    [
      "a queue is full",
      withStack({ queueFill: 0.9, queued: undefined }),
      "problem",
      "Queues",
      /90 % full$/,
      /nearfull/,
    ],
    ["records are missing", withStack({ ledgerMissing: 2 }), "problem", "Delivery ledger", /^2 records/, /ledgergap/],
    ["a target is down", withStack({ targetsDown: 1 }), "warning", "Scrape targets", /^1 do not/, /scrapetargetdown/],
    ["memory is short", withStack({ databaseMemory: 0.9 }), "warning", "Memory", /90 %/, /memoryhigh/],
    [
      "metrics are old",
      withStatus({ telemetry: { ...wellStatus.telemetry, metricPoints: { ...calm, age: 300 } } }),
      "warning",
      "Lag",
      /5 min old/,
      /status/,
    ],
    [
      "a retention is not in force",
      { ...well, databases: { ...created, traces: "CREATE DATABASE traces WITH(ttl = '30days')" } },
      "problem",
      "Retention",
      /^traces keeps its data for 30days, and should for 7days$/,
      /^deploy again$/,
    ],
    [
      "settings were not deployed",
      { ...well, drift: 3 },
      "warning",
      "Stack file",
      /would change 3 resources$/,
      /^deploy again$/,
    ],
    [
      "nobody can say what would change",
      { ...well, drift: { problem: "no plugin" } },
      "warning",
      "Stack file",
      /no plugin$/,
      /^$/,
    ],
    ["this clock is ahead", { ...well, clockAhead: 90 }, "problem", "Clocks", /90 s ahead of/, /timedatectl/],
    ["this clock is behind", { ...well, clockAhead: -10 }, "warning", "Clocks", /10 s behind/, /timedatectl/],
    ["a board is missing", { ...well, boards: ["a"] }, "warning", "Dashboards", /: b$/, /^deploy again$/],
    ["a rule is missing", { ...well, rules: [rule("R (x)")] }, "warning", "Alert rules", /: S$/, /^deploy again$/],
    [
      "a rule cannot be evaluated",
      { ...well, rules: [rule("R (x)", "error"), rule("S")] },
      "problem",
      "Evaluation",
      /^R \(x\) cannot/,
      /ruleevaluationfailing/,
    ],
    [
      "an alert fires",
      withStatus({ alerts: { rules: 2, firing: ["CollectorDataLoss (spans)"], pending: [] } }),
      "warning",
      "Firing",
      /^CollectorDataLoss \(spans\)$/,
      /docs\/runbooks\/collectordataloss\.md$/,
    ],
  ];

  it.each(cases)("is one finding when %s", (_, observed, level, what, detail, remedy) => {
    const findings = wrong(observed);
    expect(findings).toEqual([expect.objectContaining({ level, what })]);
    expect(findings[0]?.detail).toMatch(detail);
    expect(findings[0]?.remedy ?? "").toMatch(remedy);
  });

  it("says nothing of what could not be seen, but that it could not", () => {
    const silent: Telemetry = {
      accepted: undefined,
      delivered: undefined,
      refused: undefined,
      lost: undefined,
      age: undefined,
    };
    const nothing = {
      collectorUptime: undefined,
      queueFill: undefined,
      queued: undefined,
      databaseMemory: undefined,
      targetsDown: undefined,
      ledgerMissing: undefined,
    };
    const status: Status = {
      ...wellStatus,
      telemetry: { spans: silent, logRecords: silent, metricPoints: silent },
      stack: nothing,
      problems: ["Grafana: HTTP 401"],
    };
    expect(
      wrong({
        status,
        rules: undefined,
        boards: undefined,
        clockAhead: undefined,
        databases: {},
        drift: undefined,
        versions: {},
      }),
    ).toEqual([
      { what: "Grafana and GreptimeDB", level: "problem", detail: "Grafana: HTTP 401", remedy: "reach Grafana" },
    ]);
  });

  it("expects nothing of a stack that nobody here knows", () => {
    expect(wrong({ ...well, boards: [], rules: [] }, { ...about, expected: undefined })).toEqual([]);
  });

  it("has runbooks that there are", () => {
    const files = new Set(packs.flatMap((pack) => pack.rules).map((one) => `docs/runbooks/${runbookFile(one)}`));
    const remediesOf = cases.flatMap(([, observed]) => wrong(observed).map(({ remedy = "" }) => remedy));
    const named = remediesOf.filter((remedy) => remedy.startsWith("docs/"));
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((file) => !files.has(file))).toEqual([]);
  });
});

describe("what a deployment would change", () => {
  it("is what a preview counts, but for what stays", async () => {
    const summary = { same: 50, update: 2, replace: 1, read: 3, refresh: 4, delete: undefined };
    expect(await driftOf(() => Promise.resolve({ changeSummary: summary }))).toBe(3);
    expect(await driftOf(() => Promise.resolve({ changeSummary: {} }))).toBe(0);
  });

  it("is unknown where there is no preview, with the engine's own reason", async () => {
    const failing = (text: string) => driftOf(() => Promise.reject(new Error(text)));
    expect(await failing("code: 255\n stdout: Previewing\n  error: could not load plugin\n")).toEqual({
      problem: "error: could not load plugin",
    });
    expect(await failing("x".repeat(1000))).toEqual({ problem: "x".repeat(300) });
  });
});

describe("a certificate", () => {
  it.each([
    ["2026-12-01T00:00:00Z", "ok", /holds for \d{4} days/],
    ["2036-11-10T00:00:00Z", "warning", /ends in \d+ days/],
    ["2037-01-01T00:00:00Z", "problem", /^ended on /],
  ])("on %s: %s", (now, level, detail) => {
    expect(certificateFinding(certificate, Date.parse(now))).toMatchObject({
      level,
      detail: expect.stringMatching(detail) as string,
    });
  });

  it("that is none is a problem", () => {
    const broken = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----";
    expect(certificateFinding(broken, 0)).toMatchObject({
      level: "problem",
      detail: expect.stringMatching(/can be read/) as string,
    });
  });
});

describe("its report", () => {
  const findings = ranked([
    { what: "A", level: "ok", detail: "fine" },
    { what: "B", level: "warning", detail: "careful ".repeat(30).trim(), remedy: "do this" },
    { what: "C", level: "problem", detail: "broken", remedy: "do that" },
  ]);

  it("has the worst first, with what to do, and says how much is well", () => {
    const text = report(findings, { all: false, style: plain, width: 100 });
    expect(text).toMatch(/^ {2}✘ C: broken\n {6}→ do that\n {2}! B: careful/);
    expect(text).toMatch(/\n {6}→ do this\n1 problem, 1 warning, 1 as they should be\.\n$/);
    expect(report(findings, { all: true, style: plain, width: 100 })).toContain("✔ A: fine");
  });

  it.each([80, 120])("fits %i columns", (width) => {
    const lines = report(findings, { all: true, style: plain, width }).split("\n");
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });
});

describe("a stack that runs", () => {
  let fake: FakeStack;
  let server: Awaited<ReturnType<typeof recordingServer>>;
  beforeEach(async () => {
    fake = new FakeStack();
    server = await recordingServer(fake.answer);
  });
  afterEach(() => server.close());

  it("is looked at through Grafana, and by what its platform says", async () => {
    fake.rules = [{ name: "CollectorDown", health: "error", lastError: "x" }, { name: "Watchdog" }];
    const findings = await examineStack(stackAt(server.url), Date.now);
    expect(findings.map(({ what, level }) => `${what} ${level}`)).toEqual(
      expect.arrayContaining([
        "What runs problem",
        "Collector problem",
        "Evaluation problem",
        "Clocks ok",
        "Dashboards ok",
      ]),
    );
  });

  it("is asked how long its databases keep what they hold, in the words of its reader", async () => {
    const asked: string[] = [];
    fake.instead = ({ path, body }) => {
      const statement = path === "/api/ds/query" ? (/SHOW CREATE DATABASE `\w+`/.exec(body)?.[0] ?? "") : "";
      if (statement === "") return undefined;
      asked.push(statement);
      const frame = { data: { values: [["traces"], ["CREATE DATABASE traces WITH(ttl = '1day')"]] } };
      return statement.includes("logs")
        ? { status: 400, body: '{"results":{"A":{"error":"denied","status":400}}}' }
        : { status: 200, body: JSON.stringify({ results: { A: { frames: [frame] } } }) };
    };
    const retentions = ["traces", "logs"].map((database) => ({ database, written: "1day" }));
    const stack = stackAt(server.url);
    const findings = await examineStack({ ...stack, expected: { ...stack.expected!, retentions } }, Date.now);
    expect(asked.sort()).toEqual(["SHOW CREATE DATABASE `logs`", "SHOW CREATE DATABASE `traces`"]);
    expect(findings.find(({ what }) => what === "Retention")).toEqual({
      what: "Retention",
      level: "ok",
      detail: "traces 1day",
    });
  });

  it("is asked which versions run, and believed only what is a version", async () => {
    const build = (version: string) => {
      const frame = { data: { values: [[version]] } };
      fake.instead = ({ path, body }) => {
        if (path === "/api/health") return { status: 200, body: '{"database":"ok","version":"12.4.3"}' };
        return body.includes("build_info")
          ? { status: 200, body: JSON.stringify({ results: { A: { frames: [frame] } } }) }
          : undefined;
      };
    };
    const versionsIn = async () =>
      (await examineStack(stackAt(server.url), Date.now)).find(({ what }) => what === "Versions")?.detail;
    build("1.1.4");
    expect(await versionsIn()).toBe("Grafana 12.4.3 runs, and boards and rules are made for 13.2.3");
    build("\u001b[2J1.0");
    expect(await versionsIn()).not.toContain("\u001b");
  });

  it("that answers nothing is one problem, not many", async () => {
    fake.instead = () => ({ status: 500, body: "no" });
    const parts = () => Promise.resolve([{ name: "a", state: "running", well: true }]);
    const findings = await examineStack(stackAt(server.url, { parts }), Date.now);
    expect(findings.filter(({ level }) => level === "problem")).toEqual([
      {
        what: "Grafana and GreptimeDB",
        level: "problem",
        detail: "Grafana: HTTP 500: no",
        remedy: remedies.reachGrafana,
      },
    ]);
  });
});

describe("npm run doctor", () => {
  let empty: string;
  beforeEach(() => {
    empty = mkdtempSync(join(tmpdir(), "path-"));
  });
  afterEach(() => {
    rmSync(empty, { recursive: true, force: true });
  });

  const run = (args: string[], env: Record<string, string>) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, ["cli/doctor.ts", ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, stdout, stderr });
      });
    });

  it("on a machine without Docker says so, once, and nothing else", async () => {
    const { code, stdout, stderr } = await run([], { PATH: empty });
    expect(stdout).toMatch(
      /^ {2}✘ Docker: cannot be reached: there is no `docker` command on the path\n {6}→ start Docker/,
    );
    expect(stdout).toMatch(/\n1 problem, 0 warnings, 1 as they should be\.\n$/);
    expect(`${stdout}${stderr}`).not.toMatch(/ at .*\.ts/);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  });

  it("says the same to machines", async () => {
    const { code, stdout } = await run(["--json"], { PATH: empty });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    expect(findings.map(({ what, level }) => `${what} ${level}`)).toEqual(["Docker problem", "Node ok"]);
    expect(code).toBe(1);
  });
});
