import type { Settings } from "../settings/settings.ts";
import { debugExporter, greptimeExporter, prometheusExporter } from "./exporters.ts";
import type { Collector, Component, Pipeline } from "./model.ts";
import { renderCollector } from "./model.ts";
import { ports, serviceName } from "./ports.ts";
import { memoryLimiter, noRecordedValue, resourceAttributes, resourceDetection } from "./processors.ts";
import { otlpReceiver, prometheusReceiver } from "./receivers.ts";

const healthCheck: Component = { id: "health_check", config: { endpoint: `0.0.0.0:${String(ports.health)}` } };

/** The collector's configuration, as YAML. */
export const collectorConfig = (settings: Settings): string => renderCollector(collectorFrom(settings));

/** The collector's parts: OTLP in three pipelines, scraped metrics in a fourth with names of their own. */
export function collectorFrom(settings: Settings): Collector {
  const otlp = otlpReceiver(settings);
  const common = [memoryLimiter(settings), ...resourceDetection(settings), ...resourceAttributes(settings)];
  const debug = debugExporter(settings);
  const exposed = [...prometheusExporter(settings), ...debug];
  const pipelines: Pipeline[] = [
    {
      id: "traces",
      receivers: [otlp],
      processors: common,
      exporters: [greptimeExporter(settings, "traces"), ...debug],
    },
    { id: "logs", receivers: [otlp], processors: common, exporters: [greptimeExporter(settings, "logs"), ...debug] },
    {
      id: "metrics",
      receivers: [otlp],
      processors: [...common, noRecordedValue],
      exporters: [greptimeExporter(settings, "metrics"), ...exposed],
    },
    {
      id: "metrics/scraped",
      receivers: [prometheusReceiver(settings)],
      processors: [...common, noRecordedValue],
      exporters: [greptimeExporter(settings, "scraped"), ...exposed],
    },
  ];
  return { pipelines, extensions: [healthCheck], telemetry };
}

/** Own metrics on 8888, where the prometheus receiver fetches them, so that they pass through the queue as well. */
const telemetry = {
  // by default the instance is a new random id at each start, and each start a new set of series
  resource: {
    attributes: [
      { name: "service.name", value: "otelcol" },
      { name: "service.instance.id", value: serviceName },
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
};
