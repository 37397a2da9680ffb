/** One resource of the graph, as plain data. */
export interface Node {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN of the parent; none for the stack itself. */
  readonly parent: string | undefined;
  /** Whether a provider manages it; components are only a frame. */
  readonly custom: boolean;
  /** Arguments; secrets and unknown values are marked (graph/values.ts). */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs of what must exist before. */
  readonly dependencies: readonly string[];
  /** The same by argument: what an argument's value comes from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** URN of the provider; empty where the default provider would be used, and for components. */
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly replaceOnChanges: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly string[];
  /** Seconds or Go durations, as given. */
  readonly timeouts: { readonly create: string; readonly update: string; readonly delete: string };
  /** What a component registered as its outputs; none for custom resources. */
  readonly outputs: Readonly<Record<string, unknown>> | undefined;
}

/** All resources that a program declares, and what it returns. */
export interface Graph {
  readonly nodes: readonly Node[];
  /** The stack's outputs; secrets are marked. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The last part of a URN: the resource's name. */
export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/**
 * Everything that must exist before a resource: its dependencies, its provider, its parents (the SDK sends a resource
 * only once its parent is registered, and a component only once its own dependencies are), and what those wait for.
 */
export function allBefore({ nodes }: Graph, node: Node): Set<string> {
  const byUrn = new Map(nodes.map((candidate) => [candidate.urn, candidate]));
  const seen = new Set<string>();
  const visit = (urn: string) => {
    if (seen.has(urn)) return;
    seen.add(urn);
    const { dependencies = [], provider = "", parent = "" } = byUrn.get(urn) ?? {};
    [...dependencies, provider, parent].filter((before) => before !== "").forEach(visit);
  };
  visit(node.urn);
  seen.delete(node.urn);
  return seen;
}

/** The children of a resource. */
export const childrenOf = ({ nodes }: Graph, urn: string): Node[] => nodes.filter(({ parent }) => parent === urn);
