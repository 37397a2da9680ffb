import { execFile } from "node:child_process";

import { describe, expect, test } from "vitest";
import type { Document } from "yaml";

import { cases, type Case } from "../../cli/lab/faults/cases.ts";
import { play, type Result } from "../../cli/lab/faults/run.ts";

/** `npm run faults` in its short form, and that it notices when a promise is broken. */

interface Run {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const faults = (...args: string[]): Promise<Run> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["cli/faults.ts", ...args], { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });

test("what was acknowledged arrives, whatever goes wrong", { timeout: 400_000 }, async () => {
  const { code, stdout, stderr } = await faults("--short", "--json");
  const { results } = JSON.parse(stdout) as { results: Result[] };
  expect(results.flatMap(({ name, broken }) => broken.map((reason) => `${name}: ${reason}`))).toEqual([]);
  expect(code, stderr).toBe(0);
  expect(results.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  for (const { counts, promised, thrownAway, name } of results) {
    for (const signal of ["traces", "logs", "metrics"] as const) {
      const { acknowledged, delivered, lost } = counts[signal];
      expect(acknowledged, `${name}, ${signal}`).toBeGreaterThan(100);
      expect(lost, `${name}, ${signal}`).toBe(promised === "permanent" ? thrownAway[signal] : 0);
      expect(delivered, `${name}, ${signal}`).toBeGreaterThanOrEqual(acknowledged - lost);
    }
  }
});

const named = (name: string): Case => cases.find((one) => one.name === name)!;

describe("a broken promise is seen", () => {
  const exporters = ["traces", "logs", "metrics"].map((signal) => ["exporters", `otlp_http/${signal}`] as const);
  const inMemory = (config: Document) => {
    for (const path of exporters) config.deleteIn([...path, "sending_queue", "storage"]);
  };
  const impatient = (config: Document) => {
    const retries = { initial_interval: "200ms", max_interval: "1s", max_elapsed_time: "1s" };
    for (const path of exporters) config.setIn([...path, "retry_on_failure"], config.createNode(retries));
  };
  const patientWithNothing = (config: Document) => {
    for (const path of exporters) config.setIn([...path, "retry_on_failure", "enabled"], false);
  };

  test.each([
    ["a queue in memory, when the collector is killed", "killed-while-away", inMemory],
    ["tries that end after a second, when GreptimeDB is away", "away", impatient],
    ["no tries at all, when GreptimeDB is overloaded", "overloaded", patientWithNothing],
  ])("%s", async (_, name, change) => {
    const { kept, broken } = await play(named(name), { pace: "short", seed: 1, change, drainSeconds: 5 });
    expect(kept).toBe(false);
    expect(broken.join("\n")).toMatch(/(traces|logs|metrics): \d+ acknowledged records lost, 0 accounted for/);
  });
});
