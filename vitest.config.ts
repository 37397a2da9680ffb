import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // these need programs that .ci/run builds
    exclude: ["test/ci/**"],
    // an Output that becomes a string is a mistake in the program: let it throw
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    // recordings use the SDK's globals: one at a time in a process
    pool: "forks",
    testTimeout: 30_000,
  },
});
