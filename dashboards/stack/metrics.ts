import { gauge } from "../metric.ts";

/** What the deployment itself sends through the pipeline (configs/collector/proof.ts). */
export const pipelineProof = gauge({
  name: "pipeline_proof_timestamp",
  unit: "s",
  help: "When a deployment last proved that telemetry reaches GreptimeDB, as a Unix time.",
  emittedBy: "the task pipeline-proof",
  labels: {},
  notShown: "It is a proof for whoever deploys; the board shows what goes through since.",
});

export const metrics = [pipelineProof] as const;
