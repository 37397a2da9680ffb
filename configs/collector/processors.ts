import type { Settings } from "../settings/settings.ts";
import { literal, type Component } from "./model.ts";

/** Refuses new data before memory runs out; clients are told to retry. Must come first, or the rest is buffered already. */
export const memoryLimiter = (memoryMiB: number): Component => ({
  id: "memory_limiter",
  config: {
    // a burst of large prompts fills what is left in less than the usual second: measured by `npm run faults`
    check_interval: "100ms",
    // of the container's limit: the Go heap stays below 70 %, the rest is stacks, mapped queue files and slack
    limit_mib: Math.floor(memoryMiB * 0.7),
    spike_limit_mib: Math.floor(memoryMiB * 0.2),
  },
});

/** Adds what the detectors find; what an application says of itself stays. None if the list is empty. */
export function resourceDetection({ collector }: Settings): Component[] {
  const detectors = [...collector.resourceDetectors];
  if (detectors.length === 0) return [];
  const system = detectors.includes("system") ? { system: { hostname_sources: ["os"] } } : {};
  return [{ id: "resource_detection", config: { detectors, override: false, timeout: "5s", ...system } }];
}

/** Adds the stack's own resource attributes; what an application says of itself stays. None if there are none. */
export function resourceAttributes({ resourceAttributes: attributes }: Settings): Component[] {
  const actions = Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value: literal(value), action: "insert" }));
  return actions.length === 0 ? [] : [{ id: "resource", config: { attributes: actions } }];
}

/**
 * Drops points without a value, which the prometheus receiver sends when a scrape fails or a series ends.
 * GreptimeDB answers 400 to a request in which a metric has only such points, and the collector then drops the
 * whole request, other applications' metrics included.
 */
export const noRecordedValue: Component = {
  id: "filter/no_recorded_value",
  config: { error_mode: "ignore", metrics: { datapoint: ["flags == FLAG_NO_RECORDED_VALUE"] } },
  why: "one failed scrape would otherwise make GreptimeDB refuse everybody's metrics",
};
