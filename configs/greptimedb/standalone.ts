import type { Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { clientPorts } from "./client-ports.ts";
import { directories, serverUser, standaloneConfig } from "./config.ts";
import { httpHealth } from "./health.ts";
import { serviceName } from "./store.ts";
import { usersFile } from "./users.ts";

/** GreptimeDB as one process with one volume. */
export function standaloneService(settings: Settings): Service {
  const { greptimedb, images } = settings;
  const { http, others } = clientPorts(settings);
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
    ports: [http, ...others],
    mounts: [{ volume: "data", path: directories.data, sizeMiB: greptimedb.disk }],
    scratch: ["/tmp"],
    // the listener opens only after the write-ahead log was replayed and all regions were opened
    health: httpHealth(900),
    memoryMiB: greptimedb.memory,
    user: serverUser,
    replicas: 1,
    stopGraceSeconds: 60,
    needs: [],
    calls: [],
  };
}
