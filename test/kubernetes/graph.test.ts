import { describe, expect, it } from "vitest";

import {
  allBefore,
  madeUpPassword,
  nameOf,
  recordStack,
  revealed,
  Secret,
  type Graph,
  type Node,
} from "../../graph/index.ts";
import { strings } from "../support/graph.ts";
import { drawnVariant, recordingOf } from "../support/kubernetes.ts";
import { givenSecrets, variantNames, type Variant } from "../support/kubernetes-variants.ts";

const graphOf = async (name: Variant, preview = false): Promise<Graph> => (await recordingOf(name, preview)).graph;

const isObject = ({ type }: Node): boolean => type.startsWith("kubernetes:");
const isWorkload = ({ type }: Node): boolean => /:(StatefulSet|Deployment|DaemonSet|Job)$/.test(type);

/** The service or task of a workload. */
const partOf = ({ inputs }: Node): string =>
  (inputs["metadata"] as { labels: Record<string, string> }).labels["app.kubernetes.io/name"]!;

function workload({ nodes }: Graph, part: string): Node {
  const found = nodes.find((node) => isWorkload(node) && partOf(node) === part);
  if (found === undefined) throw new Error(`no workload of ${part}`);
  return found;
}

const annotationsOf = ({ inputs }: Node): Record<string, string> =>
  (inputs["spec"] as { template: { metadata: { annotations?: Record<string, string> } } }).template.metadata
    .annotations ?? {};

describe.each(variantNames)("the graph of a stack on a cluster: %s", (name) => {
  it("names a provider for everything that needs one, and no default", async () => {
    const { nodes } = await graphOf(name);
    const providers = new Set(nodes.filter(({ type }) => type.startsWith("pulumi:providers:")).map(({ urn }) => urn));
    const custom = nodes.filter((node) => node.custom && !providers.has(node.urn));
    expect(custom.length).toBeGreaterThan(20);
    for (const node of custom) {
      expect(providers, node.urn).toContain(node.provider);
      const [kind = ""] = node.type.split(":");
      const own = kind === "grafana" ? "obs-grafana-api" : kind;
      const namespace = node.type === "kubernetes:core/v1:Namespace";
      expect(nameOf(node.provider), node.urn).toBe(namespace ? "kubernetes-namespace" : own);
    }
  });

  it("has parents, and each name once", async () => {
    const { nodes } = await graphOf(name);
    expect(nodes.filter(({ parent }) => parent === undefined).map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
    expect(new Set(nodes.map(({ urn }) => urn)).size).toBe(nodes.length);
    const components = nodes.filter(({ custom, type }) => !custom && type.startsWith("greptime-observability:"));
    for (const { outputs, urn } of components) expect(outputs, urn).toBeDefined();
  });

  it("keeps the namespaces, and nothing else, on destroy", async () => {
    const { nodes } = await graphOf(name);
    for (const node of nodes) {
      expect(node.retainOnDelete, node.urn).toBe(node.type === "kubernetes:core/v1:Namespace");
      expect(node.protect, node.urn).toBe(false);
    }
  });

  it("makes everything after its namespace", async () => {
    const graph = await graphOf(name);
    const namespaces = graph.nodes.filter(({ type }) => type === "kubernetes:core/v1:Namespace");
    for (const node of graph.nodes.filter(isObject)) {
      const { namespace } = node.inputs["metadata"] as { namespace?: string };
      const own = namespaces.find(({ inputs }) => (inputs["metadata"] as { name: string }).name === namespace);
      if (own !== undefined) expect(allBefore(graph, node), node.urn).toContain(own.urn);
    }
  });

  it("makes a workload after what it needs, and after all that its pods refer to", async () => {
    const graph = await graphOf(name);
    for (const part of drawnVariant(name).parts) {
      const own = workload(graph, part.name);
      const before = allBefore(graph, own);
      for (const need of part.needs) expect(before, `${part.name} after ${need}`).toContain(workload(graph, need).urn);
      const siblings = graph.nodes.filter((node) => isObject(node) && node.parent === own.parent && node !== own);
      expect(siblings.length, part.name).toBeGreaterThan(0);
      for (const sibling of siblings) expect(before, `${part.name} after ${sibling.name}`).toContain(sibling.urn);
    }
  });

  it("shows no secret, in clear or encoded, but in a Secret's data and marked", async () => {
    const { graph, configuration } = await recordingOf(name);
    const generated = configuration.secrets.flatMap(({ generated: made }) =>
      made === undefined ? [] : [madeUpPassword(`obs-${made}`)],
    );
    const clear = [...generated, madeUpPassword("platform-checksum-key"), ...givenSecrets];
    // base64 of a part of a text begins at any of three positions
    const encoded = clear.flatMap((value) =>
      [0, 1, 2].map((shift) =>
        Buffer.from("x".repeat(shift) + value)
          .toString("base64")
          .slice(shift === 0 ? 0 : 4, -4),
      ),
    );
    const shown = JSON.stringify({ nodes: graph.nodes, outputs: graph.outputs });
    expect([...clear, ...encoded].filter((value) => shown.includes(value))).toEqual([]);
    // and inside what is marked: only where Kubernetes keeps secrets
    const open = graph.nodes.filter((node) => isObject(node) && !node.type.endsWith(":Secret"));
    const inside = open.flatMap(({ inputs, urn }) => strings(revealed(inputs), urn));
    expect(inside.filter(({ text }) => [...clear, ...encoded].some((value) => text.includes(value)))).toEqual([]);
    const marked = open.filter(({ inputs }) => holdsSecret(inputs)).map(({ urn }) => urn);
    expect(marked).toEqual([]);
  });

  it("has the same resources in a preview: structure hangs on no value that only a deployment knows", async () => {
    const shape = ({ urn, parent, custom, dependencies, provider, protect, retainOnDelete }: Node) => ({
      urn,
      parent,
      custom,
      dependencies,
      provider,
      protect,
      retainOnDelete,
    });
    const [update, preview] = [await graphOf(name), await graphOf(name, true)];
    expect(preview.nodes.map(shape)).toEqual(update.nodes.map(shape));
  });
});

function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

it("a second recording is byte for byte the first", async () => {
  const again = await recordStack({ stack: "kubernetes" });
  expect(JSON.stringify(again.graph)).toBe(JSON.stringify(await graphOf("as it is")));
});

describe("secrets on a cluster", () => {
  it("reach the Secrets that need them, and only marked", async () => {
    const graph = await graphOf("standalone");
    const secrets = graph.nodes.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    const data = Object.fromEntries(secrets.map((node) => [partOf(node), node.inputs["stringData"]]));
    for (const value of Object.values(data)) expect(value).toBeInstanceOf(Secret);
    const password = (role: string) => madeUpPassword(`obs-greptimedb-${role}-1`);
    expect(revealed(data["greptimedb"])).toEqual({
      etc_greptimedb_users: `admin:rw=${password("admin")}\nwriter:wo=${password("writer")}\nreader:ro=${password("reader")}\n`,
    });
    const header = `Basic ${Buffer.from(`writer:${password("writer")}`).toString("base64")}`;
    expect(revealed(data["collector"])).toMatchObject({ GREPTIMEDB_AUTHORIZATION: header });
  });

  it("that change roll the pods that read them, and only those", async () => {
    const marksOf = async (set: Record<string, string>) => {
      const { graph } = await recordStack({
        stack: "kubernetes",
        set: { "greptimedb.topology": "standalone", ...set },
      });
      const mark = (part: string) => annotationsOf(workload(graph, part))["greptime-observability/secrets"];
      return { collector: mark("collector"), grafana: mark("grafana"), greptimedb: mark("greptimedb") };
    };
    const one = await marksOf({ grafanaAdminPassword: "one-password-of-grafana" });
    const other = await marksOf({ grafanaAdminPassword: "another-password-of-grafana" });
    expect(one.grafana).toMatch(/^[0-9a-f]{32}$/);
    expect(other.grafana).toMatch(/^[0-9a-f]{32}$/);
    expect(other.grafana).not.toBe(one.grafana);
    expect([other.collector, other.greptimedb]).toEqual([one.collector, one.greptimedb]);
  });

  it("are marked in the outputs", async () => {
    const { outputs } = await graphOf("standalone");
    expect(outputs["grafanaPassword"]).toBeInstanceOf(Secret);
    const { writer } = outputs["greptimedbUsers"] as { writer: { password: unknown } };
    expect(writer.password).toBeInstanceOf(Secret);
    expect(outputs["grafanaForward"]).toBe("kubectl --namespace observability port-forward service/grafana 3001:3000");
    expect(outputs["network"]).toBe("observability");
  });
});

describe("tasks on a cluster", () => {
  const job = async (set: Record<string, string> = {}, part = "greptimedb-bootstrap") => {
    const { graph } = await recordStack({ stack: "kubernetes", set: { "greptimedb.topology": "standalone", ...set } });
    const node = workload(graph, part);
    return { graph, node, name: (node.inputs["metadata"] as { name: string }).name };
  };

  it("are Jobs that run again when what they do changes", async () => {
    const usual = await job();
    expect(usual.name).toMatch(/^greptimedb-bootstrap-[0-9a-f]{10}$/);
    for (const set of [{ "greptimedb.retention.traces": "7d" }, { "images.greptimedb": "greptime/greptimedb:v1.1.5" }])
      expect((await job(set)).name, JSON.stringify(set)).not.toBe(usual.name);
    expect((await job({ "collector.memory": "1GiB" })).name).toBe(usual.name);
  });

  it("run again when what they act on changes, or is made anew", async () => {
    const usual = await job();
    expect((await job({ "greptimedb.memory": "4GiB" })).name).not.toBe(usual.name);
    const target = workload(usual.graph, "greptimedb");
    expect(annotationsOf(usual.node)["greptime-observability/targets"]).toBe(`${target.name}-uid`);
    expect(usual.node.propertyDependencies["spec"]).toContain(target.urn);
  });

  it("run again when their secrets change: another mark on a pod of the same name", async () => {
    const usual = await job();
    const other = await job({ greptimedbAdminPassword: "another-password-of-the-admin" });
    expect(other.name).toBe(usual.name);
    const mark = ({ node }: typeof usual) => annotationsOf(node)["greptime-observability/secrets"];
    expect(mark(other)).not.toBe(mark(usual));
  });

  it("are replaced when they failed, and not swept away when they succeeded", async () => {
    const { node } = await job();
    expect(node.inputs["metadata"]).toMatchObject({ annotations: { "pulumi.com/replaceUnready": "true" } });
    expect(node.inputs["spec"]).not.toHaveProperty("ttlSecondsAfterFinished");
  });

  it("that failed hold back what needs them", async () => {
    const { graph, node } = await job();
    const held = graph.nodes.filter((other) => isWorkload(other) && allBefore(graph, other).has(node.urn)).map(partOf);
    expect(held.sort()).toEqual(expect.arrayContaining(["collector", "grafana", "pipeline-proof"]));
    expect(held).not.toContain("greptimedb");
  });

  it("are waited for longer than they may take", async () => {
    const { node } = await job();
    const { activeDeadlineSeconds } = node.inputs["spec"] as { activeDeadlineSeconds: number };
    expect(parseInt(node.timeouts.create, 10)).toBeGreaterThan(0);
    expect(activeDeadlineSeconds).toBeGreaterThan(0);
  });
});
