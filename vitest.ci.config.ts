import { defineConfig } from "vitest/config";

import { PackReport, panelQueryNames, ruleNames } from "./test/support/pack-report.ts";

/** The checks that need the real programs: .ci/run builds or installs these and names them in the environment. */
export default defineConfig({
  test: {
    include: ["test/ci/**/*.test.ts"],
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    pool: "forks",
    // collectors are measured in seconds: not beside each other
    fileParallelism: false,
    testTimeout: 120_000,
    reporters: [
      new PackReport(
        {
          title: "panel queries evaluated",
          of: panelQueryNames,
          named: /> (\S+\/\d+\/.+?) shows what the traffic is$/,
        },
        { title: "rules seen to fire", of: ruleNames, named: /> (\w+): silent, then firing in time/ },
      ),
      "default",
    ],
    hookTimeout: 120_000,
  },
});
