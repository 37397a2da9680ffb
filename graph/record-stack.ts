import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { secretKeys } from "../configs/settings/secrets.ts";
import {
  configurationFrom,
  neededSecretsOf,
  type Configuration,
  type RawConfig,
} from "../configs/settings/settings.ts";
import { known } from "../dashboards/content.ts";
import program from "../index.ts";
import type { Graph } from "./node.ts";
import { recordProgram } from "./record.ts";
import { encrypted, readStack, withSetting, type StackConfig } from "./stack-file.ts";

/** Records this project's own program with a stack's settings. */

export interface StackOptions {
  /** @default "dev" */
  readonly stack?: string;
  /** Settings on top of the stack file, by path: `{ "greptimedb.retention.traces": "7d" }`. @default {} */
  readonly set?: Readonly<Record<string, string>>;
  /** Where Pulumi.yaml and the stack file are. @default - this project */
  readonly directory?: string;
  /** @default false */
  readonly preview?: boolean;
  /**
   * Whether secrets that must be given may be missing; they are then made up and listed in the recording.
   * @default false
   */
  readonly allowMissingSecrets?: boolean;
}

export interface StackRecording {
  readonly stack: string;
  readonly configuration: Configuration;
  readonly graph: Graph;
  /** Secrets that must be given and were not. */
  readonly missingSecrets: readonly string[];
}

const projectDirectory = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * The graph of a stack of this project.
 * @throws SettingsError with every problem of the settings
 * @throws Error when the stack file is not there or a path of `set` is malformed
 */
export async function recordStack(options: StackOptions = {}): Promise<StackRecording> {
  const {
    stack = "dev",
    set = {},
    directory = projectDirectory,
    preview = false,
    allowMissingSecrets = false,
  } = options;
  const source = Object.entries(set).reduce(
    (config, [path, value]) => withSetting(config, path, value),
    readStack(directory, stack),
  );
  const { raw, missing } = readable(source, set, allowMissingSecrets);
  const configuration = configurationFrom(raw, { ...known, instance: `${source.project}-${stack}` });
  const prefix = `${source.project}:`;
  const graph = await recordProgram(program, {
    config: Object.fromEntries(Object.entries(raw.values).map(([key, value]) => [prefix + key, wire(value)])),
    secretKeys: [...raw.encrypted].map((key) => prefix + key),
    preview,
    project: source.project,
    stack,
  });
  return { stack, configuration, graph, missingSecrets: missing };
}

/** The program's own keys, with stand-ins for secrets that are encrypted or, where that is allowed, missing. */
function readable(
  source: StackConfig,
  set: Readonly<Record<string, string>>,
  allowMissing: boolean,
): { raw: RawConfig; missing: string[] } {
  const prefix = `${source.project}:`;
  const own = Object.entries(source.values).filter(([key]) => key.startsWith(prefix));
  const values = Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
  const hidden = encryptedSecrets(values);
  const visible = withoutEncrypted(values) as Record<string, unknown>;
  const needed = neededSecretsOf(visible, hidden);
  const missing = needed.filter(
    ({ name, generated }) => !hidden.has(name) && generated === undefined && valueAt(visible, name) === undefined,
  );
  const replaced = needed.filter(
    ({ name }) => hidden.has(name) || (allowMissing && missing.some((secret) => secret.name === name)),
  );
  for (const { name, kind } of replaced) putAt(visible, name, kind.standIn);
  const setKeys = Object.keys(set).map((path) => path.split(/[.[]/)[0] ?? path);
  const encryptedKeys = [...hidden, ...replaced.map(({ name }) => name), ...setKeys].map(
    (name) => name.split(".")[0] ?? name,
  );
  return {
    raw: { values: visible, encrypted: new Set(encryptedKeys.filter((key) => key in secretKeys)) },
    missing: missing.map(({ name }) => name),
  };
}

/** Names of the secrets that the stack file keeps encrypted. */
function encryptedSecrets(values: Readonly<Record<string, unknown>>): Set<string> {
  const names = Object.keys(secretKeys).flatMap((key) => {
    const value = values[key];
    if (value === encrypted) return [key];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([entry, child]) => (child === encrypted ? [`${key}.${entry}`] : []));
  });
  return new Set(names);
}

function withoutEncrypted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEncrypted);
  if (typeof value !== "object" || value === null) return value === encrypted ? undefined : value;
  const kept = Object.entries(value).filter(([, child]) => child !== encrypted);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutEncrypted(child)]));
}

/** `key`, or `key.entry`. */
function valueAt(values: Readonly<Record<string, unknown>>, name: string): unknown {
  const [key = "", entry] = name.split(".");
  const value = values[key];
  return entry === undefined ? value : (value as Record<string, unknown> | undefined)?.[entry];
}

function putAt(values: Record<string, unknown>, name: string, value: string): void {
  const [key = "", entry] = name.split(".");
  values[key] =
    entry === undefined ? value : { ...(values[key] as Record<string, unknown> | undefined), [entry]: value };
}

const wire = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
