import { createHash } from "node:crypto";

import type { Board } from "./panel.ts";
import { ruleTitle, type Rule } from "./rule.ts";
import { formatDuration } from "../configs/settings/units.ts";

/**
 * The runbooks, twice from one source: as pages in docs/runbooks, and as a board in Grafana, so that an alert's
 * link works wherever Grafana does.
 */
export const runbooksUid = (pack: string): string => `runbooks-${pack}`;

/** Id of a rule's panel: the same as long as the rule keeps its name. */
export const runbookPanelId = (name: string): number =>
  parseInt(createHash("sha256").update(name).digest("hex").slice(0, 7), 16);

/** Rules of one name. */
export type OfOneName = readonly [Rule, ...Rule[]];

/** Rules by name: those that differ only in their instance share a runbook. */
export function runbooks(rules: readonly Rule[]): OfOneName[] {
  const names = [...new Set(rules.map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const [first, ...others] = rules.filter((rule) => rule.name === name);
    return first === undefined ? [] : [[first, ...others] as const];
  });
}

/** A board a pack: together they would be larger than a board should be. */
export const runbooksBoard = (
  pack: { readonly name: string; readonly title: string },
  rules: readonly Rule[],
): Board => ({
  uid: runbooksUid(pack.name),
  title: `Runbooks: ${pack.title}`,
  description: "What each alert means and what to do about it.",
  variables: [],
  rows: [
    {
      title: "Alerts",
      panels: runbooks(rules).map((ofOneName) => {
        const [{ name }] = ofOneName;
        return {
          kind: "text",
          id: runbookPanelId(name),
          title: name,
          description: `What to do when ${name} fires.`,
          width: 24,
          height: 14,
          markdown: runbookMarkdown(ofOneName),
        };
      }),
    },
  ],
});

/** A runbook in the form that prometheus-operator's runbooks have made common. */
export function runbookMarkdown(rules: OfOneName): string {
  const [rule] = rules;
  const { runbook, severity, threshold, guard, confirm } = rule;
  return [
    `Severity **${severity}**, fires ${condition(rule)}.`,
    `## Meaning\n\n${runbook.meaning}`,
    `## Impact\n\n${runbook.impact}`,
    `## Diagnosis\n\n${list(runbook.diagnosis)}`,
    `## Mitigation\n\n${list(runbook.mitigation)}`,
    `## Query\n\n${rules.map(({ query }) => fenced(query.expr)).join("\n\n")}`,
    `## Threshold\n\n${threshold.why}${settable(rule)}`,
    ...(guard === undefined
      ? []
      : [`Only where this is at least ${String(guard.atLeast)}:\n\n${fenced(guard.query.expr)}\n\n${guard.why}`]),
    ...(confirm === undefined
      ? []
      : [`Only while this is beyond the threshold, too:\n\n${fenced(confirm.query.expr)}\n\n${confirm.why}`]),
  ].join("\n\n");
}

function condition({ threshold, for: seconds }: Rule): string {
  const held = seconds === 0 ? "at once" : `after ${formatDuration(seconds)}`;
  return `${held} ${threshold.words ?? `${threshold.fires} ${thresholdText(threshold)}`}`;
}

/** `0.2` → `20 %`, `90` seconds → `90 s`. */
export function thresholdText({ value, unit }: Rule["threshold"]): string {
  switch (unit) {
    case "ratio":
      return `${String(Number((value * 100).toFixed(4)))} %`;
    case "seconds":
      return `${String(value)} s`;
    case "milliseconds":
      return `${String(value)} ms`;
    case "number":
      return String(value);
  }
}

const settable = ({ name, threshold }: Rule): string =>
  threshold.settable === undefined ? "" : ` Change it with \`alerts.rules.${name}.threshold\`.`;

const list = (items: readonly string[]): string =>
  items.map((item, index) => `${String(index + 1)}. ${item}`).join("\n");
const fenced = (text: string): string => `\`\`\`promql\n${text}\n\`\`\``;

/** The file in docs/runbooks. */
export const runbookFile = ({ name }: Rule): string => `${name.toLowerCase()}.md`;

/** The page in docs/runbooks. */
export const runbookPage = (rules: OfOneName): string =>
  `# ${ruleTitle({ name: rules[0].name })}\n\n${runbookMarkdown(rules)}\n`;
