import { ownNames, proofService, samplingPriority } from "../../configs/collector/own-records.ts";
import { proofMetric, proofInstrument } from "../../configs/collector/proof.ts";
import { tables } from "../../configs/greptimedb/store.ts";
import type { Databases } from "../running/greptimedb.ts";

/** One record of each signal, and the questions that find it. */
export interface SmokeRecords {
  readonly traceId: string;
  /** The metric's value: the time, to the millisecond, by which it is known again. */
  readonly seconds: number;
}

export const signals = ["traces", "logs", "metrics"] as const;
export type Signal = (typeof signals)[number];

/** OTLP/JSON, as `up`'s own proof sends it: the same service and the same metric, so that nothing new appears. */
export function otlpBody(signal: Signal, { traceId, seconds }: SmokeRecords): object {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: proofService } }] };
  const time = `${String(Math.round(seconds * 1000))}000000`;
  const spanId = traceId.slice(0, 16);
  switch (signal) {
    case "traces": {
      const span = {
        traceId,
        spanId,
        name: ownNames.traces.smoke,
        kind: 1,
        startTimeUnixNano: time,
        endTimeUnixNano: time,
      };
      return { resourceSpans: [{ resource, scopeSpans: [{ spans: [{ ...span, attributes: [samplingPriority] }] }] }] };
    }
    case "logs": {
      const record = {
        timeUnixNano: time,
        severityNumber: 9,
        severityText: "INFO",
        body: { stringValue: ownNames.logs.smoke },
      };
      return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ ...record, traceId, spanId }] }] }] };
    }
    case "metrics": {
      const gauge = { dataPoints: [{ timeUnixNano: time, asDouble: seconds }] };
      return {
        resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: proofInstrument, unit: "s", gauge }] }] }],
      };
    }
  }
}

/** PromQL that answers the last value of the metric. */
export const metricQuery = `${proofMetric}{service_name="${proofService}"}`;

/** SQL that answers the trace's id once for each record of it. */
export const recordQuery = (signal: "traces" | "logs", { traceId }: SmokeRecords, databases?: Databases): string =>
  `SELECT trace_id FROM ${databases === undefined ? "" : `\`${databases[signal]}\`.`}${tables[signal]} WHERE trace_id = '${traceId}'`;
