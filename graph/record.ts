import * as pulumi from "@pulumi/pulumi";

import { providerOutputs } from "./mock-provider.ts";
import type { Graph, Node } from "./node.ts";
import { fromWire } from "./values.ts";

/**
 * Runs a Pulumi program on a monitor that records instead of deploying: no engine, no provider, no network.
 *
 * What the SDK sends to the engine is written down whole: parents, dependencies by argument, providers, options,
 * secrets. The program cannot tell the difference, except that provider-computed values are made up
 * (graph/mock-provider.ts).
 */

export interface RecordOptions {
  /** The stack's configuration: text by full key (`greptime-observability:grafana`), objects as JSON. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** Full keys of the configuration that are encrypted. @default [] */
  readonly secretKeys?: readonly string[];
  /**
   * Records a preview, in which values that only exist once a resource does are unknown. What is in the preview and
   * not in the update, or the other way round, hangs on such a value.
   * @default false
   */
  readonly preview?: boolean;
  /** @default "greptime-observability" */
  readonly project?: string;
  /** @default "dev" */
  readonly stack?: string;
}

/**
 * The graph of a program. One recording at a time: the SDK keeps its state in globals.
 * @throws whatever the program throws
 * @example
 * const graph = await recordProgram(async () => { new Observability("obs", …); });
 * expect(graph.nodes.filter((node) => node.type === "docker:index/container:Container")).toHaveLength(8);
 */
export async function recordProgram(
  program: () => Promise<Record<string, unknown> | undefined> | Record<string, unknown> | undefined,
  options: RecordOptions = {},
): Promise<Graph> {
  const { config = {}, secretKeys = [], preview = false, project = "greptime-observability", stack = "dev" } = options;
  await pulumi.runtime.setMocks(providerOutputs(preview), project, stack, preview, "organization");
  pulumi.runtime.setAllConfig({ ...config }, [...secretKeys]);
  const recorder = new Recorder(project, stack);
  recorder.attach();
  const failure = await withShortStacks(() => run(program));
  await pulumi.runtime.disconnect();
  if (failure !== undefined) throw failure.error;
  return recorder.graph();
}

/** The SDK notes for each promise where it was made, and a library of its own has Node keep a hundred frames of that. */
async function withShortStacks<T>(work: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 10;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** An error is caught inside the program: what the SDK does with one is meant for a process that ends. */
async function run(program: () => unknown): Promise<{ error: unknown } | undefined> {
  let failure: { error: unknown } | undefined;
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      return (await program()) as Record<string, unknown>;
    } catch (error) {
      failure = { error };
      return undefined;
    }
  });
  return failure;
}

/** The parts of the SDK's requests that are read here; its own types are not public. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { forEach(visit: (value: { getUrnsList(): string[] }, key: string) => void): void };
  getProvider(): string;
  getProvidersMap(): { forEach(visit: (value: string, key: string) => void): void };
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getReplaceonchangesList(): string[];
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getAliasesList(): { getUrn(): string }[];
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> } | undefined;
}

type Callback<Response> = (error: unknown, response: Response) => void;

interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: RegisterRequest, done: Callback<{ getUrn(): string } | undefined>): void;
  registerResourceOutputs(request: OutputsRequest, done: Callback<unknown>): void;
}

class Recorder {
  readonly #project: string;
  readonly #stack: string;
  readonly #requests: { urn: string; request: RegisterRequest }[] = [];
  readonly #outputs = new Map<string, Record<string, unknown>>();

  constructor(project: string, stack: string) {
    this.#project = project;
    this.#stack = stack;
  }

  attach(): void {
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
    monitor.newUrn = (parent, type, name) => this.#urn(parent, type, name);
    monitor.registerResource = (request, done) => {
      register(request, (error, response) => {
        if (response !== undefined) this.#requests.push({ urn: response.getUrn(), request });
        done(error, response);
      });
    };
    monitor.registerResourceOutputs = (request, done) => {
      this.#outputs.set(request.getUrn(), request.getOutputs()?.toJavaScript() ?? {});
      registerOutputs(request, done);
    };
  }

  /** As the engine makes it: the types of all parents but the stack. */
  #urn(parent: string, type: string, name: string): string {
    const parentType = parent.split("::")[2];
    const qualified = parentType === undefined || parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
    return ["urn:pulumi:" + this.#stack, this.#project, qualified, name].join("::");
  }

  /** In order of name, because registrations race. */
  graph(): Graph {
    const nodes = this.#requests.map(({ urn, request }) => nodeOf(urn, request, this.#outputs.get(urn)));
    const stack = nodes.find(({ type }) => type === "pulumi:pulumi:Stack");
    return {
      nodes: nodes.sort((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0)),
      outputs: stack?.outputs ?? {},
    };
  }
}

function nodeOf(urn: string, request: RegisterRequest, outputs: Record<string, unknown> | undefined): Node {
  const propertyDependencies: Record<string, readonly string[]> = {};
  request.getPropertydependenciesMap().forEach((value, key) => {
    propertyDependencies[key] = value.getUrnsList().sort();
  });
  const timeouts = request.getCustomtimeouts();
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent() === "" ? undefined : request.getParent(),
    custom: request.getCustom(),
    inputs: fromWire(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    dependencies: request.getDependenciesList().sort(),
    propertyDependencies,
    // a provider reference is its URN and its id
    provider: request.getProvider().split("::").slice(0, 4).join("::"),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    replaceOnChanges: request.getReplaceonchangesList(),
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: request.getAliasesList().map((alias) => alias.getUrn()),
    timeouts: {
      create: timeouts?.getCreate() ?? "",
      update: timeouts?.getUpdate() ?? "",
      delete: timeouts?.getDelete() ?? "",
    },
    outputs: outputs === undefined ? undefined : (fromWire(outputs) as Record<string, unknown>),
  };
}
