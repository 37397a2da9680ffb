import { ownJobs } from "./own-jobs.ts";
import { ports } from "./ports.ts";

/** Environment variable with the name of the replica. */
export const instanceVariable = "COLLECTOR_INSTANCE";

/**
 * Own metrics on 8888, from where a prometheus receiver fetches them, so that they pass through the queue as well.
 * @param instance what the series of this one are told apart by
 * @param job the job that scrapes them
 */
export const telemetryOf = (instance: string, job: string = ownJobs.collector): Readonly<Record<string, unknown>> => ({
  // by default the instance is a new random id at each start, and each start a new set of series
  resource: {
    attributes: [
      { name: "service.name", value: job },
      { name: "service.instance.id", value: instance },
    ],
  },
  logs: { level: "info", encoding: "console" },
  metrics: {
    level: "normal",
    readers: [
      {
        pull: {
          exporter: {
            prometheus: {
              host: "0.0.0.0",
              port: ports.telemetry,
              without_scope_info: true,
              without_type_suffix: true,
              without_units: true,
            },
          },
        },
      },
    ],
  },
});
