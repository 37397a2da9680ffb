import { childrenOf, type Graph, type Node } from "../graph/index.ts";
import type { PlanView } from "./plan-view.ts";
import type { Style } from "./terminal.ts";

/** The resource tree with the facts that a reviewer asks for. */
export function planTree(graph: Graph, facts: PlanView["facts"], style: Style, width: number): string[] {
  const stack = graph.nodes.find(({ type }) => type === "pulumi:pulumi:Stack");
  if (stack === undefined) return [];
  const branches = (parent: string, prefix: string): string[] => {
    const children = childrenOf(graph, parent).sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
    return children.flatMap((node, index) => {
      const last = index === children.length - 1;
      const head = `${prefix}${last ? "└─ " : "├─ "}`;
      const below = `${prefix}${last ? "   " : "│  "}`;
      const label = node.custom ? node.name : style.bold(node.name);
      const said = folded([...sharedFacts(node), ...facts(graph, node)], width - below.length - 3);
      const lines = [`${head}${label}  ${style.dim(kindOf(node))}`, ...said.map((line) => `${below}   ${line}`)];
      return [...lines, ...branches(node.urn, below)];
    });
  };
  return branches(stack.urn, "");
}

/** Facts side by side, in lines that fit. */
function folded(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + fact.length + 3 <= width) lines[lines.length - 1] = `${last} · ${fact}`;
    else lines.push(fact);
  }
  return lines;
}

/** Providers first, then what other things stand on. */
const order = ({ type, custom }: Node): number => (type.startsWith("pulumi:providers:") ? 0 : custom ? 1 : 2);

/** `docker:index/container:Container` → `docker Container`. */
export function kindOf({ type }: Node): string {
  if (type.startsWith("pulumi:providers:")) return `provider ${type.slice("pulumi:providers:".length)}`;
  const [module = "", , name = type] = type.split(":");
  return module === "greptime-observability" ? name : `${module} ${name}`;
}

/** Of resources that are the same everywhere. */
function sharedFacts(node: Node): string[] {
  switch (kindOf(node)) {
    case "random RandomPassword":
      return ["generated secret"];
    case "grafana RuleGroup":
      return (node.inputs["rules"] as { name: string }[]).map(({ name }) => name);
    case "grafana Dashboard":
      return [(JSON.parse(String(node.inputs["configJson"])) as { title: string }).title];
    default:
      return [];
  }
}
