import { nameOf, type Graph, type Node } from "../../graph/index.ts";

/** Containers by the last part of their resource's name. */
export function container(graph: Graph, name: string): Node {
  const found = graph.nodes.find((node) => node.type === "docker:index/container:Container" && node.name === name);
  if (found === undefined)
    throw new Error(
      `no container ${name}; there are ${graph.nodes
        .filter(({ type }) => type.includes("container"))
        .map((n) => n.name)
        .join(", ")}`,
    );
  return found;
}

export const ofType = ({ nodes }: Graph, type: string): Node[] => nodes.filter((node) => node.type === type);

/** All strings in a value, with where they are. */
export function strings(value: unknown, at = ""): { at: string; text: string }[] {
  if (typeof value === "string") return [{ at, text: value }];
  if (Array.isArray(value)) return value.flatMap((child, index) => strings(child, `${at}[${String(index)}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => strings(child, `${at}.${key}`));
}

/** Names instead of URNs. */
export const names = (urns: Iterable<string>): string[] => [...urns].map(nameOf).sort();
