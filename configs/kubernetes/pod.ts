import type { Health, Service, Task, User } from "../service.ts";
import { namesReplica, secretsIn, type Text } from "../text.ts";
import { isTask, labelsOf, selectorOf, type Cluster, type Part } from "./cluster.ts";
import { fileVolumes, scriptFile } from "./files.ts";
import { waitContainers } from "./wait.ts";

/** The pods of services and tasks, closed as the `restricted` pod security standard wants them, and a little more. */

export type Placed = ReadonlyMap<string, Part>;

/** The template from which a workload makes its pods. `placed` has what the part needs. */
export function podTemplate(cluster: Cluster, part: Part, placed: Placed): Record<string, unknown> {
  const { settings } = cluster;
  const files = fileVolumes(part);
  const initContainers = waitContainers(cluster, part, placed);
  return {
    metadata: { labels: labelsOf(cluster, part) },
    spec: {
      serviceAccountName: part.name,
      automountServiceAccountToken: hasApiRules(part),
      // no variables for each Service of the namespace
      enableServiceLinks: false,
      securityContext: podSecurity(part),
      ...scheduling(cluster, part),
      ...optionalList(
        "imagePullSecrets",
        settings.imagePullSecrets.map((name) => ({ name })),
      ),
      ...optionalList("initContainers", initContainers),
      containers: [isTask(part) ? taskContainer(part) : serviceContainer(part)],
      volumes: [
        ...files.volumes,
        ...scratchVolumes(part, initContainers.length > 0),
        ...nodeVolumes(part),
        ...certificateVolumes(part),
      ],
      ...(isTask(part)
        ? { restartPolicy: "Never" }
        : { terminationGracePeriodSeconds: part.stopGraceSeconds + (drains(part) ? drainSeconds : 0) }),
    },
  };
}

function serviceContainer(service: Service): Record<string, unknown> {
  const { name, image, entrypoint, args, ports } = service;
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    ...(entrypoint === undefined ? {} : { command: entrypoint.map(escaped) }),
    ...optionalList("args", args.map(literalOf)),
    ...optionalList("env", environment(service, service.env)),
    ports: ports.map(({ name: port, port: containerPort, protocol }) => ({
      name: port,
      containerPort,
      protocol: protocol === "udp" ? "UDP" : "TCP",
    })),
    ...probes(service),
    // whoever still sends to it learns first that it goes
    ...(drains(service) ? { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } } : {}),
    resources: resources(service.memoryMiB, service.cpuMillis ?? 100),
    securityContext: containerSecurity,
    volumeMounts: [
      ...fileVolumes(service).mounts,
      ...service.mounts.map(({ volume, path }) => ({ name: volume, mountPath: path })),
      ...(service.scratch ?? []).map((path) => ({ name: scratchName(path), mountPath: path })),
      ...(service.nodeDirectories ?? []).map(({ mountPath, writable }) => ({
        name: nodeVolumeName(mountPath),
        mountPath,
        ...(writable === true ? {} : { readOnly: true }),
      })),
      ...(service.certificate === undefined
        ? []
        : [{ name: "certificate", mountPath: service.certificate.directory, readOnly: true }]),
    ],
  };
}

function taskContainer(task: Task): Record<string, unknown> {
  return {
    name: task.name,
    image: task.image,
    imagePullPolicy: "IfNotPresent",
    command: ["sh", scriptFile],
    ...optionalList("env", environment(task, task.env)),
    resources: resources(task.memoryMiB, 50),
    securityContext: containerSecurity,
    volumeMounts: [...fileVolumes(task).mounts, { name: scratchName("/tmp"), mountPath: "/tmp" }],
  };
}

/** Nothing that a container could use to become more than it is; where it may write is mounted. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  readOnlyRootFilesystem: true,
};

/** Who a pod runs as, and to whom its volumes belong. */
export function podSecurity(part: Pick<Part, "user">): Record<string, unknown> {
  const { user } = part;
  return {
    runAsNonRoot: user.uid !== 0,
    runAsUser: user.uid,
    runAsGroup: user.gid,
    // volumes belong to this group, so that nothing has to change their owner first
    fsGroup: groupOf(user),
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

const groupOf = ({ uid, gid }: User): number => (gid === 0 ? uid : gid);

/** The limit is reserved: GreptimeDB and the collector size themselves to it. Processor time is shared out, never cut off. */
export const resources = (memoryMiB: number, cpuMillis: number): Record<string, unknown> => ({
  requests: { cpu: `${String(cpuMillis)}m`, memory: `${String(memoryMiB)}Mi` },
  limits: { memory: `${String(memoryMiB)}Mi` },
});

const probePeriodSeconds = 5;

/**
 * Nothing is asked whether it lives before it has started, however long its write-ahead log is; two minutes without an
 * answer mean a restart; half a minute means no new connections.
 */
function probes({ health }: Service): Record<string, unknown> {
  const { works, lives } = asked(health);
  return {
    startupProbe: {
      ...works,
      periodSeconds: probePeriodSeconds,
      failureThreshold: Math.ceil(health.startupSeconds / probePeriodSeconds),
    },
    readinessProbe: { ...works, periodSeconds: 10, failureThreshold: 3 },
    livenessProbe: { ...lives, periodSeconds: 20, failureThreshold: 6 },
  };
}

/** How a container is asked whether it works, and whether it lives at all. */
function asked(health: Health): Record<"works" | "lives", Record<string, unknown>> {
  if (health.http === undefined) {
    const run = { exec: { command: health.command.map(escaped) }, timeoutSeconds: 5 };
    return { works: run, lives: run };
  }
  const { port, path } = health.http;
  const get = (at: string) => ({ httpGet: { path: at, port }, timeoutSeconds: 5 });
  return { works: get(path), lives: get(health.alivePath ?? path) };
}

/** Seconds for which a pod that goes is still there for those who have not noticed. */
const drainSeconds = 5;

const drains = ({ kind, replicas }: Service): boolean => kind !== "perNode" && replicas > 1;

/** A part's variables: plain ones, ones from its Secret, and the pod's own name and number where something names them. */
export function environment(part: Part, env: Readonly<Record<string, Text>>): Record<string, unknown>[] {
  const values = Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, ...valueOf(part, name, value) }));
  return [...identity(part), ...values];
}

function valueOf({ name }: Part, variable: string, value: Text): Record<string, unknown> {
  if (secretsIn(value).length === 0) return { value: literalOf(value) };
  if (namesReplica(value)) throw new Error(`${variable} of ${name} holds a secret and the name of a replica`);
  return { valueFrom: { secretKeyRef: { name, key: variable } } };
}

/** What a pod knows of itself. */
function identity(part: Part): Record<string, unknown>[] {
  if (isTask(part)) return [];
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  if (part.kind === "perNode") {
    return [
      field("NODE_NAME", "spec.nodeName"),
      field("POD_IP", "status.podIP"),
      field("POD_NAME", "metadata.name"),
      field("POD_NAMESPACE", "metadata.namespace"),
    ];
  }
  const texts = [...part.args, ...Object.values(part.env)];
  if (!texts.some(namesReplica)) return [];
  return [
    field("POD_NAME", "metadata.name"),
    ...(isStateful(part) ? [field("POD_INDEX", "metadata.labels['apps.kubernetes.io/pod-index']")] : []),
  ];
}

/** Whether each replica keeps its name and its volumes. */
export const isStateful = ({ kind, numbered }: Service): boolean => kind === "stateful" || numbered === true;

/** A text in which Kubernetes finds no variable but the pod's own. */
function literalOf(value: Text): string {
  if (typeof value === "string") return escaped(value);
  return value.parts
    .map((part) => {
      if (typeof part === "string") return escaped(part);
      if ("replica" in part) return part.replica === "name" ? "$(POD_NAME)" : "$(POD_INDEX)";
      throw new Error("an argument holds a secret, which every process list would show");
    })
    .join("");
}

export const escaped = (text: string): string => text.replaceAll("$(", "$$$$(");

/** What waits before the start writes to `/tmp` as well. */
function scratchVolumes(part: Part, waits: boolean): Record<string, unknown>[] {
  const own = isTask(part) ? ["/tmp"] : (part.scratch ?? []);
  const paths = [...new Set([...own, ...(waits ? ["/tmp"] : [])])];
  return paths.map((path) => ({ name: scratchName(path), emptyDir: { sizeLimit: "1Gi" } }));
}

const nodeVolumes = (part: Part): Record<string, unknown>[] =>
  (isTask(part) ? [] : (part.nodeDirectories ?? [])).map(({ path, mountPath, writable }) => ({
    name: nodeVolumeName(mountPath),
    hostPath: { path, type: writable === true ? "DirectoryOrCreate" : "Directory" },
  }));

const certificateVolumes = (part: Part): Record<string, unknown>[] =>
  isTask(part) || part.certificate === undefined
    ? []
    : [{ name: "certificate", secret: { secretName: part.certificate.secretName, defaultMode: 0o440 } }];

export const scratchName = (path: string): string => `scratch${dashed(path)}`;
const nodeVolumeName = (path: string): string => `node${dashed(path)}`;
const dashed = (path: string): string => path.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

const hasApiRules = (part: Part): boolean => !isTask(part) && (part.apiRules ?? []).length > 0;

/** Where pods may run; replicas as far from each other as there are nodes and zones. */
function scheduling(cluster: Cluster, part: Part): Record<string, unknown> {
  const { nodeSelector, tolerations } = cluster.settings;
  const perNode = !isTask(part) && part.kind === "perNode";
  const spread = !isTask(part) && !perNode && part.replicas > 1;
  return {
    ...(perNode || Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    // a node is observed whatever else may not run there
    ...optionalList("tolerations", perNode ? [{ operator: "Exists" }] : tolerations.map(toleration)),
    ...optionalList(
      "topologySpreadConstraints",
      spread
        ? ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
            maxSkew: 1,
            topologyKey,
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: selectorOf(cluster, part.name) },
          }))
        : [],
    ),
  };
}

const toleration = ({ key, operator, value, effect }: Cluster["settings"]["tolerations"][number]) => ({
  ...(key === undefined ? {} : { key }),
  operator,
  ...(value === undefined ? {} : { value }),
  ...(effect === undefined ? {} : { effect }),
});

const optionalList = (name: string, list: readonly unknown[]): Record<string, unknown> =>
  list.length === 0 ? {} : { [name]: list };
