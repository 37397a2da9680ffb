import { DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";

import { storedAs } from "../../cli/demo/held.ts";
import { Team, type TeamOptions } from "../../cli/demo/team.ts";
import { Telemetry } from "../../cli/demo/telemetry.ts";
import { labelName } from "../../dashboards/stored-name.ts";

/** The demo's metrics as series over time, as GreptimeDB would hold them. */

/** Seconds between samples. */
const step = 15;

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function samplesOf(data: MetricData, of: Readonly<Record<string, string>>): Sample[] {
  const name = storedAs(data);
  const labelsOf = (attributes: object) => ({
    ...of,
    ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [labelName(key), String(value)])),
  });
  if (data.dataPointType === DataPointType.HISTOGRAM) {
    return data.dataPoints.flatMap(({ attributes, value: { buckets, count, sum = 0 } }) => {
      const labels = labelsOf(attributes);
      let below = 0;
      const bounds = [...buckets.boundaries.map(String), "inf"];
      return [
        ...bounds.map((le, index) => {
          below += buckets.counts[index] ?? 0;
          return { name: `${name}_bucket`, labels: { ...labels, le }, value: below };
        }),
        { name: `${name}_count`, labels, value: count },
        { name: `${name}_sum`, labels, value: sum },
      ];
    });
  }
  if (data.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) throw new Error("GreptimeDB drops these");
  return data.dataPoints.map(({ attributes, value }) => ({ name, labels: labelsOf(attributes), value }));
}

/** So many minutes of a team, in promtool's notation. */
export async function demoSeries(minutes: number, options: TeamOptions): Promise<{ series: string; values: string }[]> {
  const telemetry = new Telemetry({ seed: options.seed });
  const team = new Team(telemetry, options);
  const all = new Map<string, string[]>();
  const samples = (minutes * 60) / step;
  for (let sample = 0; sample < samples; sample += 1) {
    for (let second = 1; second <= step; second += 1) team.second((sample * step + second) * 1000);
    for (const { resource, scopeMetrics } of (await telemetry.collect()).metrics) {
      const service = String(resource.attributes["service.name"]);
      const instance = String(resource.attributes["service.instance.id"]);
      const of = { service_name: service, job: service, service_instance_id: instance, instance };
      for (const { name, labels, value } of scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .flatMap((data) => samplesOf(data, of))) {
        const text = Object.entries(labels).map(([label, of]) => `${label}="${of}"`);
        const key = `${name}{${text.join(", ")}}`;
        const values = all.get(key) ?? Array.from({ length: sample }, () => "_");
        values.push(String(value));
        all.set(key, values);
      }
    }
  }
  // the first sample is one step after the start
  return [...all].map(([series, values]) => ({ series, values: `_ ${values.join(" ")}` }));
}
