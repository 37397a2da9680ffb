import { describe, expect, it } from "vitest";

import { isTask, type Part } from "../../configs/kubernetes/cluster.ts";
import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import type { Port } from "../../configs/service.ts";
import { ofKind, podsOf, type Pods } from "../support/cluster-objects.ts";
import { drawnVariant, type Drawn } from "../support/kubernetes.ts";
import { variantNames } from "../support/kubernetes-variants.ts";
import { admitted, type Connection, type Endpoint } from "../support/network-policies.ts";

type Protocol = Connection["protocol"];

/** What services and tasks declare, without a look at any policy. */
class Declared {
  readonly #parts: readonly Part[];
  readonly #settings: Drawn["configuration"]["settings"]["kubernetes"];

  constructor({ parts, configuration }: Drawn) {
    this.#parts = parts;
    this.#settings = configuration.settings.kubernetes;
  }

  part(name: string): Part {
    const found = this.#parts.find((part) => part.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  /** Its own calls, and the questions of those that wait before it. */
  #calls({ calls, needs }: Part): Part["calls"] {
    const waits = needs.flatMap((need): Part["calls"] => {
      const needed = this.part(need);
      return isTask(needed) ? (needed.check?.calls ?? []) : [{ to: need, port: needed.health.http!.port }];
    });
    return [...calls, ...waits];
  }

  calls(from: string, to: string, port: number, protocol: Protocol): boolean {
    return this.#calls(this.part(from)).some(
      (call) =>
        "to" in call && call.to === to && call.port === port && (call.protocol ?? "tcp") === protocol.toLowerCase(),
    );
  }

  /** Whether a part may connect to this port of anybody outside: names, the cluster's API, what its calls say. */
  reachesOut(from: string, port: number, protocol: Protocol): boolean {
    const part = this.part(from);
    if (port === 53) return true;
    if (protocol === "UDP") return this.#anyPort(part);
    if (!isTask(part) && (part.apiRules ?? []).length > 0 && (port === 443 || port === 6443)) return true;
    return this.#anyPort(part) || this.#calls(part).some((call) => "outside" in call && call.ports.includes(port));
  }

  #anyPort(part: Part): boolean {
    return this.#calls(part).some((call) => "outside" in call && call.ports.length === 0);
  }

  /** Whether a port is open to pods of a namespace, whoever they are. */
  opens(to: string, port: number, protocol: Protocol, namespace: string): boolean {
    const part = this.part(to);
    const found = isTask(part)
      ? undefined
      : part.ports.find((one) => one.port === port && (one.protocol ?? "tcp") === protocol.toLowerCase());
    return found !== undefined && this.#openTo(part.name, found, namespace);
  }

  #openTo(service: string, { open = [] }: Port, namespace: string): boolean {
    const { network, ingress } = this.#settings;
    const applications =
      network.applicationNamespaces.length === 0 || network.applicationNamespaces.includes(namespace);
    const published =
      service === "grafana" ? ingress.grafana.host : service === "collector" ? ingress.otlp.host : undefined;
    return (
      (open.includes("applications") && applications) ||
      (open.includes("ingress") && published !== undefined && namespace === network.ingressNamespace)
    );
  }
}

const endpointOf = ({ namespace, labels }: Pods): Endpoint => ({ namespace, labels });

/** Pods that are not of the stack; the last has labels that somebody else may choose as they like. */
const outsiders: Endpoint[] = [
  { namespace: "agents", labels: { app: "worker" } },
  { namespace: "web", labels: {} },
  { namespace: "elsewhere", labels: {} },
  { namespace: "ingress-nginx", labels: { "app.kubernetes.io/name": "ingress-nginx" } },
  { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
  {
    namespace: "elsewhere",
    labels: { "app.kubernetes.io/name": "collector", "app.kubernetes.io/instance": "observability" },
  },
];

const protocols: Protocol[] = ["TCP", "UDP"];

/** Every port that anybody listens on or calls, and a few that nobody does. */
function portsOf({ parts }: Drawn): number[] {
  const listening = parts.flatMap((part) =>
    isTask(part)
      ? []
      : [...part.ports.map(({ port }) => port), ...(part.health.http === undefined ? [] : [part.health.http.port])],
  );
  const called = parts.flatMap(({ calls }) => calls.flatMap((call) => ("to" in call ? [call.port] : call.ports)));
  return [...new Set([...listening, ...called, 22, 53, 80, 443, 6443, 12_345])].sort((a, b) => a - b);
}

const enforced = variantNames.filter((name) => name !== "no network policies");

describe.each(enforced)("who may connect to whom: %s", (name) => {
  const drawing = drawnVariant(name);
  const declared = new Declared(drawing);
  const pods = podsOf(drawing.objects);
  const ports = portsOf(drawing);
  const every = (visit: (port: number, protocol: Protocol) => void) => {
    for (const port of ports) for (const protocol of protocols) visit(port, protocol);
  };

  it("within the stack: exactly what services and tasks declare", () => {
    let passing = 0;
    for (const from of pods) {
      for (const to of pods) {
        if (from === to) continue;
        every((port, protocol) => {
          const expected =
            declared.calls(from.part, to.part, port, protocol) ||
            (declared.reachesOut(from.part, port, protocol) && declared.opens(to.part, port, protocol, from.namespace));
          const passes = admitted(drawing.objects, { from: endpointOf(from), to: endpointOf(to), port, protocol });
          expect(passes, `${from.part} to ${to.part}:${String(port)}/${protocol}`).toBe(expected);
          passing += Number(passes);
        });
      }
    }
    expect(passing).toBeGreaterThanOrEqual(3);
  });

  it("from outside: exactly what is open to applications, and to the ingress controller", () => {
    for (const from of outsiders)
      for (const to of pods)
        every((port, protocol) => {
          const passes = admitted(drawing.objects, { from, to: endpointOf(to), port, protocol });
          const at = `${from.namespace} to ${to.part}:${String(port)}/${protocol}`;
          expect(passes, at).toBe(declared.opens(to.part, port, protocol, from.namespace));
        });
  });

  it("to the outside: names, and exactly what services and tasks declare", () => {
    for (const from of pods)
      for (const to of outsiders)
        every((port, protocol) => {
          const passes = admitted(drawing.objects, { from: endpointOf(from), to, port, protocol });
          const at = `${from.part} to outside:${String(port)}/${protocol}`;
          expect(passes, at).toBe(declared.reachesOut(from.part, port, protocol));
        });
  });

  it("pods of the namespaces that are not of the stack reach nobody, and nobody reaches them", () => {
    for (const namespace of new Set(pods.map((pod) => pod.namespace))) {
      const stranger: Endpoint = { namespace, labels: { app: "stranger" } };
      for (const outside of outsiders)
        every((port, protocol) => {
          expect(admitted(drawing.objects, { from: stranger, to: outside, port, protocol })).toBe(false);
          expect(admitted(drawing.objects, { from: outside, to: stranger, port, protocol })).toBe(false);
        });
    }
  });

  it("Grafana and applications are not let to GreptimeDB's internal port", () => {
    // gRPC, by which a cluster's processes speak to each other without any password
    const databases = pods.filter(({ part }) => part.startsWith("greptimedb"));
    const strangers = [...outsiders, ...pods.filter(({ part }) => part === "collector").map(endpointOf)];
    for (const from of strangers)
      for (const to of databases)
        expect(admitted(drawing.objects, { from, to: endpointOf(to), port: 4001, protocol: "TCP" })).toBe(false);
  });
});

describe("without policies", () => {
  it("everybody may connect to everybody", () => {
    const { objects } = drawnVariant("no network policies");
    expect(ofKind(objects, "NetworkPolicy")).toEqual([]);
    const [from, to] = podsOf(objects).map(endpointOf);
    expect(admitted(objects, { from: from!, to: to!, port: 12_345, protocol: "TCP" })).toBe(true);
  });
});

describe("the rules of network policies", () => {
  const here = (labels: Record<string, string>): Endpoint => ({ namespace: "n", labels });
  const policy = (spec: object): KubernetesObject => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p", namespace: "n", labels: {} },
    spec: spec as Record<string, unknown>,
  });
  const passes = (specs: object[], more: Partial<Connection> = {}) =>
    admitted(specs.map(policy), { from: here({ a: "1" }), to: here({ b: "1" }), port: 80, protocol: "TCP", ...more });
  const closed = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
  const toB = { podSelector: { matchLabels: { b: "1" } }, policyTypes: ["Ingress"] };
  const fromA = { podSelector: { matchLabels: { a: "1" } }, policyTypes: ["Egress"] };

  it.each<[string, object[], Partial<Connection>, boolean]>([
    ["nothing is closed by itself", [], {}, true],
    ["a policy closes", [closed], {}, false],
    ["both ends must admit", [closed, { ...toB, ingress: [{}] }], {}, false],
    ["policies add up", [closed, { ...toB, ingress: [{}] }, { ...fromA, egress: [{}] }], {}, true],
    ["a port that is not listed", [{ ...toB, ingress: [{ ports: [{ port: 81 }] }] }], {}, false],
    ["another protocol", [{ ...toB, ingress: [{ ports: [{ port: 80 }] }] }], { protocol: "UDP" }, false],
    [
      "a peer by its labels",
      [{ ...toB, ingress: [{ from: [{ podSelector: { matchLabels: { a: "1" } } }] }] }],
      {},
      true,
    ],
    [
      "a peer with other labels",
      [{ ...toB, ingress: [{ from: [{ podSelector: { matchLabels: { a: "2" } } }] }] }],
      {},
      false,
    ],
    [
      "the same labels in another namespace",
      [{ ...toB, ingress: [{ from: [{ podSelector: { matchLabels: { a: "1" } } }] }] }],
      { from: { namespace: "other", labels: { a: "1" } } },
      false,
    ],
    [
      "any namespace",
      [{ ...toB, ingress: [{ from: [{ namespaceSelector: {} }] }] }],
      { from: { namespace: "other", labels: {} } },
      true,
    ],
    [
      "a namespace, and labels in it",
      [{ ...toB, ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { a: "1" } } }] }] }],
      { from: { namespace: "other", labels: {} } },
      false,
    ],
    ["an empty list of rules", [{ ...toB, ingress: [] }], {}, false],
  ])("%s", (_, specs, more, expected) => {
    expect(passes(specs, more)).toBe(expected);
  });
});
