import { keptAttributes } from "../collector/privacy/limits.ts";
import { setCommand, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";

/** What must hold between the settings of what the collector takes out. */
export function privacyProblems({ collector: { limits, logColumns } }: ParsedSettings): Problem[] {
  const least = new Set([...keptAttributes, ...logColumns]).size;
  if (limits.attributes === 0 || limits.attributes >= least) return [];
  return [
    {
      key: "collector.limits.attributes",
      given: limits.attributes,
      expected: `0, or at least ${String(least)}: so many attributes are kept because boards read them`,
      remedy: setCommand("collector.limits.attributes", "128"),
    },
  ];
}
