import { bootstrapName } from "../greptimedb/bootstrap.ts";
import { bootstraps } from "../greptimedb/services.ts";
import { metricsCalls } from "../greptimedb/scraping.ts";
import { ingestCalls, storeFrom } from "../greptimedb/store.ts";
import { port as grafanaPort, serviceName as grafanaHost } from "../grafana/server.ts";
import { distinctCalls, type Call, type Port, type Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { basicAuth, replicaName, text, type Text } from "../text.ts";
import { accessEnvironment, certificate, certificateFiles, hasCertificate } from "./access.ts";
import { agentService } from "./agent.ts";
import { collectorConfig, scraperConfig } from "./config.ts";
import { authorizationVariable, queueDirectory } from "./exporters.ts";
import { secondCalls, secondDisk, secondEnvironment } from "./flow/second-destination.ts";
import { agentName, ports, scraperName, serviceName } from "./ports.ts";
import { discoveryRules, scrapesApart } from "./scraping.ts";
import { instanceVariable } from "./telemetry.ts";

const configFile = "/etc/otelcol/config.yaml";

/** What runs of the collector, in the order in which it starts. */
export const collectorServices = (settings: Settings): Service[] => [
  collectorService(settings),
  ...(scrapesApart(settings) ? [scraperService(settings)] : []),
  ...(settings.collector.agent.enabled ? [agentService(settings)] : []),
];

/** The OpenTelemetry Collector as a gateway with its queues on a volume. */
export function collectorService(settings: Settings): Service {
  const { collector, images } = settings;
  return {
    name: serviceName,
    kind: "stateful",
    image: images.collector,
    args: [`--config=${configFile}`],
    env: { ...environment(settings), ...accessEnvironment(settings) },
    files: [{ path: configFile, text: collectorConfig(settings) }, ...certificateFiles(settings)],
    ports: collectorPorts(settings),
    mounts: [{ volume: "queue", path: queueDirectory, sizeMiB: queueDisk(settings, 4) }],
    // the image holds nothing but the collector: no command could ask it
    health: { http: { port: ports.health, path: "/" }, startupSeconds: 60 },
    memoryMiB: collector.memory,
    user: { uid: 10001, gid: 10001 },
    replicas: collector.replicas,
    stopGraceSeconds: 60,
    needs: bootstraps(settings) ? [bootstrapName] : [],
    calls: distinctCalls([
      ...ingestCalls(storeFrom(settings)),
      ...secondCalls(settings),
      ...(scrapesApart(settings) ? [] : scrapeCalls(settings)),
    ]),
    reachesHost: true,
    ...certificate(settings),
  };
}

/** The collector that scrapes, and takes nothing from anybody. There is one: two would scrape everything twice. */
function scraperService(settings: Settings): Service {
  const gateway = collectorService(settings);
  return {
    name: scraperName,
    kind: "stateful",
    image: gateway.image,
    args: gateway.args,
    env: environment(settings),
    files: [{ path: configFile, text: scraperConfig(settings) }],
    ports: gateway.ports.filter(({ port }) => port === ports.telemetry || port === ports.health),
    mounts: [{ volume: "queue", path: queueDirectory, sizeMiB: queueDisk(settings, 1) }],
    health: gateway.health,
    memoryMiB: gateway.memoryMiB,
    user: gateway.user,
    replicas: 1,
    stopGraceSeconds: gateway.stopGraceSeconds,
    needs: gateway.needs,
    calls: distinctCalls([...ingestCalls(storeFrom(settings)), ...secondCalls(settings), ...scrapeCalls(settings)]),
    apiRules: discoveryRules(settings),
  };
}

/** What a collector that writes to GreptimeDB knows. */
function environment(settings: Settings): Record<string, Text> {
  const { platform, collector } = settings;
  const { writer } = storeFrom(settings).users;
  return {
    [authorizationVariable]: text`${basicAuth(writer.name, writer.password)}`,
    ...secondEnvironment(settings),
    // the garbage collector works harder before the limit is reached; 80 % is the collector's own advice
    GOMEMLIMIT: `${String(Math.floor(collector.memory * 0.8))}MiB`,
    ...(platform === "kubernetes" ? { [instanceVariable]: text`${replicaName}` } : {}),
  };
}

/** One file for each exporter, and room for what the file system needs. */
const queueDisk = (settings: Settings, exporters: number): number =>
  Math.ceil((settings.collector.queue.diskPerSignal * exporters + secondDisk(settings)) * 1.1);

/** GreptimeDB's and Grafana's own metrics, the endpoints of the settings, wherever they are, and what is discovered. */
const scrapeCalls = (settings: Settings): Call[] => [
  ...metricsCalls(settings),
  { to: grafanaHost, port: grafanaPort },
  ...(settings.collector.agent.enabled ? [{ to: agentName, port: ports.telemetry }] : []),
  ...(settings.collector.annotationScraping ? [{ outside: "annotated pods", ports: [] }] : []),
  ...settings.collector.scrape.map(({ job, targets }) => ({
    outside: `targets of the scrape job ${job}`,
    ports: [...new Set(targets.map((target) => Number(target.split(":")[1])))].sort((a, b) => a - b),
  })),
];

function collectorPorts(settings: Settings): Port[] {
  const { collector } = settings;
  const published = (name: string, port: number, host: number): Port => ({
    name,
    port,
    ...(host === 0 ? {} : { published: host }),
    ...(name.startsWith("otlp-") && hasCertificate(settings) ? { tls: true } : {}),
    open: name === "otlp-http" ? ["applications", "ingress"] : ["applications"],
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
