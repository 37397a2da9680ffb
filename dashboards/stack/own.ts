import { ownJobs } from "../../configs/collector/own-jobs.ts";
import { is } from "../promql.ts";

/** The series of the stack's own parts: others may run collectors and databases, too, and have them scraped. */
export const ofCollector = { job: is(ownJobs.collector) } as const;
export const ofDatabase = { job: is(ownJobs.database) } as const;
export const ofGrafana = { job: is(ownJobs.grafana) } as const;
