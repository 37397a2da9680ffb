import { proofName } from "../collector/proof.ts";
import { mysqlCalls, storeCalls, storeFrom } from "../greptimedb/store.ts";
import type { Call, Port, Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { datasourcesFile } from "./datasources.ts";
import { grafanaEnvironment } from "./environment.ts";
import { gossipPort, isClustered, port, serviceName } from "./names.ts";
import { boardFiles, type Published } from "./published.ts";
import { startScript } from "./start.ts";

export { adminUser, port, serviceName } from "./names.ts";

const dataDirectory = "/var/lib/grafana";
const startFile = "/etc/grafana-start/start.sh";

/**
 * Grafana, closed to the outside, with its database on a volume or in PostgreSQL.
 * @param published what it reads from files; none where everything but the datasources comes through its API
 */
export function grafanaService(settings: Settings, publicUrl: string, published?: Published): Service {
  const { grafana, images } = settings;
  const healthUrl = `http://127.0.0.1:${String(port)}/api/health`;
  return {
    name: serviceName,
    image: images.grafana,
    entrypoint: ["sh", startFile],
    args: [],
    env: grafanaEnvironment(settings, publicUrl),
    files: [
      { path: startFile, text: startScript(settings, dataDirectory) },
      { path: "/etc/grafana/provisioning/datasources/greptimedb.yaml", text: datasourcesFile(settings) },
      ...(published === undefined ? [] : boardFiles(published)),
    ],
    ports: grafanaPorts(settings),
    ...storage(settings),
    health: {
      http: { port, path: "/api/health" },
      // answers without the database, whose absence no restart would end
      alivePath: "/healthz",
      // 503 until the database is migrated; the image has busybox' wget, and curl in its usual flavour
      command: ["sh", "-c", `wget -q -O /dev/null ${healthUrl} || curl -fsS -o /dev/null ${healthUrl}`],
      startupSeconds: 300,
    },
    memoryMiB: grafana.memory,
    user: { uid: 472, gid: 0 },
    replicas: grafana.replicas,
    stopGraceSeconds: 30,
    // its datasources read tables that exist only after the first write
    needs: [proofName],
    calls: grafanaCalls(settings),
  };
}

/**
 * With PostgreSQL nothing needs to last. Alone it is stateful all the same, so that the old one has stopped before the
 * new one starts: side by side both would send alerts, and the old one restore the boards that the new one has no more.
 * Several replace each other one by one, and have names, by which they find each other.
 */
function storage(settings: Settings): Pick<Service, "kind" | "mounts" | "scratch" | "numbered"> {
  const { database, disk } = settings.grafana;
  if (database.kind === "volume") {
    return { kind: "stateful", mounts: [{ volume: "data", path: dataDirectory, sizeMiB: disk }], scratch: ["/tmp"] };
  }
  const scratch = ["/tmp", dataDirectory];
  if (!isClustered(settings)) return { kind: "stateful", mounts: [], scratch };
  return { kind: "stateless", numbered: true, mounts: [], scratch };
}

const grafanaPorts = (settings: Settings): Port[] => [
  { name: "http", port, published: settings.grafana.port, open: ["ingress"] },
  ...(isClustered(settings)
    ? [
        { name: "gossip-tcp", port: gossipPort },
        { name: "gossip-udp", port: gossipPort, protocol: "udp" as const },
      ]
    : []),
];

/** GreptimeDB, its own database and the other replicas, and whom alerts are sent to. */
function grafanaCalls(settings: Settings): Call[] {
  const { grafana, alerts } = settings;
  const store = storeFrom(settings);
  const types = new Set(alerts.contactPoints.map(({ type }) => type));
  return [
    ...storeCalls(store),
    ...mysqlCalls(store),
    ...outside("Grafana's PostgreSQL", grafana.database.kind === "postgres" ? grafana.database.host : undefined),
    ...(isClustered(settings)
      ? (["tcp", "udp"] as const).map((protocol) => ({ to: serviceName, port: gossipPort, protocol }))
      : []),
    ...outside("the mail server", grafana.smtp.host),
    ...(types.has("slack") || types.has("pagerduty") || types.has("webhook")
      ? [{ outside: "webhooks, Slack, PagerDuty", ports: [] }]
      : []),
  ];
}

/** A program outside, at host:port. */
const outside = (what: string, address: string | undefined): Call[] =>
  address === undefined ? [] : [{ outside: what, ports: [Number(address.split(":")[1])] }];
