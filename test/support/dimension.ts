import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

import { packs } from "../../dashboards/packs.ts";
import { seriesNames } from "../../dashboards/stored-name.ts";
import { metricNames, withoutMacros } from "./promql.ts";

/**
 * What a query's result is measured in, from its text and the units of the metrics that it reads: an independent
 * check that a panel does not show milliseconds as seconds, or a share as a number.
 */
export type Dimension = string;

const metrics = new Map(
  packs.flatMap((pack) => pack.metrics).flatMap((metric) => seriesNames(metric).map((series) => [series, metric])),
);

/** Buckets and counts of a histogram count observations. */
function unitOf(series: string, counts: boolean): Dimension {
  const metric = metrics.get(series);
  if (metric === undefined) throw new Error(`no metric is stored as ${series}`);
  const counted = counts && metric.kind === "histogram" && !series.endsWith("_sum");
  if (metric.share === true) return "1";
  return counted || /[{}]/.test(metric.unit) ? "" : metric.unit;
}

export const dimensionOf = (expr: string): Dimension => {
  const text = withoutMacros(expr);
  return of(parser.parse(text).topNode, (node) => text.slice(node.from, node.to));
};

/** Grafana's units that say so much. */
export function grafanaUnits(dimension: Dimension): readonly string[] {
  const [main = "", per] = dimension.split(" per ");
  if (per === "second") return perSecond[main] ?? ["short", "reqps", "ops", "cps"];
  return plain[main] ?? ["short", "none"];
}

const plain: Readonly<Record<string, readonly string[]>> = {
  s: ["s"],
  ms: ["ms"],
  By: ["bytes"],
  "1": ["percentunit"],
  each: ["percentunit", "short", "none"],
  money: ["currencyUSD"],
};

/** Seconds a second is how many of something are busy. */
const perSecond: Readonly<Record<string, readonly string[]>> = { By: ["Bps"], s: ["percentunit", "short"] };

type TextOf = (node: SyntaxNode) => string;

function of(node: SyntaxNode, text: TextOf): Dimension {
  switch (node.name) {
    case "FunctionCall":
      return call(node, text);
    case "AggregateExpr":
      return text(node).startsWith("count") ? "" : inside(node, text);
    case "BinaryExpr":
      return binary(node, text);
    case "VectorSelector":
      return unitOf(/^\w+/.exec(text(node))?.[0] ?? "", true);
    default:
      return inside(node, text);
  }
}

const inside = (node: SyntaxNode, text: TextOf): Dimension =>
  children(node)
    .map((child) => of(child, text))
    .find((part) => part !== "") ?? "";

function call(node: SyntaxNode, text: TextOf): Dimension {
  const name = node.firstChild === null ? "" : text(node.firstChild);
  if (name === "histogram_quantile") return unitOf(/\w+_bucket/.exec(text(node))?.[0] ?? "", false);
  if (name === "rate" || name === "deriv") return `${inside(node, text)} per second`;
  return name === "absent" || name === "vector" ? "" : inside(node, text);
}

function binary(node: SyntaxNode, text: TextOf): Dimension {
  const [left, right] = [node.firstChild, node.lastChild];
  if (left === null || right === null) return "";
  const isNumber = (side: SyntaxNode) => side.name === "NumberDurationLiteral" || /^[\d.e-]+$/.test(text(side));
  const operator = children(node)[1]?.name;
  if (operator === "Mul" && isNumber(left)) return multiple(Number(text(left)), of(right, text));
  if (operator === "Div" && !isNumber(left)) {
    const related = metricNames(text(left)).some((name) => metricNames(text(right)).includes(name));
    return quotient(of(left, text), of(right, text), related);
  }
  return isNumber(left) ? of(right, text) : of(left, text);
}

/** So many seconds of what happens each second, or so little of what something costs. */
const multiple = (factor: number, dimension: Dimension): Dimension =>
  dimension.endsWith(" per second") && factor >= 60 ? dimension.replace(/ per second$/, "") : "money";

/** A part of the same metric is a share; of another one, it may be that or a number; else so much for each of them. */
function quotient(part: Dimension, whole: Dimension, related: boolean): Dimension {
  // so much, divided by so much a second, is time
  if (whole === `${part} per second`) return "s";
  // growth, as a share of what is there
  if (part === `${whole} per second`) return "1 per second";
  if (part !== whole) return part.replace(/ per second$/, "");
  return related ? "1" : "each";
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
}
