import { execFile } from "node:child_process";

import { expect, test } from "vitest";

/** `npm run drill` on the real promtool. */

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
}

const drill = (...options: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env["PATH"] ?? "" };
    execFile(process.execPath, ["cli/drill.ts", ...options], { env }, (error, stdout) => {
      resolve({ code: error === null ? 0 : error.code, stdout });
    });
  });

test("plays stories on promtool, and says how long each rule took", async () => {
  const rules = ["ToolErrorRatioHigh", "QueueBacklog", "CollectorDown", "Watchdog"].flatMap((rule) => ["--rule", rule]);
  const { code, stdout } = await drill("--promtool", "--json", ...rules);
  expect(code).toBe(0);
  const outcomes = JSON.parse(stdout) as { title: string; state: string; detectedAfter?: number }[];
  expect(Object.fromEntries(outcomes.map((one) => [one.title, [one.state, one.detectedAfter]]))).toEqual({
    ToolErrorRatioHigh: ["passed", 660],
    QueueBacklog: ["passed", 300],
    CollectorDown: ["passed", 600],
    Watchdog: ["skipped", undefined],
  });
});

test("all instances of a rule are drilled by its name", async () => {
  const { code, stdout } = await drill("--promtool", "--json", "--rule", "LlmErrorRatioHigh");
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { title: string; state: string }[]).map(({ title, state }) => [title, state])).toEqual([
    ["LlmErrorRatioHigh", "passed"],
    ["LlmErrorRatioHigh (inference)", "passed"],
  ]);
});
