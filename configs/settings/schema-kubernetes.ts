import { z } from "zod";

import { booleanKind, choiceKind, listOf, numberKind, required, section, setting } from "./fields.ts";
import * as kind from "./kinds.ts";

/** The settings of the cluster on which a stack with `platform: kubernetes` runs. */

const toleration = section({
  key: setting(kind.labelKeyKind, { description: "The taint's key. By default every key, with operator Exists." }),
  operator: setting(choiceKind("Exists", "Equal"), { description: "How the value is compared.", default: "Exists" }),
  value: setting(kind.labelValueKind, { description: "The taint's value, for operator Equal." }),
  effect: setting(choiceKind("NoSchedule", "PreferNoSchedule", "NoExecute"), {
    description: "The taint's effect. By default every effect.",
  }),
});

const labels = (what: string) =>
  z.record(z.string(), required(kind.labelValueKind, what), { error: () => "an object of labels" }).prefault({});

const annotations = (what: string) =>
  z
    .record(z.string(), required(kind.annotationValueKind, what), { error: () => "an object of annotations" })
    .prefault({});

const ingressOf = (what: string) =>
  section({
    host: setting(kind.hostKind, {
      description: `Host name of ${what}. Without one it is not reachable from outside.`,
    }),
    tlsSecret: setting(kind.objectNameKind, {
      description: "Secret of type kubernetes.io/tls with its certificate. Needed when `host` is set.",
    }),
  });

export const kubernetes = section({
  kubeconfig: setting(kind.filePathKind, {
    description: "Path of the kubeconfig file. By default KUBECONFIG, else ~/.kube/config.",
    example: "/home/me/.kube/config",
  }),
  context: setting(kind.clusterContextKind, { description: "Context in the kubeconfig. By default the current one." }),
  clusterIdentifier: setting(kind.instanceKind, {
    description:
      "What the stack calls this cluster. Everything is made anew when it changes, and only then: not when the kubeconfig does. By default project and stack.",
    example: "production-eu",
  }),
  namespace: setting(kind.objectNameKind, {
    description: "Namespace of everything. By default project and stack.",
    example: "observability",
  }),
  createNamespace: setting(booleanKind, {
    description:
      "Make the namespace, with the labels of restricted pod security. It is kept on destroy, with the volumes.",
    default: true,
  }),
  agentNamespace: setting(kind.objectNameKind, {
    description:
      "Namespace of the node agent, which restricted pod security would refuse. By default that of the rest, with `-agent`.",
    example: "observability-agent",
  }),
  storageClass: setting(kind.objectNameKind, {
    description: "Storage class of all volumes. By default the cluster's default class.",
  }),
  imagePullSecrets: listOf(required(kind.objectNameKind), {
    description: "Secrets in the namespace with which images are pulled.",
    example: "registry-credentials",
  }),
  nodeSelector: labels("Labels of the nodes on which pods may run."),
  tolerations: listOf(toleration, { description: "Taints that pods tolerate.", example: "dedicated" }),
  ingress: section({
    className: setting(kind.objectNameKind, { description: "Ingress class. By default the cluster's default class." }),
    annotations: annotations("Annotations of the ingress objects, for the ingress controller or cert-manager."),
    grafana: ingressOf("Grafana"),
    otlp: ingressOf("OTLP over HTTP"),
    requestsPerSecond: setting(numberKind({ min: 1, max: 100_000 }), {
      description:
        "Requests per second that one client may send to the OTLP ingress; written as annotations of ingress-nginx. By default unlimited.",
      example: "50",
    }),
  }),
  network: section({
    policies: setting(booleanKind, {
      description:
        "Admit only the connections that the design has, and DNS. Needs a network plugin that enforces policies.",
      default: true,
    }),
    applicationNamespaces: listOf(required(kind.objectNameKind), {
      description: "Namespaces whose pods may send OTLP. By default all.",
      example: "agents",
    }),
    ingressNamespace: setting(kind.objectNameKind, {
      description: "Namespace of the ingress controller, which may connect to what an ingress publishes.",
      default: "ingress-nginx",
    }),
  }),
});
