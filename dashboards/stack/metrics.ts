import { ledgerMetrics } from "./ledger-metrics.ts";
import { gauge } from "../metric.ts";
import { up } from "../scraping.ts";
import { collectorMetrics } from "./collector-metrics.ts";
import { databaseMetrics } from "./database-metrics.ts";
import { grafanaMetrics } from "./grafana-metrics.ts";

/** What the deployment itself sends through the pipeline (configs/collector/proof.ts). */
export const pipelineProof = gauge({
  name: "pipeline_proof_timestamp",
  unit: "s",
  help: "When a deployment last proved that telemetry reaches GreptimeDB, as a Unix time.",
  emittedBy: "the task pipeline-proof",
  labels: {},
  notShown: "It is a proof for whoever deploys; the board shows what goes through since.",
});

export const metrics = [
  pipelineProof,
  up,
  ...collectorMetrics,
  ...ledgerMetrics,
  ...databaseMetrics,
  ...grafanaMetrics.filter((metric) => !databaseMetrics.some(({ name }) => name === metric.name)),
];
