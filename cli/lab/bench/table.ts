import { aligned, type Style } from "../../terminal.ts";
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
  const [head = "", ...lines] = aligned([heads, ...cells], { left: 2 });
  const painted = lines.map((line, index) => (rows[index]?.goal?.verdict === "missed" ? style.bad(line) : line));
  return `${[style.bold(head), ...painted].join("\n")}\n`;
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
