import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

import { withoutMacros } from "./promql.ts";

/** What a query reads, from its text alone: an independent check of the builder's own account. */

export interface TextReading {
  readonly series: string;
  /** In its matchers, and in the groupings around it. */
  readonly labels: ReadonlySet<string>;
}

export function readsOf(expr: string): TextReading[] {
  const text = withoutMacros(expr);
  const reads: TextReading[] = [];
  const of = (node: SyntaxNode) => text.slice(node.from, node.to);
  parser.parse(text).iterate({
    enter: ({ name, node }) => {
      if (name !== "VectorSelector") return;
      const identifier = node.getChild("Identifier");
      if (identifier === null) return;
      const labels = new Set<string>();
      node.cursor().iterate((inside) => {
        if (inside.name === "LabelName") labels.add(of(inside.node));
      });
      for (let parent = node.parent; parent !== null; parent = parent.parent) {
        if (parent.name !== "AggregateExpr") continue;
        parent
          .getChild("AggregateModifier")
          ?.cursor()
          .iterate((inside) => {
            if (inside.name === "LabelName") labels.add(of(inside.node));
          });
      }
      reads.push({ series: of(identifier), labels });
    },
  });
  return reads;
}
