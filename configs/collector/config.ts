import type { Settings } from "../settings/settings.ts";
import { debugExporter, greptimeExporter, prometheusExporter } from "./exporters.ts";
import { storableMetrics } from "./flow/metrics.ts";
import { samplers } from "./flow/sampling.ts";
import { secondPipelines, toSecondDestination } from "./flow/second-destination.ts";
import { spanMetrics } from "./flow/span-metrics.ts";
import { dockerHostAttributes, dockerHostMetrics } from "./host-metrics.ts";
import { renderCollector, type Collector, type Component, type Pipeline } from "./model.ts";
import { ports, serviceName } from "./ports.ts";
import { privacyProcessors } from "./privacy/privacy.ts";
import { memoryLimiter, noRecordedValue, resourceAttributes, resourceDetection } from "./processors.ts";
import { otlpReceiver, prometheusReceiver } from "./receivers.ts";
import { scrapesApart } from "./scraping.ts";
import type { Signal } from "./signal.ts";
import { instanceVariable, telemetryOf } from "./telemetry.ts";

export const healthCheck: Component = { id: "health_check", config: { endpoint: `0.0.0.0:${String(ports.health)}` } };

/** The configuration of the gateways, as YAML. */
export const collectorConfig = (settings: Settings): string => renderCollector(collectorFrom(settings));

/** The configuration of the collector that only scrapes, as YAML. */
export const scraperConfig = (settings: Settings): string => renderCollector(scraperFrom(settings));

/** A gateway's parts: OTLP in three pipelines, scraped metrics in one more with names of their own. */
export function collectorFrom(settings: Settings): Collector {
  const otlp = otlpReceiver(settings);
  const pipelines: Pipeline[] = [
    ...tracePipelines(settings, otlp),
    {
      id: "logs",
      receivers: [otlp],
      processors: commonProcessors(settings, "logs"),
      exporters: destinations(settings, "logs"),
    },
    {
      id: "metrics",
      receivers: [otlp, ...spanMetrics(settings)],
      processors: [...commonProcessors(settings, "metrics"), ...storableMetrics(settings), noRecordedValue],
      exporters: destinations(settings, "metrics"),
    },
    ...hostPipelines(settings),
    scraped(settings, prometheusReceiver(settings, scrapesApart(settings) ? "itself" : "everything")),
    ...secondPipelines(settings),
  ];
  return { pipelines, extensions: [healthCheck], telemetry: telemetryOf(instance(settings)) };
}

/** Traces, in two pipelines where spans are counted before some of them are dropped. */
function tracePipelines(settings: Settings, otlp: Component): Pipeline[] {
  const [sampling, counting] = [samplers(settings), spanMetrics(settings)];
  const first = { id: "traces", receivers: [otlp], processors: commonProcessors(settings, "traces") };
  const last = destinations(settings, "traces");
  if (sampling.length === 0 || counting.length === 0) {
    return [{ ...first, processors: [...first.processors, ...sampling], exporters: [...last, ...counting] }];
  }
  return [
    { ...first, exporters: [...counting, sampled] },
    { id: "traces/sampled", receivers: [sampled], processors: sampling, exporters: last },
  ];
}

const sampled: Component = { id: "forward/sampled", connector: true, config: {} };

/** What a collector that only scrapes consists of: the gateways' pipeline of scraped metrics. */
const scraperFrom = (settings: Settings): Collector => ({
  pipelines: [scraped(settings, prometheusReceiver(settings, "everything")), ...metricsOnly(secondPipelines(settings))],
  extensions: [healthCheck],
  telemetry: telemetryOf(instance(settings)),
});

const metricsOnly = (pipelines: readonly Pipeline[]): Pipeline[] =>
  pipelines.filter(({ id }) => id.startsWith("metrics"));

/** Where a signal goes: GreptimeDB, and whoever else gets a copy. */
const destinations = (settings: Settings, destination: Signal | "scraped"): Component[] => {
  const signal = destination === "scraped" ? "metrics" : destination;
  return [
    greptimeExporter(settings, destination),
    ...toSecondDestination(settings, signal),
    ...(signal === "metrics" ? prometheusExporter(settings) : []),
    ...debugExporter(settings),
  ];
};

/** Metrics of the machine, under a name of their own. */
function hostPipelines(settings: Settings): Pipeline[] {
  const receivers = dockerHostMetrics(settings);
  if (receivers.length === 0) return [];
  const processors = commonProcessors(settings, "metrics", [dockerHostAttributes]);
  return [{ id: "metrics/host", receivers, processors, exporters: destinations(settings, "metrics") }];
}

/** @param named attributes that only one pipeline gives its resources */
const commonProcessors = (settings: Settings, signal: Signal, named: readonly Component[] = []): Component[] => [
  memoryLimiter(settings.collector.memory),
  ...resourceDetection(settings),
  ...resourceAttributes(settings),
  ...named,
  ...privacyProcessors(settings, signal),
];

const scraped = (settings: Settings, receiver: Component): Pipeline => ({
  id: "metrics/scraped",
  receivers: [receiver],
  processors: [...commonProcessors(settings, "metrics"), noRecordedValue],
  exporters: destinations(settings, "scraped"),
});

/** On Docker there is one; in a cluster each has its pod's name. */
const instance = ({ platform }: Settings): string =>
  platform === "kubernetes" ? `\${env:${instanceVariable}}` : serviceName;
