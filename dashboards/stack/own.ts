import { ledgerService } from "../../configs/collector/own-records.ts";
import { ownJobs } from "../../configs/collector/own-jobs.ts";
import { agentsJob } from "../../configs/collector/scraping.ts";
import { is, matches } from "../promql.ts";

/** The series of the stack's own parts: others may run collectors and databases, too, and have them scraped. */
export const ofCollector = { job: is(ownJobs.collector) } as const;
/** Those on the nodes of a cluster as well: what they hand on to the others must not be counted twice. */
export const ofAllCollectors = { job: matches(`${ownJobs.collector}|${agentsJob}`) } as const;
export const ofDatabase = { job: is(ownJobs.database) } as const;
export const ofLedger = { job: is(ledgerService) } as const;
export const ofGrafana = { job: is(ownJobs.grafana) } as const;

/**
 * The exporters that lead to GreptimeDB, those of the agents among them. What becomes of the copies for a second
 * destination is nobody's loss.
 */
export const toDatabase = {
  ...ofAllCollectors,
  exporter: matches("otlp_http/(traces|logs|metrics|scraped|gateway)"),
} as const;
