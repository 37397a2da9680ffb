import { z } from "zod";

import { oneLine } from "../running/http.ts";
import { UserError } from "../exit.ts";

/** What telemetry there is: which service has which series, with which labels. docs/coverage.md describes the file. */

/** The series of one name that one service has. */
export interface HeldSeries {
  /** As GreptimeDB stores it: `http_server_request_duration_seconds_bucket`. */
  readonly name: string;
  readonly service: string;
  /** Names of all labels that any of them has, sorted. */
  readonly labels: readonly string[];
  /** Of buckets: their upper bounds, as the label `le` has them. */
  readonly bounds?: readonly string[];
}

export interface Inventory {
  readonly format: 1;
  /** From when to when it was looked for, in RFC 3339. */
  readonly window?: { readonly from: string; readonly to: string };
  readonly metrics: readonly HeldSeries[];
  /** Services that have spans. */
  readonly spans: readonly string[];
  /** Services that have log records. */
  readonly logRecords: readonly string[];
}

const name = z.string().min(1).max(1000);

const schema = z.object({
  format: z.literal(1),
  window: z.object({ from: z.string(), to: z.string() }).optional(),
  metrics: z
    .array(z.object({ name, service: name, labels: z.array(name), bounds: z.array(z.string()).optional() }))
    .max(1_000_000),
  spans: z.array(name),
  logRecords: z.array(name),
});

/**
 * Reads an inventory from a file's text; what it does not know, it leaves out.
 * @throws UserError with every problem of the file
 */
export function inventoryFrom(text: string, file: string): Inventory {
  const parsed = schema.safeParse(jsonIn(text, file));
  if (parsed.success) return parsed.data as Inventory;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${oneLine(message)}`);
  const more = problems.length > 10 ? [`  and ${String(problems.length - 10)} more`] : [];
  throw new UserError(
    [`${file} is no inventory (docs/coverage.md describes one):`, ...problems.slice(0, 10), ...more].join("\n"),
  );
}

function jsonIn(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UserError(`${file} is no JSON: ${oneLine(error instanceof Error ? error.message : String(error))}`);
  }
}

/** Sorted, each once. */
export const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();

/** Puts together what is held under one name by one service. */
export class InventoryBuilder {
  readonly #series = new Map<string, { name: string; service: string; labels: Set<string>; bounds: Set<string> }>();
  readonly #spans = new Set<string>();
  readonly #logRecords = new Set<string>();

  series(called: string, service: string, labels: readonly string[], bounds: readonly string[] = []): void {
    const key = JSON.stringify([called, service]);
    const found = this.#series.get(key) ?? { name: called, service, labels: new Set(), bounds: new Set() };
    for (const label of labels) found.labels.add(label);
    for (const bound of bounds) found.bounds.add(bound);
    this.#series.set(key, found);
  }

  spans(service: string): void {
    this.#spans.add(service);
  }

  logRecords(service: string): void {
    this.#logRecords.add(service);
  }

  build(window?: Inventory["window"]): Inventory {
    const metrics = [...this.#series.entries()]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { name: called, service, labels, bounds }]) => ({
        name: called,
        service,
        labels: sorted(labels),
        ...(bounds.size === 0 ? {} : { bounds: ascending(bounds) }),
      }));
    return {
      format: 1,
      ...(window === undefined ? {} : { window }),
      metrics,
      spans: sorted(this.#spans),
      logRecords: sorted(this.#logRecords),
    };
  }
}

const numberOf = (bound: string): number => (/^\+?inf$/i.test(bound) ? Infinity : Number(bound));

const ascending = (bounds: Iterable<string>): string[] =>
  [...bounds].sort((one, other) => (numberOf(one) < numberOf(other) ? -1 : 1));
