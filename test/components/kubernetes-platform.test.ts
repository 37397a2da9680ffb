import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { describe, expect, it } from "vitest";

import { KubernetesPlatform } from "../../components/platform/kubernetes.ts";
import type { Service, Task } from "../../configs/service.ts";
import { basicAuth, replicaIndex, replicaName, secret, text } from "../../configs/text.ts";
import { allBefore, recordProgram, revealed, type Graph, type Node } from "../../graph/index.ts";
import type { PodSpec, WorkloadSpec } from "../support/cluster-objects.ts";
import { settingsOf } from "../support/settings.ts";

const service = (more: Partial<Service> = {}): Service => ({
  name: "web",
  kind: "stateless",
  image: "web:1",
  args: [],
  env: {},
  files: [],
  ports: [{ name: "http", port: 80 }],
  mounts: [],
  health: { http: { port: 80, path: "/" }, startupSeconds: 90 },
  memoryMiB: 64,
  user: { uid: 1000, gid: 2000 },
  replicas: 1,
  stopGraceSeconds: 7,
  needs: [],
  calls: [],
  ...more,
});

const task = (more: Partial<Task> = {}): Task => ({
  name: "prepare",
  image: "tools:1",
  script: "true",
  env: {},
  memoryMiB: 32,
  user: { uid: 1000, gid: 1000 },
  timeoutSeconds: 60,
  needs: [],
  targets: [],
  calls: [],
  ...more,
});

const settings = (more: object = {}) =>
  settingsOf({ platform: "kubernetes", kubernetes: { namespace: "test", network: { policies: false }, ...more } })
    .kubernetes;

/** Records what a platform makes of services and tasks. */
const placed = (place: (platform: KubernetesPlatform) => void, more: object = {}) =>
  recordProgram(async () => {
    const providers = [new kubernetes.Provider("kubernetes", { kubeconfig: "" }), new random.Provider("random")];
    const platform = new KubernetesPlatform(
      "platform",
      { settings: settings(more), toolImage: "tools:1" },
      { providers },
    );
    place(platform);
    platform.complete();
    return {};
  });

const secrets = { password: pulumi.secret(pulumi.output("pass-word")) };
const on = (platform: KubernetesPlatform) => ({ parent: platform, secrets });

const web = (more: Partial<Service> = {}, set: object = {}) =>
  placed((platform) => platform.service("web", service(more), on(platform)), set);

function object(graph: Graph, name: string): Node {
  const found = graph.nodes.find((node) => node.type.startsWith("kubernetes:") && node.name === name);
  if (found === undefined) throw new Error(`no ${name}; there are ${titles(graph).join(", ")}`);
  return found;
}

/** `Kind name` of every object of a cluster. */
const titles = ({ nodes }: Graph): string[] =>
  nodes
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => `${String(inputs["kind"])} ${(inputs["metadata"] as { name: string }).name}`)
    .map((title) => title.replace(/-[0-9a-f]{10}$/, ""))
    .sort();

const specOf = ({ inputs }: Node) => inputs["spec"] as WorkloadSpec;
const podOf = (node: Node): PodSpec => specOf(node).template.spec;
const containerOf = (node: Node) => podOf(node).containers[0]!;

describe("a service on a cluster", () => {
  const always = ["Namespace test", "ServiceAccount web"];

  it.each<[string, Partial<Service>, string[]]>([
    ["one replica", {}, ["Deployment web", "Service web"]],
    ["several replicas", { replicas: 2 }, ["Deployment web", "PodDisruptionBudget web", "Service web"]],
    [
      "a volume",
      { kind: "stateful", mounts: [{ volume: "data", path: "/data", sizeMiB: 1 }] },
      ["Service web", "Service web-replicas", "StatefulSet web"],
    ],
    [
      "numbered replicas",
      { kind: "stateful", numbered: true, replicas: 3 },
      ["PodDisruptionBudget web", "Service web", "StatefulSet web"],
    ],
    ["numbers, but nothing to keep", { numbered: true }, ["Service web", "StatefulSet web"]],
    [
      "a file",
      { files: [{ path: "/etc/web/a.yaml", text: "a" }] },
      ["ConfigMap web-a-yaml", "Deployment web", "Service web"],
    ],
    [
      "a file with a secret",
      { files: [{ path: "/etc/web/a.yaml", text: text`${secret("password")}` }] },
      ["Deployment web", "Secret web", "Service web"],
    ],
    ["a secret variable", { env: { A: text`${secret("password")}` } }, ["Deployment web", "Secret web", "Service web"]],
    ["one on each node", { kind: "perNode" }, ["DaemonSet web", "Namespace test-agent"]],
    [
      "something to read of the cluster's API",
      { apiRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
      ["ClusterRole test-web", "ClusterRoleBinding test-web", "Deployment web", "Service web"],
    ],
  ])("with %s becomes these objects", async (_, more, expected) => {
    expect(titles(await web(more))).toEqual([...always, ...expected].sort());
  });

  it("becomes a workload with exactly what its data says", async () => {
    const spec = { args: ["--port=80"], env: { B: "2", A: "1" }, scratch: ["/tmp"], cpuMillis: 250 };
    const labels = {
      "app.kubernetes.io/component": "web",
      "app.kubernetes.io/instance": "test",
      "app.kubernetes.io/managed-by": "pulumi",
      "app.kubernetes.io/name": "web",
      "app.kubernetes.io/part-of": "greptime-observability",
      "app.kubernetes.io/version": "1",
    };
    const probe = { httpGet: { path: "/", port: 80 }, timeoutSeconds: 5 };
    expect(object(await web(spec), "web-deployment").inputs).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "test", labels },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: { "app.kubernetes.io/instance": "test", "app.kubernetes.io/name": "web" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: "web",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1000,
              runAsGroup: 2000,
              fsGroup: 2000,
              fsGroupChangePolicy: "OnRootMismatch",
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name: "web",
                image: "web:1",
                imagePullPolicy: "IfNotPresent",
                args: ["--port=80"],
                env: [
                  { name: "A", value: "1" },
                  { name: "B", value: "2" },
                ],
                ports: [{ name: "http", containerPort: 80, protocol: "TCP" }],
                startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 18 },
                readinessProbe: { ...probe, periodSeconds: 10, failureThreshold: 3 },
                livenessProbe: { ...probe, periodSeconds: 20, failureThreshold: 6 },
                resources: { requests: { cpu: "250m", memory: "64Mi" }, limits: { memory: "64Mi" } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  privileged: false,
                  readOnlyRootFilesystem: true,
                },
                volumeMounts: [{ name: "scratch-tmp", mountPath: "/tmp" }],
              },
            ],
            volumes: [{ name: "scratch-tmp", emptyDir: { sizeLimit: "1Gi" } }],
            terminationGracePeriodSeconds: 7,
          },
        },
      },
    });
  });

  it("knows the name and the number of its replica, and reads nothing else into its texts", async () => {
    const graph = await web({
      kind: "stateful",
      numbered: true,
      args: [text`--name=${replicaName}`, "--path=$(HOME)"],
      env: { NODE_ID: text`${replicaIndex}`, PLAIN: "$(PATH)" },
    });
    const { args, env = [] } = containerOf(object(graph, "web-statefulset"));
    expect(args).toEqual(["--name=$(POD_NAME)", "--path=$$(HOME)"]);
    expect(env).toEqual([
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_INDEX", valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } } },
      { name: "NODE_ID", value: "$(POD_INDEX)" },
      { name: "PLAIN", value: "$$(PATH)" },
    ]);
  });

  it("takes its secrets from a Secret, and its files from where they belong", async () => {
    const graph = await web({
      env: { HEADER: text`${basicAuth("me", "password")}` },
      files: [
        { path: "/etc/web/plain.yaml", text: "a: 1" },
        { path: "/etc/web/users", text: text`me=${secret("password")}` },
      ],
    });
    expect(revealed(object(graph, "web-secret").inputs["stringData"])).toEqual({
      HEADER: `Basic ${Buffer.from("me:pass-word").toString("base64")}`,
      etc_web_users: "me=pass-word",
    });
    const deployment = object(graph, "web-deployment");
    expect(containerOf(deployment).env).toEqual([
      { name: "HEADER", valueFrom: { secretKeyRef: { name: "web", key: "HEADER" } } },
    ]);
    const [volume] = podOf(deployment).volumes!;
    const { name } = object(graph, "web-configmap-web-plain-yaml").inputs["metadata"] as { name: string };
    expect(volume!.projected!.sources).toEqual([
      { configMap: { name, items: [{ key: "etc_web_plain.yaml", path: "plain.yaml" }] } },
      { secret: { name: "web", items: [{ key: "etc_web_users", path: "users" }] } },
    ]);
  });

  it.each([
    ["of one name in two directories", ["/etc/a/web.yaml", "/etc/b/web.yaml"]],
    [
      "with long names that begin alike",
      [`/etc/boards/${"board-".repeat(12)}one.json`, `/etc/boards/${"board-".repeat(12)}two.json`],
    ],
    [
      "in long directories that begin alike",
      [`/etc/${"deep/".repeat(16)}one/a.json`, `/etc/${"deep/".repeat(16)}two/a.json`],
    ],
  ])("may have files %s", async (_, paths) => {
    const graph = await web({ files: paths.map((path) => ({ path, text: path })) });
    const urns = graph.nodes.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
    const deployment = object(graph, "web-deployment");
    const volumes = podOf(deployment).volumes!.map(({ name }) => name);
    expect(new Set(volumes).size).toBe(volumes.length);
    for (const volume of volumes) expect(volume).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    const maps = graph.nodes.filter(({ type }) => type.endsWith(":ConfigMap"));
    expect(maps.length).toBe(paths.length);
    for (const { inputs } of maps)
      expect((inputs["metadata"] as { name: string }).name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  it("reads a certificate that the cluster keeps", async () => {
    const graph = await web({ certificate: { secretName: "web-tls", directory: "/etc/tls" } });
    const deployment = object(graph, "web-deployment");
    expect(podOf(deployment).volumes).toEqual([
      { name: "certificate", secret: { secretName: "web-tls", defaultMode: 0o440 } },
    ]);
    expect(containerOf(deployment).volumeMounts).toEqual([
      { name: "certificate", mountPath: "/etc/tls", readOnly: true },
    ]);
  });

  it("on each node sees its directories, in a namespace that lets it, and knows where it is", async () => {
    const graph = await web({
      kind: "perNode",
      user: { uid: 0, gid: 0 },
      nodeDirectories: [
        { path: "/var/log/pods", mountPath: "/var/log/pods" },
        { path: "/var/lib/agent", mountPath: "/var/lib/agent", writable: true },
      ],
    });
    const daemons = object(graph, "web-daemonset");
    expect(daemons.inputs["metadata"]).toMatchObject({ namespace: "test-agent" });
    expect(podOf(daemons).volumes).toEqual([
      { name: "node-var-log-pods", hostPath: { path: "/var/log/pods", type: "Directory" } },
      { name: "node-var-lib-agent", hostPath: { path: "/var/lib/agent", type: "DirectoryOrCreate" } },
    ]);
    expect(containerOf(daemons).volumeMounts?.map(({ readOnly }) => readOnly)).toEqual([true, undefined]);
    expect(containerOf(daemons).env?.map(({ name }) => name)).toEqual([
      "NODE_NAME",
      "POD_IP",
      "POD_NAME",
      "POD_NAMESPACE",
    ]);
    expect(podOf(daemons).tolerations).toEqual([{ operator: "Exists" }]);
    const { labels } = object(graph, "platform-namespace-agent").inputs["metadata"] as {
      labels: Record<string, string>;
    };
    expect(labels["pod-security.kubernetes.io/enforce"]).toBe("privileged");
  });

  it.each<[string, Partial<Service>, RegExp]>([
    ["needs what is not there", { needs: ["db"] }, /db is needed but was not placed/],
    [
      "uses a secret that nobody provides",
      { env: { A: text`${secret("other")}` } },
      /secret other is used but not provided/,
    ],
    [
      "has a secret among its arguments",
      { args: [text`--password=${secret("password")}`] },
      /an argument holds a secret/,
    ],
    [
      "mixes a secret and the name of a replica",
      { env: { A: text`${replicaName}:${secret("password")}` } },
      /A of web holds a secret and the name of a replica/,
    ],
  ])("that %s is a mistake in the program", async (_, more, message) => {
    await expect(web(more)).rejects.toThrow(message);
  });
});

describe("a task on a cluster", () => {
  const both = (more: Partial<Task> = {}, of: Partial<Service> = {}) =>
    placed((platform) => {
      platform.service("web", service(of), on(platform));
      platform.task("prepare", task({ needs: ["web"], targets: ["web"], ...more }), on(platform));
    });
  const job = (graph: Graph) => object(graph, "prepare-job");
  const nameOf = (node: Node) => (node.inputs["metadata"] as { name: string }).name;

  it("becomes a Job with its script, and no address", async () => {
    const graph = await both();
    expect(titles(graph).filter((title) => title.includes("prepare"))).toEqual([
      "ConfigMap prepare-run-sh",
      "Job prepare",
      "ServiceAccount prepare",
    ]);
    expect(containerOf(job(graph)).command).toEqual(["sh", "/etc/task/run.sh"]);
    expect(podOf(job(graph)).restartPolicy).toBe("Never");
    const script = object(graph, "prepare-configmap-task-run-sh").inputs["data"];
    expect(script).toEqual({ "etc_task_run.sh": "true" });
  });

  it.each<[string, Partial<Task>, Partial<Service>, boolean]>([
    ["another script", { script: "false" }, {}, true],
    ["another variable", { env: { A: "2" } }, {}, true],
    ["another file", { files: [{ path: "/etc/a", text: "b" }] }, {}, true],
    ["another image", { image: "tools:2" }, {}, true],
    ["another target", {}, { args: ["--other"] }, true],
    ["a part that it does not act on", { targets: [] }, {}, true],
    ["nothing", {}, {}, false],
  ])("has a name that tells %s", async (_, more, of, differs) => {
    const usual = await both();
    expect(nameOf(job(await both(more, of))) !== nameOf(job(usual))).toBe(differs);
  });

  it("without targets does not run again when something else changes", async () => {
    const [one, other] = [await both({ targets: [] }), await both({ targets: [] }, { args: ["--other"] })];
    expect(nameOf(job(other))).toBe(nameOf(job(one)));
  });

  it("is asked by whoever needs it, with variables of the task's own Secret", async () => {
    const check = {
      script: "curl -fsS $URL",
      env: { AUTH: text`${secret("password")}`, URL: "http://web/$(x)" },
      calls: [],
    };
    const graph = await placed((platform) => {
      platform.task("prepare", task({ check }), on(platform));
      platform.service("web", service({ needs: ["prepare"] }), on(platform));
    });
    expect(revealed(object(graph, "prepare-secret").inputs["stringData"])).toEqual({ "check.AUTH": "pass-word" });
    const [wait] = podOf(object(graph, "web-deployment")).initContainers!;
    expect(wait!.name).toBe("wait-for-prepare");
    expect(wait!.env).toEqual([
      { name: "CHECK", value: "curl -fsS $URL" },
      { name: "AUTH", valueFrom: { secretKeyRef: { name: "prepare", key: "check.AUTH" } } },
      { name: "URL", value: "http://web/$$(x)" },
    ]);
    expect(allBefore(graph, object(graph, "web-deployment"))).toContain(job(graph).urn);
  });
});

describe("a platform on a cluster", () => {
  it("refuses two parts of one name", async () => {
    const twice = placed((platform) => {
      platform.service("a", service(), on(platform));
      platform.service("b", service(), on(platform));
    });
    await expect(twice).rejects.toThrow(/web is already on this platform/);
  });

  it("leaves the namespace to somebody else where it is told to", async () => {
    expect(titles(await web({}, { createNamespace: false }))).not.toContain("Namespace test");
  });

  it("takes a namespace over that is there, with the provider that it is given", async () => {
    const graph = await recordProgram(async () => {
      const provider = new kubernetes.Provider("usual", { kubeconfig: "" });
      const namespaceProvider = new kubernetes.Provider("upsert", { kubeconfig: "", upsertExistingObjects: true });
      const providers = [provider, new random.Provider("random")];
      const args = { settings: settings(), toolImage: "tools:1", namespaceProvider };
      const platform = new KubernetesPlatform("platform", args, { providers });
      platform.service("web", service(), on(platform));
      return {};
    });
    expect(object(graph, "platform-namespace").provider).toContain("::upsert");
    expect(object(graph, "web-deployment").provider).toContain("::usual");
  });

  it("says how its services are reached", async () => {
    const said: (string | undefined)[] = [];
    const more = { context: "prod", ingress: { grafana: { host: "g.example.com", tlsSecret: "tls" } } };
    await placed((platform) => {
      said.push(
        platform.publicUrl("grafana", { name: "http" }),
        platform.publicUrl("collector", { name: "otlp-http" }),
        platform.neighbourHost("collector"),
        platform.forwardCommand("grafana", 3000, 3001),
      );
    }, more);
    expect(said).toEqual([
      "https://g.example.com",
      undefined,
      "collector.test",
      "kubectl --context prod --namespace test port-forward service/grafana 3001:3000",
    ]);
  });

  it("beside another one in the same program does not clash with it", async () => {
    const graph = await recordProgram(async () => {
      const providers = [new kubernetes.Provider("kubernetes", { kubeconfig: "" }), new random.Provider("random")];
      for (const namespace of ["one", "two"]) {
        const args = { settings: settings({ namespace, network: { policies: true } }), toolImage: "tools:1" };
        const platform = new KubernetesPlatform(`${namespace}-platform`, args, { providers });
        platform.service(`${namespace}-web`, service({ kind: "perNode" }), on(platform));
        platform.service(`${namespace}-db`, service({ name: "db" }), on(platform));
        platform.complete();
      }
      return {};
    });
    const urns = graph.nodes.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
    const physical = graph.nodes
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .map(({ inputs }) =>
        JSON.stringify([
          inputs["kind"],
          (inputs["metadata"] as { namespace?: string; name: string }).namespace,
          (inputs["metadata"] as { name: string }).name,
        ]),
      );
    expect(new Set(physical).size).toBe(physical.length);
  });
});
