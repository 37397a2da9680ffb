import { checkedStack, commandArguments } from "./arguments.ts";
import { dockerDeployment } from "./docker/deploy.ts";
import { certificateFinding, rotationFindings, diagnose, ranked, type Observed } from "./doctor/diagnosis.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import type { Finding } from "./finding.ts";
import { kubernetesDeployment } from "./kubernetes/deploy.ts";
import { onPlatform, type ByPlatform, type Deployment } from "./platform.ts";
import { dashboards, rules, sqlQuery } from "./running/grafana.ts";
import { ask, jsonOf } from "./running/http.ts";
import { NotDeployedError, runningStack, type RunningStack } from "./running/stack.ts";
import { isComplete, runningOptions, targetHelp, type TargetOptions } from "./running/target.ts";
import { npmCommandFor, openSession } from "./session.ts";
import { readStatus } from "./status/read.ts";
import { widthOf, styleFor, wrapped, type Style } from "./terminal.ts";

const help = `npm run doctor -- [--stack dev] [--all] [--json]

Says what is wrong and what to do: whether the machine or the cluster is ready for the stack, and, where it runs, whether
it is well: its parts, queues, losses, refusals, lag, memory, clocks, dashboards, rules, certificate.

  --stack NAME          the stack in Pulumi.NAME.yaml (default dev)
  --all                 also what is as it should be
  --json                every finding as JSON, and nothing else, on stdout
${targetHelp}
Exit codes: 0 no problem, 1 a problem, 2 bad settings or arguments. Warnings are no problems.
`;

const deployments: ByPlatform<Deployment> = { docker: dockerDeployment, kubernetes: kubernetesDeployment };

/** Looks around. */
export async function doctor(
  args: readonly string[],
  { stdout, stderr, env }: Pick<NodeJS.Process, "stdout" | "stderr" | "env">,
): Promise<number> {
  const options = commandArguments(args, {
    ...runningOptions,
    all: { type: "boolean", default: false },
  });
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const findings = ranked(
    await examine({ ...options, stack: checkedStack(options.stack) }, env, (text) => {
      stderr.write(`${text}\n`);
    }),
  );
  const width = widthOf(stdout);
  stdout.write(
    options.json
      ? `${JSON.stringify({ findings }, null, 2)}\n`
      : report(findings, { all: options.all, style: styleFor(stdout), width }),
  );
  return findings.some(({ level }) => level === "problem") ? exitCodes.failed : exitCodes.ok;
}

type Options = TargetOptions & { readonly stack: string };

/** First the machine; the stack only if that is well, for its state would say the same in many ways. */
async function examine(
  options: Options,
  environment: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<Finding[]> {
  if (isComplete(options)) return examineStack(await runningStack(options, environment, say), Date.now);
  const session = await openSession(options.stack, environment);
  const { settings } = session.recording.configuration;
  const { tlsCertificate } = settings.collector;
  const before = [
    ...(await (await onPlatform(deployments, session, environment)).preflight()),
    ...(tlsCertificate === undefined ? [] : [certificateFinding(tlsCertificate, Date.now())]),
    ...rotationFindings(settings),
  ];
  if (before.some(({ level }) => level === "problem")) return before;
  say("… looking at what runs, and at what a deployment would change");
  try {
    return [...before, ...(await examineStack(await runningStack(options, environment, say, session), Date.now))];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [...before, notThere(error, npmCommandFor(options.stack, "up"))];
  }
}

const notThere = (error: UserError, up: string): Finding =>
  error instanceof NotDeployedError
    ? { what: "Deployment", level: "warning", detail: "there is none yet", remedy: up }
    : { what: "Deployment", level: "problem", detail: error.message };

/** What is observed of a stack that runs. */
export async function examineStack(stack: RunningStack, now: () => number): Promise<Finding[]> {
  const [status, told, drift] = await Promise.all([readStatus(stack, now), inGrafana(stack, now), stack.drift()]);
  return diagnose({ status, drift, ...told }, stack);
}

/** What Grafana says beside what is on the screen of `npm run status`. */
async function inGrafana(
  { target: { grafana }, expected }: RunningStack,
  now: () => number,
): Promise<Pick<Observed, "rules" | "boards" | "clockAhead" | "databases" | "versions">> {
  if (grafana === undefined)
    return { rules: undefined, boards: undefined, clockAhead: undefined, databases: {}, versions: {} };
  const names = (expected?.retentions ?? []).map(({ database }) => database);
  const [evaluated, there, clockAhead, databases, versions] = await Promise.all([
    rules(grafana),
    dashboards(grafana),
    ahead(grafana.url, now),
    definitions(grafana, names),
    versionsOf(grafana),
  ]);
  return { rules: evaluated.rows, boards: there.rows, clockAhead, databases, versions };
}

/** As they say themselves. */
async function versionsOf(grafana: NonNullable<RunningStack["target"]["grafana"]>): Promise<Observed["versions"]> {
  const [health, build] = await Promise.all([
    ask(`${grafana.url}/api/health`),
    sqlQuery(grafana, "SELECT pkg_version FROM information_schema.build_info"),
  ]);
  const { version } = (jsonOf(health.body) ?? {}) as { version?: unknown };
  const database: unknown = build.rows?.[0]?.[0];
  return {
    ...(isVersion(version) ? { Grafana: version } : {}),
    ...(isVersion(database) ? { GreptimeDB: database } : {}),
  };
}

const isVersion = (value: unknown): value is string =>
  typeof value === "string" && /^v?\d+\.\d+\.[\w.+-]{1,40}$/.test(value);

/** How databases are defined, as far as the reader is told. */
async function definitions(
  grafana: NonNullable<RunningStack["target"]["grafana"]>,
  names: readonly string[],
): Promise<Record<string, string>> {
  const told = await Promise.all(
    names.map(async (name) => {
      const { rows } = await sqlQuery(grafana, `SHOW CREATE DATABASE \`${name}\``);
      const text: unknown = rows?.[1]?.[0];
      return typeof text === "string" ? [[name, text] as const] : [];
    }),
  );
  return Object.fromEntries(told.flat());
}

/** By how many seconds this machine's clock is ahead; an answer says when it was given, to the second. */
async function ahead(url: string, now: () => number): Promise<number | undefined> {
  const asked = now();
  const { date } = await ask(`${url}/api/health`);
  const given = Date.parse(date ?? "");
  return Number.isNaN(given) ? undefined : Math.round(((asked + now()) / 2 - (given + 500)) / 1000);
}

interface Shown {
  readonly all: boolean;
  readonly style: Style;
  readonly width: number;
}

export function report(findings: readonly Finding[], { all, style, width }: Shown): string {
  const sign = { ok: style.good("✔"), warning: style.warn("!"), problem: style.bad("✘") };
  const shown = findings.filter(({ level }) => all || level !== "ok");
  const lines = shown.map(({ what, level, detail, remedy }) => {
    const text = `  ${sign[level]} ${wrapped(`${what}: ${detail}`, width - 4, "    ")}\n`;
    return remedy === undefined ? text : `${text}      ${wrapped(`→ ${remedy}`, width - 6, "        ")}\n`;
  });
  return `${lines.join("")}${summary(findings, style)}\n`;
}

function summary(findings: readonly Finding[], style: Style): string {
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings, well] = [count("problem"), count("warning"), count("ok")];
  const words = (number: number, one: string) => `${String(number)} ${one}${number === 1 ? "" : "s"}`;
  const rest = `${words(warnings, "warning")}, ${String(well)} as they should be`;
  return problems === 0
    ? `${style.good("No problem")}, ${rest}.`
    : `${style.bad(words(problems, "problem"))}, ${rest}.`;
}

if (import.meta.main) await main(() => doctor(process.argv.slice(2), process));
