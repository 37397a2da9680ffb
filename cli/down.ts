import { createInterface } from "node:readline/promises";

import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";

import { checkedStack, commandArguments, helpOption, stackOption } from "./arguments.ts";
import { containersOf, volumesOf } from "./docker.ts";
import { pulumiCommand, stackIn } from "./engine.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { startStopped } from "./heal.ts";
import { Progress } from "./progress.ts";
import { openSession, type Session } from "./session.ts";
import { styleFor } from "./terminal.ts";

const help = `npm run down -- [--stack dev] [--data [--yes]] [--forget-grafana]

Removes containers and network. The volumes with the data stay, and the next npm run up finds them again.

  --stack NAME       which stack (default dev)
  --data             also remove the volumes, after asking
  --yes              do not ask
  --forget-grafana   when Grafana cannot be started: do not delete dashboards and rules through it, but remove
                     Grafana's volume (its own users and preferences; telemetry is not in it)

Exit codes: 0 removed, 1 failed, 2 invalid arguments or not confirmed, 3 Docker cannot be reached.
`;

type Write = (text: string) => void;

/** Removes a stack from Docker. */
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
  const write: Write = (text) => void stdout.write(text);
  if (options.help) {
    write(help);
    return exitCodes.ok;
  }
  const session = await openSession(checkedStack(options.stack), process.env);
  const reachable = await session.docker(["version", "--format", "{{.Server.Version}}"]);
  if (reachable.code !== 0)
    throw new UserError(`Docker cannot be reached: ${reachable.stderr.trim()}`, exitCodes.notReady);
  if (options.data && !options.yes) await confirm(session, stdin, stdout);
  const code = await removed(session, options["forget-grafana"], write, stdout);
  if (code !== exitCodes.ok) return code;
  await volumes(session, options.data, options["forget-grafana"], write);
  return exitCodes.ok;
}

/** @throws UserError unless the user types the name of the stack */
async function confirm(session: Session, stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream): Promise<void> {
  const names = await volumesOf(session.docker, session.label);
  if (!stdin.isTTY)
    throw new UserError(
      "--data asks before it removes data; without a terminal to ask on, say --yes as well. Nothing was removed.",
    );
  stdout.write(
    `This removes all telemetry and Grafana's own data for good:\n${names.map((name) => `  ${name}\n`).join("")}`,
  );
  const prompt = createInterface({ input: stdin, output: stdout });
  const answer = await prompt.question(`Type the name of the stack (${session.stack}) to go on: `);
  prompt.close();
  if (answer.trim() !== session.stack) throw new UserError("Not confirmed. Nothing was removed.");
}

async function removed(
  session: Session,
  forgetGrafana: boolean,
  write: Write,
  stdout: NodeJS.WriteStream,
): Promise<number> {
  const style = styleFor(stdout);
  // dashboards and rules are deleted through Grafana, so it must answer
  if (!forgetGrafana) await startStopped(session.docker, session.label, write, 120);
  const pulumi = await pulumiCommand((text) => {
    write(`  … ${text}\n`);
  });
  const progress = new Progress({ write, style, now: Date.now, interactive: stdout.isTTY });
  progress.start();
  try {
    const stack = await stackIn(session.project, session.stack, pulumi, session.engineEnvironment);
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
    write(`\n${await advice(reasons.join("\n"), session)}\n`);
    return exitCodes.failed;
  }
}

/** Takes what is in Grafana out of the state, so that nothing asks Grafana to delete it. */
async function forgetGrafanaContent(stack: Stack, write: Write): Promise<void> {
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

async function advice(reasons: string, session: Session): Promise<string> {
  const { network } = namesOf(session);
  if (/active endpoints|platform-network.*state to become 'removed'/.test(reasons)) {
    const { stdout } = await session.docker([
      "network",
      "inspect",
      network,
      "--format",
      "{{range .Containers}}{{.Name}} {{end}}",
    ]);
    return `Other containers are still in the network ${network}: ${stdout.trim()}. Stop them, or docker network disconnect them, and run this again.`;
  }
  if (/grafana|connection refused|EOF/i.test(reasons)) {
    return "If Grafana cannot be started any more: npm run down -- --forget-grafana";
  }
  return "Run it again; it goes on where this stopped. docs/troubleshooting.md knows the usual causes.";
}

const namesOf = ({ recording }: Session) => ({ network: recording.configuration.settings.docker.name });

async function volumes(session: Session, data: boolean, forgetGrafana: boolean, write: Write): Promise<void> {
  const all = await volumesOf(session.docker, session.label);
  const grafanaVolume = `${recordingName(session)}-grafana-data`;
  const doomed = data ? all : forgetGrafana ? all.filter((name) => name === grafanaVolume) : [];
  for (const name of doomed) {
    const result = await session.docker(["volume", "rm", name]);
    write(result.code === 0 ? `  ✔ volume ${name} removed\n` : `  ✘ volume ${name}: ${result.stderr.trim()}\n`);
  }
  const kept = await volumesOf(session.docker, session.label);
  const running = await containersOf(session.docker, session.label);
  write(
    running.length === 0
      ? "Containers and network are gone.\n"
      : `Still there: ${running.map(({ name }) => name).join(", ")}\n`,
  );
  if (kept.length > 0) {
    write(`The data is kept in ${kept.join(", ")}; npm run up goes on with it, npm run down -- --data removes it.\n`);
  }
}

const recordingName = ({ recording }: Session): string => recording.configuration.settings.docker.name;

if (import.meta.main) await main(() => down(process.argv.slice(2), process.stdout, process.stdin));
