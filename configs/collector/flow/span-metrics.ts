import type { Settings } from "../../settings/settings.ts";
import { literal, type Component } from "../model.ts";

/** Counts spans by name: an exporter of traces, and a receiver of metrics. None if not asked for. */
export function spanMetrics({ collector: { spanMetrics: asked } }: Settings): Component[] {
  if (!asked.enabled) return [];
  return [
    {
      id: "span_metrics",
      connector: true,
      config: {
        dimensions: asked.dimensions.map((name) => ({ name: literal(name) })),
        histogram: { unit: "s", explicit: { buckets: [...buckets] } },
        metrics_flush_interval: "15s",
        // what is not seen for an hour is forgotten; without an end, each name that ever was would be sent for ever
        series_expiration: "1h",
        // beyond it, spans count as one more series, otel.metric.overflow
        aggregation_cardinality_limit: 5000,
        // a new pod of a service goes on with its series
        resource_metrics_key_attributes: ["service.name", "service.namespace", "deployment.environment.name"],
      },
      why: "before any sampling: rates are those of all spans",
    },
  ];
}

/** From a cache to a model that thinks for five minutes. */
const buckets = [
  "5ms",
  "10ms",
  "25ms",
  "50ms",
  "100ms",
  "250ms",
  "500ms",
  "1s",
  "2.5s",
  "5s",
  "10s",
  "30s",
  "60s",
  "120s",
  "300s",
] as const;
