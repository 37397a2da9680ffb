import { checkedStack, commandArguments, helpOption, stackOption } from "./arguments.ts";
import { dockerDeployment } from "./docker/deploy.ts";
import { pulumiCommand, stackIn } from "./engine.ts";
import { exitCodes, main } from "./exit.ts";
import { report } from "./finding.ts";
import { kubernetesDeployment } from "./kubernetes/deploy.ts";
import { onPlatform, type ByPlatform, type Deployment, type Say } from "./platform.ts";
import { Progress } from "./progress.ts";
import { npmCommandFor, openSession, pulumiCommandFor, type Session } from "./session.ts";
import { styleFor, type Style } from "./terminal.ts";

const help = `npm run up -- [--stack dev] [--refresh]

Deploys the stack and shows where everything is. Again, it changes only what differs.

  --stack NAME   the settings in Pulumi.NAME.yaml (default dev, on Docker; kubernetes is there as well)
  --refresh      first look at what really runs, and mend what was changed by hand

State, passphrase and a copy of the stack file are kept in .local, unless PULUMI_BACKEND_URL names another backend.
Change settings with: npm run pulumi -- config set --path greptimedb.retention.traces 7d

Exit codes: 0 deployed, 1 failed, 2 invalid settings or arguments, 3 the machine is not ready.
`;

const deployments: ByPlatform<Deployment> = { docker: dockerDeployment, kubernetes: kubernetesDeployment };

/** Deploys a stack. */
export async function up(args: readonly string[], stdout: NodeJS.WriteStream): Promise<number> {
  const options = commandArguments(args, {
    ...stackOption,
    ...helpOption,
    refresh: { type: "boolean", default: false },
  });
  const write: Say = (text) => void stdout.write(text);
  if (options.help) {
    write(help);
    return exitCodes.ok;
  }
  const style = styleFor(stdout);
  const session = await openSession(checkedStack(options.stack), process.env);
  for (const key of session.project.conflicts) {
    write(
      `! ${key} differs in Pulumi.${session.stack}.yaml and in .local/Pulumi.${session.stack}.yaml; the latter holds\n`,
    );
  }
  const deployment = await onPlatform(deployments, session, process.env);
  write(`${style.bold("Looking around")}\n`);
  report(await deployment.preflight(), write, style);
  await deployment.revive(write);
  const pulumi = await pulumiCommand((text) => {
    write(`  … ${text}\n`);
  });
  write(
    `${style.bold("Deploying")} (the first time, images and Pulumi's provider plugins are downloaded; that takes minutes)\n`,
  );
  const progress = new Progress({ write, style, now: Date.now, interactive: stdout.isTTY });
  const started = Date.now();
  progress.start();
  try {
    const stack = await stackIn(session.project, session.stack, pulumi, deployment.environment);
    const lost = await deployment.noticeRemoved(stack, write);
    const deploy = (refresh: boolean) => stack.up({ onEvent: progress.onEvent, color: "never", refresh });
    // what was inside a removed volume can only be looked at once its service is there again
    if (lost) await deploy(false);
    const { outputs } = await deploy(options.refresh || lost);
    progress.stop();
    write(card(deployment.places(outputs), progress.changes, Date.now() - started, style));
    return exitCodes.ok;
  } catch (error) {
    progress.stop();
    await explain(error, { deployment, progress, session, write, style });
    return exitCodes.failed;
  }
}

/** Where everything is. */
function card(rows: ReturnType<Deployment["places"]>, changes: number, milliseconds: number, style: Style): string {
  const changed = changes === 0 ? "nothing had to change" : `${String(changes)} resources changed`;
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text]) => `  ${style.bold(label.padEnd(width))}  ${text}`);
  return `${style.good("Ready")} in ${String(Math.round(milliseconds / 1000))} s, ${changed}.\n\n${lines.join("\n")}\n`;
}

interface Attempt {
  readonly deployment: Deployment;
  readonly progress: Progress;
  readonly session: Session;
  readonly write: Say;
  readonly style: Style;
}

/** What went wrong, what is not well, and what to do. */
async function explain(error: unknown, { deployment, progress, session, write, style }: Attempt): Promise<void> {
  const reasons =
    progress.errors.length > 0 ? progress.errors : [error instanceof Error ? error.message : String(error)];
  write(`\n${style.bad("Not deployed.")}\n`);
  for (const reason of reasons) write(`  ${reason.replaceAll("\n", "\n  ")}\n`);
  for (const { what, state, lines } of await deployment.symptoms(progress.failed)) {
    write(`\n${style.bold(what)} ${state}\n`);
    for (const line of lines) write(`  ${line}\n`);
  }
  const text = reasons.join("\n");
  write(`\n${locked(text, session) ?? deployment.advice(text) ?? usual(session)}\n`);
}

const locked = (reasons: string, { stack }: Session): string | undefined =>
  /currently locked|locked by/.test(reasons)
    ? `Another run holds the state, or one was killed: ${pulumiCommandFor(stack, "cancel")}`
    : undefined;

const usual = ({ stack }: Session): string =>
  `Mend the cause and run ${npmCommandFor(stack, "up")} again: it goes on where this stopped. docs/troubleshooting.md knows the usual ones.`;

if (import.meta.main) await main(() => up(process.argv.slice(2), process.stdout));
