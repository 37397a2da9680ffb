import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { stackParts } from "../../cli/parts.ts";
import type { Cluster } from "../../configs/kubernetes/cluster.ts";
import { stackObjects } from "../../configs/kubernetes/objects.ts";
import { imageKind, labelKeyKind, labelValueKind, objectNameKind } from "../../configs/settings/kinds.ts";
import { SettingsError } from "../../configs/settings/problems.ts";
import { podsOf } from "../support/cluster-objects.ts";
import { drawn, drawnVariant, kubernetesConfiguration, titleOf } from "../support/kubernetes.ts";

/** Names and labels for every setting that a person may choose, however odd. */

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

const matching = (expression: RegExp, kind: { parse(given: unknown): unknown }) =>
  fc.stringMatching(expression).filter((text) => kind.parse(text) !== undefined);

const namespace = fc.oneof(
  matching(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/, objectNameKind),
  fc.constantFrom("a", "x".repeat(63), "9".repeat(60), `${"a".repeat(57)}-agent`, "a--b", "0"),
);

const image = fc.oneof(
  matching(/^[a-z0-9.]{1,20}(:[0-9]{2,4})?\/[a-z0-9/-]{1,20}:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, imageKind),
  matching(/^[a-z]{1,8}@sha256:[0-9a-f]{64}$/, imageKind),
  fc.constantFrom("a:_", "a:__x__", `a:${"v".repeat(128)}`, "a:1.", "a:v1-", "a:3.6", "a:1_000", "a:0x1F", "a:1e3"),
);

function drawnWith(settings: Partial<Cluster["settings"]>, images: Record<string, string> = {}) {
  const { configuration } = drawnVariant("everything");
  const all = { ...configuration.settings, images: { ...configuration.settings.images, ...images } };
  const cluster: Cluster = {
    settings: { ...all.kubernetes, agentNamespace: "agents-of-the-stack", ...settings },
    toolImage: all.images.greptimedb,
  };
  return stackObjects(cluster, stackParts(all, "http://localhost:3001"));
}

describe("whatever a person chooses", () => {
  it("every name of an object is one that the API server takes, and there once", () => {
    fc.assert(
      fc.property(namespace, (chosen) => {
        const objects = drawnWith({ namespace: chosen });
        for (const { metadata } of objects.filter(({ kind }) => !kind.startsWith("ClusterRole")))
          expect(metadata.name).toMatch(dnsLabel);
        const titles = objects.map((object) => `${titleOf(object)} ${object.metadata.namespace ?? ""}`);
        expect(new Set(titles).size).toBe(titles.length);
      }),
      { numRuns: 50 },
    );
  });

  it("every value of a label is one, whatever the namespace and the images are called", () => {
    fc.assert(
      fc.property(namespace, image, image, (chosen, greptimedb, collector) => {
        const objects = drawnWith({ namespace: chosen }, { greptimedb, collector, grafana: collector });
        const labels = [
          ...objects.map(({ metadata }) => metadata.labels),
          ...podsOf(objects).flatMap((pod) => [pod.labels, pod.workload.selector?.matchLabels ?? {}]),
        ];
        for (const value of labels.flatMap((all) => Object.values(all))) expect(value).toMatch(labelValue);
      }),
      { numRuns: 100 },
    );
  });

  it("labels and annotations of the settings arrive as they are", () => {
    const key = matching(/^([a-z]{1,5}\.[a-z]{2,3}\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,20}[A-Za-z0-9]$/, labelKeyKind);
    const value = matching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?$/, labelValueKind);
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), (chosen) => {
        const perNode = (kind: string) => kind === "DaemonSet";
        for (const { spec, owner } of podsOf(drawnWith({ nodeSelector: chosen })))
          expect(spec.nodeSelector ?? {}).toEqual(perNode(owner.kind) ? {} : chosen);
      }),
      { numRuns: 25 },
    );
  });
});

describe("the namespace of the agents", () => {
  it.each(["a", "x".repeat(63), "x".repeat(62), `${"y".repeat(57)}-agent`, `${"z".repeat(56)}-agent`])(
    "is by default another one than %s, and one that the API server takes",
    (chosen) => {
      const { kubernetes } = kubernetesConfiguration({ "kubernetes.namespace": chosen }).settings;
      expect(kubernetes.agentNamespace).not.toBe(chosen);
      expect(kubernetes.agentNamespace).toMatch(dnsLabel);
      expect(kubernetes.agentNamespace).toMatch(/-agent/);
      const level = drawn({ "kubernetes.namespace": chosen }).objects.find(({ kind }) => kind === "Namespace");
      expect(level?.metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
    },
  );

  it("that is the namespace of the rest is refused", () => {
    const same = { "kubernetes.namespace": "obs", "kubernetes.agentNamespace": "obs" };
    expect(() => kubernetesConfiguration(same)).toThrow(SettingsError);
  });
});
