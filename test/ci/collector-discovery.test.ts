import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test, vi, type TestContext } from "vitest";
import { isSeq, type YAMLMap } from "yaml";

import { scraperConfig } from "../../configs/collector/config.ts";
import { agentsJob, discoveryRules } from "../../configs/collector/scraping.ts";
import { collectorServices } from "../../configs/collector/service.ts";
import { settingsOf } from "../support/settings.ts";
import { startClusterApi, type ClusterApi, type Pod } from "./support/cluster.ts";
import { environmentOf, lastLines, startCollector } from "../../cli/lab/collector.ts";
import { freePort } from "../../cli/lab/ports.ts";
import { opened, relocateCommon } from "../../cli/lab/relocate.ts";
import { startStore, type Store } from "../../cli/lab/store.ts";
import { startTarget, type Target } from "./support/target.ts";

/** The real collector that only scrapes, and pods that a stand-in for the cluster's API tells of. */

const soon = { timeout: 30_000, interval: 100 };

const values = {
  platform: "kubernetes",
  kubernetes: { namespace: "obs" },
  collector: { replicas: 2, annotationScraping: true, agent: { enabled: true } },
};

/** Starts the scraper, with the jobs alone whose targets are discovered. */
async function withPods(context: TestContext, pods: readonly Pod[]): Promise<{ store: Store; api: ClusterApi }> {
  const settings = settingsOf(values);
  const directory = mkdtempSync(join(tmpdir(), "scraper-"));
  const api = await startClusterApi(directory, pods);
  const store = await startStore();
  const ports = { health: await freePort(), telemetry: await freePort() };
  const { document, replace, text } = opened(scraperConfig(settings));
  relocateCommon(replace, { directory, ports });
  replace(["exporters", "otlp_http/scraped", "endpoint"], "http://greptimedb:4000/v1/otlp", `${store.url}/v1/otlp`);
  const jobs = document.getIn(["receivers", "prometheus", "config", "scrape_configs"]);
  if (!isSeq<YAMLMap>(jobs)) throw new Error("there are no scrape jobs");
  jobs.items = jobs.items.filter((job) => job.has("kubernetes_sd_configs"));
  for (const job of jobs.items) {
    job.set("scrape_interval", "1s");
    job.set("scrape_timeout", "1s");
    job.setIn(["kubernetes_sd_configs", 0, "kubeconfig_file"], api.kubeconfig);
  }
  const file = join(directory, "config.yaml");
  writeFileSync(file, text());
  const scraper = collectorServices(settings).find(({ name }) => name === "collector-scraper");
  const collector = await startCollector(file, `http://127.0.0.1:${String(ports.health)}/`, environmentOf(scraper!));
  context.onTestFinished(async () => {
    await collector.kill();
    await api.close();
    await store.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  context.onTestFailed(() => {
    process.stderr.write(`\nThe collector's log, in the end:\n${lastLines(collector.log())}\n\n`);
  });
  return { store, api };
}

async function target(context: TestContext, metrics: string): Promise<Target & { port: string }> {
  const started = await startTarget(metrics);
  context.onTestFinished(() => started.die());
  return { ...started, port: started.address.split(":")[1]! };
}

let uids = 0;
const pod = (name: string, of: Partial<Pod>): Pod => ({
  namespace: "shop",
  name,
  uid: `uid-${String(uids++)}`,
  node: "node-1",
  containers: [{ name: "app", image: "app:1" }],
  ...of,
});

const annotated = (port: string, more: Record<string, string> = {}) => ({
  "prometheus.io/scrape": "true",
  "prometheus.io/port": port,
  ...more,
});

test("annotated pods of all namespaces are scraped where they say, under the name of their application", async (context) => {
  const app = await target(context, "# TYPE app_jobs counter\napp_jobs 1\n");
  const { port } = app;
  const { store, api } = await withPods(context, [
    pod("web-5d9c7b8f6d-x2x4z", {
      annotations: annotated(port),
      labels: { "pod-template-hash": "5d9c7b8f6d" },
      controller: { kind: "ReplicaSet", name: "web-5d9c7b8f6d" },
      containers: [{ name: "app", image: "app:1", ports: { http: 80, admin: 81 } }],
    }),
    pod("db-0", {
      namespace: "data",
      annotations: annotated(port, { "prometheus.io/path": "/other/metrics" }),
      controller: { kind: "StatefulSet", name: "db" },
    }),
    pod("labelled", {
      annotations: annotated(port),
      labels: { app: "old-label", "app.kubernetes.io/name": "new-label" },
    }),
    pod("alone", { annotations: annotated(port) }),
    pod("theirs", { annotations: annotated(port), labels: { app: "grafana" } }),
    pod("declares", {
      annotations: { "prometheus.io/scrape": "true" },
      containers: [{ name: "app", image: "app:1", ports: { metrics: Number(port) } }],
    }),
    pod("says-no", { annotations: { ...annotated(port), "prometheus.io/scrape": "false" } }),
    pod("says-nothing", { containers: [{ name: "app", image: "app:1", ports: { http: Number(port) } }] }),
    pod("ended", { annotations: annotated(port), phase: "Succeeded" }),
  ]);
  const scraped = () =>
    new Map(
      store
        .points("app_jobs")
        .map(({ resource }) => [
          String(resource["k8s.pod.name"]),
          [resource["service.name"], resource["k8s.namespace.name"], resource["service.instance.id"]],
        ]),
    );
  const of = (name: string) => `${name}:${port}`;
  const expected = new Map([
    ["web-5d9c7b8f6d-x2x4z", ["web", "shop", of("web-5d9c7b8f6d-x2x4z")]],
    ["db-0", ["db", "data", of("db-0")]],
    ["labelled", ["new-label", "shop", of("labelled")]],
    ["alone", ["alone", "shop", of("alone")]],
    ["theirs", ["shop/grafana", "shop", of("theirs")]],
    ["declares", ["declares", "shop", of("declares")]],
  ]);
  await vi.waitFor(() => {
    expect(new Map([...scraped()].sort())).toEqual(new Map([...expected].sort()));
  }, soon);
  expect([...app.asked].sort()).toEqual(["/metrics", "/other/metrics"]);
  // the one with several ports of its own is one target
  const ups = store.points("up").filter(({ resource }) => resource["k8s.pod.name"] === "web-5d9c7b8f6d-x2x4z");
  expect(new Set(ups.map(({ resource }) => resource["service.instance.id"]))).toEqual(
    new Set([of("web-5d9c7b8f6d-x2x4z")]),
  );
  const [allowed] = discoveryRules(settingsOf(values));
  for (const { resources, verbs } of api.asked()) {
    expect(allowed?.resources).toEqual(resources);
    expect(allowed?.verbs).toEqual(expect.arrayContaining([...verbs]));
  }
});

test("the agents are scraped, each under the name of its node, and say so when they are away", async (context) => {
  const metrics = await target(context, "# TYPE otelcol_process_uptime counter\notelcol_process_uptime 9\n");
  const agent = (node: string, of: Partial<Pod>) =>
    pod(`collector-agent-${node}`, {
      namespace: "obs-agent",
      node,
      labels: { "app.kubernetes.io/name": "collector-agent" },
      ...of,
    });
  const withPort = (ports: Record<string, number>) => ({
    containers: [{ name: "collector-agent", image: "x:1", ports }],
  });
  const { store } = await withPods(context, [
    agent("node-1", withPort({ telemetry: Number(metrics.port), health: 1 })),
    agent("node-2", withPort({ telemetry: 1 })),
    agent("node-3", { ...withPort({ telemetry: Number(metrics.port) }), namespace: "elsewhere" }),
    agent("node-4", {
      ...withPort({ telemetry: Number(metrics.port) }),
      labels: { "app.kubernetes.io/name": "other" },
    }),
  ]);
  await vi.waitFor(() => {
    const up = new Map(
      store
        .points("up")
        .map(({ resource, value }) => [
          `${String(resource["service.name"])} ${String(resource["service.instance.id"])}`,
          value,
        ]),
    );
    expect(up).toEqual(
      new Map([
        [`${agentsJob} node-1`, 1],
        [`${agentsJob} node-2`, 0],
      ]),
    );
  }, soon);
});
