import { boardsFor, rulesFor } from "../../dashboards/content.ts";
import { nameOf, type Graph, type Node, type StackRecording } from "../../graph/index.ts";
import { secretNotes, settingNotes } from "../plan-notes.ts";
import { kindOf } from "../plan-tree.ts";
import type { PlanView } from "../plan-view.ts";
import { readableSize } from "../terminal.ts";

/** What a plan says of Docker. */
export const dockerPlan: PlanView = {
  facts: factsOf,
  totals,
  notes: (recording) => [
    ...ports(recording),
    ...volumes(recording),
    ...secretNotes(recording),
    ...memory(recording),
    ...settingNotes(recording),
  ],
  write: () => [],
};

function factsOf(graph: Graph, node: Node): string[] {
  switch (kindOf(node)) {
    case "docker Container":
      return containerFacts(graph, node);
    case "docker Volume":
      return [String(node.inputs["name"]), node.retainOnDelete ? "kept on destroy" : "deleted on destroy"];
    case "docker Network":
    case "docker RemoteImage":
      return [String(node.inputs["name"])];
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
function imageOf(graph: Graph, { propertyDependencies }: Node): string {
  const image = graph.nodes.find(({ urn }) => propertyDependencies["image"]?.includes(urn));
  return typeof image?.inputs["name"] === "string" ? image.inputs["name"] : "";
}

type Inputs = Node["inputs"];

const portFacts = (inputs: Inputs): string[] =>
  publishedPorts(inputs).map(({ ip, external, internal }) => `${ip}:${String(external)} → ${String(internal)}`);

interface PublishedPort {
  readonly ip: string;
  readonly external: number;
  readonly internal: number;
}

const publishedPorts = (inputs: Inputs): PublishedPort[] => (inputs["ports"] as PublishedPort[] | undefined) ?? [];

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
const runningContainers = ({ nodes }: Graph): Node[] =>
  nodes.filter(({ type, inputs }) => type === "docker:index/container:Container" && inputs["mustRun"] !== false);

/** Boards and rules are counted as content: published as files, they are no resources. */
function totals({ graph, configuration: { settings } }: StackRecording): string[] {
  const count = (type: string) => graph.nodes.filter((node) => node.type === type).length;
  const rules = [...rulesFor(settings).values()].flat();
  const real = graph.nodes.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:"));
  return [
    `${String(real.length)} resources`,
    `${String(runningContainers(graph).length)} containers`,
    `${String(count("docker:index/volume:Volume"))} volumes`,
    `${String(boardsFor(settings).length)} dashboards`,
    `${String(rules.length)} alert rules`,
    `${readableSize(memoryMiB(graph))} memory at most`,
  ];
}

/** The sum of the memory limits of what keeps running. */
export const memoryMiB = (graph: Graph): number =>
  runningContainers(graph).reduce((sum, { inputs }) => sum + Number(inputs["memory"]), 0);

function ports({ graph, configuration: { settings } }: StackRecording): string[] {
  const published = runningContainers(graph).flatMap(({ inputs }) =>
    publishedPorts(inputs).map(({ external }) => external),
  );
  const list = published.sort((a, b) => a - b).join(", ");
  const { bindAddress } = settings.docker;
  if (bindAddress.startsWith("127."))
    return [`Ports ${list} are published on ${bindAddress}: only this machine reaches them.`];
  return [
    `Ports ${list} are published on ${bindAddress}: the network reaches them. OTLP takes data from anybody, and nothing is encrypted; see docs/security.md.`,
  ];
}

function volumes({ graph }: StackRecording): string[] {
  const kept = graph.nodes.filter(
    ({ type, retainOnDelete }) => type === "docker:index/volume:Volume" && retainOnDelete,
  );
  if (kept.length === 0) return [];
  const names = kept.map(({ inputs }) => String(inputs["name"])).join(", ");
  return [`Volumes ${names} hold data and survive destroy; npm run down -- --data removes them.`];
}

const memory = ({ graph }: StackRecording): string[] => [
  `The containers may take ${readableSize(memoryMiB(graph))} of memory at most; Docker must have that to give.`,
];
