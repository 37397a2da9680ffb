import type { Settings } from "../configs/settings/settings.ts";
import { recordStack, type StackRecording } from "../graph/index.ts";
import { localProject, repository, type LocalProject } from "./local-project.ts";

/** What `up` and `down` have in common wherever the stack runs: the local project and the settings. */
export interface Session {
  readonly stack: string;
  readonly project: LocalProject;
  readonly recording: StackRecording;
}

/**
 * Reads the settings. Touches nothing but the local project.
 * @throws SettingsError with every problem of the settings
 */
export async function openSession(stack: string, environment: NodeJS.ProcessEnv): Promise<Session> {
  const project = localProject(repository, stack, environment);
  const recording = await recordStack({ stack, directory: project.directory });
  return { stack, project, recording };
}

/**
 * The settings of a stack, for a command that needs no secret of it.
 * @throws SettingsError with every problem of the settings
 */
export async function settingsFor(stack: string, environment: NodeJS.ProcessEnv): Promise<Settings> {
  const { directory } = localProject(repository, stack, environment);
  return (await recordStack({ stack, directory, allowMissingSecrets: true })).configuration.settings;
}

/** What a command about a stack needs to say which: nothing for the usual one. */
export const stackOptionFor = (stack: string): string => (stack === "dev" ? "" : ` --stack ${stack}`);

/** A command on the state of a stack, ready to paste. */
export const pulumiCommandFor = (stack: string, words: string): string =>
  `npm run -s pulumi -- ${words}${stackOptionFor(stack)}`;

/** `npm run down`, for a stack. */
export const npmCommandFor = (stack: string, command: string, ...words: readonly string[]): string => {
  const options = [...(stack === "dev" ? [] : [`--stack ${stack}`]), ...words];
  return `npm run ${command}${options.length === 0 ? "" : ` -- ${options.join(" ")}`}`;
};
