import type { KubernetesObject } from "../../configs/kubernetes/object.ts";

/** The objects of a stack as a reader of Kubernetes' documentation would take them apart. */

export type Labels = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** As the API server matches: an empty selector matches everything. */
export function matches(selector: Selector, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "In") return value !== undefined && values.includes(value);
      if (operator === "NotIn") return value === undefined || !values.includes(value);
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      throw new Error(`no such operator: ${operator}`);
    })
  );
}

export interface KeySelector {
  readonly name: string;
  readonly key: string;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: KeySelector;
    readonly configMapKeyRef?: KeySelector;
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostPort?: number;
}

export interface Probe {
  readonly httpGet?: { readonly port: number; readonly path: string };
  readonly exec?: { readonly command: readonly string[] };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface ContainerSecurity {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly procMount?: string;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
  readonly seLinuxOptions?: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: unknown;
  readonly ports?: readonly ContainerPort[];
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly securityContext: ContainerSecurity;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Items {
  readonly items?: readonly { readonly key: string; readonly path: string }[];
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly hostPath?: { readonly path: string };
  readonly secret?: Items & { readonly secretName: string };
  readonly configMap?: Items & { readonly name: string };
  readonly projected?: {
    readonly sources: readonly {
      readonly configMap?: Items & { readonly name: string };
      readonly secret?: Items & { readonly name: string };
    }[];
  };
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext: ContainerSecurity & {
    readonly runAsGroup?: number;
    readonly fsGroup?: number;
    readonly sysctls?: unknown;
  };
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly unknown[];
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: Selector }[];
  readonly terminationGracePeriodSeconds?: number;
  readonly restartPolicy?: string;
}

export interface Claim {
  readonly metadata: { readonly name: string; readonly labels: Labels };
  readonly spec: {
    readonly storageClassName?: string;
    readonly resources: { readonly requests: { readonly storage: string } };
  };
}

export interface WorkloadSpec {
  readonly replicas?: number;
  readonly serviceName?: string;
  readonly selector?: Selector;
  readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
  readonly volumeClaimTemplates?: readonly Claim[];
}

/** Pods of one kind, with what makes them. */
export interface Pods {
  readonly owner: KubernetesObject;
  /** Name of the service or task. */
  readonly part: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly workload: WorkloadSpec;
  readonly spec: PodSpec;
}

const workloads: readonly string[] = ["StatefulSet", "Deployment", "DaemonSet", "Job"];

export const podsOf = (objects: readonly KubernetesObject[]): Pods[] =>
  objects.flatMap((owner) => {
    if (!workloads.includes(owner.kind)) return [];
    const workload = owner.spec as unknown as WorkloadSpec;
    const { labels } = workload.template.metadata;
    const part = labels["app.kubernetes.io/name"] ?? "";
    return [{ owner, part, namespace: owner.metadata.namespace ?? "", labels, workload, spec: workload.template.spec }];
  });

export const containersOf = ({ containers, initContainers = [] }: PodSpec): readonly Container[] => [
  ...initContainers,
  ...containers,
];

export const ofKind = (objects: readonly KubernetesObject[], kind: KubernetesObject["kind"]): KubernetesObject[] =>
  objects.filter((object) => object.kind === kind);
