import { setSecretCommand } from "../configs/settings/problems.ts";
import type { StackRecording } from "../graph/index.ts";

/** Notes that are the same on all platforms. */

/** Secrets that are made, and those that are missing. */
export function secretNotes({ configuration: { secrets: needed, given }, missingSecrets }: StackRecording): string[] {
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

/** What follows from settings that are easily forgotten. */
export const settingNotes = (recording: StackRecording): string[] => [
  ...external(recording),
  ...cluster(recording),
  ...rotation(recording),
  ...debugging(recording),
  ...privacy(recording),
  ...flow(recording),
  ...contactPoints(recording),
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

function cluster({ configuration: { settings } }: StackRecording): string[] {
  const { topology, cluster: parts } = settings.greptimedb;
  if (topology !== "cluster") return [];
  return [
    ...(settings.platform === "docker"
      ? ["The whole GreptimeDB cluster runs on one machine: this is for trying it, not for keeping data."]
      : []),
    ...(parts.storage.kind === "volume"
      ? [
          "Each region of a table lies on the volume of one datanode, and GreptimeDB has no second copy of it: with a volume, its data is lost. Object storage (greptimedb.cluster.storage) keeps it elsewhere.",
        ]
      : []),
    ...(parts.wal.kind === "kafka" && !parts.wal.kafka.tls
      ? ["Kafka is reached without TLS: telemetry crosses the network in clear."]
      : []),
  ];
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

function privacy({ configuration: { settings } }: StackRecording): string[] {
  const { redaction, content, filter } = settings.collector;
  return [
    ...(redaction.kinds.includes("credentials")
      ? []
      : ["collector.redaction is off for credentials: API keys and tokens in telemetry are stored as they come."]),
    ...(content === "keep"
      ? []
      : [
          `Prompts, completions and what tools are given are ${content === "hash" ? "stored as hashes" : "not stored"}.`,
        ]),
    ...(filter.length === 0 ? [] : [`What ${String(filter.length)} rules of collector.filter match is not stored.`]),
  ];
}

function flow({ configuration: { settings } }: StackRecording): string[] {
  const { sampling, secondDestination, deltaToCumulative } = settings.collector;
  return [
    ...(sampling.ratio === 1 ? [] : [`Of the traces ${percent(sampling.ratio)} are kept, of metrics and logs all.`]),
    ...(sampling.tail.enabled
      ? [
          `With collector.sampling.tail, spans of the last ${String(sampling.tail.wait)} s are in memory only, though they were acknowledged: when the collector is killed, they are lost. Kept are traces with errors, those over ${String(sampling.tail.slow)} s, and ${percent(sampling.tail.ratio)} of the rest.`,
        ]
      : []),
    ...(deltaToCumulative
      ? ["With collector.deltaToCumulative, sums of differences begin anew when the collector does."]
      : []),
    ...(secondDestination.endpoint === undefined
      ? []
      : [
          `Copies of ${secondDestination.signals.join(", ")} go to ${secondDestination.endpoint}; it may lose what does not fit into its own queue, and never holds up GreptimeDB.`,
        ]),
  ];
}

const percent = (ratio: number): string => `${String(Number((ratio * 100).toFixed(4)))} %`;

const contactPoints = ({ configuration: { settings } }: StackRecording): string[] =>
  settings.alerts.contactPoints.length > 0
    ? []
    : [
        "No contact point is set: alerts show in Grafana, and nobody is told. See alerts.contactPoints in docs/settings.md.",
      ];
