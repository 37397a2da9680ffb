import { folder } from "../dashboards/content.ts";
import { checkedStack, commandArguments, helpOption, stackOption } from "./arguments.ts";
import { containersOf, logTail, type Container } from "./docker.ts";
import { pulumiCommand, stackIn } from "./engine.ts";
import { exitCodes, main } from "./exit.ts";
import { noticeRemoved, startStopped, tookData } from "./heal.ts";
import { Progress } from "./progress.ts";
import { openSession, preflightOf, report, type Session } from "./session.ts";
import { styleFor } from "./terminal.ts";

const help = `npm run up -- [--stack dev] [--refresh]

Deploys the stack to Docker and shows where everything is. Again, it changes only what differs.

  --stack NAME   the settings in Pulumi.NAME.yaml (default dev)
  --refresh      first look at what really runs, and mend what was changed by hand

State, passphrase and a copy of the stack file are kept in .local, unless PULUMI_BACKEND_URL names another backend.
Change settings with: npm run pulumi -- config set --path greptimedb.retention.traces 7d

Exit codes: 0 deployed, 1 failed, 2 invalid settings or arguments, 3 the machine is not ready.
`;

type Write = (text: string) => void;

/** Deploys a stack. */
export async function up(args: readonly string[], stdout: NodeJS.WriteStream): Promise<number> {
  const options = commandArguments(args, {
    ...stackOption,
    ...helpOption,
    refresh: { type: "boolean", default: false },
  });
  const write: Write = (text) => void stdout.write(text);
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
  write(`${style.bold("Looking around")}\n`);
  report(await preflightOf(session), write, style);
  await startStopped(session.docker, session.label, write, 120);
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
    const stack = await stackIn(session.project, session.stack, pulumi, session.engineEnvironment);
    const removed = await noticeRemoved(stack, session.recording.graph, session.docker, write);
    const deploy = (refresh: boolean) => stack.up({ onEvent: progress.onEvent, color: "never", refresh });
    // what was inside a removed volume can only be looked at once its service is there again
    if (tookData(removed)) await deploy(false);
    const result = await deploy(options.refresh || tookData(removed));
    progress.stop();
    write(card(result.outputs, progress.changes, Date.now() - started, style));
    return exitCodes.ok;
  } catch (error) {
    progress.stop();
    await explain(error, progress, session, write, style);
    return exitCodes.failed;
  }
}

type Outputs = Readonly<Record<string, { readonly value: unknown } | undefined>>;

/** Where everything is. */
function card(outputs: Outputs, changes: number, milliseconds: number, style: ReturnType<typeof styleFor>): string {
  const value = (name: string): string => {
    const output = outputs[name]?.value;
    return typeof output === "string" ? output : "";
  };
  const changed = changes === 0 ? "nothing had to change" : `${String(changes)} resources changed`;
  const endpoint = value("otlpHttpEndpoint") || value("otlpGrpcEndpoint") || value("networkOtlpEndpoint");
  const boards = Object.keys(outputs["dashboards"]?.value ?? {}).length;
  const rows: [string, string][] = [
    ["Grafana", `${value("grafanaUrl")}  (user ${value("grafanaUser")})`],
    ["Password", "npm run -s pulumi -- stack output grafanaPassword --show-secrets"],
    ["Dashboards", `${value("grafanaUrl")}/dashboards/f/${folder.uid}  (${String(boards)} of them)`],
    ["Send telemetry", `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`],
    ["A .env file", "npm run -s pulumi -- stack output env --show-secrets"],
    ["From containers", `docker run --network ${value("network")} … with ${value("networkOtlpEndpoint")}`],
    ["Connect an app", "docs/connect-your-app.md"],
    ["Stop", "npm run down   (the data stays)"],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text]) => `  ${style.bold(label.padEnd(width))}  ${text}`);
  return `${style.good("Ready")} in ${String(Math.round(milliseconds / 1000))} s, ${changed}.\n\n${lines.join("\n")}\n`;
}

/** What went wrong, and the last lines of the log of each container that is not well. */
async function explain(
  error: unknown,
  progress: Progress,
  session: Session,
  write: Write,
  style: ReturnType<typeof styleFor>,
): Promise<void> {
  const reasons =
    progress.errors.length > 0 ? progress.errors : [error instanceof Error ? error.message : String(error)];
  write(`\n${style.bad("Not deployed.")}\n`);
  for (const reason of reasons) write(`  ${reason.replaceAll("\n", "\n  ")}\n`);
  const sick = (await containersOf(session.docker, session.label)).filter(isSick);
  for (const container of sick) {
    write(`\n${style.bold(container.name)} ${state(container)}; the end of its log:\n`);
    for (const line of await logTail(session.docker, container.name, 15)) write(`  ${line}\n`);
  }
  write(`\n${advice(reasons.join("\n"))}\n`);
}

const isSick = ({ running, exitCode, health }: Container): boolean =>
  running ? health !== undefined && health !== "healthy" : exitCode !== 0;

function state({ running, exitCode, outOfMemory, health }: Container): string {
  if (outOfMemory) return "was killed because it reached its memory limit";
  return running ? `is ${health ?? "running"}` : `ended with exit code ${String(exitCode)}`;
}

function advice(reasons: string): string {
  if (/currently locked|locked by/.test(reasons))
    return "Another run holds the state, or one was killed: npm run pulumi -- cancel";
  if (/port is already allocated|address already in use/.test(reasons))
    return "A port is taken; see the settings of the ports in docs/settings.md.";
  return "Mend the cause and run npm run up again: it goes on where this stopped. docs/troubleshooting.md knows the usual ones.";
}

if (import.meta.main) await main(() => up(process.argv.slice(2), process.stdout));
