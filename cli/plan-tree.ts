import { childrenOf, nameOf, type Graph, type Node, type StackRecording } from "../graph/index.ts";
import { readableSize, type Style } from "./terminal.ts";

/** The resource tree with the facts that a reviewer asks for. */
export function planTree(graph: Graph, style: Style, width: number): string[] {
  const stack = graph.nodes.find(({ type }) => type === "pulumi:pulumi:Stack");
  if (stack === undefined) return [];
  return branches(graph, stack.urn, "", style, width);
}

function branches(graph: Graph, parent: string, prefix: string, style: Style, width: number): string[] {
  const children = childrenOf(graph, parent).sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
  return children.flatMap((node, index) => {
    const last = index === children.length - 1;
    const head = `${prefix}${last ? "└─ " : "├─ "}`;
    const below = `${prefix}${last ? "   " : "│  "}`;
    const label = node.custom ? node.name : style.bold(node.name);
    const facts = factsOf(graph, node);
    const lines = [
      `${head}${label}  ${style.dim(kindOf(node))}`,
      ...folded(facts, width - below.length - 3).map((line) => `${below}   ${line}`),
    ];
    return [...lines, ...branches(graph, node.urn, below, style, width)];
  });
}

/** Facts side by side, in lines that fit. */
function folded(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + fact.length + 3 <= width) lines[lines.length - 1] = `${last} · ${fact}`;
    else lines.push(fact);
  }
  return lines;
}

/** Providers first, then what other things stand on. */
const order = ({ type, custom }: Node): number => (type.startsWith("pulumi:providers:") ? 0 : custom ? 1 : 2);

/** `docker:index/container:Container` → `docker Container`. */
const kindOf = ({ type }: Node): string => {
  if (type.startsWith("pulumi:providers:")) return `provider ${type.slice("pulumi:providers:".length)}`;
  const [module = "", , name = type] = type.split(":");
  return module === "greptime-observability" ? name : `${module} ${name}`;
};

type Inputs = Node["inputs"];

function factsOf(graph: Graph, node: Node): string[] {
  switch (kindOf(node)) {
    case "docker Container":
      return containerFacts(graph, node);
    case "docker Volume":
      return [String(node.inputs["name"]), node.retainOnDelete ? "kept on destroy" : "deleted on destroy"];
    case "docker Network":
      return [String(node.inputs["name"])];
    case "docker RemoteImage":
      return [String(node.inputs["name"])];
    case "random RandomPassword":
      return ["generated secret"];
    case "grafana RuleGroup":
      return (node.inputs["rules"] as { name: string }[]).map(({ name }) => name);
    case "grafana Dashboard":
      return [(JSON.parse(String(node.inputs["configJson"])) as { title: string }).title];
    default:
      return [];
  }
}

function containerFacts(graph: Graph, node: Node): string[] {
  const { inputs } = node;
  return [
    imageOf(graph, node),
    `${readableSize(Number(inputs["memory"]))} memory`,
    `user ${String(inputs["user"])}`,
    ...portFacts(inputs),
    ...volumeFacts(inputs),
    ...afterFacts(graph, node),
  ];
}

/** The reference behind the id that the container is given. */
export function imageOf(graph: Graph, { propertyDependencies }: Node): string {
  const image = graph.nodes.find(({ urn }) => propertyDependencies["image"]?.includes(urn));
  return typeof image?.inputs["name"] === "string" ? image.inputs["name"] : "";
}

const portFacts = (inputs: Inputs): string[] =>
  publishedPorts(inputs).map(({ ip, external, internal }) => `${ip}:${String(external)} → ${String(internal)}`);

interface PublishedPort {
  readonly ip: string;
  readonly external: number;
  readonly internal: number;
}

export const publishedPorts = (inputs: Inputs): PublishedPort[] =>
  (inputs["ports"] as PublishedPort[] | undefined) ?? [];

const volumeFacts = (inputs: Inputs): string[] =>
  ((inputs["volumes"] as { volumeName: string; containerPath: string }[] | undefined) ?? []).map(
    ({ volumeName, containerPath }) => `volume ${volumeName} at ${containerPath}`,
  );

/** Containers that must be healthy before this one starts. */
function afterFacts(graph: Graph, { dependencies }: Node): string[] {
  const containers = graph.nodes.filter(
    ({ urn, type }) => dependencies.includes(urn) && type === "docker:index/container:Container",
  );
  return containers.length === 0 ? [] : [`after ${containers.map(({ urn }) => nameOf(urn)).join(", ")}`];
}

/** Containers that keep running; those that only give a volume to its user end at once. */
export const runningContainers = ({ nodes }: Graph): Node[] =>
  nodes.filter(({ type, inputs }) => type === "docker:index/container:Container" && inputs["mustRun"] !== false);

/** One line: how much of what. */
export function totals({ graph }: StackRecording): string {
  const count = (type: string) => graph.nodes.filter((node) => node.type === type).length;
  const rules = graph.nodes.flatMap(({ inputs, type }) =>
    type === "grafana:alerting/ruleGroup:RuleGroup" ? (inputs["rules"] as unknown[]) : [],
  );
  const real = graph.nodes.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:"));
  return [
    `${String(real.length)} resources`,
    `${String(runningContainers(graph).length)} containers`,
    `${String(count("docker:index/volume:Volume"))} volumes`,
    `${String(count("grafana:oss/dashboard:Dashboard"))} dashboards`,
    `${String(rules.length)} alert rules`,
    `${readableSize(memoryMiB(graph))} memory at most`,
  ].join(", ");
}

/** The sum of the memory limits of what keeps running. */
export const memoryMiB = (graph: Graph): number =>
  runningContainers(graph).reduce((sum, { inputs }) => sum + Number(inputs["memory"]), 0);
