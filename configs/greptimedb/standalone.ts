import type { Port, Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { directories, standaloneConfig } from "./config.ts";
import { ports, serviceName } from "./store.ts";
import { usersFile } from "./users.ts";

/** GreptimeDB as one process with one volume. */
export function standaloneService(settings: Settings): Service {
  const { greptimedb, images } = settings;
  return {
    name: serviceName,
    kind: "stateful",
    image: images.greptimedb,
    args: ["standalone", "start", "--config-file", directories.config],
    env: {},
    files: [
      { path: directories.config, text: standaloneConfig(settings) },
      { path: directories.users, text: usersFile(settings) },
    ],
    ports: [
      published("http", greptimedb.ports.http),
      published("grpc", greptimedb.ports.grpc),
      published("mysql", greptimedb.ports.mysql),
      ...(greptimedb.ports.postgres === 0 ? [] : [published("postgres", greptimedb.ports.postgres)]),
    ],
    mounts: [{ volume: "data", path: directories.data }],
    health: {
      http: { port: ports.http, path: "/health" },
      command: ["curl", "-fsS", "-o", "/dev/null", "--max-time", "4", `http://127.0.0.1:${String(ports.http)}/health`],
      // the listener opens only after the write-ahead log was replayed and all regions were opened
      startupSeconds: 900,
    },
    memoryMiB: greptimedb.memory,
    // the image sets no user; nothing in it needs this particular one
    user: { uid: 10001, gid: 10001 },
    replicas: 1,
    stopGraceSeconds: 60,
    needs: [],
  };
}

const published = (name: keyof typeof ports, hostPort: number): Port => ({
  name,
  port: ports[name],
  ...(hostPort === 0 ? {} : { published: hostPort }),
});
