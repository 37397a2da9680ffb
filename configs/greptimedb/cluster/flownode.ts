import type { Service } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import { replicaIndex, text, type Text } from "../../text.ts";
import { httpServer, listenOn } from "../parts.ts";
import { toml } from "../toml.ts";
import { callsDatanodes, callsMetasrv, metaClient, processService, scratchLogging } from "./process.ts";
import { ownAddress, rolePorts, roles } from "./roles.ts";

/** Computes continuous aggregations. What they are is kept in the metadata store, their results in tables. */
export function flownodeService(settings: Settings): Service {
  const { flownode } = settings.greptimedb.cluster;
  return processService(settings, {
    role: "flownode",
    config: flownodeConfig(settings),
    args: ["--grpc-server-addr", ownAddress("flownode", rolePorts.flownode)],
    env: { GREPTIMEDB_FLOWNODE__NODE_ID: text`${replicaIndex}` },
    ports: [{ name: "grpc", port: rolePorts.flownode }],
    memoryMiB: flownode.memory,
    cpuMillis: 250,
    startupSeconds: 180,
    stopGraceSeconds: 30,
    // it does not start before a frontend answers
    needs: [roles.frontend],
    calls: [callsMetasrv, callsDatanodes, { to: roles.frontend, port: rolePorts.frontendInternal }],
  });
}

export const flownodeConfig = (settings: Settings): Text =>
  toml({
    grpc: { bind_addr: listenOn(rolePorts.flownode) },
    http: httpServer,
    meta_client: metaClient(settings),
    query: { memory_pool_size: "30%" },
    logging: scratchLogging,
  });
