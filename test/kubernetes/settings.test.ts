import { describe, expect, it } from "vitest";

import { isTask } from "../../configs/kubernetes/cluster.ts";
import { stableJson } from "../../configs/json.ts";
import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import { ofKind, podsOf } from "../support/cluster-objects.ts";
import { drawn, titleOf, type Drawn } from "../support/kubernetes.ts";

/** What each setting of the cluster changes, and that it changes nothing else. */

const base = drawn({ "greptimedb.topology": "standalone" });

/** `Kind name`, without the hash of a content. */
const title = (object: KubernetesObject): string => titleOf(object).replace(/-[0-9a-f]{10}$/, "");

interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

function difference({ objects }: Drawn): Difference {
  const [before, after] = [base.objects, objects].map(
    (all) => new Map(all.map((object) => [title(object), stableJson(object)])),
  );
  const titles = [...new Set([...before!.keys(), ...after!.keys()])].sort();
  return {
    added: titles.filter((one) => !before!.has(one)),
    removed: titles.filter((one) => !after!.has(one)),
    changed: titles.filter((one) => before!.has(one) && after!.has(one) && before!.get(one) !== after!.get(one)),
  };
}

const nothing: Difference = { added: [], removed: [], changed: [] };

const titles = (choose: (object: KubernetesObject) => boolean): string[] =>
  base.objects.filter(choose).map(title).sort();

const workloads = titles(({ kind }) => ["StatefulSet", "Deployment", "DaemonSet", "Job"].includes(kind));

const withClaims = podsOf(base.objects)
  .filter(({ workload }) => workload.volumeClaimTemplates !== undefined)
  .map(({ owner }) => title(owner))
  .sort();

/** Jobs of tasks that act on a service. */
const jobsOn = (service: string): string[] =>
  base.parts.flatMap((part) => (isTask(part) && part.targets.includes(service) ? [`Job ${part.name}`] : []));

const sorted = (...all: string[]) => all.sort();

describe("the settings of a cluster change", () => {
  it.each<[string, Record<string, string>, Partial<Difference>]>([
    [
      "network.policies",
      { "kubernetes.network.policies": "false" },
      { removed: titles(({ kind }) => kind === "NetworkPolicy") },
    ],
    ["createNamespace", { "kubernetes.createNamespace": "false" }, { removed: ["Namespace observability"] }],
    [
      "ingress.grafana",
      { "kubernetes.ingress.grafana": '{"host":"g.example.com","tlsSecret":"tls"}' },
      { added: ["Ingress grafana"], changed: ["NetworkPolicy grafana"] },
    ],
    [
      "ingress.otlp",
      { "kubernetes.ingress.otlp": '{"host":"o.example.com","tlsSecret":"tls"}' },
      { added: ["Ingress collector"], changed: ["NetworkPolicy collector"] },
    ],
    [
      "applicationNamespaces",
      { "kubernetes.network.applicationNamespaces": '["agents"]' },
      { changed: ["NetworkPolicy collector"] },
    ],
    ["storageClass", { "kubernetes.storageClass": "fast" }, { changed: withClaims }],
    ["imagePullSecrets", { "kubernetes.imagePullSecrets": '["pull"]' }, { changed: workloads }],
    ["nodeSelector", { "kubernetes.nodeSelector": '{"pool":"obs"}' }, { changed: workloads }],
    ["tolerations", { "kubernetes.tolerations": '[{"key":"dedicated"}]' }, { changed: workloads }],
    ["clusterIdentifier", { "kubernetes.clusterIdentifier": "other" }, {}],
    ["context", { "kubernetes.context": "other" }, {}],
    [
      "a volume's size",
      { "greptimedb.disk": "50GiB" },
      { changed: sorted("StatefulSet greptimedb", ...jobsOn("greptimedb")) },
    ],
    ["what is Docker's alone", { "docker.bindAddress": "10.0.0.1" }, {}],
  ])("%s: these objects, and no others", (_, set, expected) => {
    expect(difference(drawn({ "greptimedb.topology": "standalone", ...set }))).toEqual({ ...nothing, ...expected });
  });
});

describe("what the settings of a cluster say", () => {
  const with_ = (set: Record<string, string>) => drawn({ "greptimedb.topology": "standalone", ...set }).objects;
  const one = (objects: readonly KubernetesObject[], kind: KubernetesObject["kind"], name: string) =>
    ofKind(objects, kind).find(({ metadata }) => metadata.name === name)!;

  it("of storage is in every claim", () => {
    const objects = with_({ "kubernetes.storageClass": "fast", "greptimedb.disk": "50GiB" });
    const claims = podsOf(objects).flatMap(({ workload }) => workload.volumeClaimTemplates ?? []);
    expect(claims.map(({ spec }) => spec.storageClassName)).toEqual(claims.map(() => "fast"));
    expect(claims.map(({ spec }) => spec.resources.requests.storage)).toContain("51200Mi");
    const usual = podsOf(base.objects).flatMap(({ workload }) => workload.volumeClaimTemplates ?? []);
    for (const { spec } of usual) expect(spec).not.toHaveProperty("storageClassName");
  });

  it("of an ingress is in it", () => {
    const objects = with_({
      "kubernetes.ingress": JSON.stringify({
        className: "nginx",
        annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
        grafana: { host: "g.example.com", tlsSecret: "g-tls" },
        otlp: { host: "o.example.com", tlsSecret: "o-tls" },
        requestsPerSecond: 50,
      }),
    });
    expect(one(objects, "Ingress", "grafana")).toMatchObject({
      metadata: { annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" } },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["g.example.com"], secretName: "g-tls" }],
        rules: [{ host: "g.example.com" }],
      },
    });
    expect(one(objects, "Ingress", "grafana").metadata.annotations).not.toHaveProperty(
      "nginx.ingress.kubernetes.io/limit-rps",
    );
    expect(one(objects, "Ingress", "collector").metadata.annotations).toMatchObject({
      "nginx.ingress.kubernetes.io/limit-rps": "50",
      "nginx.ingress.kubernetes.io/proxy-body-size": "64m",
    });
  });

  it("of tolerations is in every pod, in the words of Kubernetes", () => {
    const tolerations = [{ key: "a", operator: "Equal", value: "b", effect: "NoSchedule" }, { key: "c" }];
    const objects = with_({ "kubernetes.tolerations": JSON.stringify(tolerations) });
    for (const { spec, part } of podsOf(objects))
      expect(spec.tolerations, part).toEqual([tolerations[0], { key: "c", operator: "Exists" }]);
  });
});
