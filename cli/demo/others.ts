import type { Metric } from "../../dashboards/metric.ts";
import type { Pack } from "../../dashboards/pack.ts";
import { up } from "../../dashboards/scraping.ts";
import type { Source } from "./telemetry.ts";
import type { World } from "./world.ts";

/** Packs that nothing of the made-up team belongs to, a team's own: played from what their catalogue says. */

const played = ["agents", "ui", "workers", "workflows", "genai", "http", "traces", "logs"];

/** The stack sends its own. */
export const othersAmong = (packs: readonly Pack[]): Pack[] =>
  packs.filter(({ name }) => name !== "stack" && !played.includes(name));

/**
 * A second of an application that nobody knows but by its metrics: each label has its first value most often.
 * @param events how many things happen, on average
 */
export function guessed({ telemetry, luck }: World, { name, metrics }: Pack, events: number): void {
  const source: Source = { service: `demo-${name}`, instance: `demo-${name}-1` };
  for (const metric of metrics) {
    for (let many = luck.howMany(events); many > 0; many -= 1) {
      const labels = Object.fromEntries(
        Object.entries(metric.labels).map(([label, { values }]) => [
          label,
          luck.oneOf(`${metric.name} ${label}`, halving(values)),
        ]),
      );
      if (isOf(metric, "counter")) telemetry.add(source, metric, labels);
      else if (isOf(metric, "histogram")) telemetry.observe(source, metric, labels, luck.around(middle(metric)));
      else if (metric.name === up.name) telemetry.set(source, up, {}, 1);
      else if (isOf(metric, "gauge") || isOf(metric, "upDownCounter")) {
        telemetry.set(source, metric, labels, metric.share === true ? luck.number() : luck.below(100));
      }
    }
  }
}

const isOf = <K extends Metric["kind"]>(metric: Metric, kind: K): metric is Metric<string, K> => metric.kind === kind;

/** Each half as often as the one before. */
const halving = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries(values.map((value, index) => [value, 2 ** -index]));

const middle = ({ buckets = [1] }: Metric): number => buckets[Math.floor(buckets.length / 2)] ?? 1;
