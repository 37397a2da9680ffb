import { describe, expect, it } from "vitest";

import { isTask } from "../../configs/kubernetes/cluster.ts";
import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import {
  containersOf,
  matches,
  ofKind,
  podsOf,
  type EnvVar,
  type KeySelector,
  type Labels,
  type Volume,
} from "../support/cluster-objects.ts";
import { drawnVariant } from "../support/kubernetes.ts";
import { variantNames, type Variant } from "../support/kubernetes-variants.ts";

/** Secrets that settings name, and that somebody else makes; with the keys that they have by their type. */
const certificate = ["tls.crt", "tls.key"];
const foreign: Readonly<Record<string, readonly string[]>> = {
  "registry-credentials": [],
  "grafana-tls": certificate,
  "otlp-tls": certificate,
  "collector-tls": certificate,
};

/** What a volume refers to: objects, and the keys that must be in them. */
interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly keys: readonly string[];
}

function referencesOf({ secret, configMap, projected }: Volume): Reference[] {
  const keys = ({ items = [] }: { items?: readonly { key: string }[] }) => items.map(({ key }) => key);
  return [
    ...(secret === undefined ? [] : [{ kind: "Secret" as const, name: secret.secretName, keys: keys(secret) }]),
    ...(configMap === undefined ? [] : [{ kind: "ConfigMap" as const, name: configMap.name, keys: keys(configMap) }]),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...(source.secret === undefined
        ? []
        : [{ kind: "Secret" as const, name: source.secret.name, keys: keys(source.secret) }]),
      ...(source.configMap === undefined
        ? []
        : [{ kind: "ConfigMap" as const, name: source.configMap.name, keys: keys(source.configMap) }]),
    ]),
  ];
}

const keySelector = ({ valueFrom }: EnvVar): (KeySelector & { kind: Reference["kind"] })[] => [
  ...(valueFrom?.secretKeyRef === undefined ? [] : [{ kind: "Secret" as const, ...valueFrom.secretKeyRef }]),
  ...(valueFrom?.configMapKeyRef === undefined ? [] : [{ kind: "ConfigMap" as const, ...valueFrom.configMapKeyRef }]),
];

/** What every reference of every pod refers to. */
function everyReference(objects: readonly KubernetesObject[]): (Reference & { namespace: string; from: string })[] {
  return podsOf(objects).flatMap(({ part, namespace, spec }) => {
    const ofVolumes = (spec.volumes ?? []).flatMap(referencesOf);
    const ofVariables = containersOf(spec)
      .flatMap(({ env = [] }) => env)
      .flatMap(keySelector)
      .map(({ kind, name, key }) => ({ kind, name, keys: [key] }));
    return [...ofVolumes, ...ofVariables].map((reference) => ({ ...reference, namespace, from: part }));
  });
}

describe.each(variantNames)("what the objects of a stack refer to: %s", (name) => {
  const { objects, parts } = drawnVariant(name);
  const pods = podsOf(objects);

  it("is there, in the same namespace, with the keys that are asked for", () => {
    const references = everyReference(objects);
    expect(references.length).toBeGreaterThan(5);
    for (const { kind, name: wanted, keys, namespace, from } of references) {
      const at = `${from}: ${kind} ${wanted}`;
      const found = ofKind(objects, kind).find(
        ({ metadata }) => metadata.name === wanted && metadata.namespace === namespace,
      );
      const known = found === undefined ? foreign[wanted] : Object.keys(found.stringData ?? found.data ?? {});
      expect(known, at).toBeDefined();
      expect(
        keys.filter((key) => !known!.includes(key)),
        at,
      ).toEqual([]);
    }
  });

  it("is all that there is: no ConfigMap and no key of a Secret that nobody reads", () => {
    const read = new Set(
      everyReference(objects).flatMap(({ kind, name: wanted, keys }) => keys.map((key) => `${kind} ${wanted} ${key}`)),
    );
    const there = objects.flatMap(({ kind, metadata, data, stringData }) =>
      Object.keys(stringData ?? data ?? {}).map((key) => `${kind} ${metadata.name} ${key}`),
    );
    expect(there.filter((key) => !read.has(key))).toEqual([]);
  });

  it("every mount has its volume, and every volume is mounted, each path once", () => {
    for (const { part, spec, workload } of pods) {
      const claims = (workload.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
      const volumes = [...(spec.volumes ?? []).map((volume) => volume.name), ...claims];
      expect(new Set(volumes).size, part).toBe(volumes.length);
      for (const volume of volumes) expect(volume, part).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      const mounted = containersOf(spec).flatMap(({ volumeMounts = [] }) => volumeMounts.map((mount) => mount.name));
      expect([...new Set(mounted)].sort(), part).toEqual(volumes.toSorted());
      for (const { volumeMounts = [], name: container } of containersOf(spec)) {
        const paths = volumeMounts.map(({ mountPath }) => mountPath);
        expect(new Set(paths).size, `${part} ${container}`).toBe(paths.length);
      }
    }
  });

  it("files are where the services read them, and nobody may change them", () => {
    for (const { part, spec } of pods) {
      const one = parts.find((candidate) => candidate.name === part)!;
      const files = isTask(one)
        ? ["/etc/task/run.sh", ...(one.files ?? []).map(({ path }) => path)]
        : one.files.map(({ path }) => path);
      const mounts = spec.containers[0]!.volumeMounts ?? [];
      const found = (spec.volumes ?? []).flatMap((volume) => {
        const mount = mounts.find((candidate) => candidate.name === volume.name);
        return (volume.projected?.sources ?? []).flatMap(({ configMap, secret }) =>
          (configMap ?? secret)!.items!.map(({ path }) => ({
            path: `${mount!.mountPath}/${path}`,
            readOnly: mount!.readOnly,
          })),
        );
      });
      expect(found.map(({ path }) => path).sort(), part).toEqual(files.toSorted());
      expect(
        found.every(({ readOnly }) => readOnly === true),
        part,
      ).toBe(true);
    }
  });

  it("identities are there", () => {
    const accounts = ofKind(objects, "ServiceAccount").map(
      ({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`,
    );
    expect(accounts.sort()).toEqual(pods.map(({ namespace, part }) => `${namespace}/${part}`).sort());
    for (const { spec, part } of pods) expect(spec.serviceAccountName).toBe(part);
  });

  it("variables that arguments and other variables name are set before", () => {
    for (const { part, spec } of pods) {
      for (const { args = [], command = [], env = [], name: container } of containersOf(spec)) {
        const at = `${part} ${container}`;
        expect(new Set(env.map((variable) => variable.name)).size, at).toBe(env.length);
        env.forEach(({ value = "" }, index) => {
          const before = env.slice(0, index).map((variable) => variable.name);
          expect(
            namedIn(value).filter((variable) => !before.includes(variable)),
            at,
          ).toEqual([]);
        });
        const all = env.map((variable) => variable.name);
        expect(
          [...args, ...command].flatMap(namedIn).filter((variable) => !all.includes(variable)),
          at,
        ).toEqual([]);
      }
    }
  });

  it("workloads select their own pods, and no others", () => {
    for (const { owner, labels, workload, part } of pods) {
      if (owner.kind === "Job") continue;
      const selected = pods.filter(
        (pod) => pod.namespace === owner.metadata.namespace && matches(workload.selector!, pod.labels),
      );
      expect(selected.map((pod) => pod.part)).toEqual([part]);
      expect(matches(workload.selector!, labels)).toBe(true);
      // what nobody can change later: neither the version nor anything that a setting changes
      expect(Object.keys(workload.selector!.matchLabels!).sort()).toEqual([
        "app.kubernetes.io/instance",
        "app.kubernetes.io/name",
      ]);
    }
  });

  it("Services lead to pods of one kind that listen there", () => {
    for (const { metadata, spec } of ofKind(objects, "Service")) {
      // one that only names replicas has none
      const { selector, ports = [] } = spec as unknown as Omit<ServiceSpec, "ports"> & Partial<ServiceSpec>;
      const [pod, ...others] = pods.filter(
        ({ namespace, labels }) => namespace === metadata.namespace && matches({ matchLabels: selector }, labels),
      );
      expect(others, metadata.name).toEqual([]);
      const part = parts.find((candidate) => candidate.name === pod!.part)!;
      if (isTask(part)) throw new Error(`${metadata.name} leads to a task`);
      const listens = [...part.ports.map(({ port }) => port), part.health.http?.port];
      for (const port of ports) {
        expect(listens, metadata.name).toContain(port.targetPort);
        expect(port.port, metadata.name).toBe(port.targetPort);
        expect(port.name, metadata.name).toMatch(/^(?=.{1,15}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      }
      expect(new Set(ports.map((port) => port.name)).size, metadata.name).toBe(ports.length);
    }
  });

  it("every call within the stack finds a Service with that port", () => {
    for (const part of parts) {
      const waits = part.needs.flatMap((need) => {
        const needed = parts.find((candidate) => candidate.name === need)!;
        return isTask(needed) ? (needed.check?.calls ?? []) : [{ to: need, port: needed.health.http!.port }];
      });
      for (const call of [...part.calls, ...waits]) {
        if (!("to" in call)) continue;
        const callee = parts.find((candidate) => candidate.name === call.to)!;
        if (!isTask(callee) && callee.kind === "perNode") continue;
        const service = ofKind(objects, "Service").find(({ metadata }) => metadata.name === call.to);
        const { ports } = service?.spec as unknown as ServiceSpec;
        expect(
          ports.map(({ port }) => port),
          `${part.name} calls ${call.to}`,
        ).toContain(call.port);
      }
    }
  });

  it("StatefulSets have the Service that names their replicas, and claims for their volumes", () => {
    for (const { owner, workload, part } of pods.filter((pod) => pod.owner.kind === "StatefulSet")) {
      const service = ofKind(objects, "Service").find(({ metadata }) => metadata.name === workload.serviceName);
      expect(service?.metadata.namespace, part).toBe(owner.metadata.namespace);
      expect((service!.spec as unknown as ServiceSpec).clusterIP, part).toBe("None");
      const one = parts.find((candidate) => candidate.name === part)!;
      const mounts = isTask(one) ? [] : one.mounts;
      const claims = workload.volumeClaimTemplates ?? [];
      expect(claims.map((claim) => [claim.metadata.name, claim.spec.resources.requests.storage])).toEqual(
        mounts.map(({ volume, sizeMiB }) => [volume, `${String(sizeMiB)}Mi`]),
      );
    }
  });

  it("an ingress leads to a port of a Service, with a certificate", () => {
    for (const { spec, metadata } of ofKind(objects, "Ingress")) {
      const { tls, rules } = spec as unknown as IngressSpec;
      expect(tls.flatMap(({ hosts }) => hosts)).toEqual(rules.map(({ host }) => host));
      for (const { service } of rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend))) {
        const target = ofKind(objects, "Service").find((object) => object.metadata.name === service.name);
        expect(target?.metadata.namespace).toBe(metadata.namespace);
        expect((target!.spec as unknown as ServiceSpec).ports.map(({ port }) => port)).toContain(service.port.number);
      }
    }
  });
});

interface ServiceSpec {
  readonly clusterIP?: string;
  readonly selector: Labels;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
}

interface IngressSpec {
  readonly tls: readonly { readonly hosts: readonly string[] }[];
  readonly rules: readonly {
    readonly host: string;
    readonly http: {
      readonly paths: readonly { readonly backend: { readonly service: { name: string; port: { number: number } } } }[];
    };
  }[];
}

/** `$(NAME)`, but not `$$(NAME)`, which is a text. */
const namedIn = (text: string): string[] =>
  [...text.replaceAll("$$", "").matchAll(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g)].map(([, variable]) => variable!);

describe("names of ConfigMaps", () => {
  const maps = (name: Variant) =>
    new Map(ofKind(drawnVariant(name).objects, "ConfigMap").map((map) => [map.metadata.name, map.data]));

  it("are those of another variant only with the same content", () => {
    for (const name of variantNames)
      for (const [map, data] of maps(name))
        for (const other of variantNames) if (maps(other).has(map)) expect(maps(other).get(map), map).toEqual(data);
  });

  it("change with the content, and the pods that read them with them", () => {
    const of = (name: Variant) =>
      podsOf(drawnVariant(name).objects).find(({ part }) => part === "collector")!.spec.volumes;
    expect(of("external")).not.toEqual(of("standalone"));
    expect([...maps("external").keys()]).not.toEqual([...maps("standalone").keys()]);
  });
});
