import type { Settings } from "../../configs/settings/settings.ts";
import type { Graph, StackRecording } from "../../graph/index.ts";
import { secretNotes, settingNotes } from "../plan-notes.ts";
import { listed, readableSize } from "../terminal.ts";
import { claimedMiB, claimNames, objectsIn, replicated, reserved, workloadsIn } from "./objects.ts";
import { oldestKubernetes } from "./version.ts";

/** What somebody should know before deploying to a cluster, one sentence or two each. */
export const kubernetesNotes = (recording: StackRecording): string[] => [
  ...target(recording),
  ...reachable(recording),
  ...network(recording),
  ...kept(recording),
  ...required(recording),
  ...rights(recording),
  ...secretNotes(recording),
  ...size(recording),
  ...settingNotes(recording),
];

const settingsOf = ({ configuration }: StackRecording): Settings => configuration.settings;

function target(recording: StackRecording): string[] {
  const { context, clusterIdentifier } = settingsOf(recording).kubernetes;
  const where =
    context === undefined
      ? "kubernetes.context is not set: the deployment goes to whatever context is current then"
      : `The deployment goes to the context ${context}`;
  return [
    `${where}. Kubernetes ${oldestKubernetes} or later is needed.`,
    `To the stack that cluster is ${clusterIdentifier} (kubernetes.clusterIdentifier): keep the name when the kubeconfig changes, change it with the cluster.`,
  ];
}

/** What is reachable from where. */
function reachable(recording: StackRecording): string[] {
  const { kubernetes, collector } = settingsOf(recording);
  const { ingress, network: open } = kubernetes;
  const { outputs } = recording.graph;
  const people =
    ingress.grafana.host === undefined
      ? `Nothing publishes Grafana. To reach it: ${String(outputs["grafanaForward"])}, then ${String(outputs["grafanaUrl"])}.`
      : `Whoever reaches the ingress controller reaches Grafana, at https://${ingress.grafana.host}.`;
  const token = collector.auth === "bearer" ? "with collectorToken as bearer token" : "without a token";
  const all = open.applicationNamespaces.length === 0 || !open.policies;
  const namespaces = all ? "all namespaces" : `the namespaces ${listed(open.applicationNamespaces)}`;
  const narrower = all && open.policies ? "; kubernetes.network.applicationNamespaces narrows that down" : "";
  const { requestsPerSecond } = ingress;
  const limit = requestsPerSecond === undefined ? "without limit" : `${String(requestsPerSecond)} requests a second`;
  return [
    people,
    `Pods of ${namespaces} may send OTLP to ${String(outputs["networkOtlpEndpoint"])}, ${token}${narrower}.`,
    ingress.otlp.host === undefined
      ? "From outside the cluster nothing takes OTLP (kubernetes.ingress.otlp)."
      : `From outside the cluster OTLP is taken at https://${ingress.otlp.host}, ${token}; each client ${limit} (kubernetes.ingress.requestsPerSecond).`,
  ];
}

function network(recording: StackRecording): string[] {
  const { policies } = settingsOf(recording).kubernetes.network;
  return [
    policies
      ? "Network policies admit nothing else, where the cluster's network plugin enforces them. Another accepts them and lets everything through."
      : "kubernetes.network.policies is off: every pod of the cluster reaches every port of this stack.",
    "Between pods nothing is encrypted, passwords included, unless the network plugin does that or a setting says so.",
  ];
}

/** What destroy leaves, and what takes it away. */
function kept({ graph, configuration: { settings } }: StackRecording): string[] {
  const { namespace, createNamespace, storageClass } = settings.kubernetes;
  const claims = workloadsIn(graph).flatMap(claimNames);
  const kind = storageClass === undefined ? "the cluster's default storage class" : `storage class ${storageClass}`;
  const what = `${String(claims.length)} claims that hold the data (${readableSize(claimed(graph))})`;
  if (claims.length === 0) return createNamespace ? [`The namespace ${namespace} stays on destroy.`] : [];
  return [
    createNamespace
      ? `The namespace ${namespace} stays on destroy, and with it ${what}. Deleting it deletes them.`
      : `On destroy ${what} stay in the namespace ${namespace}. Deleting it deletes them.`,
    `Volumes come from ${kind}${storageClass === undefined ? ", so there must be one" : ""}. With its reclaim policy Delete, which most have, the data goes with the claim. A claim keeps the size with which it was made.`,
  ];
}

const claimed = (graph: Graph): number => workloadsIn(graph).reduce((sum, workload) => sum + claimedMiB(workload), 0);

/** What must be there before. */
function required({ graph, configuration: { settings } }: StackRecording): string[] {
  const { namespace, createNamespace } = settings.kubernetes;
  const foreign = foreignSecrets(graph).map((secret) => `Secret ${secret.name} in ${secret.namespace}`);
  const registries = new Set(
    workloadsIn(graph).flatMap(({ pod }) => pod.containers.map(({ image }) => registryOf(image))),
  );
  return [
    ...(createNamespace
      ? []
      : [
          `The namespace ${namespace} must be there (kubernetes.createNamespace is off). The pods keep to the restricted pod security standard.`,
        ]),
    ...(foreign.length === 0
      ? []
      : [`Pods and ingresses wait for what somebody else has to make: ${foreign.join(", ")}.`]),
    `Nodes pull images from ${listed([...registries].sort())} (images.*, kubernetes.imagePullSecrets).`,
  ];
}

/** Secrets that objects refer to and that are not of this stack. */
export function foreignSecrets(graph: Graph): { namespace: string; name: string }[] {
  const objects = objectsIn(graph);
  const own = new Set(
    objects.flatMap(({ kind, namespace, name }) => (kind === "Secret" ? [`${namespace}/${name}`] : [])),
  );
  const ofPods = workloadsIn(graph).flatMap(({ namespace, pod: { volumes = [], imagePullSecrets = [] } }) => [
    ...imagePullSecrets.map(({ name }) => ({ namespace, name })),
    ...volumes.flatMap(({ secret }) => (secret === undefined ? [] : [{ namespace, name: secret.secretName }])),
  ]);
  const ofIngresses = objects.flatMap(({ kind, namespace, node }) =>
    kind === "Ingress"
      ? ((node.inputs["spec"] as { tls?: { secretName: string }[] }).tls ?? []).map(({ secretName: name }) => ({
          namespace,
          name,
        }))
      : [],
  );
  const key = ({ namespace, name }: { namespace: string; name: string }) => `${namespace}/${name}`;
  const wanted = [...ofPods, ...ofIngresses].filter((secret) => !own.has(key(secret)));
  return [...new Map(wanted.map((secret) => [key(secret), secret])).values()].sort((a, b) =>
    key(a) < key(b) ? -1 : 1,
  );
}

/** `docker.io`, unless the first part of the name says otherwise. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]/.test(first) ? first : "docker.io";
}

/** What a cluster's owner may not want to give. */
function rights({ graph }: StackRecording): string[] {
  const roles = objectsIn(graph).filter(({ kind }) => kind === "ClusterRole");
  const onNodes = workloadsIn(graph).filter(({ pod }) =>
    (pod.volumes ?? []).some(({ hostPath }) => hostPath !== undefined),
  );
  return [
    ...(roles.length === 0
      ? []
      : [`Deploying takes the right to make cluster roles: ${listed(roles.map(({ name }) => name))}.`]),
    ...onNodes.map(
      ({ part, namespace }) =>
        `Pods of ${part} read directories of their nodes; the namespace ${namespace} lets its pods do so (pod security privileged).`,
    ),
  ];
}

function size({ graph }: StackRecording): string[] {
  const workloads = replicated(graph);
  const perNode = workloadsIn(graph).filter(({ kind }) => kind === "DaemonSet");
  const cores = workloads.reduce((sum, { pod, replicas }) => sum + replicas * reserved(pod).cpuMillis, 0) / 1000;
  const agents = perNode.reduce((sum, { pod }) => sum + reserved(pod).memoryMiB, 0);
  const single = workloads.filter(({ replicas }) => replicas === 1).map(({ part }) => part);
  return [
    `Pods reserve ${readableSize(reservedMiB(graph))} of memory${perNode.length === 0 ? "" : `, and ${readableSize(agents)} on each node`}, and cannot take more; they reserve ${String(cores)} cores, and take what is free.`,
    ...(single.length === 0 ? [] : [`One replica each, and away while its node is drained: ${listed(single.sort())}.`]),
  ];
}

/** Memory that the pods of a stack reserve together; what each node has is not in it. */
export const reservedMiB = (graph: Graph): number =>
  replicated(graph).reduce((sum, { pod, replicas }) => sum + replicas * reserved(pod).memoryMiB, 0);
