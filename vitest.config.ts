import { tmpdir } from "node:os";
import { join } from "node:path";

import { defineConfig } from "vitest/config";

import { PackReport, panelQueryNames, ruleQueryNames, sqlNames } from "./test/support/pack-report.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // these need programs that .ci/run builds
    exclude: ["test/ci/**"],
    // an Output that becomes a string is a mistake in the program: let it throw
    env: {
      PULUMI_ERROR_OUTPUT_STRING: "true",
      // for the commands that tests start: each would compile the same modules
      NODE_COMPILE_CACHE: join(tmpdir(), "greptime-observability-compile-cache"),
    },
    // recordings use the SDK's globals: one at a time in a process
    pool: "forks",
    // files of one process share what they import: half of the time would go into reading the same modules again
    isolate: false,
    // most of the time goes into recordings and commands, not into waiting
    maxWorkers: "100%",
    testTimeout: 30_000,
    reporters: [
      new PackReport(
        { title: "panel queries checked", of: panelQueryNames, named: /^the query (.+) > [^>]+$/ },
        { title: "SQL checked against the schema", of: sqlNames, named: /^SQL > of (.+) parses, / },
        { title: "rule queries checked", of: ruleQueryNames, named: /^the query (.+) > [^>]+$/ },
      ),
      "default",
    ],
  },
});
