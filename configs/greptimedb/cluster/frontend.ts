import type { Service } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Text } from "../../text.ts";
import { clientPorts } from "../client-ports.ts";
import { directories, userProvider } from "../config.ts";
import { partOf } from "../memory.ts";
import { clientProtocols, httpServer, listenOn, slowQuery } from "../parts.ts";
import { ports } from "../store.ts";
import { toml } from "../toml.ts";
import { usersFile } from "../users.ts";
import { callsDatanodes, callsFlownodes, callsMetasrv, metaClient, processService, scratchLogging } from "./process.ts";
import { frontendPeerPort, hasInternalDoor, ownAddress, rolePorts, roles } from "./roles.ts";

/** Speaks all protocols, knows the users, and asks datanodes. */
export function frontendService(settings: Settings): Service {
  const { cluster } = settings.greptimedb;
  const internal = hasInternalDoor(cluster);
  const { http, others } = clientPorts(settings);
  return processService(settings, {
    role: "frontend",
    config: frontendConfig(settings),
    args: [
      "--grpc-server-addr",
      ownAddress("frontend", ports.grpc),
      ...(internal ? ["--internal-grpc-server-addr", ownAddress("frontend", rolePorts.frontendInternal)] : []),
    ],
    files: [{ path: directories.users, text: usersFile(settings) }],
    http,
    ports: [...others, ...(internal ? [{ name: "internal", port: rolePorts.frontendInternal }] : [])],
    memoryMiB: cluster.frontend.memory,
    cpuMillis: 500,
    startupSeconds: 180,
    stopGraceSeconds: 30,
    needs: [roles.metasrv, roles.datanode],
    calls: [
      callsMetasrv,
      callsDatanodes,
      ...callsFlownodes(settings),
      // for the list of running queries; at the internal door it does not know itself, and asks there, too
      ...(cluster.frontend.replicas > 1 || internal
        ? [{ to: roles.frontend, port: frontendPeerPort(cluster, ports.grpc) }]
        : []),
    ],
  });
}

export function frontendConfig(settings: Settings): Text {
  const { cluster } = settings.greptimedb;
  const part = partOf(cluster.frontend.memory);
  return toml({
    default_timezone: "UTC",
    user_provider: userProvider,
    max_in_flight_write_bytes: part(1 / 8, 1024),
    // a full buffer answers 429 after a wait, which the collector retries
    write_bytes_exhausted_policy: "wait",
    http: httpServer,
    ...clientProtocols(settings),
    ...(hasInternalDoor(cluster) ? { internal_grpc: { bind_addr: listenOn(rolePorts.frontendInternal) } } : {}),
    meta_client: metaClient(settings),
    query: { memory_pool_size: "30%" },
    logging: scratchLogging,
    slow_query: slowQuery,
  });
}
