import { setSecretCommand } from "../configs/settings/problems.ts";
import type { StackRecording } from "../graph/index.ts";
import { readableSize } from "./terminal.ts";
import { memoryMiB, publishedPorts, runningContainers } from "./plan-tree.ts";

/** What somebody should know before deploying, one sentence or two each. */
export function planNotes(recording: StackRecording): string[] {
  return [
    ...ports(recording),
    ...volumes(recording),
    ...secrets(recording),
    ...memory(recording),
    ...external(recording),
    ...rotation(recording),
    ...debugging(recording),
    ...contactPoints(recording),
  ];
}

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

function secrets({ configuration: { secrets: needed, given }, missingSecrets }: StackRecording): string[] {
  const generated = needed
    .filter(({ name, generated: random }) => given[name] === undefined && random !== undefined)
    .map(({ name }) => name);
  return [
    ...(generated.length === 0 ? [] : [`Generated, because they are not set: ${generated.join(", ")}.`]),
    ...missingSecrets.map(
      (name) =>
        `The secret ${name} is not set, and the deployment will refuse to start without it: ${setSecretCommand(name)}`,
    ),
  ];
}

const memory = ({ graph }: StackRecording): string[] => [
  `The containers may take ${readableSize(memoryMiB(graph))} of memory at most; Docker must have that to give.`,
];

function external({ configuration: { settings } }: StackRecording): string[] {
  const { topology, external: endpoint } = settings.greptimedb;
  if (topology !== "external") return [];
  const retention = endpoint.manageDatabases
    ? []
    : [
        "Databases and retention of the external GreptimeDB are not touched: the databases must exist before the deployment, or telemetry is refused.",
      ];
  const encryption = endpoint.tls
    ? []
    : ["The external GreptimeDB is reached without TLS: passwords and telemetry cross the network in clear."];
  return [...retention, ...encryption];
}

function rotation({ configuration: { settings } }: StackRecording): string[] {
  const { generation, keepPrevious } = settings.greptimedb.users;
  if (!keepPrevious) return [];
  return [
    `GreptimeDB also accepts the users of generation ${String(generation - 1)}; set greptimedb.users.keepPrevious to false once this is deployed.`,
  ];
}

const debugging = ({ configuration: { settings } }: StackRecording): string[] =>
  settings.collector.debug === "off"
    ? []
    : ["collector.debug is on: the collector's log will hold what applications send."];

const contactPoints = ({ configuration: { settings } }: StackRecording): string[] =>
  settings.alerts.contactPoints.length > 0
    ? []
    : [
        "No contact point is set: alerts show in Grafana, and nobody is told. See alerts.contactPoints in docs/settings.md.",
      ];
