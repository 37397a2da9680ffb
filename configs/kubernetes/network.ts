import { isInside, type Call, type Port, type Service } from "../service.ts";
import { isTask, labelsOf, namespaceOf, selectorOf, sharedLabels, type Cluster, type Part } from "./cluster.ts";
import { object, type KubernetesObject } from "./object.ts";
import type { Placed } from "./pod.ts";
import { askedAt } from "./wait.ts";

/**
 * Who may connect to whom: exactly the connections that services and tasks declare, the questions of those that wait
 * for others, names (DNS), and nothing else.
 */
export function networkPolicies(cluster: Cluster, parts: readonly Part[]): KubernetesObject[] {
  if (!cluster.settings.network.policies) return [];
  const placed: Placed = new Map(parts.map((part) => [part.name, part]));
  const edges = parts.flatMap((part) => edgesOf(part, placed));
  const namespaces = [...new Set(parts.map((part) => namespaceOf(cluster, part)))].sort();
  return [
    ...namespaces.map((namespace) => denied(cluster, namespace)),
    ...parts.map((part) => policy(cluster, part, placed, edges)),
  ];
}

/** A connection within the stack. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
}

/** The connections that a part opens within the stack: its own, and those of the containers that wait before it. */
export function edgesOf(part: Part, placed: Placed): Edge[] {
  const inside = callsOf(part, placed).filter(isInside);
  const unique = new Map(
    inside.map(({ to, port, protocol = "tcp" }) => [
      `${to} ${String(port)} ${protocol}`,
      { from: part.name, to, port, protocol },
    ]),
  );
  return [...unique.values()].sort((a, b) => (a.to === b.to ? a.port - b.port : a.to < b.to ? -1 : 1));
}

function callsOf(part: Part, placed: Placed): Call[] {
  const asked = part.needs.flatMap((name): readonly Call[] => {
    const need = placed.get(name);
    if (need === undefined) return [];
    return isTask(need) ? (need.check?.calls ?? []) : [{ to: name, port: askedAt(need).port }];
  });
  return [...part.calls, ...asked];
}

const denied = (cluster: Cluster, namespace: string): KubernetesObject =>
  object(
    "NetworkPolicy",
    { name: "deny-all", namespace, labels: sharedLabels(cluster) },
    { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
  );

function policy(cluster: Cluster, part: Part, placed: Placed, edges: readonly Edge[]): KubernetesObject {
  const ingress = [
    ...callers(cluster, part, placed, edges),
    ...(isTask(part) ? [] : part.ports.flatMap((port) => outsiders(cluster, part, port))),
  ];
  return object(
    "NetworkPolicy",
    { name: part.name, namespace: namespaceOf(cluster, part), labels: labelsOf(cluster, part) },
    {
      spec: {
        podSelector: { matchLabels: selectorOf(cluster, part.name) },
        policyTypes: ["Ingress", "Egress"],
        ingress,
        egress: [dns, ...callees(cluster, part, placed, edges), ...outside(part, placed), ...apiServer(part)],
      },
    },
  );
}

/** Wherever the cluster's name servers are: some run on the nodes. */
const dns = {
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
};

const ports = (list: readonly Edge[]) =>
  list.map(({ port, protocol }) => ({ port, protocol: protocol === "udp" ? "UDP" : "TCP" }));

/** Pods of a part, also when they are in the other namespace. */
function podsOf(cluster: Cluster, from: Part, name: string, placed: Placed): Record<string, unknown> {
  const other = placed.get(name);
  if (other === undefined) throw new Error(`${from.name} calls ${name}, which is not part of the stack`);
  const namespace = namespaceOf(cluster, other);
  return {
    ...(namespace === namespaceOf(cluster, from) ? {} : { namespaceSelector: named([namespace]) }),
    podSelector: { matchLabels: selectorOf(cluster, name) },
  };
}

const named = (namespaces: readonly string[]) => ({
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...namespaces].sort() }],
});

function callers(cluster: Cluster, part: Part, placed: Placed, edges: readonly Edge[]): Record<string, unknown>[] {
  const incoming = edges.filter(({ to }) => to === part.name);
  return distinct(incoming.map(({ from }) => from)).map((from) => ({
    from: [podsOf(cluster, part, from, placed)],
    ports: ports(incoming.filter((edge) => edge.from === from)),
  }));
}

function callees(cluster: Cluster, part: Part, placed: Placed, edges: readonly Edge[]): Record<string, unknown>[] {
  const outgoing = edges.filter(({ from }) => from === part.name);
  return distinct(outgoing.map(({ to }) => to)).map((to) => ({
    to: [podsOf(cluster, part, to, placed)],
    ports: ports(outgoing.filter((edge) => edge.to === to)),
  }));
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** Applications and the ingress controller, where a port is open to them. */
function outsiders(
  { settings }: Cluster,
  service: Service,
  { port, open = [], protocol }: Port,
): Record<string, unknown>[] {
  const { applicationNamespaces, ingressNamespace } = settings.network;
  const applications = applicationNamespaces.length === 0 ? {} : named(applicationNamespaces);
  const from = [
    ...(open.includes("applications") ? [{ namespaceSelector: applications }] : []),
    ...(open.includes("ingress") && ingressHost(settings, service.name) !== undefined
      ? [{ namespaceSelector: named([ingressNamespace]) }]
      : []),
  ];
  return from.length === 0 ? [] : [{ from, ports: [{ port, protocol: protocol === "udp" ? "UDP" : "TCP" }] }];
}

/** Programs outside the stack, anywhere; on any port where none is known. */
function outside(part: Part, placed: Placed): Record<string, unknown>[] {
  const calls = callsOf(part, placed).flatMap((call) => (isInside(call) ? [] : [call]));
  if (calls.some((call) => call.ports.length === 0)) return [{}];
  const numbers = [...new Set(calls.flatMap((call) => call.ports))].sort((a, b) => a - b);
  return numbers.length === 0 ? [] : [{ ports: numbers.map((port) => ({ port, protocol: "TCP" })) }];
}

/** The cluster's API: on 443 by its Service, on 6443 where policies see the address behind it. */
const apiServer = (part: Part): Record<string, unknown>[] =>
  isTask(part) || (part.apiRules ?? []).length === 0
    ? []
    : [{ ports: [443, 6443].map((port) => ({ port, protocol: "TCP" })) }];

/** The host under which an ingress publishes a service; none if it does not. */
export function ingressHost({ ingress }: Cluster["settings"], service: string): string | undefined {
  if (service === "grafana") return ingress.grafana.host;
  return service === "collector" ? ingress.otlp.host : undefined;
}
