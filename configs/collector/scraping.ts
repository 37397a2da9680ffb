import type { ApiRule } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { literal } from "./model.ts";
import { ownJobs } from "./own-jobs.ts";
import { agentName } from "./ports.ts";

/** Who scrapes, and what is found by asking the cluster. */

interface Scraping {
  readonly platform: string;
  readonly collector: {
    readonly replicas: number;
    readonly annotationScraping: boolean;
    readonly agent: { readonly enabled: boolean };
  };
}

/**
 * Whether a collector of its own scrapes. Several gateways would each scrape everything; and discovery needs rights in
 * the cluster, which nothing that applications send to should have.
 */
export const scrapesApart = ({ platform, collector }: Scraping): boolean =>
  platform === "kubernetes" && (collector.replicas > 1 || discovers({ platform, collector }));

/** Whether targets are found by asking the cluster. */
const discovers = ({ platform, collector }: Scraping): boolean =>
  platform === "kubernetes" && (collector.annotationScraping || collector.agent.enabled);

/** What discovery reads of the cluster. */
export const discoveryRules = (settings: Scraping): ApiRule[] =>
  discovers(settings) ? [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }] : [];

/** Name of the job of the collectors on the nodes. */
export const agentsJob = `${ownJobs.collector}/agents`;

/** The jobs whose targets are pods. Their names cannot be those of jobs in the settings, which have no slash. */
export function discoveredJobs(settings: Settings): object[] {
  const { agent, annotationScraping } = settings.collector;
  return [...(agent.enabled ? [agentsConfig(settings)] : []), ...(annotationScraping ? [annotatedConfig] : [])];
}

const scraped = {
  scrape_interval: "15s",
  scrape_timeout: "10s",
  metrics_path: "/metrics",
  fallback_scrape_protocol: "PrometheusText0.0.4",
};

/** Labels that the discovery has of a pod. */
const meta = (name: string): string => `__meta_kubernetes_${name}`;

const keep = (label: string, regex: string) => ({ source_labels: [label], regex, action: "keep" });
const drop = (label: string, regex: string) => ({ source_labels: [label], regex, action: "drop" });

/** Writes a label where the regular expression fits. */
const write = (target_label: string, source_labels: readonly string[], regex = "(.+)", replacement = "$1") => ({
  source_labels: [...source_labels],
  regex,
  target_label,
  replacement: literal(replacement),
});

const running = keep(meta("pod_phase"), "Running");

/** The collectors on the nodes, each known by its node: a pod's name changes with each roll-out. */
const agentsConfig = ({ kubernetes }: Settings): object => ({
  job_name: agentsJob,
  ...scraped,
  kubernetes_sd_configs: [
    {
      role: "pod",
      namespaces: { names: [kubernetes.agentNamespace] },
      selectors: [{ role: "pod", label: `app.kubernetes.io/name=${agentName}` }],
    },
  ],
  relabel_configs: [
    running,
    keep(meta("pod_container_port_name"), "telemetry"),
    write("instance", [meta("pod_node_name")]),
  ],
});

/** Pods of all namespaces that ask to be scraped, in the way that has become customary. */
const annotatedConfig: object = {
  job_name: "pods/annotated",
  ...scraped,
  // certificates of pods are rarely issued to the address at which they are scraped
  tls_config: { insecure_skip_verify: true },
  kubernetes_sd_configs: [{ role: "pod" }],
  relabel_configs: [
    running,
    keep(meta("pod_annotation_prometheus_io_scrape"), "true"),
    drop(meta("pod_container_init"), "true"),
    write("__scheme__", [meta("pod_annotation_prometheus_io_scheme")], "(https?)"),
    write("__metrics_path__", [meta("pod_annotation_prometheus_io_path")]),
    // without a port in the annotations, each port that the pod declares is a target
    ...["([\\d.]+);(\\d+)", "([\\da-fA-F]*:[\\da-fA-F:.]+);(\\d+)"].map((regex, family) =>
      write(
        "__address__",
        [meta("pod_ip"), meta("pod_annotation_prometheus_io_port")],
        regex,
        family === 0 ? "$1:$2" : "[$1]:$2",
      ),
    ),
    // the collector itself adds the names of namespace, pod and container, as those of OpenTelemetry
    write("instance", [meta("pod_name"), "__address__"], "(.+);.*:(\\d+)", "$1:$2"),
    ...jobOfPod(),
  ],
};

/** The job is the application: by its labels, else by what made the pod. */
function jobOfPod(): object[] {
  const own = Object.values(ownJobs).join("|");
  return [
    write("job", [meta("pod_name")]),
    write("job", [meta("pod_controller_name")]),
    // a ReplicaSet that a Deployment made has the Deployment's name, and the hash that its pods carry as well
    write("job", [meta("pod_label_pod_template_hash"), meta("pod_controller_name")], "[a-z0-9]+;(.+)-[a-z0-9]+"),
    write("job", [meta("pod_label_app")]),
    write("job", [meta("pod_label_app_kubernetes_io_name")]),
    // the stack's boards and rules go by these names: somebody else's Grafana is not the stack's
    write("job", [meta("namespace"), "job"], `(.+);(${own})`, "$1/$2"),
  ];
}
