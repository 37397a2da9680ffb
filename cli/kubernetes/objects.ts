import { type Graph, type Node, Secret } from "../../graph/index.ts";

/** The objects of a cluster in a recorded graph, as far as plans read them. */

export interface ClusterObject {
  readonly node: Node;
  readonly kind: string;
  readonly name: string;
  /** Empty for what belongs to the whole cluster. */
  readonly namespace: string;
}

/** The object that a node is; undefined for other resources. */
export function objectOf(node: Node): ClusterObject | undefined {
  if (!node.type.startsWith("kubernetes:")) return undefined;
  const { kind, metadata } = node.inputs as { kind: string; metadata: { name: string; namespace?: string } };
  return { node, kind, name: metadata.name, namespace: metadata.namespace ?? "" };
}

export const objectsIn = ({ nodes }: Graph): ClusterObject[] =>
  nodes.flatMap((node) => {
    const found = objectOf(node);
    return found === undefined ? [] : [found];
  });

/** The service or task that an object belongs to; a Job's own name has a hash behind it. */
export const partOf = ({ node, name }: ClusterObject): string =>
  (node.inputs["metadata"] as { labels?: Record<string, string> }).labels?.["app.kubernetes.io/name"] ?? name;

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources: { readonly requests: { readonly cpu: string; readonly memory: string } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly hostPath?: { readonly path: string };
    readonly secret?: { readonly secretName: string };
  }[];
}

export interface Claim {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
}

export interface Workload extends ClusterObject {
  readonly part: string;
  /** None where each node has one, and for Jobs. */
  readonly replicas: number | undefined;
  readonly pod: PodSpec;
  readonly claims: readonly Claim[];
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly template: { readonly spec: PodSpec };
  readonly volumeClaimTemplates?: readonly Claim[];
}

/** The workload that an object is; undefined for what runs no pods. */
export function workloadOf(object: ClusterObject): Workload | undefined {
  if (!["StatefulSet", "Deployment", "DaemonSet", "Job"].includes(object.kind)) return undefined;
  const { replicas, template, volumeClaimTemplates = [] } = object.node.inputs["spec"] as WorkloadSpec;
  return { ...object, part: partOf(object), replicas, pod: template.spec, claims: volumeClaimTemplates };
}

export const workloadsIn = (graph: Graph): Workload[] =>
  objectsIn(graph).flatMap((object) => {
    const found = workloadOf(object);
    return found === undefined ? [] : [found];
  });

/** What keeps running in a number of its own. */
export const replicated = (graph: Graph): (Workload & { readonly replicas: number })[] =>
  workloadsIn(graph).flatMap((workload) => {
    const { replicas } = workload;
    return replicas === undefined ? [] : [{ ...workload, replicas }];
  });

/** Mebibytes of a quantity that this project writes, such as `512Mi`. */
export const mebibytes = (quantity: string): number => Number(quantity.replace(/Mi$/, ""));

/** Thousandths of a core of a quantity such as `100m`. */
const millicores = (quantity: string): number => Number(quantity.replace(/m$/, ""));

/** What a pod reserves: its containers together, or the one that waits before them, if that is more. */
export function reserved({ containers, initContainers = [] }: PodSpec): { memoryMiB: number; cpuMillis: number } {
  const most = (of: (container: Container) => number) =>
    Math.max(
      containers.reduce((sum, container) => sum + of(container), 0),
      ...initContainers.map(of),
    );
  return {
    memoryMiB: most(({ resources }) => mebibytes(resources.requests.memory)),
    cpuMillis: most(({ resources }) => millicores(resources.requests.cpu)),
  };
}

/** Disk that the claims of all replicas reserve. */
export const claimedMiB = ({ claims, replicas = 0 }: Workload): number =>
  replicas * claims.reduce((sum, { spec }) => sum + mebibytes(spec.resources.requests.storage), 0);

/** Names of the claims that a StatefulSet makes: `data-greptimedb-0`. */
export const claimNames = ({ claims, name, replicas = 0 }: Workload): string[] =>
  claims.flatMap(({ metadata }) =>
    Array.from({ length: replicas }, (_, index) => `${metadata.name}-${name}-${String(index)}`),
  );

/** The data of a ConfigMap or Secret, by key; what is secret in it stays hidden. */
export function dataOf({ node }: ClusterObject): Readonly<Record<string, unknown>> {
  const data = node.inputs["stringData"] ?? node.inputs["data"];
  return (data instanceof Secret ? data.value : (data ?? {})) as Readonly<Record<string, unknown>>;
}
