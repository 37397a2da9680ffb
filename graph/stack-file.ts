import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

/** A stack's configuration, read from Pulumi.yaml and Pulumi.<stack>.yaml as the engine would. */

export interface StackConfig {
  readonly project: string;
  readonly stack: string;
  /** Values by full key (`greptime-observability:grafana`). Encrypted ones are {@link encrypted}. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Stands for a value that the stack file keeps encrypted: it is there, but only the engine can read it. */
export const encrypted = Symbol("encrypted");

interface ProjectFile {
  name: string;
  config?: Record<string, { default?: unknown; value?: unknown } | undefined>;
}

interface StackFile {
  config?: Record<string, unknown>;
}

/**
 * @param directory where Pulumi.yaml is
 * @throws Error when the project file or the stack file is not there
 */
export function readStack(directory: string, stack: string): StackConfig {
  const project = parseFile(join(directory, "Pulumi.yaml")) as ProjectFile;
  const file = parseFile(join(directory, `Pulumi.${stack}.yaml`)) as StackFile | null;
  const full = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
  const defaults = Object.entries(project.config ?? {}).map(
    ([key, declared]) => [full(key), declared?.default ?? declared?.value] as const,
  );
  const given = Object.entries(file?.config ?? {}).map(
    ([key, value]) => [full(key), withoutCiphertext(value)] as const,
  );
  const values = Object.fromEntries([...defaults, ...given].filter(([, value]) => value !== undefined));
  return { project: project.name, stack, values };
}

function parseFile(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8")) as unknown;
  } catch (error) {
    const reason =
      error instanceof Error && "code" in error && error.code === "ENOENT" ? "is not there" : String(error);
    throw new Error(`${path}: ${reason}`, { cause: error });
  }
}

/** `{ secure: v1:… }`, at any depth. */
function withoutCiphertext(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCiphertext);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") return encrypted;
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutCiphertext(child)]));
}

/**
 * A value put at a path of the configuration, as `pulumi config set --path` does: `greptimedb.retention.traces`,
 * `collector.scrape[0].job`, `resourceAttributes["service.namespace"]`.
 * @throws Error when the path is malformed or leads through a value that is no object
 */
export function withSetting({ project, stack, values }: StackConfig, path: string, text: string): StackConfig {
  const steps = parsePath(path);
  const first = steps[0];
  if (typeof first !== "string") throw new Error(`--set ${path}: a path starts with a key`);
  const key = `${project}:${first}`;
  return { project, stack, values: { ...values, [key]: assigned(values[key], steps.slice(1), typed(text), path) } };
}

function parsePath(path: string): (string | number)[] {
  const pattern = /\.?([A-Za-z0-9_-]+)|\[(\d{1,4})\]|\["((?:[^"\\]|\\.)*)"\]/gy;
  const steps: (string | number)[] = [];
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null)
      throw new Error(`--set ${path}: not a path such as greptimedb.retention.traces or collector.scrape[0].job`);
    steps.push(match[2] === undefined ? (match[1] ?? match[3] ?? "") : Number(match[2]));
  }
  return steps;
}

function assigned(container: unknown, steps: readonly (string | number)[], value: unknown, path: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list: unknown[] =
      container === undefined ? [] : Array.isArray(container) ? [...(container as unknown[])] : refuse(path);
    if (step > list.length)
      throw new Error(`--set ${path}: entry ${String(step)} of a list that has ${String(list.length)}`);
    list[step] = assigned(list[step], rest, value, path);
    return list;
  }
  if (container !== undefined && (typeof container !== "object" || container === null || Array.isArray(container)))
    refuse(path);
  const object = (container ?? {}) as Record<string, unknown>;
  return { ...object, [step]: assigned(object[step], rest, value, path) };
}

function refuse(path: string): never {
  throw new Error(`--set ${path}: leads through a value that is neither an object nor a list`);
}

/** Numbers and booleans as the CLI takes them; JSON for lists and objects. */
function typed(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^(0|-?[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
