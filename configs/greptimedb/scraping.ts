import type { Call } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { addressesOf, replicasOf, roles } from "./cluster/roles.ts";
import { ports, serviceName } from "./store.ts";

const scraped = ["metasrv", "datanode", "frontend", "flownode"] as const;

/** Addresses at which the stack's own GreptimeDB processes show their metrics: each replica is one. */
export function metricsTargets({ greptimedb: { topology, cluster } }: Settings): string[] {
  switch (topology) {
    case "external":
      return [];
    case "standalone":
      return [`${serviceName}:${String(ports.http)}`];
    case "cluster": {
      const replicas = replicasOf(cluster);
      return scraped.flatMap((role) => addressesOf(role, replicas[role], ports.http));
    }
  }
}

/** The connections to them. */
export function metricsCalls({ greptimedb: { topology, cluster } }: Settings): Call[] {
  switch (topology) {
    case "external":
      return [];
    case "standalone":
      return [{ to: serviceName, port: ports.http }];
    case "cluster": {
      const replicas = replicasOf(cluster);
      return scraped.filter((role) => replicas[role] > 0).map((role) => ({ to: roles[role], port: ports.http }));
    }
  }
}
