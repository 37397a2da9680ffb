import { spawn } from "node:child_process";

import { readStack } from "../graph/stack-file.ts";
import { checkedStack } from "./arguments.ts";
import { endpointFor, engineEnvironment } from "./docker/endpoint.ts";
import { pulumiCommand, stackIn } from "./engine.ts";
import { main } from "./exit.ts";
import { localProject, repository } from "./local-project.ts";

/**
 * `npm run pulumi -- <arguments>`: the Pulumi CLI on the state, passphrase and stack file that `npm run up` uses.
 * For settings (`config set`), outputs (`stack output`) and everything else that Pulumi can do.
 */
export async function pulumi(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const stack = checkedStack(environment["PULUMI_STACK"] ?? stackArgument(args) ?? "dev");
  const project = localProject(repository, stack, environment);
  const engineVariables = await engineVariablesOf(project.directory, stack, environment);
  const cli = await pulumiCommand((text) => void process.stderr.write(`${text}\n`));
  // settings can be made before the first deployment: they need a stack to belong to
  await stackIn(project, stack, cli);
  const child = spawn(cli.command, args, {
    cwd: project.directory,
    env: { ...environment, ...project.environment, ...engineVariables, PULUMI_STACK: stack },
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 130);
    });
  });
}

/** From settings as they stand in the stack file, valid or not: this command is also the way to mend settings. */
async function engineVariablesOf(
  directory: string,
  stack: string,
  environment: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, string>>> {
  const { project, values } = readStack(directory, stack);
  // providers of a cluster find it by themselves
  if (values[`${project}:platform`] === "kubernetes") return {};
  const { host, context } = (values[`${project}:docker`] ?? {}) as Record<string, unknown>;
  const engine = {
    ...(typeof host === "string" ? { host } : {}),
    ...(typeof context === "string" ? { context } : {}),
  };
  return engineEnvironment(engine, await endpointFor(engine, environment));
}

function stackArgument(args: readonly string[]): string | undefined {
  const index = args.findIndex((arg) => arg === "--stack" || arg === "-s");
  return index === -1 ? args.find((arg) => arg.startsWith("--stack="))?.slice("--stack=".length) : args[index + 1];
}

if (import.meta.main) await main(() => pulumi(process.argv.slice(2), process.env));
