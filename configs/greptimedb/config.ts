import { stringify } from "smol-toml";

import type { Settings } from "../settings/settings.ts";
import { memoryShares } from "./memory.ts";
import { clientProtocols, httpServer, logging, slowQuery } from "./parts.ts";

/** Where the container keeps things. */
export const directories = {
  data: "/greptimedb_data",
  config: "/etc/greptimedb/config.toml",
  users: "/etc/greptimedb/users",
} as const;

/** The image sets no user; nothing in it needs this particular one. */
export const serverUser = { uid: 10001, gid: 10001 } as const;

export const userProvider = `static_user_provider:file:${directories.users}`;

/**
 * Configuration of a standalone GreptimeDB, as TOML.
 *
 * All of it is in the file, because the environment cannot set `region_engine` and loses against the file. Without
 * limits GreptimeDB sizes its caches for itself alone.
 */
export function standaloneConfig(settings: Settings): string {
  const share = memoryShares(settings.greptimedb.memory);
  return stringify({
    default_timezone: "UTC",
    enable_telemetry: false,
    user_provider: userProvider,
    max_in_flight_write_bytes: share.inFlightWrites,
    // a full buffer answers 429 after a wait, which the collector retries
    write_bytes_exhausted_policy: "wait",
    http: httpServer,
    ...clientProtocols(settings),
    storage: { data_home: directories.data, type: "File" },
    wal: { provider: "raft_engine", file_size: "64MB", purge_threshold: "256MB" },
    query: { memory_pool_size: "30%" },
    logging,
    slow_query: slowQuery,
    region_engine: [{ mito: { ...share.mito, index: share.index } }],
  });
}
