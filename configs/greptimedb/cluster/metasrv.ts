import type { Call, Service } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Text } from "../../text.ts";
import { httpServer, listenOn } from "../parts.ts";
import { secretValue, toml } from "../toml.ts";
import { etcdMembersName } from "./etcd-members.ts";
import { callsDatanodes, callsFlownodes, processService, scratchLogging } from "./process.ts";
import { addressesOf, hasInternalDoor, ownAddress, replicasOf, rolePorts, roles } from "./roles.ts";
import { callsKafka, kafka, portsOf } from "./wal.ts";

/** The metadata server: knows who is there and where each region lies. Keeps it in the metadata store, not itself. */
export function metasrvService(settings: Settings): Service {
  const { cluster } = settings.greptimedb;
  return processService(settings, {
    role: "metasrv",
    config: metasrvConfig(settings),
    // by this name it is elected, and the others reach the one that leads
    args: ["--grpc-server-addr", ownAddress("metasrv", rolePorts.metasrv)],
    ports: [{ name: "grpc", port: rolePorts.metasrv }],
    memoryMiB: cluster.metasrv.memory,
    cpuMillis: 250,
    startupSeconds: 120,
    stopGraceSeconds: 30,
    needs: replicasOf(cluster).etcd === 0 ? [] : [roles.etcd, etcdMembersName],
    calls: [
      metadataCall(settings),
      callsDatanodes,
      ...callsFlownodes(settings),
      ...(hasInternalDoor(cluster) ? [{ to: roles.frontend, port: rolePorts.frontendInternal }] : []),
      ...callsKafka(settings),
    ],
  });
}

export function metasrvConfig(settings: Settings): Text {
  const { failover, wal } = settings.greptimedb.cluster;
  return toml({
    data_home: "/tmp/greptimedb",
    ...metadataStore(settings),
    selector: "round_robin",
    enable_region_failover: failover,
    enable_telemetry: false,
    grpc: { bind_addr: listenOn(rolePorts.metasrv) },
    http: httpServer,
    wal: wal.kind === "local" ? { provider: "raft_engine" } : { ...kafka(settings), ...topics(settings) },
    logging: scratchLogging,
  });
}

/** The metasrv makes the topics. */
const topics = ({ greptimedb: { cluster } }: Settings) => ({
  topic_name_prefix: cluster.wal.kafka.topicPrefix,
  num_topics: cluster.wal.kafka.topics,
  replication_factor: cluster.wal.kafka.replicationFactor,
});

/** A store that may be shared is told apart by a prefix or a table; the stack's own has no need of it. */
function metadataStore({ greptimedb: { cluster } }: Settings) {
  const { kind, etcd, keyPrefix } = cluster.metadata;
  if (kind === "etcd") {
    const { etcd: members } = replicasOf(cluster);
    return members === 0
      ? // the slash keeps one prefix from being the beginning of another
        { backend: "etcd_store", store_addrs: [...etcd.endpoints], store_key_prefix: `${keyPrefix}/` }
      : { backend: "etcd_store", store_addrs: addressesOf("etcd", members, rolePorts.etcd) };
  }
  const table = { store_addrs: [secretValue("greptimedbMetadataUrl")], meta_table_name: keyPrefix };
  return kind === "mysql"
    ? { backend: "mysql_store", ...table }
    : { backend: "postgres_store", ...table, meta_election_lock_id: lockId(keyPrefix) };
}

/**
 * Leaders of clusters that share a PostgreSQL database must not wait for each other's lock: a number of its own for
 * each table, by the hash FNV-1a. From 1 to 2^31.
 */
function lockId(table: string): number {
  let hash = 0x811c9dc5;
  for (const letter of table) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return (hash >>> 1) + 1;
}

function metadataCall({ greptimedb: { cluster } }: Settings): Call {
  const { kind, etcd } = cluster.metadata;
  if (kind !== "etcd") return { outside: `the ${kind} with the cluster's metadata`, ports: [] };
  return etcd.endpoints.length === 0
    ? { to: roles.etcd, port: rolePorts.etcd }
    : { outside: "the etcd with the cluster's metadata", ports: portsOf(etcd.endpoints) };
}
