import type { Reading } from "../../dashboards/promql.ts";
import type { HeldSeries, Inventory } from "./inventory.ts";

/** An inventory by series name. */
export class Held {
  readonly inventory: Inventory;
  readonly #byName = new Map<string, HeldSeries[]>();

  constructor(inventory: Inventory) {
    this.inventory = inventory;
    for (const series of inventory.metrics) {
      const known = this.#byName.get(series.name);
      if (known === undefined) this.#byName.set(series.name, [series]);
      else known.push(series);
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** One entry a service. */
  of(name: string): readonly HeldSeries[] {
    return this.#byName.get(name) ?? [];
  }

  hasLabel(name: string, label: string): boolean {
    return this.of(name).some(({ labels }) => labels.includes(label));
  }

  hasBound(name: string, bound: number): boolean {
    return this.of(name).some(({ bounds = [] }) => bounds.some((text) => Number(text) === bound));
  }

  /** What a query needs and is not there; nothing if all is. */
  lacks({ metric, series, labels, bound }: Reading): Lack[] {
    if (!this.has(series)) return [{ metric: metric.name, series, sometimes: metric.sometimes === true }];
    const missing = labels.filter((label) => !this.hasLabel(series, label));
    return [
      ...missing.map((label) => ({
        metric: metric.name,
        series,
        label,
        sometimes: metric.labels[label]?.sometimes === true,
      })),
      ...(bound === undefined || this.hasBound(series, bound)
        ? []
        : [{ metric: metric.name, series, bound, sometimes: false }]),
    ];
  }
}

/** A series that is not there, or a label or a bucket that none of its services has. */
export interface Lack {
  readonly metric: string;
  readonly series: string;
  readonly label?: string;
  readonly bound?: number;
  /** It comes with the first failure or the like: nothing is wrong. */
  readonly sometimes: boolean;
}
