import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/**
 * What is wrong with a query: its syntax, or that GreptimeDB does not evaluate it as Prometheus does
 * (knowledge of GreptimeDB 1.1.4). An independent check: it reads the text, not the builder's data.
 * @param counters names of counters that do not end as a counter's name should
 */
export function complaints(expr: string, counters: ReadonlySet<string> = new Set()): string[] {
  const found: string[] = [];
  parser.parse(withoutMacros(expr)).iterate({
    enter: (cursor) => {
      if (cursor.type.isError) found.push(`syntax error at ${String(cursor.from)}`);
      found.push(...complaintsOf(cursor.node, withoutMacros(expr), counters));
    },
  });
  return found;
}

/** As Grafana fills in its variables, with the windows that it would choose. */
export const withoutMacros = (expr: string): string =>
  expr
    .replaceAll("$__rate_interval", "4m")
    .replaceAll("$__range", "1h")
    .replaceAll(/\$\{?\w+\}?/g, ".+");

const banned: Readonly<Record<string, string>> = {
  StepInvariantExpr: "@ is ignored by GreptimeDB",
  GroupLeft: "group_left has no effect",
  GroupRight: "group_right has no effect",
  SubqueryExpr: "a subquery needs care with its step",
};

function complaintsOf(node: SyntaxNode, expr: string, counters: ReadonlySet<string>): string[] {
  const text = (of: SyntaxNode | null) => (of === null ? "" : expr.slice(of.from, of.to));
  const reason = banned[node.name];
  if (reason !== undefined) return [reason];
  switch (node.name) {
    case "FunctionCall":
      return functionComplaints(
        text(node.getChild("FunctionIdentifier")),
        text(node.getChild("FunctionCallBody")),
        counters,
      );
    case "BinaryExpr":
      return binaryComplaints(node, text);
    case "UnquotedLabelMatcher":
      return matcherComplaints(text(node));
    case "VectorSelector":
      return node.getChild("Identifier") === null ? ["a selector without a metric's name is refused"] : [];
    default:
      return [];
  }
}

function functionComplaints(name: string, body: string, counters: ReadonlySet<string>): string[] {
  if (name === "histogram_quantile") {
    return [
      ...(/^\(0?\.\d+,/.test(body) ? [] : ["the quantile must be a literal"]),
      ...(/\bby \((le\b|.*\ble\b)/.test(body) ? [] : ["a quantile needs its buckets: by (le)"]),
      ...(/\b(rate|increase)\(/.test(body) ? [] : ["a quantile of counters that only grow says nothing"]),
    ];
  }
  if (name === "absent" && !/^\(\w+\{[^{}]*\}\)$/.test(body)) return ["absent() takes a plain selector only"];
  if (/^(rate|increase)$/.test(name) && !isCounter(/^\((\w+)/.exec(body)?.[1], counters))
    return [`${name}() of what is no counter`];
  return /^(absent_over_time|label_replace|time|irate)$/.test(name) && !putsALabel(name, body)
    ? [`${name}() behaves differently`]
    : [];
}

/** A label of a fixed value on constants, which read no table. */
const putsALabel = (name: string, body: string): boolean =>
  name === "label_replace" && metricNames(body).length === 0 && /, "\w+", "[^"$]+", "", ""\)$/.test(body);

const isCounter = (name: string | undefined, counters: ReadonlySet<string>): boolean =>
  name !== undefined && (/_(total|count|sum|bucket)$/.test(name) || counters.has(name));

const comparisons = ["Gtr", "Lss", "Gte", "Lte", "EqlC", "Neq"];

function binaryComplaints(node: SyntaxNode, text: (of: SyntaxNode | null) => string): string[] {
  const joins = node.getChild("Or") !== null || node.getChild("Unless") !== null;
  if (joins && canBeJoined(text(node))) return [];
  const operators = ["And", "Or", "Unless", ...comparisons].filter((name) => node.getChild(name) !== null);
  const quantile = text(node).includes("histogram_quantile")
    ? ["arithmetic on a quantile is refused while its metric is missing"]
    : [];
  return [...operators.map((name) => `${name} belongs into a rule's condition`), ...quantile];
}

/** Of one metric, or of constants: then both sides have the same columns. */
const canBeJoined = (or: string): boolean => new Set(metricNames(or)).size === (or.includes("vector(") ? 0 : 1);

const matcherComplaints = (matcher: string): string[] => [
  ...(/!=|!~/.test(matcher) ? ["a negative matcher drops series without the label"] : []),
  ...(matcher.endsWith('""') ? ["an empty value does not match a missing label"] : []),
];

/** Metric names in a query, as its text has them. */
export function metricNames(expr: string): string[] {
  const text = withoutMacros(expr);
  const names: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, node }) => {
      if (name === "Identifier" && node.parent?.name === "VectorSelector") names.push(text.slice(node.from, node.to));
    },
  });
  return names;
}
