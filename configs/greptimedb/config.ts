import { stringify } from "smol-toml";

import type { Settings } from "../settings/settings.ts";
import { ports } from "./store.ts";

/** Where the container keeps things. */
export const directories = {
  data: "/greptimedb_data",
  config: "/etc/greptimedb/config.toml",
  users: "/etc/greptimedb/users",
} as const;

/**
 * Configuration of a standalone GreptimeDB, as TOML.
 *
 * All of it is in the file, because the environment cannot set `region_engine` and loses against the file.
 * GreptimeDB ignores unknown keys silently, so each key here was read in config/standalone.example.toml of the
 * pinned version. Memory is shared out below; without these limits GreptimeDB sizes its caches for itself alone.
 */
export function standaloneConfig({ greptimedb }: Settings): string {
  const share = memoryShares(greptimedb.memory);
  return stringify({
    default_timezone: "UTC",
    enable_telemetry: false,
    user_provider: `static_user_provider:file:${directories.users}`,
    max_in_flight_write_bytes: share.inFlightWrites,
    // a full buffer answers 429 after a wait, which the collector retries
    write_bytes_exhausted_policy: "wait",
    http: {
      addr: `0.0.0.0:${String(ports.http)}`,
      // no server timeout: an expired one answers 408, which the collector does not retry
      timeout: "0s",
      body_limit: "64MB",
      // no page of another origin may call the API from a browser; GreptimeDB's own dashboard is same-origin
      enable_cors: false,
    },
    grpc: { bind_addr: `0.0.0.0:${String(ports.grpc)}` },
    mysql: { enable: true, addr: `0.0.0.0:${String(ports.mysql)}` },
    postgres: { enable: greptimedb.ports.postgres !== 0, addr: `0.0.0.0:${String(ports.postgres)}` },
    opentsdb: { enable: false },
    influxdb: { enable: false },
    storage: { data_home: directories.data, type: "File" },
    wal: { provider: "raft_engine", file_size: "64MB", purge_threshold: "256MB" },
    query: { memory_pool_size: "30%" },
    logging: {
      level: "info",
      append_stdout: true,
      // files cannot be switched off; hourly ones for a day are enough beside the container's own log
      max_log_files: 24,
    },
    slow_query: { enable: true, record_type: "log", threshold: "10s" },
    region_engine: [{ mito: { ...share.mito, index: share.index } }],
  });
}

/**
 * How the memory limit is shared out. Buffers and caches together take a little under a half; in-flight writes,
 * scans, compactions and queries have budgets of their own, which are seldom all in use. The proportions follow
 * GreptimeDB's own (write buffer and page cache 1/8 each, small caches 1/16 and 1/32), halved for the small caches,
 * with a bound where GreptimeDB has none.
 */
function memoryShares(memoryMiB: number) {
  const part = (fraction: number, atMostMiB = Infinity) =>
    `${String(Math.max(8, Math.min(Math.floor(memoryMiB * fraction), atMostMiB)))}MiB`;
  return {
    inFlightWrites: part(1 / 16, 1024),
    mito: {
      global_write_buffer_size: part(1 / 8, 1024),
      global_write_buffer_reject_size: part(1 / 4, 2048),
      page_cache_size: part(1 / 8),
      sst_meta_cache_size: part(1 / 32, 128),
      vector_cache_size: part(1 / 32, 512),
      selector_result_cache_size: part(1 / 32, 512),
      range_result_cache_size: part(1 / 32, 512),
      prefilter_result_cache_size: part(1 / 64, 128),
      manifest_cache_size: part(1 / 64, 256),
      scan_memory_limit: part(1 / 4),
      experimental_compaction_memory_limit: part(1 / 4),
      max_background_compactions: 1,
    },
    index: {
      metadata_cache_size: part(1 / 64, 64),
      content_cache_size: part(1 / 32, 128),
      result_cache_size: part(1 / 64, 128),
    },
  };
}
