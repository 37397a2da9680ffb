import { grafanaPublish } from "./platform-defaults.ts";
import { setCommand, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";

/** What must hold between the settings of Grafana: who can reach it, where it keeps its data, how many there are. */
export const grafanaProblems = (settings: ParsedSettings): Problem[] => [
  ...publishProblems(settings),
  ...databaseProblems(settings),
  ...replicaProblems(settings),
];

/** A machine that deploys to a cluster is not in it. */
function publishProblems(settings: ParsedSettings): Problem[] {
  const { platform, kubernetes } = settings;
  if (platform !== "kubernetes" || grafanaPublish(settings) === "files") return [];
  if (kubernetes.ingress.grafana.host !== undefined) return [];
  return [
    {
      key: "grafana.publish",
      given: "api",
      expected:
        "files, because without kubernetes.ingress.grafana.host the machine that deploys cannot reach Grafana's API",
      remedy: `${setCommand("grafana.publish", "files")}, or ${setCommand("kubernetes.ingress.grafana.host", "grafana.example.com")}`,
    },
  ];
}

function databaseProblems({ grafana: { database } }: ParsedSettings): Problem[] {
  const key = "grafana.database.host";
  if (database.kind === "postgres" && database.host === undefined) {
    const expected = "the PostgreSQL server, because grafana.database.kind is postgres";
    return [{ key, expected, remedy: setCommand(key, "postgres.example.com:5432") }];
  }
  if (database.kind === "volume" && database.host !== undefined) {
    const expected = "nothing, because grafana.database.kind is volume";
    const remedy = `${setCommand("grafana.database.kind", "postgres")}, or remove the host`;
    return [{ key, given: database.host, expected, remedy }];
  }
  return [];
}

function replicaProblems({ platform, grafana: { replicas, database } }: ParsedSettings): Problem[] {
  if (replicas === 1) return [];
  const one = { key: "grafana.replicas", given: replicas };
  if (platform === "docker") {
    const expected = "1 on Docker, where one container has the port";
    return [{ ...one, expected, remedy: setCommand("grafana.replicas", "1") }];
  }
  if (database.kind === "postgres") return [];
  const expected = "1, because grafana.database.kind is volume, and a volume belongs to one Grafana";
  return [{ ...one, expected, remedy: `${setCommand("grafana.database.kind", "postgres")}, or one replica` }];
}
