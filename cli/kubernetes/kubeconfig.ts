import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

import { parse } from "yaml";

import { nearest } from "../../configs/settings/problems.ts";
import type { Settings } from "../../configs/settings/settings.ts";

/** Which cluster a kubeconfig leads to, found out as Pulumi's provider and kubectl do it, without asking the cluster. */

/** Where to. */
export interface Destination {
  readonly context: string;
  readonly server: string;
  /** Program that logs in; none where the kubeconfig itself has what it takes. */
  readonly loginCommand: string | undefined;
}

/** Why nowhere, and what to do. */
export interface NoDestination {
  readonly problem: string;
  readonly remedy: string;
}

/** Reads a text file; undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

type Where = Pick<Settings["kubernetes"], "kubeconfig" | "context">;

/** The files that hold the kubeconfig: that of the settings, else those of KUBECONFIG, else the usual one. */
export function kubeconfigFiles({ kubeconfig }: Where, environment: NodeJS.ProcessEnv): string[] {
  const home = environment["HOME"] ?? homedir();
  if (kubeconfig !== undefined) return [kubeconfig.replace(/^~(?=\/|$)/, home)];
  const named = (environment["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  return named.length > 0 ? named : [join(home, ".kube", "config")];
}

/** Where a deployment with these settings goes. */
export function destination(where: Where, environment: NodeJS.ProcessEnv, read: ReadText): Destination | NoDestination {
  const files = kubeconfigFiles(where, environment);
  const [relative] = where.kubeconfig === undefined ? [] : files.filter((path) => !isAbsolute(path));
  if (relative !== undefined) {
    const problem = `kubernetes.kubeconfig is ${relative}, which means another file in each directory`;
    return { problem, remedy: "write it from the root on, or from ~/ on" };
  }
  const texts = files.flatMap((path) => {
    const text = read(path);
    return text === undefined ? [] : [text];
  });
  if (texts.length === 0) {
    const problem = `there is no kubeconfig at ${files.join(", ")}`;
    return { problem, remedy: "get one from whoever runs the cluster, or set kubernetes.kubeconfig or KUBECONFIG" };
  }
  const merged = mergedConfig(texts);
  if (merged === undefined) {
    const remedy = "see kubectl config view, or get a new one from whoever runs the cluster";
    return { problem: `${files.join(", ")} cannot be read as a kubeconfig`, remedy };
  }
  return inConfig(merged, where.context);
}

interface Named {
  readonly name?: unknown;
}

interface Config {
  readonly "current-context"?: unknown;
  readonly contexts?: readonly (Named & {
    readonly context?: { readonly cluster?: unknown; readonly user?: unknown };
  })[];
  readonly clusters?: readonly (Named & { readonly cluster?: { readonly server?: unknown } })[];
  readonly users?: readonly (Named & { readonly user?: { readonly exec?: { readonly command?: unknown } } })[];
}

/** All files as one: of two of a name, the first counts. */
function mergedConfig(texts: readonly string[]): Config | undefined {
  const configs = texts.map(parsed);
  if (configs.some((config) => config === undefined)) return undefined;
  const all = configs.filter((config) => config !== undefined);
  return {
    "current-context": all.map((config) => config["current-context"]).find(isText),
    contexts: all.flatMap(({ contexts }) => contexts ?? []),
    clusters: all.flatMap(({ clusters }) => clusters ?? []),
    users: all.flatMap(({ users }) => users ?? []),
  };
}

function parsed(text: string): Config | undefined {
  try {
    const value: unknown = parse(text);
    if (value === null) return {};
    if (typeof value !== "object" || Array.isArray(value)) return undefined;
    const lists = ["contexts", "clusters", "users"].map((key) => (value as Record<string, unknown>)[key] ?? []);
    return lists.every(Array.isArray) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function inConfig(config: Config, wanted: string | undefined): Destination | NoDestination {
  const names = (config.contexts ?? []).map(({ name }) => name).filter(isText);
  const context = wanted ?? config["current-context"];
  if (!isText(context)) {
    const problem = "the kubeconfig has no current context, and kubernetes.context is not set";
    return { problem, remedy: `set kubernetes.context to one of ${names.join(", ")}` };
  }
  if (!names.includes(context)) {
    const near = nearest(context, names);
    const remedy = near === undefined ? `there are: ${names.join(", ")}` : `did you mean ${near}?`;
    return { problem: `the kubeconfig has no context ${context}`, remedy };
  }
  return inContext(config, context);
}

function inContext(config: Config, context: string): Destination | NoDestination {
  const { cluster, user } = named(config.contexts, context)?.context ?? {};
  const server = named(config.clusters, cluster)?.cluster?.server;
  if (!isText(server)) {
    const remedy = "mend the kubeconfig, or get a new one from whoever runs the cluster";
    return { problem: `context ${context} names a cluster of which the kubeconfig has no address`, remedy };
  }
  const command = named(config.users, user)?.user?.exec?.command;
  return { context, server, loginCommand: isText(command) ? command : undefined };
}

const named = <T extends Named>(list: readonly T[] | undefined, wanted: unknown): T | undefined =>
  list?.find(({ name }) => name === wanted);
