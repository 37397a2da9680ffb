import { randomFrom } from "../lab/random.ts";

/**
 * Chance for made-up traffic. Times vary; how often something happens does not: of a hundred calls two fail, not none
 * and not five. So even two minutes of little traffic have a bit of everything, and alerts about shares stay silent.
 */
export class Luck {
  readonly #random: () => number;
  readonly #owed = new Map<string, number>();

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** From 0 to 1. */
  number(): number {
    return this.#random();
  }

  /** A whole number below another. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /**
   * True in such a share of the calls with the same name.
   * @param share 0 to 1
   */
  sometimes(name: string, share: number): boolean {
    const owed = (this.#owed.get(name) ?? this.#random()) + share;
    this.#owed.set(name, owed >= 1 ? owed - 1 : owed);
    return owed >= 1;
  }

  /** One of the values, each as often as its weight says among the calls with the same name. */
  oneOf<V extends string>(name: string, weights: Readonly<Record<V, number>>): V {
    const values = Object.entries<number>(weights) as [V, number][];
    const total = values.reduce((sum, [, weight]) => sum + weight, 0);
    const owed = values.map(([value, weight]) => {
      const key = `${name}\n${value}`;
      const now = (this.#owed.get(key) ?? (this.#random() * weight) / total) + weight / total;
      this.#owed.set(key, now);
      return { value, key, now };
    });
    const most = owed.reduce((best, one) => (one.now > best.now ? one : best));
    this.#owed.set(most.key, most.now - 1);
    return most.value;
  }

  /** Around a median, now and then far above it: as durations and sizes are (log-normal). */
  around(median: number, spread = 0.5): number {
    const gauss = Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
    return median * Math.exp(spread * gauss);
  }

  /** How many of something happen that happens so often on average (Poisson; beyond 50 nearly as many as that). */
  howMany(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * (this.#random() * 3.4 - 1.7)));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.#random(); product > limit; product *= this.#random()) count += 1;
    return count;
  }
}
