import { either, type Vector } from "./promql.ts";
import { quoted } from "./selector.ts";

/** Queries that read nothing: numbers, with labels to meet what is measured by. */

/** A constant, with no labels. */
export const constant = (value: number): Vector<never> => ({
  expr: `vector(${String(value)})`,
  by: [],
  arithmetic: true,
  readings: [],
});

/** A constant for each value of a label, such as the price of each model; they read nothing, however many they are. */
export function constants<B extends string>(label: B, values: Readonly<Record<string, number>>): Vector<B> {
  const [first, ...others] = Object.entries(values).map(([value, number]) => labelled(constant(number), label, value));
  if (first === undefined) throw new Error(`no constant by ${label}`);
  return either(first, ...others);
}

/** A constant vector with one label more, of the same value on all results. */
export function labelled<B extends string, L extends string>(
  vector: Vector<B>,
  label: L,
  value: string,
): Vector<B | L> {
  if (vector.readings.length > 0 || value.includes("$")) throw new Error(`${label} cannot be put on ${vector.expr}`);
  return {
    expr: `label_replace(${vector.expr}, ${quoted(label)}, ${quoted(value)}, "", "")`,
    by: [...vector.by, label],
    arithmetic: true,
    readings: [],
  };
}
