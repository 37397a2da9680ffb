import type { OutputMap, Stack } from "@pulumi/pulumi/automation/index.js";

import { serviceName as collector, ports } from "../../configs/collector/ports.ts";
import { retentions } from "../../configs/greptimedb/bootstrap.ts";
import { bootstraps } from "../../configs/greptimedb/services.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { boardsFor, rulesFor } from "../../dashboards/content.ts";
import { ruleTitle } from "../../dashboards/rule.ts";
import { logTail, type DockerCli } from "../docker/docker-cli.ts";
import { dockerEngine, type DockerEngine } from "../docker/engine.ts";
import { pulumiCommand, stackIn } from "../engine.ts";
import { exitCodes, UserError } from "../exit.ts";
import { kubectlCommand } from "../kubernetes/kubectl.ts";
import { npmCommandFor, openSession, type Session } from "../session.ts";
import { dockerParts, kubernetesParts, type Parts } from "./parts.ts";
import { isComplete, targetFromOutputs, withOptions, type Target, type TargetOptions } from "./target.ts";

/** What a command around a running stack works with. */
export interface RunningStack {
  readonly target: Target;
  /** What should be in Grafana; undefined where nobody here knows. */
  readonly expected: Expected | undefined;
  /** The last reason for which the collector could not send, from its log; undefined where there is none to be read. */
  readonly collectorTrouble: () => Promise<string | undefined>;
  /** What runs of it, as its platform says. */
  readonly parts: () => Promise<Parts>;
  /** How many resources a deployment would change; undefined where nobody here could deploy. */
  readonly drift: () => Promise<Drift> | undefined;
  /** What to do when something is not as it should be. */
  readonly remedies: Remedies;
}

/** A number of resources, or why that cannot be told. */
export type Drift = number | { readonly problem: string };

export interface Expected {
  /** Uids. */
  readonly boards: readonly string[];
  /** Titles. */
  readonly rules: readonly string[];
  /** How long each database keeps its data, as GreptimeDB writes that; none that this stack does not set. */
  readonly retentions: readonly { readonly database: string; readonly written: string }[];
}

export interface Remedies {
  /** Puts right what the stack itself sets. */
  readonly redeploy: string;
  /** How to look at the collector's log. */
  readonly collectorLog: string;
  /** How to reach OTLP, and Grafana, where they are not. */
  readonly reachOtlp: string;
  readonly reachGrafana: string;
}

/**
 * The stack that is meant: the one that the options name, or the one of the stack file, as its outputs have it.
 * @param say tells the user what takes time
 * @param opened the session of the stack file's one. @default - it is opened
 * @throws UserError when the stack is not deployed, or when an option is wrong
 */
export async function runningStack(
  options: TargetOptions & { readonly stack: string },
  environment: NodeJS.ProcessEnv,
  say: (text: string) => void,
  opened?: Session,
): Promise<RunningStack> {
  if (isComplete(options)) {
    return {
      target: withOptions(options, environment, undefined),
      expected: undefined,
      collectorTrouble: () => Promise.resolve(undefined),
      parts: () => Promise.resolve({ problem: "somebody else's stack: ask its platform" }),
      drift: () => undefined,
      remedies: elsewhere,
    };
  }
  const { session, engine, stack, outputs } = await deployedStack(options.stack, environment, say, opened);
  const { settings } = session.recording.configuration;
  return {
    target: withOptions(options, environment, targetFromOutputs(outputs)),
    expected: expectedContent(settings),
    collectorTrouble: () =>
      engine === undefined
        ? Promise.resolve(undefined)
        : lastTrouble(engine.docker, `${settings.docker.name}-${collector}`),
    parts: () => (engine === undefined ? kubernetesParts(settings.kubernetes) : dockerParts(engine)),
    drift: () => driftOf(() => stack.preview({ color: "never" })),
    remedies: remediesFor(session, String(outputs["grafanaForward"]?.value ?? "")),
  };
}

/** There is no such stack, or not yet. */
export class NotDeployedError extends UserError {
  constructor(stack: string) {
    super(
      `The stack ${stack} is not deployed. ${npmCommandFor(stack, "up")} does that; for one that somebody ` +
        "else deployed, give --otlp-url and --grafana-url.",
      exitCodes.notReady,
    );
  }
}

/** A stack of this project, with what its deployment left. */
export interface DeployedStack {
  readonly session: Session;
  /** Where it runs on Docker. */
  readonly engine: DockerEngine | undefined;
  readonly stack: Stack;
  readonly outputs: OutputMap;
}

/**
 * A stack by its name.
 * @param opened its session. @default - it is opened
 * @throws NotDeployedError when it is not there
 */
export async function deployedStack(
  name: string,
  environment: NodeJS.ProcessEnv,
  say: (text: string) => void,
  opened?: Session,
): Promise<DeployedStack> {
  const session = opened ?? (await openSession(name, environment));
  const { settings } = session.recording.configuration;
  const engine = settings.platform === "docker" ? await dockerEngine(settings, environment) : undefined;
  const stack = await stackIn(session.project, session.stack, await pulumiCommand(say), engine?.environment ?? {});
  const outputs = await stack.outputs();
  if (outputs["grafanaUrl"] === undefined) throw new NotDeployedError(session.stack);
  return { session, engine, stack, outputs };
}

/** What a preview would change. */
export async function driftOf(
  preview: () => Promise<{ readonly changeSummary: Readonly<Record<string, number | undefined>> }>,
): Promise<Drift> {
  try {
    const { changeSummary } = await preview();
    const changes = Object.entries(changeSummary).filter(
      ([operation]) => !["same", "read", "refresh"].includes(operation),
    );
    return changes.reduce((sum, [, count = 0]) => sum + count, 0);
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split("\n");
    const first = lines.find((line) => /^ *error:/.test(line)) ?? lines[0] ?? "";
    return { problem: first.trim().slice(0, 300) };
  }
}

const expectedContent = (settings: Settings): Expected => ({
  boards: boardsFor(settings).map(({ uid }) => uid),
  rules: [...rulesFor(settings).values()].flat().map(ruleTitle),
  retentions: bootstraps(settings) ? retentions(settings) : [],
});

const elsewhere: Remedies = {
  redeploy: "Deploy it again.",
  collectorLog: "The collector's log names the reason.",
  reachOtlp: "Does the collector run, and is --otlp-url its OTLP over HTTP?",
  reachGrafana: "Does Grafana run, and is --grafana-url its address?",
};

function remediesFor({ stack, recording }: Session, forward: string): Remedies {
  const { platform, kubernetes, docker } = recording.configuration.settings;
  const redeploy = npmCommandFor(stack, "up");
  if (platform === "docker") {
    return {
      redeploy,
      collectorLog: `docker logs --tail 50 ${docker.name}-${collector}`,
      reachOtlp: `${redeploy}   (starts what has stopped; collector.ports.otlpHttp publishes OTLP)`,
      reachGrafana: `${redeploy}   (starts what has stopped)`,
    };
  }
  const inNamespace = (words: string) => kubectlCommand(kubernetes, kubernetes.namespace, words);
  const otlp = String(ports.otlpHttp);
  return {
    redeploy,
    collectorLog: inNamespace(`logs --tail 50 statefulset/${collector}`),
    reachOtlp: `${inNamespace(`port-forward service/${collector} ${otlp}:${otlp}`)}, and --otlp-url http://localhost:${otlp}`,
    reachGrafana: forward === "" ? inNamespace("get pods") : forward,
  };
}

/** The collector logs in lines of tab-separated fields, the last of which is JSON. */
export async function lastTrouble(docker: DockerCli, container: string): Promise<string | undefined> {
  const lines = await logTail(docker, container, 500);
  const trouble = lines.filter((line) => line.includes("Exporting failed")).at(-1);
  return /"error": ?("(?:[^"\\]|\\.)*")/.exec(trouble ?? "")?.[1]?.slice(1, -1);
}
