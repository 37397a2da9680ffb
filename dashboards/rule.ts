import type { OwnPart } from "../configs/collector/own-jobs.ts";
import type { Query } from "./promql.ts";

/**
 * Alert rules as data: what is asked, when that is bad, why exactly then, and what to do about it.
 */

/** `watchdog` always fires; it proves that alerting works. */
export type Severity = "critical" | "warning" | "info" | "watchdog";

export interface Threshold {
  readonly fires: "above" | "below";
  readonly value: number;
  /** How the value is written: a share of one, a duration, or a plain number. */
  readonly unit: "ratio" | "seconds" | "milliseconds" | "number";
  /** What a setting may choose. @default - the threshold is fixed */
  readonly settable?: { readonly min: number; readonly max: number };
  /** When it fires, in words, where the number says nothing. */
  readonly words?: string;
  /** Why this value. */
  readonly why: string;
}

/** The page that somebody reads who was paged. Sentences in Markdown. */
export interface Runbook {
  readonly meaning: string;
  readonly impact: string;
  readonly diagnosis: readonly string[];
  readonly mitigation: readonly string[];
}

export interface Rule {
  /** CamelCase; a subject and what is wrong with it. Stable for ever: silences and links name it. */
  readonly name: string;
  /** Tells rules of one kind apart, such as the service that is expected. @default - there is only one */
  readonly instance?: string;
  readonly severity: Severity;
  /** One line with the subject and the value, as a Go template. */
  readonly summary: string;
  /** What it means and where to look first, as a Go template. */
  readonly description: string;
  /** Instant query; its result is compared with the threshold. */
  readonly query: Query;
  readonly threshold: Threshold;
  /** Fires only where this query, with the same labels, is at least so much: one failure of one call is no outage. */
  readonly guard?: { readonly query: Query; readonly atLeast: number; readonly why: string };
  /** Fires only where this query, with the same labels, is beyond the threshold too: what has ended wakes nobody. */
  readonly confirm?: { readonly query: Query; readonly why: string };
  /** Seconds for which it must hold before it fires. */
  readonly for: number;
  /** Seconds for which it goes on firing after it no longer holds. */
  readonly keepFiringFor: number;
  /** When the query has no result: nothing is wrong, or that is what is wrong. */
  readonly noData: "OK" | "Alerting";
  /** When the query cannot be answered. Only one rule watches the database itself; the others keep their state. */
  readonly executionError: "KeepLast" | "Alerting";
  /** The panel that shows what the rule looks at. */
  readonly panel: { readonly board: string; readonly id: number };
  readonly runbook: Runbook;
  /** The part of the stack whose own metrics it reads: without them there is no such rule. @default - none */
  readonly reads?: OwnPart;
}

/** For a rule about applications: without data nothing is wrong, and while the database is away it keeps its state. */
export const quiet = { noData: "OK", executionError: "KeepLast" } as const;

/** How a stack changes a rule. */
export interface RuleOverride {
  readonly enabled?: boolean | undefined;
  readonly threshold?: number | undefined;
  /** Seconds. */
  readonly for?: number | undefined;
}

/**
 * Checks a rule as it is declared.
 * @throws Error when its queries have different labels: Grafana would find no pair, and the rule never fire
 */
export function rule(declared: Rule): Rule {
  const { name, query, guard, confirm } = declared;
  for (const other of [guard?.query, confirm?.query]) {
    if (other !== undefined && other.by.join() !== query.by.join())
      throw new Error(`${name}: queries by (${query.by.join(", ")}) and by (${other.by.join(", ")}) never meet`);
  }
  return declared;
}

/** The rules of a stack: without those that are off, with its own thresholds. */
export function overridden(rules: readonly Rule[], overrides: Readonly<Record<string, RuleOverride>>): Rule[] {
  return rules.flatMap((declared) => {
    const change = overrides[declared.name] ?? {};
    if (change.enabled === false) return [];
    const threshold = { ...declared.threshold, value: change.threshold ?? declared.threshold.value };
    return [{ ...declared, threshold, for: change.for ?? declared.for }];
  });
}

/** The title in Grafana, unique in its folder. */
export const ruleTitle = ({ name, instance }: Pick<Rule, "name" | "instance">): string =>
  instance === undefined ? name : `${name} (${instance})`;

/** `ToolErrorRatioHigh` → `tool-error-ratio-high`. */
export const kebab = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
