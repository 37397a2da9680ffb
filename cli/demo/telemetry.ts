import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type HrTime,
  type SpanContext,
} from "@opentelemetry/api";
import type { Counter, Gauge, Histogram, Meter, UpDownCounter } from "@opentelemetry/api";
import type { Logger } from "@opentelemetry/api-logs";
import type { Tracer } from "@opentelemetry/api";
import { resourceFromAttributes, type Resource } from "@opentelemetry/resources";
import { LoggerProvider, type ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { AlwaysOnSampler, TracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { MeterProvider, MetricReader, type ResourceMetrics } from "@opentelemetry/sdk-metrics";

import type { Metric } from "../../dashboards/metric.ts";
import { randomFrom } from "../lab/random.ts";
import type { LogLine, Step } from "./trail.ts";

/** One process of an application. */
export interface Source {
  readonly service: string;
  readonly instance: string;
}

/** A label that a series does not have. */
export const without = "";

/** Values by label, as GreptimeDB names labels; all that the metric has. */
export type Labels<L extends string> = Readonly<Record<L, string>>;

/** What was recorded since the last time; metrics as they are now. */
export interface Collected {
  readonly metrics: readonly ResourceMetrics[];
  readonly spans: readonly ReadableSpan[];
  readonly logRecords: readonly ReadableLogRecord[];
}

export interface TelemetryOptions {
  /** The same for the same ids of traces and spans. */
  readonly seed: number;
}

/**
 * Records with OpenTelemetry's SDK, one set of providers a process, as the processes themselves would. Metrics come
 * from the catalogue: a label that is missing, or that the metric does not have, does not compile.
 */
export class Telemetry {
  readonly #processes = new Map<string, Process>();
  readonly #ids: Ids;
  readonly #spans: ReadableSpan[] = [];
  readonly #logRecords: ReadableLogRecord[] = [];

  constructor({ seed }: TelemetryOptions) {
    this.#ids = new Ids(seed);
  }

  add<L extends string>(source: Source, metric: Metric<L, "counter">, labels: Labels<L>, by = 1): void {
    this.#process(source).counter(metric).add(by, attributesOf(metric, labels));
  }

  observe<L extends string>(source: Source, metric: Metric<L, "histogram">, labels: Labels<L>, value: number): void {
    this.#process(source).histogram(metric).record(value, attributesOf(metric, labels));
  }

  set<L extends string>(
    source: Source,
    metric: Metric<L, "gauge" | "upDownCounter">,
    labels: Labels<L>,
    value: number,
  ): void {
    this.#process(source).set(metric, attributesOf(metric, labels), value);
  }

  /**
   * Records what happened as a trace, with the log lines in it.
   * @param startedAt milliseconds since 1970
   */
  story(step: Step, startedAt: number, parent?: SpanContext): void {
    const process = this.#process(step.source);
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const time = (seconds: number): HrTime => hrTime(startedAt + seconds * 1000);
    const { name, kind, attributes } = step;
    const span = process.tracer.startSpan(name, { kind, attributes, startTime: time(step.start) }, context);
    if (step.error !== undefined) {
      span.setAttribute("error.type", step.error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: `${name}: ${step.error}` });
    }
    for (const line of step.logs) process.log(line, time(line.at), trace.setSpan(ROOT_CONTEXT, span));
    for (const child of step.children) this.story(child, startedAt, span.spanContext());
    span.end(time(step.end));
  }

  /** Hands over what there is; each span and each log record once. */
  async collect(): Promise<Collected> {
    const metrics = await Promise.all([...this.#processes.values()].map((process) => process.metrics()));
    return { metrics, spans: this.#spans.splice(0), logRecords: this.#logRecords.splice(0) };
  }

  #process(source: Source): Process {
    const known = this.#processes.get(source.instance);
    if (known !== undefined) return known;
    const process = new Process(source, this.#ids, {
      span: (span) => this.#spans.push(span),
      logRecord: (record) => this.#logRecords.push(record),
    });
    this.#processes.set(source.instance, process);
    return process;
  }
}

const hrTime = (milliseconds: number): HrTime => {
  const whole = Math.floor(milliseconds / 1000);
  return [whole, Math.round((milliseconds - whole * 1000) * 1e6)];
};

/** As the application names them; codes of HTTP are numbers. */
function attributesOf<L extends string>(metric: Metric<L>, labels: Labels<L>): Attributes {
  const named = (Object.entries(labels) as [L, string][]).filter(([, value]) => value !== without);
  return Object.fromEntries(
    named.map(([label, value]) => {
      const attribute = metric.labels[label].attribute ?? label;
      return [attribute, attribute === "http.response.status_code" ? Number(value) : value];
    }),
  );
}

/** Ids that are the same for the same seed. */
class Ids {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  readonly generateTraceId = (): string => this.#hex(32);
  readonly generateSpanId = (): string => this.#hex(16);

  #hex(length: number): string {
    const digits = Array.from({ length }, () => Math.floor(this.#random() * 16).toString(16)).join("");
    return /^0+$/.test(digits) ? this.#hex(length) : digits;
  }
}

class Reader extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve();
  protected override onShutdown = (): Promise<void> => Promise.resolve();
}

interface Sinks {
  readonly span: (span: ReadableSpan) => void;
  readonly logRecord: (record: ReadableLogRecord) => void;
}

const done = (): Promise<void> => Promise.resolve();
const scope = "greptime-observability-demo";

/** The SDK of one process. */
class Process {
  readonly tracer: Tracer;
  readonly #meter: Meter;
  readonly #logger: Logger;
  readonly #reader = new Reader();
  readonly #instruments = new Map<string, Counter | Gauge | Histogram | UpDownCounter>();
  /** Of up-down counters, which take changes only. */
  readonly #levels = new Map<string, number>();

  constructor(source: Source, idGenerator: Ids, sinks: Sinks) {
    const resource = resourceOf(source);
    this.tracer = new TracerProvider({
      resource,
      idGenerator,
      sampler: new AlwaysOnSampler(),
      spanProcessors: [{ onStart: () => undefined, onEnd: sinks.span, forceFlush: done, shutdown: done }],
    }).getTracer(scope);
    this.#logger = new LoggerProvider({
      resource,
      processors: [{ onEmit: sinks.logRecord, forceFlush: done, shutdown: done }],
    }).getLogger(scope);
    this.#meter = new MeterProvider({ resource, readers: [this.#reader] }).getMeter(scope);
  }

  counter(metric: Metric): Counter {
    return this.#instrument(metric, (options) => this.#meter.createCounter(metric.name, options));
  }

  histogram(metric: Metric): Histogram {
    const advice = { explicitBucketBoundaries: [...(metric.buckets ?? [])] };
    return this.#instrument(metric, (options) => this.#meter.createHistogram(metric.name, { ...options, advice }));
  }

  set(metric: Metric, attributes: Attributes, value: number): void {
    if (metric.kind === "gauge") {
      this.#instrument(metric, (options) => this.#meter.createGauge(metric.name, options)).record(value, attributes);
      return;
    }
    const key = JSON.stringify([metric.name, attributes]);
    const before = this.#levels.get(key) ?? 0;
    this.#levels.set(key, value);
    this.#instrument(metric, (options) => this.#meter.createUpDownCounter(metric.name, options)).add(
      value - before,
      attributes,
    );
  }

  #instrument<I extends Counter | Gauge | Histogram | UpDownCounter>(
    { name, unit, help }: Metric,
    create: (options: { unit: string; description: string }) => I,
  ): I {
    const known = this.#instruments.get(name);
    if (known !== undefined) return known as I;
    const instrument = create({ unit, description: help });
    this.#instruments.set(name, instrument);
    return instrument;
  }

  log(
    { severityNumber, severityText, body, attributes }: LogLine,
    timestamp: HrTime,
    context: typeof ROOT_CONTEXT,
  ): void {
    this.#logger.emit({ severityNumber, severityText, body, attributes, timestamp, context });
  }

  async metrics(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new AggregateError(errors, "metrics could not be collected");
    return resourceMetrics;
  }
}

const resourceOf = ({ service, instance }: Source): Resource =>
  resourceFromAttributes({ "service.name": service, "service.instance.id": instance });
