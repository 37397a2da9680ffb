import type { z } from "zod";

import type { Problem } from "./problems.ts";
import { nearest, setCommand, SettingsError } from "./problems.ts";
import { clusterReplicas, collectorAuth, databaseHttpPort, grafanaPublish } from "./platform-defaults.ts";
import type { Known } from "./rules.ts";
import { contradictions } from "./rules.ts";
import type { ParsedSettings } from "./schema.ts";
import { schema } from "./schema.ts";
import type { NeededSecret } from "./secrets.ts";
import { neededSecrets, secretKeys, secretProblems } from "./secrets.ts";

/** A stack's configuration as Pulumi delivers it. */
export interface RawConfig {
  /** Values by config key, without the project's prefix; objects parsed, secrets decrypted. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys that the stack file keeps encrypted. */
  readonly encrypted: ReadonlySet<string>;
}

/** The checked settings of one stack. Frozen; sizes in MiB, durations in seconds, host port 0 = not published. */
export type Settings = DeepReadonly<ReturnType<typeof completed>>;

/** Settings together with the secrets they need. */
export interface Configuration {
  readonly settings: Settings;
  readonly secrets: readonly NeededSecret[];
  /** Values of the secrets that the stack sets itself, by name. */
  readonly given: Readonly<Record<string, string>>;
}

/**
 * Reads a stack's configuration: every key known, every value allowed, nothing contradictory, no secret missing.
 * @throws SettingsError with all problems at once
 */
export function configurationFrom(raw: RawConfig, known: Known & { readonly instance: string }): Configuration {
  const { parsed, problems: invalid } = parsedSections(withoutSecrets(raw.values));
  const { given, problems: malformed } = givenSecrets(raw.values);
  const plain = new Set(Object.keys(secretKeys).filter((key) => key in raw.values && !raw.encrypted.has(key)));
  const secrets = neededSecrets(parsed, new Set(Object.keys(given)));
  const others = [...contradictions(parsed, known), ...malformed, ...secretProblems(secrets, given, plain)];
  const problems = [...invalid, ...others.filter(({ key }) => !invalid.some((problem) => isAt(problem, key)))];
  if (problems.length > 0) throw new SettingsError(problems);
  return { settings: deepFreeze(completed(parsed, known)), secrets, given };
}

/** Whether a problem is about a key or about something in it, such as an entry of a list. */
const isAt = (problem: Problem, key: string): boolean =>
  problem.key === key || problem.key.startsWith(`${key}.`) || problem.key.startsWith(`${key}[`);

/**
 * The secrets that a configuration needs, whether its other settings are valid or not.
 * @param encryptedNames secrets that are set, though their values cannot be read
 */
export function neededSecretsOf(values: RawConfig["values"], encryptedNames: ReadonlySet<string>): NeededSecret[] {
  const { parsed } = parsedSections(withoutSecrets(values));
  return neededSecrets(parsed, new Set([...Object.keys(givenSecrets(values).given), ...encryptedNames]));
}

/** Parses the sections. What is invalid is reported and replaced by its default, so that the rest can be checked too. */
function parsedSections(sections: Record<string, unknown>): { parsed: ParsedSettings; problems: Problem[] } {
  const first = schema.safeParse(sections);
  if (first.success) return { parsed: first.data, problems: [] };
  const valid = structuredClone(sections);
  for (const issue of first.error.issues) dropInvalid(valid, issue);
  return { parsed: schema.parse(valid), problems: first.error.issues.flatMap((issue) => problemsOf(issue, sections)) };
}

/** Removes what an issue is about; of a list, the whole list, so that the positions of other entries stay true. */
function dropInvalid(sections: Record<string, unknown>, issue: z.core.$ZodIssue): void {
  const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
  for (const key of keys) {
    const path = key === undefined ? issue.path : [...issue.path, key];
    const list = path.findIndex((part) => typeof part === "number");
    const target = list === -1 ? path : path.slice(0, list);
    const parent = valueAt(sections, target.slice(0, -1));
    if (isObject(parent)) Reflect.deleteProperty(parent, target.at(-1) ?? "");
  }
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, part) => (isObject(at) || Array.isArray(at) ? (at as Record<PropertyKey, unknown>)[part] : undefined),
    value,
  );

/** Fills in the defaults that depend on other settings. */
function completed(parsed: ParsedSettings, { instance, packs }: Pick<Known, "packs"> & { readonly instance: string }) {
  const { external } = parsed.greptimedb;
  const namespace = parsed.kubernetes.namespace ?? objectName(instance);
  return {
    ...parsed,
    docker: { ...parsed.docker, name: parsed.docker.name ?? instance },
    kubernetes: {
      ...parsed.kubernetes,
      clusterIdentifier: parsed.kubernetes.clusterIdentifier ?? instance,
      namespace,
      agentNamespace: parsed.kubernetes.agentNamespace ?? besides(namespace),
    },
    collector: { ...parsed.collector, auth: collectorAuth(parsed) },
    grafana: { ...parsed.grafana, publish: grafanaPublish(parsed) },
    // in their own order, whatever the order in the settings
    dashboards: {
      ...parsed.dashboards,
      packs: packs.filter((pack) => parsed.dashboards.packs.length === 0 || parsed.dashboards.packs.includes(pack)),
    },
    greptimedb: {
      ...parsed.greptimedb,
      ports: { ...parsed.greptimedb.ports, http: databaseHttpPort(parsed) },
      cluster: completedCluster(parsed, instance),
      external: {
        ...external,
        host: external.host ?? "",
        port: external.port ?? (external.tls ? 443 : 4000),
        mysqlHost: external.mysqlHost ?? external.host ?? "",
      },
    },
  };
}

function completedCluster(parsed: ParsedSettings, instance: string) {
  const { cluster } = parsed.greptimedb;
  const { metadata, storage, wal } = cluster;
  const replicas = clusterReplicas(parsed);
  return {
    ...cluster,
    frontend: { ...cluster.frontend, replicas: replicas.frontend },
    datanode: { ...cluster.datanode, replicas: replicas.datanode },
    metasrv: { ...cluster.metasrv, replicas: replicas.metasrv },
    proxy: { ...cluster.proxy, replicas: replicas.proxy },
    // what could be shared with another cluster is not, unless somebody says so: they would overwrite each other
    metadata: {
      ...metadata,
      keyPrefix: metadata.keyPrefix ?? tableName(instance),
      etcd: { ...metadata.etcd, members: replicas.etcd },
    },
    storage: { ...storage, s3: { ...storage.s3, root: storage.s3.root ?? instance } },
    wal: { ...wal, kafka: { ...wal.kafka, topicPrefix: wal.kafka.topicPrefix ?? instance } },
  };
}

/** A name of the stack as databases take it. The end tells stacks apart, where it is too long. */
const tableName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .slice(-48)
    .replace(/^(?=\d)/, "_");

/** A name of the stack as Kubernetes takes it. */
const objectName = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");

/** The namespace of the agents: another one, also where the name is cut. */
function besides(namespace: string): string {
  const usual = `${namespace.slice(0, 57)}-agent`;
  return usual === namespace ? `${namespace.slice(0, 56)}-agents` : usual;
}

const withoutSecrets = (values: RawConfig["values"]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => !(key in secretKeys)));

/** Flattens the secret keys: `contactPointSecrets: { oncall }` becomes `contactPointSecrets.oncall`. */
function givenSecrets(values: RawConfig["values"]): { given: Record<string, string>; problems: Problem[] } {
  const given: Record<string, string> = {};
  const problems: Problem[] = [];
  const take = (name: string, value: unknown) => {
    if (typeof value === "string" || typeof value === "number") given[name] = String(value);
    else
      problems.push({
        key: name,
        expected: "one value (it is not shown)",
        remedy: `pulumi config set --secret --path '${name}'`,
      });
  };
  for (const key of Object.keys(secretKeys)) {
    const value = values[key];
    if (value === undefined) continue;
    if (key === "contactPointSecrets" && isObject(value)) {
      for (const [name, secret] of Object.entries(value)) take(`${key}.${name}`, secret);
    } else take(key, value);
  }
  return { given, problems };
}

function problemsOf(issue: z.core.$ZodIssue, sections: Record<string, unknown>): Problem[] {
  const key = pathText(issue.path);
  if (issue.code === "unrecognized_keys") return issue.keys.map((name) => unknownKey(issue.path, name));
  const given = valueAt(sections, issue.path);
  const example: unknown = issue.code === "custom" ? issue.params?.["example"] : undefined;
  const remedy =
    typeof example === "string"
      ? setCommand(key, example)
      : `see docs/settings.md, section ${String(issue.path[0] ?? "")}`;
  return [{ key: key === "" ? "(all)" : key, given, expected: issue.message, remedy }];
}

/** Values of unknown keys are not shown: a secret may have been put there. */
function unknownKey(path: readonly PropertyKey[], name: string): Problem {
  const key = pathText([...path, name]);
  const siblings = knownKeys(path);
  if (path.length === 0 && name.includes(".")) {
    const remedy = `did you forget --path? pulumi config rm '${name}', then ${setCommand(name, "…")}`;
    return { key: name, expected: "no dot in a key of its own", remedy };
  }
  const near = nearest(name, siblings);
  const remedy =
    near === undefined ? `remove it: pulumi config rm --path '${key}'` : `did you mean ${pathText([...path, near])}?`;
  return { key, expected: `one of ${siblings.join(", ")}`, remedy };
}

/** The keys that the schema has at a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let type: unknown = schema;
  for (const part of path) {
    const inner = unwrapped(type);
    type = inner?.shape?.[String(part)] ?? inner?.element ?? inner?.valueType;
  }
  const names = Object.keys(unwrapped(type)?.shape ?? {});
  return path.length === 0 ? [...names, ...Object.keys(secretKeys)] : names;
}

interface Unwrapped {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly valueType?: unknown;
}

/** The object, list or map behind defaults and preprocessing. */
export function unwrapped(type: unknown): Unwrapped | undefined {
  const def = (type as z.ZodType | undefined)?.def as { type: string; innerType?: unknown; out?: unknown } | undefined;
  if (def === undefined) return undefined;
  if (def.type === "prefault" || def.type === "default" || def.type === "optional") return unwrapped(def.innerType);
  if (def.type === "pipe") return unwrapped(def.out);
  return type as Unwrapped;
}

/** `["collector", "scrape", 0, "job"]` as Pulumi spells it: `collector.scrape[0].job`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${String(part)}]` : text === "" ? quoted(part) : `${text}.${quoted(part)}`,
    "",
  );

const quoted = (part: PropertyKey): string => (/[.[\]"]/.test(String(part)) ? `["${String(part)}"]` : String(part));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

function deepFreeze<T>(value: T): DeepReadonly<T> {
  if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value as DeepReadonly<T>;
}
