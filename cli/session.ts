import { instanceLabelName } from "../configs/instance.ts";
import { recordStack, type StackRecording } from "../graph/index.ts";
import { dockerCli, type DockerCli } from "./docker.ts";
import { endpointFor, endpointOptions, engineEnvironment } from "./endpoint.ts";
import { exitCodes, UserError } from "./exit.ts";
import { localProject, repository, type LocalProject } from "./local-project.ts";
import { memoryMiB } from "./plan-tree.ts";
import { portFree, preflight, type Finding } from "./preflight.ts";
import type { Style } from "./terminal.ts";

/** What `up` and `down` have in common: the local project, the settings, the engine, what runs already. */
export interface Session {
  readonly stack: string;
  readonly project: LocalProject;
  readonly recording: StackRecording;
  readonly docker: DockerCli;
  readonly endpoint: string | undefined;
  /** Label of this stack's containers and volumes. */
  readonly label: string;
  /** What leads the provider to the engine that the Docker CLI found. */
  readonly engineEnvironment: Readonly<Record<string, string>>;
}

/**
 * Reads the settings and finds the Docker engine. Touches nothing but the local project.
 * @throws SettingsError with every problem of the settings
 */
export async function openSession(stack: string, environment: NodeJS.ProcessEnv): Promise<Session> {
  const project = localProject(repository, stack, environment);
  const recording = await recordStack({ stack, directory: project.directory });
  const { docker: engine } = recording.configuration.settings;
  const docker = dockerCli(endpointOptions(engine));
  const endpoint = await endpointFor(engine, environment);
  return {
    stack,
    project,
    recording,
    docker,
    endpoint,
    label: `${instanceLabelName}=${engine.name}`,
    engineEnvironment: engineEnvironment(engine, endpoint),
  };
}

export const preflightOf = ({ docker, endpoint, recording, label }: Session): Promise<Finding[]> =>
  preflight({
    docker,
    endpoint,
    label,
    settings: recording.configuration.settings,
    memoryMiB: memoryMiB(recording.graph),
    nodeVersion: process.versions.node,
    portFree,
  });

/**
 * Prints the findings.
 * @throws UserError when one of them would make the deployment fail
 */
export function report(findings: readonly Finding[], write: (text: string) => void, style: Style): void {
  const sign = { ok: style.good("✔"), warning: style.warn("!"), problem: style.bad("✘") };
  for (const { what, level, detail, remedy } of findings) {
    write(`  ${sign[level]} ${what}: ${detail}\n`);
    if (remedy !== undefined) write(`      ${remedy}\n`);
  }
  if (findings.some(({ level }) => level === "problem"))
    throw new UserError("Nothing was changed.", exitCodes.notReady);
}
