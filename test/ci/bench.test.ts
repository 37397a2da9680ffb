import { execFile } from "node:child_process";

import { expect, test } from "vitest";

import type { Row } from "../../cli/lab/bench/summary.ts";
import { variants } from "../../cli/lab/bench/variants.ts";

/** Processor time against that of the bare configuration: what a change must not double unseen. */
const most = { "stack-unmasked": 2.5, stack: 4 } as const;

test(
  "npm run bench measures each configuration, and none is grossly slower than it was",
  { timeout: 400_000 },
  async () => {
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, ["cli/bench.ts", "--short", "--json"], (error, output, stderr) => {
        // 1 is a goal that was missed, which a busy machine may do; throughput is not judged here
        if (error !== null && error.code !== 1) reject(new Error(stderr));
        else resolve(output);
      });
    });
    const { rows } = JSON.parse(stdout) as { rows: Row[] };
    expect(rows).toHaveLength(3 * variants.length);
    for (const { signal, variant, perSecond } of rows)
      expect(perSecond.least, `${signal}, ${variant}`).toBeGreaterThan(1000);
    for (const [variant, bound] of Object.entries(most)) {
      for (const { signal, cpuPerMillion } of rows.filter((row) => row.variant === variant)) {
        const bare = rows.find((row) => row.signal === signal && row.variant === "bare")!.cpuPerMillion.median;
        expect(cpuPerMillion.median / bare, `${signal}, ${variant}`).toBeLessThan(bound);
      }
    }
  },
);
