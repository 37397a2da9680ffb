import { port as grafanaPort, serviceName as grafana } from "../grafana/server.ts";
import { ports as collectorPorts, serviceName as collector } from "../collector/ports.ts";
import type { Service } from "../service.ts";
import { isTask, labelsOf, namespaceOf, sharedLabels, type Cluster, type Part } from "./cluster.ts";
import { networkPolicies } from "./network.ts";
import { object, type KubernetesObject } from "./object.ts";

/** What belongs to the whole stack rather than to one part of it. */

/** The namespaces, unless somebody else makes them. */
export function namespaces(cluster: Cluster, names: readonly string[]): KubernetesObject[] {
  const { settings } = cluster;
  if (!settings.createNamespace) return [];
  return names.map((name) => {
    const level = name === settings.agentNamespace ? "privileged" : "restricted";
    const labels = {
      ...sharedLabels(cluster),
      "pod-security.kubernetes.io/audit": level,
      "pod-security.kubernetes.io/enforce": level,
      "pod-security.kubernetes.io/warn": level,
    };
    return object("Namespace", { name, labels });
  });
}

/** The namespaces in which parts are. */
export const namespacesOf = (cluster: Cluster, parts: readonly Part[]): string[] => [
  ...new Set([cluster.settings.namespace, ...parts.map((part) => namespaceOf(cluster, part))]),
];

/** Policies, and what an ingress publishes: known only when all parts are. */
export const edgeObjects = (cluster: Cluster, parts: readonly Part[]): KubernetesObject[] => [
  ...networkPolicies(cluster, parts),
  ...ingresses(cluster, parts),
];

function ingresses(cluster: Cluster, parts: readonly Part[]): KubernetesObject[] {
  const { grafana: people, otlp, requestsPerSecond } = cluster.settings.ingress;
  const service = (name: string): Service | undefined =>
    parts.flatMap((part) => (!isTask(part) && part.name === name ? [part] : []))[0];
  const limits = {
    // as large as the collector takes them
    "nginx.ingress.kubernetes.io/proxy-body-size": "64m",
    ...(requestsPerSecond === undefined ? {} : { "nginx.ingress.kubernetes.io/limit-rps": String(requestsPerSecond) }),
    ...(service(collector)?.certificate === undefined
      ? {}
      : { "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS" }),
  };
  return [
    ...ingress(cluster, service(grafana), people, grafanaPort, {}),
    ...ingress(cluster, service(collector), otlp, collectorPorts.otlpHttp, limits),
  ];
}

function ingress(
  cluster: Cluster,
  service: Service | undefined,
  { host, tlsSecret }: { readonly host?: string | undefined; readonly tlsSecret?: string | undefined },
  port: number,
  own: Readonly<Record<string, string>>,
): KubernetesObject[] {
  if (host === undefined || service === undefined) return [];
  const { className, annotations } = cluster.settings.ingress;
  const metadata = {
    name: service.name,
    namespace: cluster.settings.namespace,
    labels: labelsOf(cluster, service),
    // some controllers never tell an address, for which the deployment would wait
    annotations: { ...own, ...annotations, "pulumi.com/skipAwait": "true" },
  };
  const backend = { service: { name: service.name, port: { number: port } } };
  return [
    object("Ingress", metadata, {
      spec: {
        ...(className === undefined ? {} : { ingressClassName: className }),
        ...(tlsSecret === undefined ? {} : { tls: [{ hosts: [host], secretName: tlsSecret }] }),
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    }),
  ];
}
