import { spawn } from "node:child_process";

import { checkedStack } from "./arguments.ts";
import { pulumiCommand } from "./engine.ts";
import { main } from "./exit.ts";
import { localProject, repository } from "./local-project.ts";

/**
 * `npm run pulumi -- <arguments>`: the Pulumi CLI on the state, passphrase and stack file that `npm run up` uses.
 * For settings (`config set`), outputs (`stack output`) and everything else that Pulumi can do.
 */
export async function pulumi(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const stack = checkedStack(environment["PULUMI_STACK"] ?? stackArgument(args) ?? "dev");
  const project = localProject(repository, stack, environment);
  const { command } = await pulumiCommand((text) => void process.stderr.write(`${text}\n`));
  const child = spawn(command, args, {
    cwd: project.directory,
    env: { ...environment, ...project.environment, PULUMI_STACK: stack },
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 130);
    });
  });
}

function stackArgument(args: readonly string[]): string | undefined {
  const index = args.findIndex((arg) => arg === "--stack" || arg === "-s");
  return index === -1 ? args.find((arg) => arg.startsWith("--stack="))?.slice("--stack=".length) : args[index + 1];
}

if (import.meta.main) await main(() => pulumi(process.argv.slice(2), process.env));
