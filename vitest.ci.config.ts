import { defineConfig } from "vitest/config";

/** The checks that need the real programs: .ci/run builds or installs these and names them in the environment. */
export default defineConfig({
  test: {
    include: ["test/ci/**/*.test.ts"],
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    pool: "forks",
    // collectors are measured in seconds: not beside each other
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
