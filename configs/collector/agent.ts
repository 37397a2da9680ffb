import type { NodeDirectory, Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { senderAccess } from "./access.ts";
import { agentConfig, podLogs } from "./agent-config.ts";
import { hostRoot } from "./host-metrics.ts";
import { queueDirectory } from "./exporters.ts";
import { agentName, ports, serviceName } from "./ports.ts";

const configFile = "/etc/otelcol/config.yaml";

/** A collector on each node, for what only the node has: the logs of its containers, and its own metrics. */
export function agentService(settings: Settings): Service {
  const { agent } = settings.collector;
  return {
    name: agentName,
    kind: "perNode",
    image: settings.images.collector,
    args: [`--config=${configFile}`],
    env: { ...senderAccess(settings).env, GOMEMLIMIT: `${String(Math.floor(agent.memory * 0.8))}MiB` },
    files: [{ path: configFile, text: agentConfig(settings) }],
    ports: [
      { name: "telemetry", port: ports.telemetry },
      { name: "health", port: ports.health },
    ],
    mounts: [],
    health: { http: { port: ports.health, path: "/" }, startupSeconds: 120 },
    memoryMiB: agent.memory,
    // the logs of containers can be read by root alone
    user: { uid: 0, gid: 0 },
    replicas: 1,
    stopGraceSeconds: 60,
    // it keeps what it reads until somebody takes it
    needs: [],
    calls: [{ to: serviceName, port: ports.otlpHttp }],
    // of the pods on its node it reads who they are
    ...(agent.logs ? { apiRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }] } : {}),
    nodeDirectories: nodeDirectories(settings),
  };
}

/** Queue and offsets stay on the node when the agent is replaced; another stack in the cluster has others. */
const nodeDirectories = ({ kubernetes, collector: { agent } }: Settings): NodeDirectory[] => [
  { path: `/var/lib/greptime-observability/${kubernetes.namespace}`, mountPath: queueDirectory, writable: true },
  ...(agent.logs ? [{ path: podLogs, mountPath: podLogs }] : []),
  ...(agent.hostMetrics ? [{ path: "/", mountPath: hostRoot }] : []),
];
