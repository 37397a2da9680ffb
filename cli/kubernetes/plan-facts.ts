import { pathAnnotation } from "../../configs/kubernetes/files.ts";
import type { Graph, Node } from "../../graph/index.ts";
import { readableBytes, readableSize } from "../terminal.ts";
import {
  dataOf,
  mebibytes,
  objectOf,
  reserved,
  workloadOf,
  workloadsIn,
  type ClusterObject,
  type Workload,
} from "./objects.ts";
import { policyFacts, type PolicySpec } from "./policy-words.ts";

/** What a reviewer asks of an object of a cluster: its name first, then what is particular to its kind. */
export function objectFacts(graph: Graph, node: Node): string[] {
  if (node.type === "pulumi:providers:kubernetes") return providerFacts(node);
  const object = objectOf(node);
  if (object === undefined) return [];
  const workload = workloadOf(object);
  const facts = workload === undefined ? particular(object) : workloadFacts(graph, workload);
  return [object.name, ...facts];
}

function providerFacts({ inputs }: Node): string[] {
  const { kubeconfig, context } = inputs;
  return [
    typeof context === "string" ? `context ${context}` : "whatever context is current",
    ...(typeof kubeconfig === "string" && kubeconfig !== "" ? [`kubeconfig ${kubeconfig}`] : []),
  ];
}

function particular(object: ClusterObject): string[] {
  const { node, kind } = object;
  switch (kind) {
    case "Namespace":
      return namespaceFacts(node);
    case "ConfigMap":
      return configMapFacts(object);
    case "Secret":
      return [`keys ${Object.keys(dataOf(object)).join(", ")}`];
    case "Service":
      return serviceFacts(node.inputs["spec"] as ServiceSpec);
    case "NetworkPolicy":
      return policyFacts(node.inputs["spec"] as PolicySpec);
    case "PodDisruptionBudget":
      return ["maintenance takes one pod at a time"];
    case "ServiceAccount":
      return accountFacts(node);
    case "ClusterRole":
      return (node.inputs["rules"] as ApiRule[]).map(
        ({ verbs, resources }) => `${verbs.join(", ")} ${resources.join(", ")}`,
      );
    case "ClusterRoleBinding":
      return (node.inputs["subjects"] as Subject[]).map(({ namespace, name }) => `to ${name} in ${namespace}`);
    case "Ingress":
      return ingressFacts(node.inputs["spec"] as IngressSpec);
    default:
      return [];
  }
}

function configMapFacts(object: ClusterObject): string[] {
  const { annotations = {} } = object.node.inputs["metadata"] as { annotations?: Record<string, string> };
  const path = annotations[pathAnnotation];
  const bytes = Object.values(dataOf(object)).reduce<number>((sum, text) => sum + byteLength(text), 0);
  return [...(path === undefined ? [] : [path]), readableBytes(bytes)];
}

function namespaceFacts({ inputs, retainOnDelete }: Node): string[] {
  const { labels } = inputs["metadata"] as { labels: Record<string, string> };
  return [
    `pod security ${labels["pod-security.kubernetes.io/enforce"] ?? "as the cluster has it"}`,
    retainOnDelete ? "kept on destroy" : "deleted on destroy",
  ];
}

interface ServiceSpec {
  readonly clusterIP?: string;
  /** None where it only names replicas. */
  readonly ports?: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

const serviceFacts = ({ clusterIP, ports = [] }: ServiceSpec): string[] => [
  ...(clusterIP === "None" ? ["headless"] : []),
  ...ports.map(({ name, port, protocol }) => `${name} ${String(port)}${protocol === "UDP" ? "/udp" : ""}`),
];

function accountFacts({ inputs }: Node): string[] {
  const { annotations = {} } = inputs["metadata"] as { annotations?: Record<string, string> };
  return Object.entries(annotations).map(([name, value]) => `${name}=${value}`);
}

interface ApiRule {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}

interface Subject {
  readonly namespace: string;
  readonly name: string;
}

interface IngressSpec {
  readonly ingressClassName?: string;
  readonly tls?: readonly { readonly secretName: string }[];
  readonly rules: readonly {
    readonly host: string;
    readonly http: { readonly paths: readonly { readonly backend: { readonly service: Backend } }[] };
  }[];
}

interface Backend {
  readonly name: string;
  readonly port: { readonly number: number };
}

const ingressFacts = ({ ingressClassName, tls = [], rules }: IngressSpec): string[] => [
  ...rules.flatMap(({ host, http }) =>
    http.paths.map(({ backend: { service } }) => `https://${host} → ${service.name}:${String(service.port.number)}`),
  ),
  ...tls.map(({ secretName }) => `certificate in Secret ${secretName}`),
  ingressClassName === undefined ? "default ingress class" : `ingress class ${ingressClassName}`,
];

function workloadFacts(graph: Graph, workload: Workload): string[] {
  const { pod, claims, node } = workload;
  const { memoryMiB, cpuMillis } = reserved(pod);
  const { runAsUser, runAsGroup } = pod.securityContext;
  return [
    ...pod.containers.map(({ image }) => image),
    ...replicaFacts(workload),
    `${readableSize(memoryMiB)} memory`,
    `${String(cpuMillis / 1000)} cpu`,
    `user ${String(runAsUser)}:${String(runAsGroup)}`,
    ...claims.map(
      ({ metadata, spec }) =>
        `volume ${metadata.name}, ${readableSize(mebibytes(spec.resources.requests.storage))}, at ${pathsOf(workload, metadata.name)}`,
    ),
    ...(pod.volumes ?? []).flatMap(({ name, hostPath }) =>
      hostPath === undefined ? [] : [`${hostPath.path} of the node at ${pathsOf(workload, name)}`],
    ),
    ...after(graph, node),
  ];
}

function replicaFacts({ kind, replicas }: Workload): string[] {
  if (kind === "Job") return ["once"];
  if (replicas === undefined) return ["one on each node"];
  return [replicas === 1 ? "1 replica" : `${String(replicas)} replicas`];
}

const pathsOf = ({ pod }: Workload, volume: string): string =>
  pod.containers
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .filter(({ name }) => name === volume)
    .map(({ mountPath, readOnly }) => (readOnly === true ? `${mountPath}, read only` : mountPath))
    .join(" and ");

/** Workloads that must be ready before this one is made. */
function after(graph: Graph, { dependencies }: Node): string[] {
  const before = workloadsIn(graph).filter(({ node }) => dependencies.includes(node.urn));
  return before.length === 0 ? [] : [`after ${before.map(({ part }) => part).join(", ")}`];
}

const byteLength = (text: unknown): number => Buffer.byteLength(String(text), "utf8");
