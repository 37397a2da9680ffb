import { alertProblems, contactPointProblems } from "./alert-rules.ts";
import { clusterProblems } from "./cluster-rules.ts";
import { collectorProblems } from "./collector-rules.ts";
import { dashboardProblems } from "./dashboard-rules.ts";
import { kubernetesProblems } from "./kubernetes-rules.ts";
import { grafanaProblems } from "./grafana-rules.ts";
import { attributeKeyKind } from "./kinds.ts";
import { databaseHttpPort } from "./platform-defaults.ts";
import type { Problem } from "./problems.ts";
import { setCommand } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";
import { formatDuration } from "./units.ts";

/** What must hold between settings that are each valid. */

/** What the dashboards and rules of this version know, so that settings can be checked against it. */
export interface Known {
  /** Packs of dashboards and alert rules. */
  readonly packs: readonly string[];
  /** Alert rules by name, with the range of their threshold (none if it is fixed). */
  readonly rules: Readonly<Record<string, { readonly threshold?: { readonly min: number; readonly max: number } }>>;
  /** The pack of the rules about silent services. */
  readonly silencePack: string;
  /** Metrics that can tell that a service is silent. */
  readonly silenceMetrics: readonly string[];
}

export function contradictions(settings: ParsedSettings, known: Known): Problem[] {
  return [
    ...topologyProblems(settings),
    ...clusterProblems(settings),
    ...databaseProblems(settings),
    ...retentionProblems(settings),
    ...rotationProblems(settings),
    ...portProblems(settings),
    ...dockerProblems(settings),
    ...kubernetesProblems(settings),
    ...collectorProblems(settings),
    ...scrapeProblems(settings),
    ...contactPointProblems(settings),
    ...alertProblems(settings, known),
    ...dashboardProblems(settings, known),
    ...grafanaProblems(settings),
    ...attributeProblems(settings),
  ];
}

function topologyProblems({ greptimedb: { topology, external } }: ParsedSettings): Problem[] {
  if (topology === "external" && external.host === undefined) {
    return [
      {
        key: "greptimedb.external.host",
        expected: "the host of the external GreptimeDB, because greptimedb.topology is external",
        remedy: setCommand("greptimedb.external.host", "db.example.com"),
      },
    ];
  }
  if (topology !== "external" && external.host !== undefined) {
    return [
      {
        key: "greptimedb.external.host",
        given: external.host,
        expected: `nothing, because greptimedb.topology is ${topology}`,
        remedy: `${setCommand("greptimedb.topology", "external")}, or remove the host`,
      },
    ];
  }
  return [];
}

/** Whether this stack creates the databases and sets their retention. */
const managesDatabases = ({ greptimedb: { topology, external } }: ParsedSettings): boolean =>
  topology !== "external" || external.manageDatabases;

/** GreptimeDB cannot alter a database whose name needs quotes. */
function databaseProblems(settings: ParsedSettings): Problem[] {
  if (!managesDatabases(settings)) return [];
  return Object.entries(settings.greptimedb.databases)
    .filter(([, name]) => !/^[a-z_][a-z0-9_]*$/.test(name))
    .map(([signal, name]) => ({
      key: `greptimedb.databases.${signal}`,
      given: name,
      expected: "lower-case letters, digits and underscores, because this stack sets the database's retention",
      remedy: setCommand(`greptimedb.databases.${signal}`, signal),
    }));
}

/** Retention is a property of a database, so two signals in one database cannot differ. */
function retentionProblems(settings: ParsedSettings): Problem[] {
  const { databases, retention } = settings.greptimedb;
  if (!managesDatabases(settings)) return [];
  const signals = ["metrics", "traces", "logs"] as const;
  return signals.flatMap((signal, index) =>
    signals
      .slice(0, index)
      .filter((other) => databases[other] === databases[signal] && retention[other] !== retention[signal])
      .map((other) => ({
        key: `greptimedb.retention.${signal}`,
        given: shownRetention(retention[signal]),
        expected: `${shownRetention(retention[other])} as for ${other}, because both are kept in database ${databases[signal]}`,
        remedy: `give both the same retention, or ${setCommand(`greptimedb.databases.${signal}`, signal)}`,
      })),
  );
}

const shownRetention = (value: number | "forever"): string => (value === "forever" ? value : formatDuration(value));

function rotationProblems({ greptimedb: { topology, users } }: ParsedSettings): Problem[] {
  if (topology === "external" && (users.generation !== 1 || users.keepPrevious)) {
    return [
      {
        key: "greptimedb.users",
        given: users,
        expected: "nothing, because the users of an external GreptimeDB are managed there",
        remedy: "remove greptimedb.users",
      },
    ];
  }
  if (users.keepPrevious && users.generation === 1) {
    return [
      {
        key: "greptimedb.users.keepPrevious",
        given: true,
        expected: "false at generation 1, because there is no generation before it",
        remedy: setCommand("greptimedb.users.generation", "2"),
      },
    ];
  }
  return [];
}

/** Host ports that will be published, by key. */
export function publishedPorts(settings: ParsedSettings): { key: string; port: number }[] {
  const { platform, greptimedb, collector, grafana } = settings;
  if (platform === "kubernetes") return [];
  const ports = { ...greptimedb.ports, http: databaseHttpPort(settings) };
  const database = greptimedb.topology === "external" ? [] : Object.entries(ports);
  return [
    ...database.map(([name, port]) => ({ key: `greptimedb.ports.${name}`, port })),
    ...Object.entries(collector.ports).map(([name, port]) => ({ key: `collector.ports.${name}`, port })),
    { key: "grafana.port", port: grafana.port },
  ].filter(({ port }) => port !== 0);
}

function portProblems(settings: ParsedSettings): Problem[] {
  const ports = publishedPorts(settings);
  return ports.flatMap(({ key, port }, index) => {
    const first = ports.slice(0, index).find((other) => other.port === port);
    if (first === undefined) return [];
    return [
      {
        key,
        given: port,
        expected: `a host port of its own; ${first.key} has this one`,
        remedy: setCommand(key, String(port + 1000)),
      },
    ];
  });
}

function dockerProblems({ docker }: ParsedSettings): Problem[] {
  if (docker.host === undefined || docker.context === undefined) return [];
  return [
    {
      key: "docker.context",
      given: docker.context,
      expected: "either docker.host or docker.context, not both",
      remedy: "pulumi config rm --path 'docker.host'",
    },
  ];
}

function scrapeProblems({ collector, docker, platform }: ParsedSettings): Problem[] {
  const hostGateway = platform === "docker" ? docker.hostGateway : "none";
  return collector.scrape.flatMap(({ job, targets }, index) => {
    const key = `collector.scrape[${String(index)}]`;
    const twin = collector.scrape.findIndex((other) => other.job === job);
    return [
      ...(twin < index
        ? [
            {
              key: `${key}.job`,
              given: job,
              expected: `a name of its own; collector.scrape[${String(twin)}] has this one`,
              remedy: "rename one of the jobs",
            },
          ]
        : []),
      ...(targets.length === 0
        ? [
            {
              key: `${key}.targets`,
              given: targets,
              expected: "at least one target",
              remedy: setCommand(`${key}.targets[0]`, "host.docker.internal:8000"),
            },
          ]
        : []),
      ...targets.flatMap((target, at) => targetProblem(`${key}.targets[${String(at)}]`, target, hostGateway)),
    ];
  });
}

function targetProblem(key: string, target: string, hostGateway: string): Problem[] {
  const [host = "", port = ""] = target.split(":");
  if (/^(localhost|127\.[\d.]+|0\.0\.0\.0)$/.test(host)) {
    const expected = "an address that the collector can reach; from inside its container this is the collector itself";
    return [{ key, given: target, expected, remedy: setCommand(key, `host.docker.internal:${port}`) }];
  }
  if (host === "host.docker.internal" && hostGateway === "none") {
    const expected = "another host, because this one is a machine with Docker, and platform is kubernetes";
    return [{ key, given: target, expected, remedy: setCommand(key, `workers.agents.svc:${port}`) }];
  }
  if (host === "host.docker.internal" && hostGateway === "off") {
    const expected = "another host, because docker.hostGateway is off";
    return [{ key, given: target, expected, remedy: setCommand("docker.hostGateway", "auto") }];
  }
  return [];
}

function attributeProblems({ resourceAttributes }: ParsedSettings): Problem[] {
  const names = Object.keys(resourceAttributes);
  const invalid = names
    .filter((name) => attributeKeyKind.parse(name) === undefined)
    .map((name) => ({
      key: "resourceAttributes",
      given: name,
      expected: attributeKeyKind.expected,
      remedy: "rename or remove it",
    }));
  if (names.length <= 50) return invalid;
  const remedy = "remove some; each is stored with every record";
  return [
    ...invalid,
    {
      key: "resourceAttributes",
      given: `${String(names.length)} attributes`,
      expected: "at most 50 attributes",
      remedy,
    },
  ];
}
