import type { Panel, Row } from "../panel.ts";

/** Where a panel stands in Grafana's grid of 24 columns. */
export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Placed {
  readonly row: { readonly title: string; readonly position: GridPosition };
  readonly panels: readonly { readonly panel: Panel; readonly position: GridPosition }[];
}

const columns = 24;

/**
 * Places rows from top to bottom and their panels from left to right, a new line when one is full.
 * @throws Error when a panel is wider than the grid, or panels of one line differ in height (that leaves a hole)
 */
export function placed(rows: readonly Row[]): Placed[] {
  let y = 0;
  return rows.map(({ title, panels }) => {
    const row = { title, position: { x: 0, y, w: columns, h: 1 } };
    y += 1;
    const lines = linesOf(panels);
    const children = lines.flatMap((line) => {
      const height = lineHeight(line);
      let x = 0;
      const positions = line.map((panel) => {
        const position = { x, y, w: panel.width, h: height };
        x += panel.width;
        return { panel, position };
      });
      y += height;
      return positions;
    });
    return { row, panels: children };
  });
}

function linesOf(panels: readonly Panel[]): Panel[][] {
  const lines: Panel[][] = [];
  let used = columns;
  for (const panel of panels) {
    if (panel.width > columns) throw new Error(`panel "${panel.title}" is wider than the grid`);
    if (used + panel.width > columns) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(panel);
    used += panel.width;
  }
  return lines;
}

function lineHeight(line: readonly Panel[]): number {
  const heights = new Set(line.map(({ height }) => height));
  if (heights.size !== 1)
    throw new Error(`panels of one line differ in height: ${line.map(({ title }) => title).join(", ")}`);
  return [...heights][0] ?? 0;
}
