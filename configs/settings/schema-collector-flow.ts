import {
  booleanKind,
  choiceKind,
  durationKind,
  listOf,
  numberKind,
  required,
  section,
  setting,
  sizeKind,
} from "./fields.ts";
import * as kind from "./kinds.ts";

/** The settings of which telemetry goes where. docs/collector.md explains them. */

const share = numberKind({ min: 0, max: 1, fractions: true });

export const sampling = section({
  ratio: setting(share, {
    description:
      "Share of traces that are kept, by their trace id: the same everywhere. Metrics and logs are all kept.",
    default: 1,
    example: "0.25",
  }),
  tail: section({
    enabled: setting(booleanKind, {
      description:
        "Decide about a trace when it is complete: those with errors and slow ones are kept, of the rest a share. Until then spans are in memory only, though they were acknowledged.",
      default: false,
    }),
    ratio: setting(share, { description: "Share of the rest that is kept.", default: 0.1, example: "0.2" }),
    slow: setting(durationKind({ min: 1, max: 3600 }), {
      description: "A trace that takes longer is slow.",
      default: 10,
      example: "30s",
    }),
    wait: setting(durationKind({ min: 1, max: 600 }), {
      description: "How long after its first span a trace is decided about.",
      default: 30,
      example: "2m",
    }),
    traces: setting(numberKind({ min: 100, max: 1_000_000 }), {
      description: "How many traces are waited for at once; the oldest is decided about early when there are more.",
      default: 2000,
      example: "10000",
    }),
  }),
});

export const spanMetrics = section({
  enabled: setting(booleanKind, {
    description:
      "Count requests, errors and durations by span name, before any sampling: traces_span_metrics_calls_total and traces_span_metrics_duration_seconds.",
    default: false,
  }),
  dimensions: listOf(required(kind.attributeNameKind), {
    description: "Attributes of spans that become labels, beside service, span name, kind and status.",
    example: "gen_ai.request.model",
  }),
});

export const secondDestination = section({
  endpoint: setting(kind.otlpUrlKind, {
    description:
      "A second OTLP endpoint over HTTP that gets the same, for a trial: its URL without /v1/traces. It never holds up the first: when its own queue is full, only its copy is dropped.",
    example: "https://otlp.example.com/otlp",
  }),
  signals: listOf(required(choiceKind("traces", "metrics", "logs")), {
    description: "What it gets.",
    example: "traces",
    default: ["traces", "metrics", "logs"],
  }),
  auth: setting(choiceKind("none", "secret"), {
    description: "What it wants to see: nothing, or the secret secondDestinationAuthorization as Authorization header.",
    default: "none",
    example: "secret",
  }),
  diskPerSignal: setting(sizeKind({ min: 256, max: 1024 * 1024 }), {
    description: "Disk that each of its queues may take.",
    default: 256,
  }),
});

export const histograms = setting(choiceKind("convert", "pass"), {
  description:
    "Exponential histograms, of which GreptimeDB stores nothing: made into histograms with fixed buckets, or passed on as they are.",
  default: "convert",
  example: "pass",
});

export const deltaToCumulative = setting(booleanKind, {
  description:
    "Add up metrics that are sent as differences, which GreptimeDB would store as they are. Sums start anew when the collector does.",
  default: false,
});
