import { DataPointType, type MetricData, type ResourceMetrics } from "@opentelemetry/sdk-metrics";

import { ownJobs } from "../../configs/collector/own-jobs.ts";
import { ledgerService, proofService } from "../../configs/collector/own-records.ts";
import { commonLabels, type Kind, type Metric } from "../../dashboards/metric.ts";
import { packs } from "../../dashboards/packs.ts";
import { collectorMetrics } from "../../dashboards/stack/collector-metrics.ts";
import { databaseMetrics } from "../../dashboards/stack/database-metrics.ts";
import { grafanaMetrics } from "../../dashboards/stack/grafana-metrics.ts";
import { ledgerMetrics } from "../../dashboards/stack/ledger-metrics.ts";
import { pipelineProof } from "../../dashboards/stack/metrics.ts";
import { labelName, seriesNames, storedName } from "../../dashboards/stored-name.ts";
import type { InventoryBuilder } from "../coverage/inventory.ts";
import type { Collected } from "./telemetry.ts";

/** What GreptimeDB holds once it has what was recorded. */

const byName = new Map<string, Metric>(packs.flatMap(({ metrics }) => metrics).map((metric) => [metric.name, metric]));

/** The metric as it was recorded, under the name that the catalogue's route gives it. */
export function storedAs(data: MetricData): string {
  const { name, unit } = data.descriptor;
  return storedName({ name, unit, kind: kindOf(data), route: byName.get(name)?.route ?? "otlp" });
}

function kindOf(data: MetricData): Kind {
  if (data.dataPointType === DataPointType.SUM) return data.isMonotonic ? "counter" : "upDownCounter";
  return data.dataPointType === DataPointType.GAUGE ? "gauge" : "histogram";
}

export const serviceOf = ({ resource }: { readonly resource: ResourceMetrics["resource"] }): string =>
  String(resource.attributes["service.name"]);

/** Notes what was collected. */
export function note(builder: InventoryBuilder, { metrics, spans, logRecords }: Collected): void {
  for (const resourceMetrics of metrics) {
    const service = serviceOf(resourceMetrics);
    for (const data of resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics))
      noteMetric(builder, service, data);
  }
  for (const span of spans) builder.spans(serviceOf(span));
  for (const record of logRecords) builder.logRecords(serviceOf(record));
}

function noteMetric(builder: InventoryBuilder, service: string, data: MetricData): void {
  const name = storedAs(data);
  for (const { attributes } of data.dataPoints) {
    const labels = [...commonLabels, ...Object.keys(attributes).map(labelName)];
    if (data.dataPointType !== DataPointType.HISTOGRAM) {
      builder.series(name, service, labels);
      continue;
    }
    const bounds = data.dataPoints.flatMap(({ value }) => value.buckets.boundaries).map(String);
    builder.series(`${name}_bucket`, service, [...labels, "le"], [...bounds, "inf"]);
    builder.series(`${name}_sum`, service, labels);
    builder.series(`${name}_count`, service, labels);
  }
}

/** The metrics of the stack's own parts, by who sends them: they are there without anybody's doing. */
const own: readonly (readonly [service: string, metrics: readonly Metric[]])[] = [
  [ownJobs.collector, collectorMetrics],
  [ownJobs.database, databaseMetrics],
  [ownJobs.grafana, grafanaMetrics],
  [ledgerService, ledgerMetrics],
  [proofService, [pipelineProof]],
];

/** Notes what the stack's own parts send, as the catalogue has it. */
export function noteOwn(builder: InventoryBuilder): void {
  for (const [service, metrics] of own) {
    for (const metric of metrics) {
      const labels = [...commonLabels, ...Object.keys(metric.labels)];
      const bounds = [...(metric.buckets ?? []).map(String), "inf"];
      for (const name of seriesNames(metric)) {
        if (name.endsWith("_bucket")) builder.series(name, service, [...labels, "le"], bounds);
        else builder.series(name, service, labels);
      }
    }
  }
}
