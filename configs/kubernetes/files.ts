import { contentHash } from "../hash.ts";
import type { File } from "../service.ts";
import { isTask, metadataOf, type Cluster, type Part } from "./cluster.ts";
import { object, type KubernetesObject } from "./object.ts";
import { secretsIn, type Text } from "../text.ts";

/** How files and secret variables reach a pod: files in ConfigMaps, whatever holds a secret in a Secret. */

/** Annotation of a ConfigMap: the path at which its file is mounted. */
export const pathAnnotation = "greptime-observability/path";

/** Where a task's script lies. */
export const scriptFile = "/etc/task/run.sh";

export function filesOf(part: Part): readonly File[] {
  const own = part.files ?? [];
  return isTask(part) ? [{ path: scriptFile, text: part.script }, ...own] : own;
}

/**
 * One ConfigMap a file, because one holds 1 MiB at most. Its name has the hash of the content: a change rolls the pods,
 * an undone roll-out finds the old content, and nothing has to watch for it.
 */
export function configMaps(cluster: Cluster, part: Part): KubernetesObject[] {
  return plainFiles(part).map(({ path, text }) => {
    const metadata = {
      ...metadataOf(cluster, part, configMapName(part, path, text)),
      annotations: { [pathAnnotation]: path },
    };
    return object("ConfigMap", metadata, { immutable: true, data: { [keyOf(path)]: text } });
  });
}

/** The Secret of a part; none if it has no secrets. */
export function secretOf(cluster: Cluster, part: Part): KubernetesObject[] {
  const stringData: Record<string, Text> = Object.fromEntries([
    ...secretVariables(part),
    ...filesOf(part)
      .filter(({ text }) => secretsIn(text).length > 0)
      .map(({ path, text }) => [keyOf(path), text] as const),
  ]);
  if (Object.keys(stringData).length === 0) return [];
  return [object("Secret", metadataOf(cluster, part), { type: "Opaque", stringData: sorted(stringData) })];
}

/** Variables that hold secrets, by their key in the Secret. Those of a task's check are there for whoever waits for it. */
function secretVariables(part: Part): [string, Text][] {
  const check = isTask(part) ? Object.entries(part.check?.env ?? {}) : [];
  return [
    ...Object.entries(part.env),
    ...check.map(([name, value]) => [checkKey(name), value] as [string, Text]),
  ].filter(([, value]) => secretsIn(value).length > 0);
}

/** Key of a variable of a task's check in the task's Secret. */
export const checkKey = (variable: string): string => `check.${variable}`;

/** A volume for each directory that holds files, and where it is mounted. */
export function fileVolumes(part: Part): { volumes: Record<string, unknown>[]; mounts: Record<string, unknown>[] } {
  const directories = [...new Set(filesOf(part).map(({ path }) => directoryOf(path)))].sort();
  const volumes = directories.map((directory) => ({
    name: volumeName(directory),
    projected: {
      // read by the group that the pod's volumes have
      defaultMode: 0o440,
      sources: filesOf(part)
        .filter(({ path }) => directoryOf(path) === directory)
        .map((file) => source(part, file)),
    },
  }));
  const mounts = directories.map((directory) => ({
    name: volumeName(directory),
    mountPath: directory,
    readOnly: true,
  }));
  return { volumes, mounts };
}

function source(part: Part, { path, text }: File): Record<string, unknown> {
  const items = [{ key: keyOf(path), path: path.slice(directoryOf(path).length + 1) }];
  return typeof text === "string"
    ? { configMap: { name: configMapName(part, path, text), items } }
    : { secret: { name: part.name, items } };
}

const plainFiles = (part: Part): { path: string; text: string }[] =>
  filesOf(part).flatMap(({ path, text }) => (typeof text === "string" ? [{ path, text }] : []));

function configMapName({ name }: Part, path: string, text: string): string {
  const file = slug(path.slice(path.lastIndexOf("/") + 1));
  return `${`${name}-${file}`.slice(0, 52)}-${contentHash({ path, text })}`;
}

/** Key of a file in its ConfigMap or Secret: its path, as keys may be written. */
const keyOf = (path: string): string => path.slice(1).replaceAll(/[^A-Za-z0-9._-]+/g, "_");

export const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

function volumeName(directory: string): string {
  const name = `files-${slug(directory.slice(1))}`;
  return name.length > 63 ? `${name.slice(0, 52)}-${contentHash(directory)}` : name;
}

export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");

const sorted = <T>(entries: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
