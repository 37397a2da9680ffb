import type { PackProof } from "./proof.ts";

/** No PromQL to evaluate: the pack's SQL is checked by test/dashboards/sql.test.ts. */
export const tracesProof: PackProof = { pack: "traces", healthy: () => [], panels: {}, failures: {} };
