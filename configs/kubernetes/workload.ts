import { contentHash } from "../hash.ts";
import type { Service, Task } from "../service.ts";
import { isTask, labelsOf, metadataOf, namespaceOf, selectorOf, type Cluster, type Part } from "./cluster.ts";
import { filesOf, configMaps, secretOf } from "./files.ts";
import { object, type KubernetesObject, type Metadata } from "./object.ts";
import { isStateful, podTemplate, type Placed } from "./pod.ts";

/** What runs the pods of a service or a task. */
export function workload(cluster: Cluster, part: Part, placed: Placed): KubernetesObject {
  if (isTask(part)) return job(cluster, part, placed);
  if (part.kind === "perNode") return daemonSet(cluster, part, placed);
  return isStateful(part) ? statefulSet(cluster, part, placed) : deployment(cluster, part, placed);
}

const selector = (cluster: Cluster, part: Part) => ({ matchLabels: selectorOf(cluster, part.name) });

const deployment = (cluster: Cluster, service: Service, placed: Placed): KubernetesObject =>
  object("Deployment", metadataOf(cluster, service), {
    spec: {
      replicas: service.replicas,
      revisionHistoryLimit: 3,
      selector: selector(cluster, service),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: podTemplate(cluster, service, placed),
    },
  });

const statefulSet = (cluster: Cluster, service: Service, placed: Placed): KubernetesObject =>
  object("StatefulSet", metadataOf(cluster, service), {
    spec: {
      replicas: service.replicas,
      revisionHistoryLimit: 3,
      serviceName: governingService(service),
      selector: selector(cluster, service),
      // members of an etcd start together or not at all
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      // data outlives the stack, and a smaller number of replicas
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      template: podTemplate(cluster, service, placed),
      ...(service.mounts.length === 0 ? {} : { volumeClaimTemplates: service.mounts.map(claim(cluster, service)) }),
    },
  });

/** The Service that gives each replica of a StatefulSet its name. */
export const governingService = ({ name, numbered }: Service): string =>
  numbered === true ? name : `${name}-replicas`;

/** Without the version among its labels: a claim can never be changed. */
const claim =
  (cluster: Cluster, { name: service }: Service) =>
  ({ volume, sizeMiB }: Service["mounts"][number]) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: volume, labels: selectorOf(cluster, service) },
    spec: {
      accessModes: ["ReadWriteOnce"],
      volumeMode: "Filesystem",
      resources: { requests: { storage: `${String(sizeMiB)}Mi` } },
      ...(cluster.settings.storageClass === undefined ? {} : { storageClassName: cluster.settings.storageClass }),
    },
  });

const daemonSet = (cluster: Cluster, service: Service, placed: Placed): KubernetesObject =>
  object("DaemonSet", metadataOf(cluster, service), {
    spec: {
      revisionHistoryLimit: 3,
      selector: selector(cluster, service),
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
      template: podTemplate(cluster, service, placed),
    },
  });

/** Seconds for pulling images and for what the task needs to become ready, before its own time begins. */
const jobStartSeconds = 1800;

/**
 * A Job cannot be changed: its name has the hash of all that it does and of what it acts on, so that it runs again when
 * one of them changes. One that failed is replaced by the next `pulumi up`. It is not removed when it is done: it would
 * be made, and run, again.
 */
function job(cluster: Cluster, task: Task, placed: Placed): KubernetesObject {
  const targets = task.targets.map((name) => placed.get(name));
  const template = podTemplate(cluster, task, placed);
  const hash = contentHash({ template, files: filesOf(task), env: task.env, targets });
  const metadata: Metadata = {
    ...metadataOf(cluster, task, `${task.name}-${hash}`),
    annotations: { "pulumi.com/replaceUnready": "true" },
  };
  return object("Job", metadata, {
    spec: {
      activeDeadlineSeconds: jobStartSeconds + 4 * task.timeoutSeconds,
      backoffLimit: 3,
      completions: 1,
      parallelism: 1,
      template,
    },
  });
}

/** Everything that a part consists of, except for what the network lets through. */
export function partObjects(cluster: Cluster, part: Part, placed: Placed): KubernetesObject[] {
  return [
    ...access(cluster, part),
    ...configMaps(cluster, part),
    ...secretOf(cluster, part),
    ...(isTask(part) ? [] : [...services(cluster, part), ...disruptionBudget(cluster, part)]),
    workload(cluster, part, placed),
  ];
}

/** An identity of its own, which can do nothing unless the part says what it must read. */
function access(cluster: Cluster, part: Part): KubernetesObject[] {
  const annotations = isTask(part) ? undefined : part.identityAnnotations;
  const account = object(
    "ServiceAccount",
    { ...metadataOf(cluster, part), ...(annotations === undefined ? {} : { annotations }) },
    { automountServiceAccountToken: false },
  );
  const rules = isTask(part) ? [] : (part.apiRules ?? []);
  if (rules.length === 0) return [account];
  const name = `${cluster.settings.namespace}-${part.name}`;
  const labels = labelsOf(cluster, part);
  return [
    account,
    object("ClusterRole", { name, labels }, { rules }),
    object(
      "ClusterRoleBinding",
      { name, labels },
      {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
        subjects: [{ kind: "ServiceAccount", name: part.name, namespace: namespaceOf(cluster, part) }],
      },
    ),
  ];
}

/** One address for all replicas; or, where each is somebody, one name for each. */
function services(cluster: Cluster, service: Service): KubernetesObject[] {
  const ports = servicePorts(service);
  if (service.kind === "perNode" || (ports.length === 0 && !isStateful(service))) return [];
  const selected = { selector: selectorOf(cluster, service.name), ...(ports.length === 0 ? {} : { ports }) };
  // whether it is reachable is told by the pods, which are waited for; a Service would wait as well, and for ever
  const annotations = { "pulumi.com/skipAwait": "true" };
  const headless = (name: string) =>
    object(
      "Service",
      { ...metadataOf(cluster, service, name), annotations },
      {
        spec: {
          type: "ClusterIP",
          clusterIP: "None",
          publishNotReadyAddresses: service.kind === "stateful" && service.numbered === true,
          ...selected,
        },
      },
    );
  if (service.numbered === true) return [headless(service.name)];
  // nobody connects to it, but a StatefulSet must name a Service
  if (ports.length === 0) return [headless(governingService(service))];
  return [
    object("Service", { ...metadataOf(cluster, service), annotations }, { spec: { type: "ClusterIP", ...selected } }),
    ...(isStateful(service) ? [headless(governingService(service))] : []),
  ];
}

/** What it listens on, and where it is asked for its health by whoever waits for it. */
export function servicePorts({ ports, health }: Service): Record<string, unknown>[] {
  const asked = health.http?.port;
  const known = asked === undefined || ports.some(({ port }) => port === asked);
  const all = [...ports, ...(known ? [] : [{ name: "health", port: asked, protocol: "tcp" as const }])];
  return all.map(({ name, port, protocol }) => ({
    name,
    port,
    targetPort: port,
    protocol: protocol === "udp" ? "UDP" : "TCP",
  }));
}

/** Maintenance takes one at a time. */
const disruptionBudget = (cluster: Cluster, service: Service): KubernetesObject[] =>
  service.kind === "perNode" || service.replicas < 2
    ? []
    : [
        object("PodDisruptionBudget", metadataOf(cluster, service), {
          spec: { maxUnavailable: 1, selector: selector(cluster, service), unhealthyPodEvictionPolicy: "AlwaysAllow" },
        }),
      ];
