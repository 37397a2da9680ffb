import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi, type TestContext } from "vitest";

import { agentService } from "../../configs/collector/agent.ts";
import { settingsOf } from "../support/settings.ts";
import { Agent } from "./support/agent.ts";
import type { Pod } from "./support/cluster.ts";
import { lastLines } from "../../cli/lab/collector.ts";
import type { Store } from "../../cli/lab/store.ts";
import { openTestbed } from "./support/testbed.ts";

/**
 * The real collector as the agent of a node, in front of the real collector as gateway. The cluster's API is a stand-in
 * that tells of pods; the logs are files as containerd writes them.
 */

const soon = { timeout: 30_000, interval: 100 };

const values = (agent: Record<string, unknown>) => ({
  platform: "kubernetes",
  kubernetes: { namespace: "obs" },
  collector: { agent: { enabled: true, ...agent } },
});

const shop: Pod = {
  namespace: "shop",
  name: "web-5d9c7b8f6d-x2x4z",
  uid: "0f0e0d0c-0b0a-0908-0706-050403020100",
  node: "node-1",
  labels: { "app.kubernetes.io/version": "1.2.3", "pod-template-hash": "5d9c7b8f6d" },
  controller: { kind: "ReplicaSet", name: "web-5d9c7b8f6d" },
  containers: [{ name: "web", image: "registry.example.com/web:1.2.3" }],
};

/** A pod that the kubelet starts from a file: the uid in its path is not the one in the cluster. */
const fromFile: Pod = {
  namespace: "kube-system",
  name: "kube-proxy-node-1",
  uid: "aaaaaaaa-0000-0000-0000-000000000000",
  node: "node-1",
  containers: [{ name: "kube-proxy", image: "kube-proxy:1.34" }],
};

const elsewhere: Pod = {
  ...shop,
  name: "web-5d9c7b8f6d-other",
  uid: "bbbbbbbb-0000-0000-0000-000000000000",
  node: "node-2",
};

async function opened(context: TestContext, agentSettings: Record<string, unknown>, pods: readonly Pod[] = []) {
  const gateway = await openTestbed(context, { values: values(agentSettings) });
  const agent = await Agent.open(settingsOf(values(agentSettings)), "node-1", pods, gateway.otlp);
  context.onTestFinished(() => agent.close());
  context.onTestFailed(() => {
    process.stderr.write(`\nThe agent's log, in the end:\n${lastLines(agent.log())}\n\n`);
  });
  return { gateway, agent, store: gateway.store };
}

const directory = ({ logs }: Agent, { namespace, name, uid, containers }: Pod): string =>
  join(logs, `${namespace}_${name}_${uid}`, containers[0]!.name);

/** Lines as containerd writes them; `P` marks one that goes on in the next. */
function write(agent: Agent, pod: Pod, lines: readonly string[], tag: "F" | "P" = "F"): string {
  const file = join(directory(agent, pod), "0.log");
  mkdirSync(directory(agent, pod), { recursive: true });
  appendFileSync(
    file,
    lines.map((line) => `${new Date().toISOString().replace("Z", "000000Z")} stdout ${tag} ${line}\n`).join(""),
  );
  return file;
}

const bodies = (store: Store) => store.logRecords().map(({ body }) => body);

test("logs of containers arrive with what the cluster knows of them, and are read once", async (context) => {
  const { agent, store } = await opened(context, { hostMetrics: false }, [shop, fromFile, elsewhere]);
  write(agent, shop, ["written before the agent came"]);
  await agent.start();
  write(agent, shop, ["one"]);
  write(agent, shop, ["two parts, "], "P");
  write(agent, shop, ["one record"]);
  write(agent, { ...fromFile, uid: "cccccccc" }, ["from the kubelet"]);
  const all = ["written before the agent came", "one", "two parts, one record", "from the kubelet"];
  await vi.waitFor(() => {
    expect(bodies(store).sort()).toEqual([...all].sort());
  }, soon);
  const record = (body: string) => store.logRecords().find((found) => found.body === body);
  expect(record("one")?.attributes).toEqual({ "log.iostream": "stdout", logtag: "F" });
  expect(record("one")).toMatchObject({
    resource: {
      "k8s.namespace.name": "shop",
      "k8s.pod.name": shop.name,
      "k8s.pod.uid": shop.uid,
      "k8s.container.name": "web",
      "k8s.node.name": "node-1",
      "k8s.deployment.name": "web",
      "container.image.name": "registry.example.com/web",
      "service.name": "web",
      "service.namespace": "shop",
      "service.version": "1.2.3",
    },
  });
  expect(record("from the kubelet")?.resource).toMatchObject({
    "k8s.namespace.name": "kube-system",
    "k8s.node.name": "node-1",
    "container.image.name": "kube-proxy",
  });
  // it asked for what its role allows, and for nothing else
  const verbs = agentService(settingsOf(values({}))).apiRules?.[0]?.verbs;
  for (const rule of agent.api.asked()) {
    expect(rule).toMatchObject({ apiGroups: [""], resources: ["pods"] });
    expect(verbs).toEqual(expect.arrayContaining([...rule.verbs]));
  }
});

test("what is written and rotated while the agent is away is read when it is back, and nothing twice", async (context) => {
  const { agent, store } = await opened(context, { hostMetrics: false }, [shop]);
  await agent.start();
  const file = write(agent, shop, ["before"]);
  await vi.waitFor(() => {
    expect(bodies(store)).toEqual(["before"]);
  }, soon);
  await agent.kill();
  write(agent, shop, ["while it was away"]);
  renameSync(file, `${file}.20261121-101500`);
  write(agent, shop, ["after the rotation"]);
  await agent.start();
  write(agent, shop, ["after"]);
  await vi.waitFor(() => {
    expect(bodies(store).sort()).toEqual(["after", "after the rotation", "before", "while it was away"]);
  }, soon);
});

test("nothing is lost while the gateway is away and the agent is killed", async (context) => {
  const { agent, gateway, store } = await opened(context, { hostMetrics: false }, [shop]);
  await agent.start();
  await gateway.kill();
  const during = Array.from({ length: 200 }, (_, index) => `line ${String(index)}`);
  write(agent, shop, during);
  await vi.waitFor(() => {
    expect(agent.log()).toMatch(/Exporting failed. Will retry/);
  }, soon);
  await agent.kill();
  await agent.start();
  await gateway.start();
  await vi.waitFor(
    () => {
      expect(new Set(bodies(store))).toEqual(new Set(during));
    },
    { timeout: 60_000, interval: 200 },
  );
});

test("the collectors' own logs are left alone", async (context) => {
  const { agent, store } = await opened(context, { hostMetrics: false }, [shop]);
  const own = (namespace: string, name: string): Pod => ({ ...shop, namespace, name, uid: "dddddddd-0000" });
  await agent.start();
  const others = [own("obs", "greptimedb-0"), own("shop", "collector-0"), own("obs", "grafana-7d9f-x")];
  const collectors = [
    own("obs", "collector-0"),
    own("obs", "collector-scraper-0"),
    own("obs-agent", "collector-agent-x"),
  ];
  for (const pod of [...collectors, ...others]) write(agent, pod, [`${pod.namespace}/${pod.name}`]);
  await vi.waitFor(() => {
    expect(bodies(store).sort()).toEqual(["obs/grafana-7d9f-x", "obs/greptimedb-0", "shop/collector-0"]);
  }, soon);
});

test("a line of any length becomes records that GreptimeDB takes", async (context) => {
  const { agent, store } = await opened(context, { hostMetrics: false }, [shop]);
  const length = 150 * 1024;
  await agent.start();
  // as a container runtime divides a long line
  for (let written = 0; written < length; written += 16_384)
    write(agent, shop, ["x".repeat(Math.min(16_384, length - written))], "P");
  write(agent, shop, ["end"]);
  await vi.waitFor(() => {
    expect(bodies(store).join("")).toBe(`${"x".repeat(length)}end`);
  }, soon);
  expect(Math.max(...bodies(store).map((body) => body.length))).toBeLessThanOrEqual(64 * 1024);
});

test("the node's own metrics arrive under its name", async (context) => {
  const { agent, store } = await opened(context, { logs: false });
  await agent.start();
  const measured = ["system.cpu.time", "system.cpu.utilization", "system.memory.usage", "system.memory.utilization"];
  const disks = ["system.disk.io", "system.filesystem.usage", "system.filesystem.utilization"];
  await vi.waitFor(() => {
    const names = new Set(store.points().map(({ metric }) => metric));
    expect([...names]).toEqual(expect.arrayContaining([...measured, ...disks, "system.cpu.load_average.1m"]));
  }, soon);
  for (const { metric, resource } of store.points()) {
    if (!metric.startsWith("system.")) continue;
    expect(resource).toEqual({
      "host.name": "node-1",
      "k8s.node.name": "node-1",
      "service.name": "k8s-node",
      "service.instance.id": "node-1",
    });
  }
  expect(agent.api.asked()).toEqual([]);
});
