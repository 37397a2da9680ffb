import type { Text } from "../text.ts";

/**
 * The objects of a Kubernetes cluster as plain data: what `kubectl apply` would take, but that a Secret's `stringData`
 * names secrets instead of holding them.
 */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: Metadata;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Of a ConfigMap. */
  readonly data?: Readonly<Record<string, string>>;
  /** Of a Secret. */
  readonly stringData?: Readonly<Record<string, Text>>;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  /** None for what belongs to the whole cluster. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** In the order in which they are applied: what others refer to first. */
export const kinds = [
  "Namespace",
  "NetworkPolicy",
  "ServiceAccount",
  "ClusterRole",
  "ClusterRoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "PodDisruptionBudget",
  "StatefulSet",
  "Deployment",
  "DaemonSet",
  "Job",
  "Ingress",
] as const;

export type Kind = (typeof kinds)[number];

/** The version in which each kind is written: all of them exist since Kubernetes 1.25 or longer. */
export const apiVersions: Readonly<Record<Kind, string>> = {
  Namespace: "v1",
  NetworkPolicy: "networking.k8s.io/v1",
  ServiceAccount: "v1",
  ClusterRole: "rbac.authorization.k8s.io/v1",
  ClusterRoleBinding: "rbac.authorization.k8s.io/v1",
  ConfigMap: "v1",
  Secret: "v1",
  Service: "v1",
  PodDisruptionBudget: "policy/v1",
  StatefulSet: "apps/v1",
  Deployment: "apps/v1",
  DaemonSet: "apps/v1",
  Job: "batch/v1",
  Ingress: "networking.k8s.io/v1",
};

/** An object of a kind, with what is particular to it. */
export const object = (
  kind: Kind,
  metadata: Metadata,
  fields: Readonly<Record<string, unknown>> = {},
): KubernetesObject => ({ apiVersion: apiVersions[kind], kind, metadata, ...fields });
