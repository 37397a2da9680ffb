import type { Settings } from "../settings/settings.ts";
import type { Cluster, Part } from "./cluster.ts";
import { kinds, type Kind, type KubernetesObject } from "./object.ts";
import { edgeObjects, namespaces, namespacesOf } from "./stack.ts";
import { partObjects } from "./workload.ts";

/** What runs pods. */
export const workloadKinds: readonly Kind[] = ["StatefulSet", "Deployment", "DaemonSet", "Job"];

/** The cluster of a stack, as its objects see it. */
export const clusterOf = ({ kubernetes, images }: Settings): Cluster => ({
  settings: kubernetes,
  toolImage: images.greptimedb,
});

/**
 * Every object of a stack, in the order in which they are applied: what others refer to first, then workloads, each
 * after those that it needs.
 * @param parts in the order in which they are placed
 */
export function stackObjects(cluster: Cluster, parts: readonly Part[]): KubernetesObject[] {
  const placed = new Map<string, Part>();
  const own = parts.flatMap((part) => {
    placed.set(part.name, part);
    return partObjects(cluster, part, placed);
  });
  const all = [...namespaces(cluster, namespacesOf(cluster, parts)), ...own, ...edgeObjects(cluster, parts)];
  return all.toSorted((a, b) => rank(a) - rank(b));
}

/** Workloads keep the order in which they are placed, whatever kinds they are. */
const rank = ({ kind }: KubernetesObject): number => kinds.indexOf(workloadKinds.includes(kind) ? "StatefulSet" : kind);
