import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { manifestFiles } from "../../cli/kubernetes/manifests.ts";
import { kinds, type KubernetesObject } from "../../configs/kubernetes/object.ts";
import { yamlForGo } from "../../configs/yaml.ts";
import { recordStack } from "../../graph/index.ts";
import { typedTexts } from "../support/hard-values.ts";
import { drawnVariant, recordingOf } from "../support/kubernetes.ts";
import { variantNames } from "../support/kubernetes-variants.ts";
import { validated, type Report } from "./support/kubernetes-validate.ts";

/** Every object of every variant, as it is written for kubectl, against the schemas of two versions of Kubernetes. */

/** Texts that values may have and that YAML takes for something else; none of them is what it looks like. */
const odd = Object.fromEntries(typedTexts.map((text, index) => [`example.com/text-${String(index)}`, text]));

const oddTexts = {
  "kubernetes.ingress.annotations": JSON.stringify(odd),
  "kubernetes.ingress.grafana": '{"host":"123e4","tlsSecret":"0x1f"}',
  "kubernetes.nodeSelector": '{"yes":"no","on":"1e3","dedicated":"0123"}',
  "kubernetes.storageClass": "1e3",
};

/** The manifests of a stack by file name, below a folder with its name. */
const manifestsOf = (name: string, recording: Parameters<typeof manifestFiles>[0]): [string, string][] =>
  Object.entries(manifestFiles(recording))
    .filter(([file]) => file.endsWith(".yaml"))
    .map(([file, text]) => [`${name}/${file}`, text]);

let files: Record<string, string> = {};
let report: Report;

beforeAll(async () => {
  const all: [string, string][] = [];
  for (const name of variantNames) all.push(...manifestsOf(name, await recordingOf(name)));
  all.push(...manifestsOf("odd texts", await recordStack({ stack: "kubernetes", set: oddTexts })));
  // what is the same in two variants is looked at once
  const unique = new Map(all.map(([file, text]) => [text, file]));
  files = Object.fromEntries([...unique].map(([text, file]) => [file, text]));
  report = validated(files);
});

describe("Kubernetes' schemas", () => {
  it("are those of the oldest version that is supported, and of one that is much newer", () => {
    const [oldest, newest] = report.versions;
    expect(oldest).toBe("1.30");
    expect(Number(newest!.split(".")[1])).toBeGreaterThanOrEqual(37);
  });

  it("take every object of every variant", () => {
    expect(Object.keys(files).length).toBeGreaterThan(200);
    expect(report.problems).toEqual([]);
  });

  it("have seen every kind of object that this project can make", () => {
    const seen = new Set(Object.values(files).map((text) => (parse(text) as KubernetesObject).kind));
    expect([...seen].sort()).toEqual([...kinds].sort());
  });
});

describe("a reader of YAML 1.1, as kubectl is one", () => {
  it("finds in each file what was meant", () => {
    for (const [file, text] of Object.entries(files)) expect(report.objects[file], file).toEqual(parse(text));
  });

  it("takes no text for anything else", () => {
    const ingress = Object.values(report.objects).find((object) =>
      JSON.stringify(object).includes("example.com/text-0"),
    ) as KubernetesObject;
    expect(ingress.metadata.annotations).toMatchObject(odd);
  });
});

type Plain = Record<string, unknown>;

/** A copy with one thing at a path, as `spec.template.spec.containers.0.image`; undefined takes away what is there. */
function planted(object: KubernetesObject, path: string, value: unknown): Plain {
  const copy = JSON.parse(JSON.stringify(object)) as Plain;
  const steps = path.split(".");
  const last = steps.pop()!;
  const parent = steps.reduce((at, step) => at[step] as Plain, copy);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy;
}

describe("what is wrong is seen", () => {
  const { objects } = drawnVariant("everything");
  const of = (kind: KubernetesObject["kind"]): KubernetesObject => {
    const { stringData, ...object } = objects.find((one) => one.kind === kind)!;
    return stringData === undefined ? object : { ...object, stringData: { key: "value" } };
  };
  const keeping = objects.find(
    ({ kind, spec }) => kind === "StatefulSet" && spec?.["volumeClaimTemplates"] !== undefined,
  )!;
  const container = "spec.template.spec.containers.0";

  const wrong: [string, Plain, RegExp][] = [
    ...kinds.map((kind): [string, Plain, RegExp] => [
      `a misspelled field of a ${kind}`,
      planted(of(kind), "sepc", {}),
      /sepc/,
    ]),
    ...kinds.map((kind): [string, Plain, RegExp] => [
      `a misspelled field of the metadata of a ${kind}`,
      planted(of(kind), "metadata.lables", {}),
      /lables/,
    ]),
    ...(["StatefulSet", "Deployment", "DaemonSet", "Job"] as const).flatMap((kind): [string, Plain, RegExp][] => [
      [
        `a misspelled field of a container of a ${kind}`,
        planted(of(kind), `${container}.imagePulPolicy`, "Always"),
        /imagePulPolicy/,
      ],
      [`memory that is a list in a ${kind}`, planted(of(kind), `${container}.resources.limits.memory`, ["1Gi"]), /1Gi/],
      [
        `a container without a name in a ${kind}`,
        planted(of(kind), `${container}.name`, undefined),
        /'name' is a required/,
      ],
      [
        `a user that is a text in a ${kind}`,
        planted(of(kind), "spec.template.spec.securityContext.runAsUser", "root"),
        /root/,
      ],
    ]),
    ["replicas that are a text", planted(of("StatefulSet"), "spec.replicas", "three"), /three/],
    [
      "a StatefulSet without a selector",
      planted(of("StatefulSet"), "spec.selector", undefined),
      /'selector' is a required/,
    ],
    [
      "a Deployment without a template",
      planted(of("Deployment"), "spec.template", undefined),
      /'template' is a required/,
    ],
    [
      "a misspelled field of a claim",
      planted(keeping, "spec.volumeClaimTemplates.0.spec.storageClas", "x"),
      /storageClas/,
    ],
    [
      "a misspelled field of a probe",
      planted(of("StatefulSet"), `${container}.startupProbe.failureTreshold`, 3),
      /failureTreshold/,
    ],
    ["a port without a number", planted(of("Service"), "spec.ports.0.port", undefined), /'port' is a required/],
    [
      "a path without a type",
      planted(of("Ingress"), "spec.rules.0.http.paths.0.pathType", undefined),
      /'pathType' is a required/,
    ],
    ["a misspelled peer", planted(of("NetworkPolicy"), "spec.ingress", [{ form: [] }]), /form/],
    ["a role without verbs", planted(of("ClusterRole"), "rules.0.verbs", undefined), /'verbs' is a required/],
    ["data that is no text", planted(of("ConfigMap"), "data.key", { a: 1 }), /is not of type/],
    [
      "a kind that there is not",
      { ...planted(of("ConfigMap"), "x", undefined), kind: "ConfigMaps" },
      /find schema for kind ConfigMaps/,
    ],
    [
      "a version that is gone",
      { ...planted(of("Deployment"), "x", undefined), apiVersion: "extensions/v1beta1" },
      /find schema/,
    ],
  ];

  let seen: Report;
  beforeAll(() => {
    seen = validated(Object.fromEntries(wrong.map(([name, object]) => [name, yamlForGo(object)])));
  });

  it.each(wrong)("%s, in each version", (name, _, message) => {
    const own = seen.problems.filter(({ file }) => file === name);
    expect(own.map(({ version }) => version)).toEqual(seen.versions);
    for (const problem of own) expect(problem.message).toMatch(message);
  });

  it("but not the same objects without it", () => {
    const untouched = Object.fromEntries(kinds.map((kind) => [kind, yamlForGo(of(kind))]));
    expect(validated(untouched).problems).toEqual([]);
  });

  it("two objects in one file", () => {
    const { problems } = validated({ both: `${yamlForGo(of("Service"))}---\n${yamlForGo(of("Service"))}` });
    expect(problems).toMatchObject([{ file: "both", message: "2 objects in one file" }]);
  });
});
