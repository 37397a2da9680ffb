import { describe, expect, it } from "vitest";

import { apiVersions, kinds } from "../../configs/kubernetes/object.ts";
import { podsOf } from "../support/cluster-objects.ts";
import { drawnVariant, titleOf } from "../support/kubernetes.ts";
import { variantNames } from "../support/kubernetes-variants.ts";
import { strings } from "../support/graph.ts";

const ofTheCluster = ["Namespace", "ClusterRole", "ClusterRoleBinding"];

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const labelKey = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Kubernetes puts more behind the names of these, and the whole into labels of 63 letters. */
const longest: Record<string, number> = { StatefulSet: 52, Deployment: 46, DaemonSet: 52, Job: 63 };

describe.each(variantNames)("the objects of a stack: %s", (name) => {
  const { objects, parts, configuration } = drawnVariant(name);
  const { kubernetes } = configuration.settings;

  it("are in the namespace, or in that of the agents, or of the whole cluster", () => {
    for (const object of objects) {
      const { namespace } = object.metadata;
      if (ofTheCluster.includes(object.kind)) expect(namespace, titleOf(object)).toBeUndefined();
      else expect([kubernetes.namespace, kubernetes.agentNamespace], titleOf(object)).toContain(namespace);
    }
  });

  it("have the labels by which tools know what belongs together", () => {
    for (const object of objects) {
      const { labels } = object.metadata;
      expect(labels, titleOf(object)).toMatchObject({
        "app.kubernetes.io/instance": kubernetes.namespace,
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/part-of": "greptime-observability",
      });
      const ofStack = object.kind === "Namespace" || object.metadata.name === "deny-all";
      const part = labels["app.kubernetes.io/name"];
      if (ofStack) expect(part, titleOf(object)).toBeUndefined();
      else
        expect(
          parts.map((one) => one.name),
          titleOf(object),
        ).toContain(part);
      if (!ofStack) expect(Object.keys(labels), titleOf(object)).toHaveLength(6);
    }
    for (const { labels, owner } of podsOf(objects)) expect(labels, titleOf(owner)).toEqual(owner.metadata.labels);
  });

  it("have names and labels that the API server takes", () => {
    const metadata = [
      ...objects.map((object) => object.metadata),
      ...podsOf(objects).map(({ labels }) => ({ labels })),
    ];
    for (const { labels } of metadata) {
      for (const [key, value] of Object.entries(labels)) {
        expect(key).toMatch(labelKey);
        expect(value, key).toMatch(labelValue);
      }
    }
    for (const {
      kind,
      metadata: { name: own, namespace },
    } of objects) {
      expect(own, kind).toMatch(dnsLabel);
      expect(own.length, own).toBeLessThanOrEqual(longest[kind] ?? 63);
      if (namespace !== undefined) expect(namespace).toMatch(dnsLabel);
    }
  });

  it("are each there once, of kinds and versions that are known", () => {
    const titles = objects.map((object) => `${titleOf(object)} in ${object.metadata.namespace ?? ""}`);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
    for (const { kind, apiVersion } of objects) {
      expect(kinds).toContain(kind);
      expect(apiVersion).toBe(apiVersions[kind]);
    }
  });

  it("hold no text that is a mistake", () => {
    const all = objects.flatMap((object) => strings(object, titleOf(object)));
    expect(all.length).toBeGreaterThan(500);
    expect(all.filter(({ text }) => /\bundefined\b|\[object Object\]|\bNaN\b/.test(text))).toEqual([]);
  });

  it("keep files in ConfigMaps that fit, that nobody changes, and whose names tell their content", () => {
    const maps = objects.filter(({ kind }) => kind === "ConfigMap");
    expect(maps.length).toBeGreaterThan(3);
    for (const { metadata, data = {}, ...fields } of maps) {
      const bytes = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      expect(bytes, metadata.name).toBeLessThan(1024 * 1024);
      expect(fields["immutable"], metadata.name).toBe(true);
      expect(metadata.name).toMatch(/-[0-9a-f]{10}$/);
      for (const key of Object.keys(data)) expect(key, metadata.name).toMatch(/^[A-Za-z0-9._-]{1,253}$/);
    }
  });

  it("put everything secret into Secrets, and nothing else", () => {
    for (const { kind, stringData, metadata } of objects) {
      expect(stringData === undefined, metadata.name).toBe(kind !== "Secret");
      for (const [key, text] of Object.entries(stringData ?? {})) {
        expect(key, metadata.name).toMatch(/^[A-Za-z0-9._-]{1,253}$/);
        expect(typeof text, `${metadata.name} ${key}`).toBe("object");
      }
    }
  });
});
