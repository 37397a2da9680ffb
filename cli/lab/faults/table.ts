import { aligned, type Style } from "../../terminal.ts";
import type { Count } from "./numbers.ts";
import type { Result } from "./run.ts";

/** The results as a table, for a terminal or for docs/delivery.md. */

const heads = ["case", "sent", "acked", "arrived", "twice", "refused", "lost", "promise"] as const;

export function faultsTable(results: readonly Result[], style: Style | "markdown"): string {
  const rows = results.map(rowOf);
  if (style === "markdown") {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
    return (
      line(heads) +
      line(heads.map((_, index) => (index === 0 || index === heads.length - 1 ? "---" : "--:"))) +
      rows.map(line).join("")
    );
  }
  const [head = "", ...lines] = aligned([heads, ...rows]);
  const painted = lines.map((line, index) => (results[index]?.kept === true ? line : style.bad(line)));
  const broken = results.flatMap(({ name, broken: reasons }) => reasons.map((reason) => `${name}: ${reason}`));
  const verdict =
    broken.length === 0
      ? style.good("Every promise was kept.")
      : [style.bad("Broken promises:"), ...broken.map((reason) => `  ${reason}`)].join("\n");
  return `${[style.bold(head), ...painted, "", verdict].join("\n")}\n`;
}

function rowOf({ name, promised, kept, counts, thrownAway }: Result): string[] {
  const total = (of: (count: Count) => number) =>
    String(Object.values(counts).reduce((sum, count) => sum + of(count), 0));
  const counted = String(Object.values(thrownAway).reduce((sum, count) => sum + count, 0));
  return [
    name,
    total(({ sent }) => sent),
    total(({ acknowledged }) => acknowledged),
    total(({ delivered }) => delivered),
    total(({ twice }) => twice),
    total(({ refused }) => refused),
    total(({ lost }) => lost),
    !kept ? "BROKEN" : promised === "kept" ? "kept" : `counted: ${counted}`,
  ];
}
