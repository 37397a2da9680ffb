import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import { matches, ofKind, type Labels, type Selector } from "./cluster-objects.ts";

/**
 * What network policies let through, by the rules of Kubernetes' documentation
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/): a pod that a policy selects is closed in
 * that policy's direction, but for what any of the policies that select it admits. Both ends must admit a connection.
 */

export interface Endpoint {
  readonly namespace: string;
  readonly labels: Labels;
}

export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: unknown;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly {
    readonly port?: number | string;
    readonly endPort?: number;
    readonly protocol?: string;
  }[];
}

interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly ("Ingress" | "Egress")[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** Every namespace has a label with its name. */
const namespaceLabels = (namespace: string): Labels => ({ "kubernetes.io/metadata.name": namespace });

export function admitted(objects: readonly KubernetesObject[], connection: Connection): boolean {
  const policies = ofKind(objects, "NetworkPolicy").map(({ metadata, spec }) => ({
    namespace: metadata.namespace ?? "",
    spec: spec as unknown as PolicySpec,
  }));
  const { from, to } = connection;
  const open = (direction: "Ingress" | "Egress", at: Endpoint, other: Endpoint): boolean => {
    const selecting = policies.filter(
      ({ namespace, spec }) =>
        namespace === at.namespace && spec.policyTypes.includes(direction) && matches(spec.podSelector, at.labels),
    );
    if (selecting.length === 0) return true;
    return selecting.some(({ namespace, spec }) => {
      const rules = (direction === "Ingress" ? spec.ingress : spec.egress) ?? [];
      return rules.some(
        (rule) =>
          peersMatch(direction === "Ingress" ? rule.from : rule.to, namespace, other) && portsMatch(rule, connection),
      );
    });
  };
  return open("Egress", from, to) && open("Ingress", to, from);
}

function peersMatch(peers: readonly Peer[] | undefined, namespace: string, other: Endpoint): boolean {
  if (peers === undefined || peers.length === 0) return true;
  return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
    if (ipBlock !== undefined) throw new Error("addresses are not reckoned with");
    const there =
      namespaceSelector === undefined
        ? other.namespace === namespace
        : matches(namespaceSelector, namespaceLabels(other.namespace));
    return there && (podSelector === undefined || matches(podSelector, other.labels));
  });
}

function portsMatch({ ports }: Rule, { port, protocol }: Connection): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some(({ port: admittedPort, endPort, protocol: admittedProtocol = "TCP" }) => {
    if (typeof admittedPort === "string" || endPort !== undefined) throw new Error("only numbers are reckoned with");
    return admittedProtocol === protocol && (admittedPort === undefined || admittedPort === port);
  });
}
