import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseDocument } from "yaml";

import { agentConfig, podLogs } from "../../../configs/collector/agent-config.ts";
import { agentService } from "../../../configs/collector/agent.ts";
import { queueDirectory } from "../../../configs/collector/exporters.ts";
import type { Settings } from "../../../configs/settings/settings.ts";
import { startClusterApi, type ClusterApi, type Pod } from "./cluster.ts";
import { environmentOf, startCollector, type Collector } from "../../../cli/lab/collector.ts";
import { freePort } from "../../../cli/lab/ports.ts";
import { opened, relocateCommon } from "../../../cli/lab/relocate.ts";

/** The collector of a node, with a directory in the place of that of the node's logs. */
export class Agent {
  readonly api: ClusterApi;
  /** In the place of `/var/log/pods`. */
  readonly logs: string;
  readonly #directory: string;
  readonly #health: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #collectors: Collector[] = [];

  private constructor(directory: string, api: ClusterApi, health: number, environment: Record<string, string>) {
    this.#directory = directory;
    this.api = api;
    this.logs = join(directory, "pods");
    this.#health = `http://127.0.0.1:${String(health)}/`;
    this.#environment = { ...environment, KUBECONFIG: api.kubeconfig };
  }

  /** @param gateway URL of the gateways */
  static async open(settings: Settings, node: string, pods: readonly Pod[], gateway: string): Promise<Agent> {
    const directory = mkdtempSync(join(tmpdir(), "agent-"));
    const api = await startClusterApi(directory, pods);
    const ports = { health: await freePort(), telemetry: await freePort() };
    const environment = { ...environmentOf(agentService(settings)), NODE_NAME: node };
    const agent = new Agent(directory, api, ports.health, environment);
    mkdirSync(agent.logs);
    writeFileSync(agent.#configFile, agent.#relocated(agentConfig(settings), ports, gateway));
    return agent;
  }

  get #configFile(): string {
    return join(this.#directory, "config.yaml");
  }

  /** The same configuration with other places; and the cluster is found by a file rather than by a pod's own token. */
  #relocated(yaml: string, ports: { health: number; telemetry: number }, gateway: string): string {
    const { document, replace, text } = opened(yaml);
    relocateCommon(replace, { directory: this.#directory, ports });
    const offsets = ["extensions", "file_storage/offsets", "directory"];
    if (document.hasIn(offsets)) replace(offsets, `${queueDirectory}/offsets`, `${this.#directory}/offsets`);
    const exporter = ["exporters", "otlp_http/gateway", "endpoint"];
    replace(exporter, "http://collector.obs.svc:4318", gateway);
    if (document.hasIn(["processors", "k8s_attributes"])) {
      replace(["processors", "k8s_attributes", "auth_type"], "serviceAccount", "kubeConfig");
    }
    const hostMetrics = ["receivers", "host_metrics"];
    if (document.hasIn(hostMetrics)) {
      replace([...hostMetrics, "root_path"], "/hostfs", "/");
      replace([...hostMetrics, "collection_interval"], "30s", "1s");
    }
    return parseDocument(text().replaceAll(podLogs, this.logs)).toString({ lineWidth: 0 });
  }

  /** Starts it, again if it was killed. */
  async start(): Promise<void> {
    this.#collectors.push(await startCollector(this.#configFile, this.#health, this.#environment));
  }

  async kill(): Promise<void> {
    await this.#collectors.at(-1)?.kill();
  }

  log(): string {
    return this.#collectors.map((collector) => collector.log()).join("");
  }

  async close(): Promise<void> {
    await this.kill();
    await this.api.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
