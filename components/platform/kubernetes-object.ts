import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Kind, KubernetesObject } from "../../configs/kubernetes/object.ts";
import { filled } from "../text.ts";
import type { Secrets } from "./platform.ts";

/** How the objects of configs/kubernetes/ become resources. */

type Constructor = new (
  name: string,
  args: Record<string, unknown>,
  opts: pulumi.CustomResourceOptions,
) => pulumi.CustomResource & { readonly metadata: pulumi.Output<{ readonly uid?: string }> };

/** The SDK's classes differ in the types of their arguments only. */
const classes: Readonly<Record<Kind, unknown>> = {
  Namespace: kubernetes.core.v1.Namespace,
  NetworkPolicy: kubernetes.networking.v1.NetworkPolicy,
  ServiceAccount: kubernetes.core.v1.ServiceAccount,
  ClusterRole: kubernetes.rbac.v1.ClusterRole,
  ClusterRoleBinding: kubernetes.rbac.v1.ClusterRoleBinding,
  ConfigMap: kubernetes.core.v1.ConfigMap,
  Secret: kubernetes.core.v1.Secret,
  Service: kubernetes.core.v1.Service,
  PodDisruptionBudget: kubernetes.policy.v1.PodDisruptionBudget,
  StatefulSet: kubernetes.apps.v1.StatefulSet,
  Deployment: kubernetes.apps.v1.Deployment,
  DaemonSet: kubernetes.apps.v1.DaemonSet,
  Job: kubernetes.batch.v1.Job,
  Ingress: kubernetes.networking.v1.Ingress,
};

export type Placed = InstanceType<Constructor>;

/** A resource of an object, with the values of its secrets. */
export function placeObject(
  name: string,
  { stringData, ...object }: KubernetesObject,
  secrets: Secrets,
  opts: pulumi.CustomResourceOptions,
): Placed {
  const Class = classes[object.kind] as Constructor;
  const args = stringData === undefined ? object : { ...object, stringData: values(stringData, secrets) };
  return new Class(name, args, opts);
}

const values = (data: NonNullable<KubernetesObject["stringData"]>, secrets: Secrets) =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, filled(text, secrets)]));
