import { stackParts } from "../../cli/parts.ts";
import type { Part } from "../../configs/kubernetes/cluster.ts";
import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import { clusterOf, stackObjects } from "../../configs/kubernetes/objects.ts";
import { configurationFrom, type Configuration } from "../../configs/settings/settings.ts";
import { known } from "../../dashboards/content.ts";
import { recordStack, type StackRecording } from "../../graph/index.ts";
import { readStack, withSetting } from "../../graph/stack-file.ts";
import { variants, type Variant } from "./kubernetes-variants.ts";

/** The stacks of kubernetes-variants.ts: recorded, and as the pure functions make them. */

/** Records each variant once; recordings follow one another, because the SDK keeps its state in globals. */
const recordings = new Map<string, Promise<StackRecording>>();
let last: Promise<unknown> = Promise.resolve();

export function recordingOf(name: Variant, preview = false): Promise<StackRecording> {
  const key = `${name} ${String(preview)}`;
  const known =
    recordings.get(key) ?? last.then(() => recordStack({ stack: "kubernetes", set: variants[name], preview }));
  last = known;
  recordings.set(key, known);
  return known;
}

/** The configuration of Pulumi.kubernetes.yaml with settings on top. */
export function kubernetesConfiguration(set: Readonly<Record<string, string>> = {}): Configuration {
  const source = Object.entries(set).reduce(
    (config, [path, value]) => withSetting(config, path, value),
    readStack(".", "kubernetes"),
  );
  const prefix = `${source.project}:`;
  const own = Object.entries(source.values).filter(([key]) => key.startsWith(prefix));
  const values = Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
  const instance = `${source.project}-kubernetes`;
  return configurationFrom({ values, encrypted: new Set(Object.keys(values)) }, { ...known, instance });
}

export interface Drawn {
  readonly configuration: Configuration;
  readonly parts: readonly Part[];
  readonly objects: readonly KubernetesObject[];
}

/** What the pure functions make of settings on top of Pulumi.kubernetes.yaml; Grafana's own address does not matter. */
export function drawn(set: Readonly<Record<string, string>> = {}): Drawn {
  const configuration = kubernetesConfiguration(set);
  const { settings } = configuration;
  const parts = stackParts(settings, "http://localhost:3001");
  return { configuration, parts, objects: stackObjects(clusterOf(settings), parts) };
}

const drawings = new Map<Variant, Drawn>();

export function drawnVariant(name: Variant): Drawn {
  const found = drawings.get(name) ?? drawn(variants[name]);
  drawings.set(name, found);
  return found;
}

/** `Kind name`, with the namespace where it is not that of the stack. */
export const titleOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;
