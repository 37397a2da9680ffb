import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { MetricData, ResourceMetrics } from "@opentelemetry/sdk-metrics";

import { oneLine } from "../running/http.ts";
import type { Target } from "../running/target.ts";
import type { Thing } from "../status/vitals.ts";
import type { Collected } from "./telemetry.ts";

/** Sends what was recorded to a collector, as an application's SDK does: OTLP in protobuf over HTTP. */

export type Counts = Record<Thing, number>;

/** Structurally that of OpenTelemetry's exporters. */
interface Exporter<Data> {
  export(data: Data, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
}

export class Sender {
  readonly sent: Counts = { spans: 0, logRecords: 0, metricPoints: 0 };
  readonly refused: Counts = { spans: 0, logRecords: 0, metricPoints: 0 };
  /** Why something was not taken, the last time; undefined if everything was. */
  problem: string | undefined;
  readonly #traces: OTLPTraceExporter;
  readonly #logs: OTLPLogExporter;
  readonly #metrics: OTLPMetricExporter;

  constructor({ url, headers }: NonNullable<Target["otlp"]>) {
    const to = (signal: string) => ({ url: `${url}/v1/${signal}`, headers: { ...headers }, timeoutMillis: 10_000 });
    this.#traces = new OTLPTraceExporter(to("traces"));
    this.#logs = new OTLPLogExporter(to("logs"));
    this.#metrics = new OTLPMetricExporter(to("metrics"));
  }

  /** Sends all of it, and notes what was not taken. */
  async send({ spans, logRecords, metrics }: Collected): Promise<void> {
    await Promise.all([
      this.#hand("spans", spans.length, this.#traces, [...spans]),
      this.#hand("logRecords", logRecords.length, this.#logs, [...logRecords]),
      ...metrics.map((of) => this.#hand("metricPoints", pointsIn(of), this.#metrics, of)),
    ]);
  }

  #hand<Data>(what: keyof Counts, count: number, exporter: Exporter<Data>, data: Data): Promise<void> {
    if (count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      exporter.export(data, ({ code, error }) => {
        if (code === 0) this.sent[what] += count;
        else {
          this.refused[what] += count;
          this.problem = oneLine(error?.message ?? "no reason given");
        }
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#traces.shutdown(), this.#logs.shutdown(), this.#metrics.shutdown()]);
  }
}

const pointsIn = ({ scopeMetrics }: ResourceMetrics): number =>
  scopeMetrics.flatMap(({ metrics }) => metrics).reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);

/** Only some of the metrics. */
export const only = (metrics: readonly ResourceMetrics[], which: (data: MetricData) => boolean): ResourceMetrics[] =>
  metrics.map(({ resource, scopeMetrics }) => ({
    resource,
    scopeMetrics: scopeMetrics.map(({ scope, metrics: all }) => ({ scope, metrics: all.filter(which) })),
  }));
