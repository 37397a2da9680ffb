import { styleText } from "node:util";

/** Colours on a terminal, plain text elsewhere (`NO_COLOR` and pipes are respected). */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

export const styleFor = (stream: NodeJS.WriteStream): Style => {
  const paint = (format: "bold" | "dim" | "green" | "red" | "yellow") => (text: string) =>
    styleText(format, text, { stream, validateStream: true });
  return { bold: paint("bold"), dim: paint("dim"), good: paint("green"), bad: paint("red"), warn: paint("yellow") };
};

/** Columns of a terminal; of what is piped, as many as people read. */
export const widthOf = ({ isTTY, columns }: NodeJS.WriteStream): number => (isTTY ? columns : 100);

/** Rows of a table as lines, two blanks or more between their cells: the first ones to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[], { gap = "  ", left = 1 } = {}): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join(gap)
      .trimEnd(),
  );
}

/** Text in lines of at most so many characters, broken between words, each after the first indented. */
export function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > width && line !== "") {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

/** MiB for people: `512 MiB`, `1.5 GiB`. */
export const readableSize = (mebibytes: number): string =>
  mebibytes < 1024 ? `${String(mebibytes)} MiB` : `${String(Number((mebibytes / 1024).toFixed(1)))} GiB`;

/** Bytes for people: `812 B`, `5.2 KiB`, `1.3 GiB`. */
export function readableBytes(bytes: number): string {
  if (bytes < 1024) return `${String(bytes)} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1] ?? ""}`;
}

/** How long, for people: `12 s`, `3 min`, `5 h`, `12 d`. */
export function readableDuration(seconds: number): string {
  if (seconds < 120) return `${String(Math.round(seconds))} s`;
  if (seconds < 7200) return `${String(Math.round(seconds / 60))} min`;
  return seconds < 172_800 ? `${String(Math.round(seconds / 3600))} h` : `${String(Math.round(seconds / 86_400))} d`;
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;

/** The first of many, each once: `a, b, c and 4 more`. */
export function some(names: readonly string[]): string {
  const all = [...new Set(names)];
  return all.length <= 4 ? listed(all) : `${all.slice(0, 3).join(", ")} and ${String(all.length - 3)} more`;
}

/** A share of 1 for people: `3.4 %`, `62 %`. */
export const readableShare = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
