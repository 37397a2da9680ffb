import type { Settings } from "../settings/settings.ts";
import { ports } from "./store.ts";

/**
 * Parts of the configuration that several kinds of processes have. GreptimeDB ignores unknown keys silently, so each
 * key was read in config/*.example.toml of the pinned version.
 */

/** An address to listen on: of all of the container's. */
export const listenOn = (port: number): string => `0.0.0.0:${String(port)}`;

export const httpServer = {
  addr: listenOn(ports.http),
  // no server timeout: an expired one answers 408, which the collector does not retry
  timeout: "0s",
  body_limit: "64MB",
  // no page of another origin may call the API from a browser; GreptimeDB's own dashboard is same-origin
  enable_cors: false,
} as const;

/** The protocols besides HTTP that clients speak. */
export const clientProtocols = ({ greptimedb }: Settings): Record<string, Record<string, string | boolean>> => ({
  grpc: { bind_addr: listenOn(ports.grpc) },
  mysql: { enable: true, addr: listenOn(ports.mysql) },
  postgres: { enable: greptimedb.ports.postgres !== 0, addr: listenOn(ports.postgres) },
  opentsdb: { enable: false },
  influxdb: { enable: false },
});

export const logging = {
  level: "info",
  append_stdout: true,
  // files cannot be switched off; hourly ones for a day are enough beside the container's own log
  max_log_files: 24,
} as const;

/** Queries that take long are named in the log. */
export const slowQuery = { enable: true, record_type: "log", threshold: "10s" } as const;
