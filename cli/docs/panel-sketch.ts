import type { PanelJson } from "./board-picture.ts";

/** The inside of a panel in a board's picture: what its type looks like, with its thresholds. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Text for XML. */
export const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    // XML has no way to write these
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, " ");

export function sketch(panel: PanelJson, box: Box): string {
  switch (panel.type) {
    case "stat":
      return number(panel, box);
    case "bargauge":
    case "barchart":
    case "piechart":
      return bars(panel, box);
    case "heatmap":
      return cells(panel, box);
    case "table":
      return table(panel, box);
    case "nodeGraph":
      return graph(box);
    case "text":
    case "logs":
      return lines(panel, box);
    default:
      return curves(panel, box);
  }
}

const blue = "#5794f2";
const pale = "#c8dcfb";

/** A number between 0 and 1 that is always the same for the same panel and place. */
const wave = (id: number, at: number): number => (Math.sin((id % 97) * 1.7 + at * 0.9) + Math.sin(at * 2.3) + 2) / 4;

const fixed = (value: number): string => String(Math.round(value * 10) / 10);

const red = ({ fieldConfig }: PanelJson): boolean =>
  (fieldConfig?.defaults.thresholds?.steps ?? []).some(({ color }) => color === "red");

const number = (panel: PanelJson, { x, y, width, height }: Box): string =>
  `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}" rx="2" fill="${red(panel) ? "#73bf69" : "#eaeef2"}"/><text x="${fixed(x + width / 2)}" y="${fixed(y + height / 2 + 6)}" font-size="16" text-anchor="middle" fill="${red(panel) ? "#ffffff" : blue}">${escaped(unitText(panel))}</text>`;

const units: Readonly<Record<string, string>> = {
  percentunit: "%",
  reqps: "req/s",
  ops: "ops/s",
  cps: "1/s",
  bytes: "B",
  Bps: "B/s",
  currencyUSD: "$",
};

/** What stands behind the number; a count has nothing. */
function unitText({ fieldConfig }: PanelJson): string {
  const unit = fieldConfig?.defaults.unit ?? "";
  return units[unit] ?? (unit === "s" || unit === "ms" ? unit : "n");
}

function curves(panel: PanelJson, { x, y, width, height }: Box): string {
  const steps = 24;
  const curve = (shift: number) =>
    Array.from({ length: steps + 1 }, (_, at) => {
      const value = 0.15 + 0.6 * wave(panel.id + shift * 7, at / 2 + shift);
      return `${fixed(x + (width * at) / steps)},${fixed(y + height * (1 - value))}`;
    }).join(" ");
  const count = Math.min(3, Math.max(2, panel.targets?.length ?? 2));
  const colors = [blue, "#73bf69", "#ff9830"];
  return [
    ...colors
      .slice(0, count)
      .map((color, index) => `<polyline points="${curve(index)}" fill="none" stroke="${color}" stroke-width="1.5"/>`),
    red(panel)
      ? `<line x1="${fixed(x)}" x2="${fixed(x + width)}" y1="${fixed(y + height * 0.15)}" y2="${fixed(y + height * 0.15)}" stroke="#e02f44" stroke-dasharray="5 4"/>`
      : "",
  ].join("");
}

function bars({ id }: PanelJson, { x, y, width, height }: Box): string {
  const count = Math.max(1, Math.min(5, Math.floor(height / 14)));
  const step = height / count;
  return Array.from({ length: count }, (_, at) => {
    const length = width * (1 - at / (count + 1)) * (0.7 + 0.3 * wave(id, at));
    return `<rect x="${fixed(x)}" y="${fixed(y + at * step)}" width="${fixed(length)}" height="${fixed(step - 4)}" fill="${at === 0 ? blue : pale}"/>`;
  }).join("");
}

function cells({ id }: PanelJson, { x, y, width, height }: Box): string {
  const [across, down] = [24, 5];
  return Array.from({ length: across * down }, (_, index) => {
    const [at, line] = [index % across, Math.floor(index / across)];
    const heat = Math.max(0, 1 - Math.abs(line - 1.5 - 1.5 * wave(id, at)) / 2);
    return `<rect x="${fixed(x + (width * at) / across)}" y="${fixed(y + (height * line) / down)}" width="${fixed(width / across - 1)}" height="${fixed(height / down - 1)}" fill="#ff9830" fill-opacity="${fixed(heat)}"/>`;
  }).join("");
}

function table({ fieldConfig }: PanelJson, { x, y, width, height }: Box): string {
  const headers = [...new Set((fieldConfig?.overrides ?? []).map(({ matcher }) => matcher.options))].slice(0, 6);
  const rules = Array.from({ length: Math.max(1, Math.floor(height / 16)) }, (_, at) => {
    const line = fixed(y + 14 + at * 16);
    return `<line x1="${fixed(x)}" x2="${fixed(x + width)}" y1="${line}" y2="${line}" stroke="#d0d7de"/>`;
  });
  const cell = width / (headers.length + 1);
  return [
    ...headers.map(
      (header, at) =>
        `<text class="note" x="${fixed(x + (at + 1) * cell)}" y="${fixed(y + 10)}">${escaped(header)}</text>`,
    ),
    ...rules,
  ].join("");
}

function graph({ x, y, width, height }: Box): string {
  const at = (across: number, down: number) => [x + width * across, y + height * down] as const;
  const nodes = [at(0.2, 0.5), at(0.5, 0.2), at(0.5, 0.8), at(0.8, 0.5)];
  const edges = [
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 3],
  ].map(([from = 0, to = 0]) => [nodes[from], nodes[to]]);
  return [
    ...edges.map(
      ([from = [0, 0], to = [0, 0]]) =>
        `<line x1="${fixed(from[0])}" y1="${fixed(from[1])}" x2="${fixed(to[0])}" y2="${fixed(to[1])}" stroke="#8c959f"/>`,
    ),
    ...nodes.map(([cx, cy]) => `<circle cx="${fixed(cx)}" cy="${fixed(cy)}" r="10" fill="${pale}" stroke="${blue}"/>`),
  ].join("");
}

function lines({ id }: PanelJson, { x, y, width, height }: Box): string {
  return Array.from({ length: Math.max(1, Math.floor(height / 12)) }, (_, at) => {
    const length = width * (0.35 + 0.6 * wave(id, at));
    return `<rect x="${fixed(x)}" y="${fixed(y + at * 12)}" width="${fixed(length)}" height="5" fill="#eaeef2"/>`;
  }).join("");
}
