import { escaped, sketch } from "./panel-sketch.ts";

/**
 * A board as an SVG that can be looked at without Grafana: where each panel is, of what type, and what it asks.
 * Drawn from the very JSON that Grafana gets. The curves are made up; they only tell the types apart.
 */

/** What of Grafana's JSON is drawn. */
export interface BoardJson {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly templating: { readonly list: readonly { readonly label: string; readonly hide?: number }[] };
  readonly panels: readonly PanelJson[];
}

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr?: string; readonly rawSql?: string; readonly query?: string }[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps: readonly { readonly color: string; readonly value: number }[] };
    };
    readonly overrides: readonly { readonly matcher: { readonly options: string } }[];
  };
  readonly options?: { readonly content?: string };
}

const width = 1200;
/** Pixels of a column and of a row of Grafana's grid, drawn a little flatter than there. */
const column = width / 24;
const row = 22;
const head = 78;

/** The queries of a panel, as Grafana sends them. */
export const queriesOf = ({ targets = [] }: PanelJson): string[] =>
  targets.flatMap(({ expr, rawSql, query }) => [expr ?? rawSql ?? query ?? []].flat());

/** The picture of a board. */
export function boardPicture(board: BoardJson): string {
  const rows = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const height = head + rows * row + 8;
  const variables = board.templating.list.filter(({ hide }) => hide !== 2).map(({ label }) => label);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" font-family="system-ui, sans-serif" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(`The board ${board.title}`)}</title>`,
    style,
    `<rect width="${String(width)}" height="${String(height)}" fill="#f4f5f5"/>`,
    `<text class="board" x="10" y="30">${escaped(board.title)}</text>`,
    `<text class="note" x="10" y="50">${escaped(cut(board.description, 170))}</text>`,
    `<text class="type" x="${String(width - 10)}" y="30">layout, types and queries as in Grafana; curves made up</text>`,
    ...variables.map((label, index) => chip(label, index)),
    ...board.panels.map((panel) => (panel.type === "row" ? rowTitle(panel) : panelPicture(panel))),
    "</svg>",
    "",
  ].join("\n");
}

const style = `<style>
.board { font-size: 20px; font-weight: 600; fill: #24292e; }
.note { font-size: 12px; fill: #57606a; }
.row { font-size: 13px; font-weight: 600; fill: #24292e; }
.name { font-size: 12px; font-weight: 600; fill: #24292e; }
.type { font-size: 10px; fill: #6e7781; text-anchor: end; }
.query { font-size: 9px; fill: #57606a; font-family: ui-monospace, monospace; }
.panel { fill: #ffffff; stroke: #d0d7de; }
</style>`;

const chip = (label: string, index: number): string =>
  `<rect x="${String(10 + index * 130)}" y="57" width="122" height="17" rx="3" class="panel"/><text class="note" x="${String(16 + index * 130)}" y="69">${escaped(cut(label, 18))} ▾</text>`;

const rowTitle = ({ title, gridPos }: PanelJson): string =>
  `<text class="row" x="10" y="${String(head + gridPos.y * row + 16)}">▾ ${escaped(title)}</text>`;

function panelPicture(panel: PanelJson): string {
  const { x, y, w, h } = panel.gridPos;
  const box = { x: x * column + 3, y: head + y * row + 2, width: w * column - 6, height: h * row - 4 };
  const unit = panel.fieldConfig?.defaults.unit;
  const queries = queriesOf(panel);
  const type = unit === undefined || unit === "none" ? panel.type : `${panel.type}, ${unit}`;
  const room = Math.floor((box.width - 16) / 5.5);
  const lines = h > 4 ? queries.slice(0, 2) : queries.slice(0, 1);
  const top = box.y + box.height - lines.length * 11;
  return [
    "<g>",
    `<title>${escaped([panel.title, panel.description ?? "", ...queries].join("\n"))}</title>`,
    `<rect class="panel" x="${String(box.x)}" y="${String(box.y)}" width="${String(box.width)}" height="${String(box.height)}" rx="3"/>`,
    `<text class="name" x="${String(box.x + 8)}" y="${String(box.y + 16)}">${escaped(cut(panel.title, Math.floor((box.width - 20) / 6.6)))}</text>`,
    h > 4
      ? `<text class="type" x="${String(box.x + box.width - 8)}" y="${String(box.y + 16)}">${escaped(type)}</text>`
      : "",
    sketch(panel, { x: box.x + 8, y: box.y + 24, width: box.width - 16, height: Math.max(12, top - box.y - 36) }),
    ...lines.map(
      (query, index) =>
        `<text class="query" x="${String(box.x + 8)}" y="${String(top + index * 11 + 4)}">${escaped(cut(query.replaceAll(/\s+/g, " "), room))}</text>`,
    ),
    "</g>",
  ]
    .filter((line) => line !== "")
    .join("\n");
}

const cut = (text: string, length: number): string => {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, Math.max(1, length - 1)).join("")}…`;
};
