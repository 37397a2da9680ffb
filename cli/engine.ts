import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { version as pinnedVersion } from "@pulumi/pulumi/version.js";

import { exitCodes, UserError } from "./exit.ts";
import type { LocalProject } from "./local-project.ts";

/** The Pulumi CLI and a stack in the local project. */

/**
 * The CLI on the path, else the pinned version, which is installed into ~/.pulumi/versions if it is not there.
 * @param say tells the user what takes time
 */
export async function pulumiCommand(say: (text: string) => void): Promise<PulumiCommand> {
  try {
    return await PulumiCommand.get({ skipVersionCheck: true });
  } catch {
    say(
      `Pulumi CLI: not on the path; using version ${pinnedVersion} in ~/.pulumi/versions (the first time it is downloaded, about 100 MB)`,
    );
    return await installed();
  }
}

/** @throws UserError when the CLI can neither be found nor downloaded */
async function installed(): Promise<PulumiCommand> {
  try {
    return await PulumiCommand.install();
  } catch (error) {
    throw new UserError(
      `The Pulumi CLI could not be downloaded: ${error instanceof Error ? error.message : String(error)}\n` +
        "Check the connection, or install it yourself (https://www.pulumi.com/docs/install/) and put it on the path.",
      exitCodes.notReady,
    );
  }
}

/** The stack, made on first use. */
export async function stackIn(
  project: LocalProject,
  name: string,
  pulumi: PulumiCommand,
  more: Readonly<Record<string, string>> = {},
): Promise<Stack> {
  const workspace = await LocalWorkspace.create({
    workDir: project.directory,
    pulumiCommand: pulumi,
    envVars: { ...project.environment, ...more },
  });
  return Stack.createOrSelect(name, workspace);
}
