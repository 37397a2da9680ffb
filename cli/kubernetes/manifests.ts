import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import { clusterOf, stackObjects } from "../../configs/kubernetes/objects.ts";
import { printable } from "../../configs/text.ts";
import { yamlForGo } from "../../configs/yaml.ts";
import type { StackRecording } from "../../graph/index.ts";
import { stackParts } from "../parts.ts";
import { writeFiles } from "../plan-files.ts";
import { guide, secretComment } from "./manifest-words.ts";

/** Manifests for review and GitOps: one YAML file for each object, as a deployment by Pulumi would make it. */

const folder = "manifests";
const ownFile = /^\d{3,}-[a-z]+-.+\.yaml$/;

/**
 * Writes the manifests below a directory, and removes those of an earlier run that are no longer among them.
 * @returns the files, by their path in the directory
 */
export function writeManifests(directory: string, recording: StackRecording): string[] {
  const files = manifestFiles(recording);
  const target = join(directory, folder);
  const old = existsSync(target) ? readdirSync(target).filter((name) => ownFile.test(name)) : [];
  for (const name of old) rmSync(join(target, name));
  const paths = Object.fromEntries(Object.entries(files).map(([name, text]) => [join(folder, name), text]));
  writeFiles(directory, paths);
  return Object.keys(paths);
}

/** Manifests by file name, in the order in which they are applied, with a guide. The same bytes for the same settings. */
export function manifestFiles(recording: StackRecording): Record<string, string> {
  const objects = objectsOf(recording);
  return Object.fromEntries([
    ...objects.map((object, index) => [fileName(object, index), manifest(object, recording)] as const),
    ["README.txt", guide(objects, recording)] as const,
  ]);
}

function objectsOf({ configuration: { settings }, graph }: StackRecording): KubernetesObject[] {
  return stackObjects(clusterOf(settings), stackParts(settings, String(graph.outputs["grafanaUrl"])));
}

const fileName = ({ kind, metadata }: KubernetesObject, index: number): string =>
  `${String(index + 1).padStart(3, "0")}-${kind.toLowerCase()}-${metadata.name}.yaml`;

function manifest({ stringData, ...object }: KubernetesObject, { configuration: { secrets } }: StackRecording): string {
  if (stringData === undefined) return yamlForGo(object);
  const values = Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, printable(text)]));
  return yamlForGo({ ...object, stringData: values }, (document) => {
    document.commentBefore = secretComment(stringData, secrets);
  });
}
