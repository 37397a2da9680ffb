import { beforeAll, describe, expect, it } from "vitest";

import { kubernetesPlan } from "../../../cli/kubernetes/plan.ts";
import { policyFacts } from "../../../cli/kubernetes/policy-words.ts";
import { planTree } from "../../../cli/plan-tree.ts";
import { wrapped } from "../../../cli/terminal.ts";
import { contentFor } from "../../../dashboards/content.ts";
import { recordStack, type StackRecording } from "../../../graph/index.ts";
import { recordingOf } from "../../support/kubernetes.ts";
import type { Variant } from "../../support/kubernetes-variants.ts";

const plainStyle = { bold: String, dim: String, good: String, bad: String, warn: String };

const tree = ({ graph }: StackRecording, width: number) => planTree(graph, kubernetesPlan.facts, plainStyle, width);

/** The facts of a resource, as one text. */
function factsOf({ graph }: StackRecording, name: string): string {
  const node = graph.nodes.find((candidate) => candidate.custom && candidate.name === name);
  if (node === undefined) throw new Error(`no ${name}`);
  return kubernetesPlan.facts(graph, node).join(" · ");
}

const standalone = () => recordingOf("standalone");

describe("the plan of a cluster", () => {
  it.each([
    [
      "obs-greptimedb-statefulset",
      "greptimedb · greptime/greptimedb:v1.1.4 · 1 replica · 2 GiB memory · 0.1 cpu · user 10001:10001 · volume data, 20 GiB, at /greptimedb_data",
    ],
    ["obs-greptimedb-bootstrap-secret", "greptimedb-bootstrap · keys ADMIN_AUTHORIZATION, check.WRITER_AUTHORIZATION"],
    ["obs-greptimedb-service", "greptimedb · http 4000 · grpc 4001 · mysql 4002"],
    ["obs-greptimedb-service-replicas", "greptimedb-replicas · headless · http 4000 · grpc 4001 · mysql 4002"],
    ["platform-namespace", "observability · pod security restricted · kept on destroy"],
    ["platform-deny-all-policy", "deny-all · nothing in or out but what the other policies admit"],
    ["kubernetes", "whatever context is current"],
  ])("says of %s what a reviewer asks", async (name, facts) => {
    expect(factsOf(await standalone(), name)).toBe(facts);
  });

  it("says of workloads what is ready before", async () => {
    expect(factsOf(await standalone(), "obs-collector-statefulset")).toMatch(/ · after greptimedb-bootstrap$/);
    expect(factsOf(await standalone(), "obs-greptimedb-bootstrap-job")).toMatch(
      /^greptimedb-bootstrap-[0-9a-f]{10} · .* · once · 64 MiB memory · 0\.05 cpu · .* · after greptimedb$/,
    );
  });

  it("says of files how large they are, and of policies who may connect", async () => {
    expect(factsOf(await standalone(), "obs-collector-configmap-otelcol-config-yaml")).toMatch(
      /^collector-config-yaml-[0-9a-f]{10} · \/etc\/otelcol\/config\.yaml · \d+\.\d KiB$/,
    );
    const words = factsOf(await standalone(), "platform-collector-policy");
    expect(words).toContain("from pods of all namespaces: 4317, 4318");
    expect(words).toContain("to DNS");
    expect(words).toMatch(/to greptimedb: 4000/);
  });

  it("says of an ingress what it publishes", async () => {
    expect(factsOf(await recordingOf("ingress with TLS"), "platform-grafana-ingress")).toBe(
      "grafana · https://grafana.example.com → grafana:3000 · certificate in Secret grafana-tls · ingress class nginx",
    );
  });

  it.each<Variant>(["as it is", "external", "ingress with TLS", "everything"])(
    "has facts about every object of a stack, and no secret: %s",
    async (name) => {
      const { graph } = await recordingOf(name);
      for (const node of graph.nodes.filter(({ type }) => type.startsWith("kubernetes:"))) {
        const facts = kubernetesPlan.facts(graph, node);
        expect(facts[0], node.urn).toMatch(/^[a-z0-9-]+$/);
        expect(facts.join(), node.urn).not.toMatch(/undefined|\[object|NaN|\bnull\b/);
        // the name alone says enough of an identity without annotations
        if (!node.type.endsWith(":ServiceAccount")) expect(facts.length, node.urn).toBeGreaterThan(1);
      }
    },
  );

  it.each([80, 120])("fits into %d columns, but for words that cannot be broken", async (width) => {
    for (const name of ["as it is", "everything"] as const) {
      const long = tree(await recordingOf(name), width).filter((line) => line.length > width);
      const facts = long.filter((line) => !/  (kubernetes|grafana|provider) /.test(line));
      expect(facts.filter((line) => line.includes(" · "))).toEqual([]);
    }
  });

  it("counts", async () => {
    const recording = await standalone();
    const { dashboards, ruleGroups } = contentFor(recording.configuration.settings, {
      grafanaUrl: "",
      contactPoints: {},
    });
    const objects = recording.graph.nodes.filter(({ type }) => type.startsWith("kubernetes:"));
    const pods = recording.graph.nodes.filter(({ type }) => /:(StatefulSet|Deployment)$/.test(type));
    const spec = ({ inputs }: (typeof pods)[number]) => inputs["spec"] as Spec;
    const totals = kubernetesPlan.totals(recording);
    expect(totals).toContain(`${String(objects.length)} objects`);
    const replicas = pods.reduce((sum, node) => sum + spec(node).replicas, 0);
    expect(totals).toContain(`${String(replicas)} pods of ${String(pods.length)} services`);
    expect(totals).toContain(`${String(dashboards.length)} dashboards`);
    expect(totals).toContain(`${String(ruleGroups.flatMap(({ rules }) => rules).length)} alert rules`);
    const memory = pods.reduce((sum, node) => sum + spec(node).replicas * memoryOf(spec(node)), 0);
    expect(totals).toContain(`${String(memory / 1024)} GiB memory reserved`);
  });
});

interface Spec {
  replicas: number;
  template: { spec: { containers: { resources: { limits: { memory: string } } }[] } };
}

const memoryOf = ({ template }: Spec): number =>
  template.spec.containers.reduce((sum, { resources }) => sum + parseInt(resources.limits.memory, 10), 0);

describe("the notes on a cluster", () => {
  let usual = "";
  beforeAll(async () => {
    usual = kubernetesPlan.notes(await standalone()).join("\n");
  });

  it("say where it goes, and what it needs", () => {
    expect(usual).toMatch(/kubernetes\.context is not set: .*whatever context is current.* Kubernetes 1\.30 or later/);
    expect(usual).toContain("is observability (kubernetes.clusterIdentifier)");
    expect(usual).toMatch(/Nodes pull images from docker\.io/);
  });

  it("say what is reachable from where", () => {
    expect(usual).toContain("kubectl --namespace observability port-forward service/grafana 3001:3000");
    expect(usual).toMatch(
      /Pods of all namespaces may send OTLP to http:\/\/collector\.observability:4318, with collectorToken as bearer token; .*narrows/,
    );
    expect(usual).toContain("From outside the cluster nothing takes OTLP");
    expect(usual).toMatch(/where the cluster's network plugin enforces them/);
  });

  it("say what survives destroy, and what does not survive what", () => {
    expect(usual).toMatch(
      /The namespace observability stays on destroy, and with it \d+ claims that hold the data \(\d+\.\d GiB\)\. Deleting it deletes them\./,
    );
    expect(usual).toMatch(/default storage class, so there must be one\. .*reclaim policy Delete/);
  });

  it("say what is made, what is reserved and what is single", () => {
    expect(usual).toMatch(/^Generated, because they are not set: .*collectorToken/m);
    expect(usual).toMatch(/^Pods reserve \d+(\.\d)? GiB of memory, and cannot take more; they reserve [\d.]+ cores/m);
    expect(usual).toMatch(/^One replica each, and away while its node is drained: .*greptimedb/m);
  });

  it.each<[Variant, RegExp]>([
    ["ingress with TLS", /reaches Grafana, at https:\/\/grafana\.example\.com\./],
    [
      "ingress with TLS",
      /OTLP is taken at https:\/\/otlp\.example\.com, with .* bearer token; each client 50 requests a second/,
    ],
    [
      "ingress with TLS",
      /somebody else has to make: Secret grafana-tls in observability, Secret otlp-tls in observability\./,
    ],
    ["chosen nodes and applications", /Pods of the namespaces agents and web may send OTLP .* bearer token\.$/m],
    ["chosen nodes and applications", /Volumes come from storage class fast\. /],
    ["chosen nodes and applications", /somebody else has to make: Secret registry-credentials in observability\./],
    ["no network policies", /Pods of all namespaces may send OTLP .* bearer token\.$/m],
    ["no network policies", /policies is off: every pod of the cluster reaches every port/],
    ["a namespace of somebody else's", /^On destroy \d+ claims .* stay in the namespace observability\. Deleting it/m],
    ["a namespace of somebody else's", /^The namespace observability must be there/m],
  ])("of %s: %s", async (name, note) => {
    expect(kubernetesPlan.notes(await recordingOf(name)).join("\n")).toMatch(note);
  });

  it("speak of a context, of no token, of other registries and of what is missing", async () => {
    const set = {
      "kubernetes.context": "prod",
      "collector.auth": "none",
      "images.grafana": "registry.example.com/grafana:1",
      "greptimedb.topology": "external",
      "greptimedb.external.host": "db.example.com",
    };
    const recording = await recordStack({ stack: "kubernetes", set, allowMissingSecrets: true });
    const notes = kubernetesPlan.notes(recording).join("\n");
    expect(notes).toMatch(/^The deployment goes to the context prod\./m);
    expect(notes).toContain("kubectl --context prod --namespace observability port-forward");
    expect(notes).toMatch(/OTLP to http:\/\/collector\.observability:4318, without a token/);
    expect(notes).toContain("from docker.io and registry.example.com");
    expect(notes).toMatch(/greptimedbWriterPassword is not set, and the deployment will refuse/);
  });

  it("are texts that can be read at any width", () => {
    for (const width of [76, 116])
      for (const line of wrapped(usual.replaceAll("\n", " "), width, "").split("\n"))
        expect(line.length).toBeLessThanOrEqual(width);
  });
});

describe("a policy in words", () => {
  const pods = (name: string) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": name } } });
  const namespaces = (...values: string[]) => ({ namespaceSelector: { matchExpressions: [{ values }] } });
  const tcp = (port: number) => ({ port, protocol: "TCP" });

  it.each([
    [{ ingress: [{ from: [pods("a")], ports: [tcp(1), tcp(2)] }] }, ["from a: 1, 2"]],
    [{ ingress: [{ from: [namespaces("x", "y")], ports: [tcp(1)] }] }, ["from pods in x, y: 1"]],
    [{ ingress: [{ from: [{ ...pods("a"), ...namespaces("x") }], ports: [tcp(1)] }] }, ["from a in x: 1"]],
    [{ ingress: [{ from: [{ namespaceSelector: {} }], ports: [tcp(1)] }] }, ["from pods of all namespaces: 1"]],
    [{ ingress: [{ from: [pods("a"), namespaces("x")], ports: [tcp(1)] }] }, ["from a and pods in x: 1"]],
    [{ egress: [{ ports: [tcp(53), { port: 53, protocol: "UDP" }] }] }, ["to DNS"]],
    [{ egress: [{ ports: [tcp(587)] }, { ports: [{ port: 514, protocol: "UDP" }] }] }, ["to anywhere: 587, 514/udp"]],
    [{ egress: [{}] }, ["to anywhere: every port"]],
  ])("%j", (rules, words) => {
    expect(policyFacts({ ...pods("me"), ...rules })).toEqual(words);
  });
});
