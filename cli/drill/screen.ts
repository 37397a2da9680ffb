import { readableDuration, wrapped, type Style } from "../terminal.ts";
import { isStory, type Drill } from "./drills.ts";
import type { LiveOutcome } from "./live/play.ts";
import type { Outcome } from "./on-promtool.ts";

/** Drills for people. */

/** A table of all of them: what breaks each, and what must not. */
export function listScreen(all: readonly Drill[], width: number): string {
  const rows = all.map((drill) => [drill.title, ...breaking(drill), sparing(drill)]);
  const table = [["rule", "broken, it fires for", "within", "silent over"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const spare = width - 2 - 6 - widths.reduce((sum, one) => sum + one, 0);
  // what a rule fires for is the longest, and the least missed
  widths[1] = Math.max(20, (widths[1] ?? 0) + Math.min(0, spare));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => fitted(cell, widths[column] ?? 0)).join("  ")}`.trimEnd();
  const legend =
    "healthy: the same traffic before it breaks, and that of all packs. little: bad traffic, but below the rule's guard.";
  const count = `${String(all.length)} rules, each with a story that breaks it and traffic that must not.`;
  return `${[...table.map(line), "", wrapped(legend, width, ""), count].join("\n")}\n`;
}

const fitted = (cell: string, width: number): string =>
  cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);

/** Labels of the alert, and the time until it fires. */
function breaking({ failure }: Drill): [string, string] {
  if (!isStory(failure)) return [failure.breaks, ""];
  const labels = Object.entries(failure.labels).map(([name, value]) => `${name}=${value}`);
  return [labels.length === 0 ? "all together" : labels.join(", "), readableDuration(failure.detectedWithin * 60)];
}

const sparing = ({ failure, few }: Drill): string =>
  isStory(failure) ? `healthy${few === undefined ? "" : ", little"}` : failure.spares;

/** A line as soon as it is known. */
export function outcomeLine(outcome: Outcome & Partial<LiveOutcome>, width: number, style: Style): string {
  const { title, state, detail, detectedAfter, pendingAfter, resolvedAfter } = outcome;
  const sign = { passed: style.good("✔"), failed: style.bad("✘"), skipped: style.dim("–") }[state];
  const times = [
    ...(pendingAfter === undefined ? [] : [`pending after ${readableDuration(pendingAfter)}`]),
    ...(detectedAfter === undefined ? [] : [`firing after ${readableDuration(detectedAfter)}`]),
    ...(resolvedAfter === undefined ? [] : [`resolved after ${readableDuration(resolvedAfter)}`]),
  ].join(", ");
  const text = state === "passed" && times !== "" ? times : detail;
  const lines = text.split("\n").map((line) => `      ${wrapped(line, width - 6, "      ")}`);
  return state === "passed"
    ? `  ${sign} ${title.padEnd(40)} ${text}\n`
    : `  ${sign} ${title}${times === "" ? "" : ` (${times})`}\n${lines.join("\n")}\n`;
}

export function summary(outcomes: readonly Outcome[], style: Style): string {
  const count = (state: Outcome["state"]) => outcomes.filter((outcome) => outcome.state === state).length;
  const failed = count("failed");
  const skipped = count("skipped") === 0 ? "" : `, ${String(count("skipped"))} skipped`;
  const words = `${String(count("passed"))} of ${String(outcomes.length)} drills passed${skipped}.`;
  return `${failed === 0 ? style.good(words) : style.bad(words)}\n`;
}
