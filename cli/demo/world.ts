import type { Conditions } from "./conditions.ts";
import type { Luck } from "./luck.ts";
import type { Source, Telemetry } from "./telemetry.ts";

/** What all parts of the made-up team share. */
export interface World {
  readonly telemetry: Telemetry;
  readonly luck: Luck;
  readonly conditions: Conditions;
}

const source = (service: string, number = 1): Source => ({ service, instance: `${service}-${String(number)}` });

/** Its processes. The workers' job has to have "worker" in its name: the boards and rules go by that. */
export const sources = {
  storefront: source("demo-storefront"),
  gateway: source("demo-gateway"),
  /** Follows the GenAI conventions up to v1.41. */
  concierge: source("demo-concierge"),
  /** Follows those since autumn 2026. */
  analyst: source("demo-analyst"),
  planner: source("demo-planner"),
  workers: [source("demo-workers", 1), source("demo-workers", 2)],
} as const;
