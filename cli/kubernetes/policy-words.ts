/** What network policies admit, in words. */

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
}

interface Peer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
}

interface PolicyPort {
  readonly port: number;
  readonly protocol: string;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly PolicyPort[];
}

export interface PolicySpec {
  readonly podSelector: LabelSelector;
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** `from collector: 4000, 4002`, `to DNS`, `to anywhere: 587`; one for each on the other side. */
export function policyFacts({ podSelector, ingress = [], egress = [] }: PolicySpec): string[] {
  if (podSelector.matchLabels === undefined) return ["nothing in or out but what the other policies admit"];
  return [
    ...bySide(ingress.map(({ from, ports }) => [`from ${peers(from)}`, portsOf(ports)])),
    ...bySide(
      egress.map((rule): [string, string[]] =>
        isDns(rule) ? ["to DNS", []] : [`to ${peers(rule.to)}`, portsOf(rule.ports)],
      ),
    ),
  ];
}

function bySide(rules: readonly (readonly [string, readonly string[]])[]): string[] {
  const sides = Map.groupBy(rules, ([side]) => side);
  return [...sides].map(([side, same]) => {
    const ports = [...new Set(same.flatMap(([, list]) => list))];
    return ports.length === 0 ? side : `${side}: ${ports.join(", ")}`;
  });
}

const peers = (list: readonly Peer[] | undefined): string =>
  list === undefined || list.length === 0 ? "anywhere" : list.map(peer).join(" and ");

function peer({ podSelector, namespaceSelector }: Peer): string {
  const pods = podSelector?.matchLabels?.["app.kubernetes.io/name"];
  const namespaces = (namespaceSelector?.matchExpressions ?? []).flatMap(({ values }) => values).join(", ");
  if (namespaceSelector === undefined) return pods ?? "all pods of the namespace";
  if (pods !== undefined) return `${pods} in ${namespaces}`;
  return namespaces === "" ? "pods of all namespaces" : `pods in ${namespaces}`;
}

const portsOf = (ports: readonly PolicyPort[] | undefined): string[] =>
  ports === undefined || ports.length === 0
    ? ["every port"]
    : ports.map(({ port, protocol }) => `${String(port)}${protocol === "UDP" ? "/udp" : ""}`);

const isDns = ({ to, ports = [] }: Rule): boolean =>
  to === undefined && ports.length > 0 && ports.every(({ port }) => port === 53);
