import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ledgerServices } from "../../configs/collector/ledger/service.ts";
import { recordingServer, type Answer, type Request } from "../support/http.ts";
import { copiesAnswer, ledgerOn, ledgerSecrets, readerHeader, reported, startLedger } from "../support/ledger.ts";
import { externalValues, settingsOf } from "../support/settings.ts";

/** The delivery ledger: its script against a collector and a GreptimeDB that misbehave. */

const on = { collector: ledgerOn };

/** Collector and GreptimeDB in one. */
class Pipeline {
  /** What is stored: by signal, the ids with their copies. */
  readonly stored = {
    traces: new Map<string, number>(),
    logs: new Map<string, number>(),
    metrics: new Map<string, number>(),
  };
  /** What the collector answers. */
  collector: (signal: string) => number = () => 200;
  /** How often what was acknowledged is stored. */
  copies: (signal: string, number: number) => number = () => 1;
  /** What GreptimeDB answers, if not what was asked for. */
  greptimedb = (): Answer | undefined => undefined;
  /** The ledger's own metrics, as they came last: traces, logs, metrics. */
  report: Record<string, number[]> = {};
  readonly questions: string[] = [];

  readonly answer = (request: Request): Answer => {
    const { pathname } = new URL(request.path, "http://x");
    if (pathname === "/v1/sql") return this.#asked(request);
    const signal = pathname.slice("/v1/".length) as keyof Pipeline["stored"];
    if (request.body.includes("delivery_ledger.sent")) {
      this.report = reported(request.body);
      return { status: 200 };
    }
    const status = this.collector(signal);
    if (status === 200) {
      const key = /(?<="traceId":")[0-9a-f]{32}/.exec(request.body)?.[0] ?? /(?<="asInt":")\d+/.exec(request.body)![0];
      const copies = this.copies(signal, Number(key.slice(-16)));
      if (copies > 0) this.stored[signal].set(key, copies);
    }
    return { status, body: status === 200 ? "{}" : "not now" };
  };

  #asked(request: Request): Answer {
    if (request.headers.authorization !== readerHeader) return { status: 401, body: "who are you" };
    const sql = new URLSearchParams(request.body).get("sql")!;
    this.questions.push(sql);
    const other = this.greptimedb();
    if (other !== undefined) return other;
    const signal = String(request.headers["x-greptime-db-name"]) as keyof Pipeline["stored"];
    const [first = "", last = ""] = [...sql.matchAll(/(?<=trace_id [<>]= ')[0-9a-f]{32}/g)].map(([id]) => id);
    const rows = [...this.stored[signal]]
      .filter(([key]) => signal === "metrics" || (key >= first && key <= last))
      .map(([key, copies]) => [signal === "metrics" ? Number(key) : key, copies] as const);
    return { status: 200, body: copiesAnswer(rows) };
  }
}

let directory: string;
let pipeline: Pipeline;
let server: Awaited<ReturnType<typeof recordingServer>>;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "ledger-"));
  pipeline = new Pipeline();
  server = await recordingServer(pipeline.answer);
});
afterEach(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const [service] = ledgerServices(settingsOf(on));

/** Runs the ledger until so many of its rounds are over. */
async function run(rounds: number, variables: Record<string, string> = {}, values: Record<string, unknown> = on) {
  const start = server.requests.length;
  const reports = () => server.requests.slice(start).filter(({ body }) => body.includes("delivery_ledger.sent")).length;
  const ledger = startLedger({
    values,
    collectorPort: server.port,
    greptimedbUrl: server.url,
    directory,
    variables,
  });
  await vi.waitFor(
    () => {
      expect(reports()).toBeGreaterThanOrEqual(rounds);
    },
    { timeout: 20_000, interval: 20 },
  );
  return ledger.stop();
}

describe("the ledger", () => {
  it("numbers a record of each signal a round, and finds them all", async () => {
    const { code, output } = await run(4);
    expect(code).toBe(0);
    expect(output).toMatch(/^book [0-9a-f]{16}: goes on after 0\n$/);
    const { sent, acknowledged, stored, duplicated, late, lost, missing } = pipeline.report;
    expect(sent![0]).toBeGreaterThanOrEqual(4);
    expect(sent).toEqual(acknowledged);
    expect(stored).toEqual(sent);
    for (const none of [duplicated, late, lost, missing]) expect(none).toEqual([0, 0, 0]);
  });

  it("goes on where it was when it is started again", async () => {
    await run(2);
    const before = pipeline.report["sent"]![0]!;
    const { output } = await run(2);
    expect(output).toMatch(new RegExp(`goes on after (${String(before)}|${String(before + 1)})\n`));
    expect(pipeline.report["sent"]![0]).toBeGreaterThanOrEqual(before + 2);
    expect(new Set([...pipeline.stored.logs.keys()].map((key) => key.slice(0, 16))).size).toBe(1);
  });

  it("asks for what it looks for, and no more", async () => {
    await run(3);
    const [id] = /^.{16}/.exec([...pipeline.stored.traces.keys()][0]!)!;
    const since = String.raw`'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ'`;
    const range = String.raw`trace_id >= '${id}0{15}1' AND trace_id <= '${id}0{15}\d'`;
    expect(pipeline.questions.slice(0, 3)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^SELECT trace_id, count\\(\\*\\) FROM opentelemetry_traces WHERE timestamp >= ${since} AND ${range} GROUP BY trace_id$`,
        ),
      ),
      expect.stringMatching(
        new RegExp(
          `^SELECT trace_id, count\\(\\*\\) FROM opentelemetry_logs WHERE timestamp >= ${since} AND ${range} GROUP BY trace_id$`,
        ),
      ),
      expect.stringMatching(
        new RegExp(
          `^SELECT greptime_value, count\\(\\*\\) FROM delivery_ledger_number WHERE greptime_timestamp >= ${since} AND service_instance_id = '${id}' GROUP BY greptime_value$`,
        ),
      ),
    ] as string[]);
  });

  it("does not take for acknowledged what the collector refuses", async () => {
    pipeline.collector = (signal) => (signal === "logs" ? 503 : 200);
    const { output } = await run(3);
    expect(output).toMatch(/round 1, logs: the collector did not take it \(HTTP 503\): not now\n/);
    const { sent, acknowledged, missing } = pipeline.report;
    expect(acknowledged).toEqual([sent![0], 0, sent![2]]);
    expect(missing).toEqual([0, 0, 0]);
  });

  it("misses what was acknowledged and is not there, says so, and calls it lost in the end", async () => {
    pipeline.copies = (signal, number) => (signal === "metrics" || number !== 2 ? 1 : 0);
    const { output } = await run(9, { DUE: "-1", ROUNDS: "4" });
    expect(output).toMatch(/round \d+: due and not there \(traces, logs, metrics\): 1 1 0\n/);
    expect(output).toMatch(/round \d+: due and not there \(traces, logs, metrics\): 0 0 0\n$/);
    expect(pipeline.report["lost"]).toEqual([1, 1, 0]);
  });

  it("finds second copies", async () => {
    pipeline.copies = (_, number) => (number === 1 ? 3 : 1);
    await run(4, { KEPT: "-1" });
    expect(pipeline.report["duplicated"]).toEqual([2, 2, 2]);
  });

  it.each([
    ["a table that is not there yet holds nothing", 400, [1, 1, 1]],
    ["a GreptimeDB that is away says nothing", 503, [0, 0, 0]],
  ])("%s", async (_, status, lost) => {
    pipeline.greptimedb = () => ({ status, body: "no" });
    await run(5, { ROUNDS: "2" });
    expect(pipeline.report["lost"]!.map((count) => Math.min(count, 1))).toEqual(lost);
    expect(pipeline.report["stored"]).toEqual([0, 0, 0]);
  });

  it("goes on with a book that was damaged, in a new one", async () => {
    writeFileSync(join(directory, "book"), "bo\u0000ok");
    const { output } = await run(2);
    expect(output).toMatch(/goes on after 0\n/);
    expect(readFileSync(join(directory, "book.damaged"), "utf8")).toBe("bo\u0000ok");
  });

  it("is asked for its health by the age of its last round", async () => {
    const command = service!.health.command!.map((word) => word.replaceAll("/var/lib/ledger", directory));
    const healthy = () =>
      new Promise<boolean>((resolve) =>
        execFile(command[0]!, command.slice(1), (error) => {
          resolve(error === null);
        }),
      );
    expect(await healthy()).toBe(false);
    // the first is over when the second reports
    await run(2);
    expect(await healthy()).toBe(true);
  });

  it("shows no password and no token, and sends the collector what it wants to see", async () => {
    const { commandLines, output } = await run(2, {}, { collector: { ...ledgerOn, auth: "bearer" } });
    for (const hidden of [...Object.values(ledgerSecrets), readerHeader.slice("Basic ".length)]) {
      expect(commandLines.join("\n")).not.toContain(hidden);
      expect(output).not.toContain(hidden);
    }
    const toCollector = server.requests.filter(({ path }) => path !== "/v1/sql");
    expect(new Set(toCollector.map(({ headers }) => headers.authorization))).toEqual(
      new Set(["Bearer the-token-of-applications"]),
    );
  });

  it("is not there unless it is wanted", () => {
    expect(ledgerServices(settingsOf({}))).toEqual([]);
    expect(ledgerServices(settingsOf(externalValues))).toEqual([]);
  });

  it("waits longer for what tail sampling holds", () => {
    const due = (sampling: object) =>
      ledgerServices(settingsOf({ collector: { ...ledgerOn, sampling } }))[0]?.env["DUE"];
    expect(due({})).toBe("60");
    expect(due({ tail: { enabled: true, wait: "2m" } })).toBe("180");
  });
});
