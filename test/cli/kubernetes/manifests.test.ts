import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse, parseDocument } from "yaml";

import { manifestFiles, writeManifests } from "../../../cli/kubernetes/manifests.ts";
import { kinds } from "../../../configs/kubernetes/object.ts";
import { workloadKinds } from "../../../configs/kubernetes/objects.ts";
import { basicAuth, revealed as filled, secretsIn, text } from "../../../configs/text.ts";
import { madeUpPassword, revealed, type StackRecording } from "../../../graph/index.ts";
import { drawn, drawnVariant, recordingOf } from "../../support/kubernetes.ts";
import { givenSecrets, variantNames, variants } from "../../support/kubernetes-variants.ts";

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: { template?: { metadata: { annotations?: Record<string, string> } } };
  stringData?: Record<string, string>;
}

const key = ({ kind, metadata }: Pick<Manifest, "kind" | "metadata">) =>
  `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

const onceFor = <T>(make: (recording: StackRecording) => T) => {
  const known = new WeakMap<StackRecording, { made: T }>();
  return (recording: StackRecording): T => {
    const { made } = known.get(recording) ?? { made: make(recording) };
    known.set(recording, { made });
    return made;
  };
};

const filesOf = onceFor(manifestFiles);

const yamlsOf = (recording: StackRecording) =>
  Object.entries(filesOf(recording)).filter(([name]) => name.endsWith(".yaml"));

const manifestsOf = onceFor((recording) => yamlsOf(recording).map(([, body]) => parse(body) as Manifest));

/** Only a deployment knows the values of secrets and the identities of what is there. */
const ofDeployment = ["greptime-observability/secrets", "greptime-observability/targets"];

function withoutMarks(manifest: Manifest): Manifest {
  const copy = structuredClone(manifest);
  const metadata = copy.spec?.template?.metadata;
  if (metadata?.annotations === undefined) return copy;
  for (const name of ofDeployment) Reflect.deleteProperty(metadata.annotations, name);
  if (Object.keys(metadata.annotations).length === 0) delete metadata.annotations;
  return copy;
}

/** The values that a recording has for secrets: those given, else made up by the name of their random password. */
const valuesOf =
  ({ configuration: { secrets, given } }: StackRecording) =>
  (name: string): string => {
    const needed = secrets.find((secret) => secret.name === name);
    return given[name] ?? madeUpPassword(`obs-${needed?.generated ?? ""}`);
  };

describe.each(variantNames)("the manifests of a stack: %s", (name) => {
  it("are the objects that a deployment places, all of them and no others", async () => {
    const recording = await recordingOf(name);
    const placed = recording.graph.nodes
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .map((node) => withoutMarks(revealed(node.inputs) as Manifest));
    const written = manifestsOf(recording);
    expect(written.map(key).sort()).toEqual(placed.map(key).sort());
    const byKey = new Map(placed.map((object) => [key(object), object]));
    for (const { stringData, ...object } of written) {
      const { stringData: values, ...other } = byKey.get(key(object))!;
      expect(object, key(object)).toEqual(other);
      expect(Object.keys(stringData ?? {}), key(object)).toEqual(Object.keys(values ?? {}));
    }
  });

  it("hold placeholders that become what a deployment places when they are filled in", async () => {
    const recording = await recordingOf(name);
    const values = valuesOf(recording);
    const secrets = recording.graph.nodes.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    const placed = new Map(
      secrets.map(({ inputs }) => [
        (inputs["metadata"] as { name: string }).name,
        revealed(inputs["stringData"]) as Record<string, string>,
      ]),
    );
    const named = drawnVariant(name).objects.filter(({ kind }) => kind === "Secret");
    expect(named.length).toBe(secrets.length);
    for (const { metadata, stringData = {} } of named) {
      const whole = Object.fromEntries(Object.entries(stringData).map(([at, value]) => [at, filled(value, values)]));
      expect(whole, metadata.name).toEqual(placed.get(metadata.name));
    }
  });

  it("show no secret", async () => {
    const recording = await recordingOf(name);
    const values = recording.configuration.secrets.map(({ name: secret }) => valuesOf(recording)(secret));
    const clear = [...values, ...givenSecrets];
    const encoded = clear.flatMap((value) => [value, Buffer.from(value).toString("base64").replace(/=+$/, "")]);
    const headers = ["admin", "writer", "reader"].flatMap((user) =>
      values.map((value) => Buffer.from(`${user}:${value}`).toString("base64")),
    );
    for (const [file, body] of Object.entries(filesOf(recording)))
      expect(
        [...encoded, ...headers].filter((value) => body.includes(value)),
        file,
      ).toEqual([]);
  });

  it("mean the same to readers of YAML 1.1 and 1.2, without anchors", async () => {
    for (const [file, body] of yamlsOf(await recordingOf(name))) {
      const document = parseDocument(body);
      expect([document.errors, document.warnings], file).toEqual([[], []]);
      expect(parse(body, { version: "1.1" }), file).toEqual(document.toJS());
      expect(body, file).not.toMatch(/^[^#]*: [&*]\w+$/m);
    }
  });

  it("are numbered in the order in which they are applied, each workload after what it needs", async () => {
    const recording = await recordingOf(name);
    const files = yamlsOf(recording);
    expect(files.map(([file]) => file)).toEqual(files.map(([file]) => file).sort());
    const rank = (kind: string) => (workloadKinds.includes(kind as never) ? "workload" : kind);
    const ranks = [...new Set(kinds.map(rank))];
    const given = manifestsOf(recording).map(({ kind }) => ranks.indexOf(rank(kind)));
    expect(given).toEqual(given.toSorted((a, b) => a - b));
    const { parts, objects } = drawnVariant(name);
    const started = objects
      .filter(({ kind }) => workloadKinds.includes(kind))
      .map(({ metadata }) => metadata.labels["app.kubernetes.io/name"]);
    expect(started.length).toBe(parts.length);
    for (const { name: part, needs } of parts)
      for (const need of needs)
        expect(started.indexOf(need), `${part} after ${need}`).toBeLessThan(started.indexOf(part));
  });
});

/** The comment at the head of a file, without the marks. */
const comment = (body: string): string =>
  body
    .split("\n")
    .filter((line) => line.startsWith("#"))
    .map((line) => line.slice(2))
    .join("\n");

describe("a Secret's manifest", () => {
  it.each(variantNames)("says at its head what to put in place of each placeholder: %s", async (name) => {
    const files = filesOf(await recordingOf(name));
    for (const { metadata, stringData = {} } of drawnVariant(name).objects.filter(({ kind }) => kind === "Secret")) {
      const [, body] = Object.entries(files).find(([file]) => file.endsWith(`-secret-${metadata.name}.yaml`))!;
      const head = comment(body);
      expect(head).toMatch(/No secret is in this file.*SealedSecret.*ExternalSecret/s);
      const names = Object.values(stringData).flatMap(secretsIn);
      expect(names.length).toBeGreaterThan(0);
      for (const secret of names) expect(head).toMatch(new RegExp(`^\\{secret:${secret}\\}\\n    \\S.*: \\S`, "m"));
      for (const [header] of body.matchAll(/\{basic-auth:[^{]+\{[^}]+\}\}/g)) expect(head).toContain(header);
      expect(files["README.txt"]).toContain(metadata.name);
      for (const secret of names) expect(files["README.txt"]).toContain(`{secret:${secret}} in `);
    }
  });

  it("gives the command that makes a header", async () => {
    const body = Object.entries(manifestFiles(await recordingOf("standalone"))).find(([file]) =>
      file.endsWith("-secret-collector.yaml"),
    )![1];
    const [, command = ""] = /^    what this prints: (.*)$/m.exec(comment(body))!;
    const printed = execFileSync("sh", ["-c", command.replace("PASSWORD", "pass.~word")], { encoding: "utf8" });
    expect(printed).toBe(filled(text`${basicAuth("writer", "p")}`, () => "pass.~word"));
  });
});

describe("files of manifests", () => {
  it("have the kind and the name of their object in their names", async () => {
    const recording = await recordingOf("as it is");
    for (const [file, body] of yamlsOf(recording)) {
      const { kind, metadata } = parse(body) as Manifest;
      expect(file).toMatch(/^\d{3}-/);
      expect(file.slice(4)).toBe(`${kind.toLowerCase()}-${metadata.name}.yaml`);
    }
  });

  it("of an earlier run go when they are no longer among them; what is somebody else's stays", async () => {
    const directory = mkdtempSync(join(tmpdir(), "manifests-"));
    const list = () => readdirSync(join(directory, "manifests")).sort();
    const first = writeManifests(directory, await recordingOf("as it is"));
    expect(list().map((file) => join("manifests", file))).toEqual(first.toSorted());
    const before = readFileSync(join(directory, "manifests", "README.txt"), "utf8");
    writeFileSync(join(directory, "manifests", "kustomization.yaml"), "mine");
    writeFileSync(join(directory, "manifests", "099-configmap-gone-0123456789.yaml"), "old");
    writeManifests(directory, await recordingOf("as it is"));
    expect(list()).toContain("kustomization.yaml");
    expect(list()).not.toContain("099-configmap-gone-0123456789.yaml");
    expect(readFileSync(join(directory, "manifests", "README.txt"), "utf8")).toBe(before);
  });

  it("are the same bytes each time, whatever the order in which settings are given", () => {
    const set = Object.entries(variants.everything);
    const [one, other] = [set, set.toReversed()].map((entries) => drawn(Object.fromEntries(entries)).objects);
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });
});
