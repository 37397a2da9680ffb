import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import type { Session } from "../session.ts";
import { kubectlCli } from "./kubectl.ts";
import { claimNames, workloadsIn } from "./objects.ts";
import { foreignSecrets } from "./plan-notes.ts";
import type { PreflightInput } from "./preflight.ts";

/** The machine that the commands run on, and what a stack asks of its cluster. */
export function surroundings({ recording }: Session, environment: NodeJS.ProcessEnv): PreflightInput {
  const settings = recording.configuration.settings.kubernetes;
  return {
    settings,
    environment,
    nodeVersion: process.versions.node,
    read: readText,
    onPath: (program) => isOnPath(program, environment["PATH"] ?? ""),
    kubectl: kubectlCli(settings),
    claims: workloadsIn(recording.graph).flatMap(claimNames).length > 0,
    secrets: foreignSecrets(recording.graph),
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** A program with a path of its own is not looked for: the kubeconfig's directory would be its beginning. */
function isOnPath(program: string, path: string): boolean {
  if (program.includes("/")) return true;
  return path.split(delimiter).some((directory) => isExecutable(join(directory, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
