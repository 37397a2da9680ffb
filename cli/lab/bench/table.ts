import type { Style } from "../../terminal.ts";
import type { Row, Spread } from "./summary.ts";

/** The results as a table, for a terminal or for docs/performance.md. */

const heads = ["signal", "config", "records/s", "of bare", "CPU s/million", "memory MiB", "goal"] as const;

export function benchTable(rows: readonly Row[], style: Style | "markdown"): string {
  const cells = rows.map(cellsOf);
  if (style === "markdown") {
    const line = (texts: readonly string[]) => `| ${texts.join(" | ")} |\n`;
    return (
      line(heads) +
      line(heads.map((_, index) => (index < 2 || index === heads.length - 1 ? "---" : "--:"))) +
      cells.map(line).join("")
    );
  }
  const widths = heads.map((head, index) => Math.max(head.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => (index < 2 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  const lines = cells.map((row, index) => (rows[index]?.goal?.verdict === "missed" ? style.bad(line(row)) : line(row)));
  return `${[style.bold(line(heads)), ...lines].join("\n")}\n`;
}

function cellsOf({ signal, variant, perSecond, ofBare, cpuPerMillion, peakMemory, goal }: Row): string[] {
  return [
    signal,
    variant,
    ranged(perSecond, (value) => String(Math.round(value / 100) * 100)),
    ranged(ofBare, (value) => value.toFixed(2)),
    ranged(cpuPerMillion, (value) => value.toFixed(1)),
    String(Math.round(peakMemory.most / 2 ** 20)),
    goal === undefined ? "" : `${goal.least.toFixed(1)} ${goal.verdict}`,
  ];
}

/** The median, and how far the rounds are apart. */
const ranged = ({ median, least, most }: Spread, written: (value: number) => string): string =>
  least === most ? written(median) : `${written(median)} (${written(least)}–${written(most)})`;
