import type { Settings } from "../settings/settings.ts";
import { otlpScheme, senderAccess } from "./access.ts";
import { healthCheck } from "./config.ts";
import { delivery, itemsPerRequest, queueDirectory, queueStorage } from "./exporters.ts";
import { nodeMetrics } from "./host-metrics.ts";
import { renderCollector, type Collector, type Component, type Pipeline } from "./model.ts";
import { agentName, ports, serviceName } from "./ports.ts";
import { memoryLimiter } from "./processors.ts";
import { agentsJob } from "./scraping.ts";
import { telemetryOf } from "./telemetry.ts";

/** Environment variables that every pod of a service with one on each node has. */
const nodeVariable = "NODE_NAME";
const node = `\${env:${nodeVariable}}`;

/** Where the kubelet keeps the logs of containers. */
export const podLogs = "/var/log/pods";

/** Disk of the node that one queue may take, in MiB: as much as at a gateway, but the disk is not the agent's own. */
const queueMiB = ({ collector }: Settings): number => Math.min(collector.queue.diskPerSignal, 1024);

/** As many of these as a gateway puts into one request are no more than GreptimeDB takes; longer ones are divided. */
const largestRecord = "48KiB";

/** `service.name` of the metrics of nodes. */
export const nodeService = "k8s-node";

/** The configuration of the collector on each node, as YAML. */
export const agentConfig = (settings: Settings): string => renderCollector(agentFrom(settings));

/** The agent's parts: logs of containers, and metrics of the node itself, to the gateways. */
export function agentFrom(settings: Settings): Collector {
  const { agent } = settings.collector;
  const limiter = memoryLimiter(agent.memory);
  const logs: Pipeline = {
    id: "logs",
    receivers: [containerLogs(settings)],
    processors: [limiter, podAttributes],
    exporters: [gatewayExporter(settings)],
  };
  const metrics: Pipeline = {
    id: "metrics",
    receivers: [nodeMetrics],
    processors: [limiter, nodeAttributes],
    exporters: [gatewayExporter(settings)],
  };
  return {
    pipelines: [...(agent.logs ? [logs] : []), ...(agent.hostMetrics ? [metrics] : [])],
    extensions: [healthCheck],
    telemetry: telemetryOf(node, agentsJob),
  };
}

/** How far each file has been read, so that the next start goes on there. */
const offsets: Component = {
  id: "file_storage/offsets",
  config: { directory: `${queueDirectory}/offsets`, create_directory: true, timeout: "10s", recreate: true },
};

/**
 * The logs of all containers of the node but those of the stack's collectors: a collector that logs what it cannot
 * send, or with `debug` all that it gets, would be given its own words again and again.
 */
function containerLogs({ kubernetes: { namespace, agentNamespace } }: Settings): Component {
  const of = (pods: string) => `${podLogs}/${pods}_*/*/*`;
  return {
    id: "file_log/pods",
    config: {
      // rotated ones too, of which some may not have been read when the agent was away
      include: [`${podLogs}/*/*/*.log`, `${podLogs}/*/*/*.log.????????-??????`],
      exclude: [of(`${namespace}_${serviceName}-*`), of(`${agentNamespace}_${agentName}-*`)],
      // what was written before the agent came, and while it was away
      start_at: "beginning",
      include_file_path: true,
      include_file_name: false,
      // namespace, pod and container from the path; time and stream from each line, lines that were cut put together
      operators: [
        { type: "container", id: "container", max_log_size: largestRecord },
        // what it says is in other attributes by now
        { type: "remove", id: "remove_path", field: 'attributes["log.file.path"]' },
      ],
      max_log_size: largestRecord,
      // a line that was cut may be cut at a space
      preserve_trailing_whitespaces: true,
      retry_on_failure: { enabled: true, initial_interval: "1s", max_interval: "30s", max_elapsed_time: "0s" },
      storage: offsets.id,
    },
    extensions: [offsets],
  };
}

/** What the cluster knows of the pod whose log it is, by which its records are found together with its spans. */
const podAttributes: Component = {
  id: "k8s_attributes",
  config: {
    auth_type: "serviceAccount",
    filter: { node_from_env_var: nodeVariable },
    // names of Deployments and CronJobs follow from those of their ReplicaSets and Jobs: only pods are read
    extract: {
      metadata: [
        "k8s.namespace.name",
        "k8s.pod.name",
        "k8s.pod.uid",
        "k8s.pod.start_time",
        "k8s.node.name",
        "k8s.deployment.name",
        "k8s.statefulset.name",
        "k8s.daemonset.name",
        "k8s.cronjob.name",
        "k8s.job.name",
        "container.image.name",
        "container.image.tag",
        "service.namespace",
        "service.name",
        "service.version",
        "service.instance.id",
      ],
      otel_annotations: true,
    },
    // not by its uid: a pod that the kubelet starts from a file has another one in the path than in the cluster
    pod_association: [
      {
        sources: [
          { from: "resource_attribute", name: "k8s.namespace.name" },
          { from: "resource_attribute", name: "k8s.pod.name" },
        ],
      },
    ],
    // the files wait; records without a service would be found by nobody
    wait_for_metadata: true,
    wait_for_metadata_timeout: "60s",
  },
};

/** GreptimeDB makes `job` and `instance` of the service's name and instance, and drops what else a resource says. */
const nodeAttributes: Component = {
  id: "resource/node",
  config: {
    attributes: [
      { key: "host.name", value: node, action: "upsert" },
      { key: "k8s.node.name", value: node, action: "upsert" },
      { key: "service.instance.id", value: node, action: "upsert" },
      { key: "service.name", value: nodeService, action: "upsert" },
    ],
  },
};

/** To the gateways, which queue again: what is queued here survives the time in which none of them answers. */
function gatewayExporter(settings: Settings): Component {
  const scheme = otlpScheme(settings);
  const { headers } = senderAccess(settings);
  return {
    id: "otlp_http/gateway",
    config: {
      endpoint: `${scheme}://${serviceName}.${settings.kubernetes.namespace}.svc:${String(ports.otlpHttp)}`,
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      // the authority of the certificate is in a Secret beside the key, which nodes have no business with: the
      // connection is encrypted, and who answers is whom the cluster's names say
      ...(scheme === "https" ? { tls: { insecure_skip_verify: true } } : {}),
      ...delivery(queueMiB(settings), itemsPerRequest.logs),
    },
    extensions: [queueStorage(queueMiB(settings))],
  };
}
