import type { Service, Task } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import type { Metadata } from "./object.ts";

/** What all objects of a stack have in common. */
export interface Cluster {
  readonly settings: Settings["kubernetes"];
  /** Image with `sh` and `curl`, in which pods wait for what they need. */
  readonly toolImage: string;
}

/** A service or a task. */
export type Part = Service | Task;

export const isTask = (part: Part): part is Task => "script" in part;

/** Labels by which the pods of a part are found. They never change, since nobody can change them on a workload. */
export const selectorOf = ({ settings }: Cluster, name: string): Record<string, string> => ({
  "app.kubernetes.io/instance": settings.namespace,
  "app.kubernetes.io/name": name,
});

/** Labels of everything that belongs to a part. */
export const labelsOf = (cluster: Cluster, { name, image }: Pick<Part, "name" | "image">): Record<string, string> => ({
  ...sharedLabels(cluster),
  "app.kubernetes.io/component": name.split("-").at(-1) ?? name,
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/version": versionOf(image),
});

/** Labels of what belongs to the whole stack. */
export const sharedLabels = ({ settings }: Cluster): Record<string, string> => ({
  "app.kubernetes.io/instance": settings.namespace,
  "app.kubernetes.io/managed-by": "pulumi",
  "app.kubernetes.io/part-of": "greptime-observability",
});

/** The image's tag, or its digest where it has none, as far as a label takes it. */
function versionOf(image: string): string {
  const [reference = "", digest = ""] = image.split("@sha256:");
  const tag = /:([A-Za-z0-9_][A-Za-z0-9_.-]*)$/.exec(reference)?.[1] ?? digest;
  return tag
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, "");
}

/** What runs on the nodes themselves lives in a namespace of its own, which lets it see them. */
export const namespaceOf = ({ settings }: Cluster, part: Part): string =>
  isTask(part) || part.kind !== "perNode" ? settings.namespace : settings.agentNamespace;

/** Name, namespace and labels of an object that belongs to a part. */
export const metadataOf = (cluster: Cluster, part: Part, name: string = part.name): Metadata => ({
  name,
  namespace: namespaceOf(cluster, part),
  labels: labelsOf(cluster, part),
});
