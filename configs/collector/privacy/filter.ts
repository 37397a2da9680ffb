import type { Settings } from "../../settings/settings.ts";
import { literal, type Component } from "../model.ts";
import type { Signal } from "../signal.ts";
import { ottlText } from "./ottl.ts";

/** What a rule without an attribute looks at. */
const names = { traces: "name", metrics: "metric.name", logs: "body" } as const;

/** Where the filter processor wants to have the conditions of a signal. */
const sections = { traces: "span", metrics: "datapoint", logs: "log_record" } as const;

/** Drops what the rules of the settings match. None if there is no rule for the signal. */
export function filterProcessors({ collector: { filter } }: Settings, signal: Signal): Component[] {
  const conditions = filter.filter((rule) => rule.signal === signal).map((rule) => condition(rule, signal));
  if (conditions.length === 0) return [];
  return [
    {
      id: `filter/${signal}`,
      config: { error_mode: "ignore", [signal]: { [sections[signal]]: conditions } },
      why: "rules of the stack's own: collector.filter",
    },
  ];
}

function condition({ attribute, matches }: Settings["collector"]["filter"][number], signal: Signal): string {
  const is = (path: string) => `IsMatch(${path}, ${ottlText(literal(matches))})`;
  if (attribute === undefined) return is(names[signal]);
  const key = ottlText(literal(attribute));
  return `${is(`attributes[${key}]`)} or ${is(`resource.attributes[${key}]`)}`;
}
