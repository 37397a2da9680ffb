import { createInterface } from "node:readline/promises";

import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";

import { checkedStack, commandArguments, helpOption, stackOption } from "./arguments.ts";
import { dockerRemoval } from "./docker/remove.ts";
import { pulumiCommand, stackIn } from "./engine.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { kubernetesRemoval } from "./kubernetes/remove.ts";
import { onPlatform, type ByPlatform, type Removal, type Say } from "./platform.ts";
import { Progress } from "./progress.ts";
import { openSession, type Session } from "./session.ts";
import { styleFor } from "./terminal.ts";

const help = `npm run down -- [--stack dev] [--data [--yes]] [--forget-grafana]

Removes what runs. The volumes with the data stay, and the next npm run up finds them again. On Kubernetes the
namespace stays as well, and only kubectl removes data: the commands are printed.

  --stack NAME       which stack (default dev)
  --data             also remove the volumes, after asking; on Docker
  --yes              do not ask
  --forget-grafana   when Grafana cannot be started: do not delete dashboards and rules through it, but remove
                     Grafana's volume (its own users and preferences; telemetry is not in it)

Exit codes: 0 removed, 1 failed, 2 invalid arguments or not confirmed, 3 Docker or the cluster cannot be reached.
`;

const removals: ByPlatform<Removal> = { docker: dockerRemoval, kubernetes: kubernetesRemoval };

/** Removes a stack. */
export async function down(
  args: readonly string[],
  stdout: NodeJS.WriteStream,
  stdin: NodeJS.ReadStream,
): Promise<number> {
  const options = commandArguments(args, {
    ...stackOption,
    ...helpOption,
    data: { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
    "forget-grafana": { type: "boolean", default: false },
  });
  const write: Say = (text) => void stdout.write(text);
  if (options.help) {
    write(help);
    return exitCodes.ok;
  }
  const session = await openSession(checkedStack(options.stack), process.env);
  const removal = await onPlatform(removals, session, process.env);
  const wanted = { data: options.data, forgetGrafana: options["forget-grafana"] };
  await removal.check(wanted);
  if (options.data && !options.yes) await confirm(await removal.data(), session, stdin, stdout);
  const code = await removed(session, removal, wanted.forgetGrafana, stdout);
  if (code === exitCodes.ok) await removal.finish(wanted, write);
  return code;
}

/** @throws UserError unless the user types the name of the stack */
async function confirm(
  names: readonly string[],
  { stack }: Session,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
): Promise<void> {
  if (!stdin.isTTY)
    throw new UserError(
      "--data asks before it removes data; without a terminal to ask on, say --yes as well. Nothing was removed.",
    );
  stdout.write(
    `This removes all telemetry and Grafana's own data for good:\n${names.map((name) => `  ${name}\n`).join("")}`,
  );
  const prompt = createInterface({ input: stdin, output: stdout });
  const answer = await prompt.question(`Type the name of the stack (${stack}) to go on: `);
  prompt.close();
  if (answer.trim() !== stack) throw new UserError("Not confirmed. Nothing was removed.");
}

async function removed(
  session: Session,
  removal: Removal,
  forgetGrafana: boolean,
  stdout: NodeJS.WriteStream,
): Promise<number> {
  const style = styleFor(stdout);
  const write: Say = (text) => void stdout.write(text);
  if (!forgetGrafana) await removal.revive(write);
  const pulumi = await pulumiCommand((text) => {
    write(`  … ${text}\n`);
  });
  const progress = new Progress({ write, style, now: Date.now, interactive: stdout.isTTY });
  progress.start();
  try {
    const stack = await stackIn(session.project, session.stack, pulumi, removal.environment);
    if (forgetGrafana) await forgetGrafanaContent(stack, write);
    await stack.destroy({ onEvent: progress.onEvent, color: "never" });
    progress.stop();
    return exitCodes.ok;
  } catch (error) {
    progress.stop();
    const reasons =
      progress.errors.length > 0 ? progress.errors : [error instanceof Error ? error.message : String(error)];
    write(`\n${style.bad("Not everything was removed.")}\n`);
    for (const reason of reasons) write(`  ${reason.replaceAll("\n", "\n  ")}\n`);
    write(`\n${(await removal.advice(reasons.join("\n"))) ?? usual}\n`);
    return exitCodes.failed;
  }
}

const usual = "Run it again; it goes on where this stopped. docs/troubleshooting.md knows the usual causes.";

/** Takes what is in Grafana out of the state, so that nothing asks Grafana to delete it. */
async function forgetGrafanaContent(stack: Stack, write: Say): Promise<void> {
  const exported = await stack.exportStack();
  const { deployment, forgotten } = withoutGrafana(exported);
  if (forgotten === 0) return;
  await stack.importStack(deployment);
  write(`  … ${String(forgotten)} objects in Grafana are no longer managed; they go with its volume\n`);
}

interface Checkpoint {
  readonly resources?: readonly { readonly type: string }[];
}

/** A deployment without the resources of the Grafana provider and without the provider. */
export function withoutGrafana(exported: Deployment): { deployment: Deployment; forgotten: number } {
  const checkpoint = exported.deployment as Checkpoint;
  const all = checkpoint.resources ?? [];
  const kept = all.filter(({ type }) => !type.startsWith("grafana:") && type !== "pulumi:providers:grafana");
  return {
    deployment: { ...exported, deployment: { ...checkpoint, resources: kept } },
    forgotten: all.length - kept.length,
  };
}

if (import.meta.main) await main(() => down(process.argv.slice(2), process.stdout, process.stdin));
