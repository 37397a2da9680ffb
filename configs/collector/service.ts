import { bootstrapName } from "../greptimedb/bootstrap.ts";
import { storeFrom } from "../greptimedb/store.ts";
import type { Port, Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { basicAuth, text } from "../text.ts";
import { collectorConfig } from "./config.ts";
import { authorizationVariable, queueDirectory } from "./exporters.ts";
import { ports, serviceName } from "./ports.ts";

const configFile = "/etc/otelcol/config.yaml";

/** The OpenTelemetry Collector as a gateway with its queues on a volume. */
export function collectorService(settings: Settings): Service {
  const { collector, images } = settings;
  const { writer } = storeFrom(settings).users;
  return {
    name: serviceName,
    kind: "stateful",
    image: images.collector,
    args: [`--config=${configFile}`],
    env: {
      [authorizationVariable]: text`${basicAuth(writer.name, writer.password)}`,
      // the garbage collector works harder before the limit is reached; 80 % is the collector's own advice
      GOMEMLIMIT: `${String(Math.floor(collector.memory * 0.8))}MiB`,
    },
    files: [{ path: configFile, text: collectorConfig(settings) }],
    ports: collectorPorts(settings),
    mounts: [{ volume: "queue", path: queueDirectory }],
    // the image holds nothing but the collector: no command could ask it
    health: { http: { port: ports.health, path: "/" }, startupSeconds: 60 },
    memoryMiB: collector.memory,
    user: { uid: 10001, gid: 10001 },
    replicas: 1,
    stopGraceSeconds: 60,
    needs: bootstraps(settings) ? [bootstrapName] : [],
    reachesHost: true,
  };
}

/** Whether this stack creates databases; what writes must wait for that. */
export const bootstraps = ({ greptimedb }: Settings): boolean =>
  greptimedb.topology === "standalone" || greptimedb.external.manageDatabases;

function collectorPorts({ collector }: Settings): Port[] {
  const published = (name: string, port: number, host: number): Port => ({
    name,
    port,
    ...(host === 0 ? {} : { published: host }),
  });
  return [
    published("otlp-grpc", ports.otlpGrpc, collector.ports.otlpGrpc),
    published("otlp-http", ports.otlpHttp, collector.ports.otlpHttp),
    { name: "telemetry", port: ports.telemetry },
    ...(collector.ports.prometheus === 0
      ? []
      : [published("prometheus", ports.prometheus, collector.ports.prometheus)]),
    { name: "health", port: ports.health },
  ];
}
