import { randomBytes } from "node:crypto";

import { checkedStack, commandArguments } from "./arguments.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { runningStack, type RunningStack } from "./running/stack.ts";
import { runningOptions, targetHelp } from "./running/target.ts";
import { stepsOf, type Outcome, type Step } from "./smoke/steps.ts";
import { styleFor, wrapped, type Style } from "./terminal.ts";

const help = `npm run smoke -- [--stack dev] [--wait 45] [--json]

Sends one span, log record and metric point through a running stack and follows them: taken by the collector, stored in
GreptimeDB, read by Grafana; then looks whether dashboards are there and alert rules are evaluated. Stops at the first
hop that is broken, with what it saw and what to do.

  --stack NAME          the stack that npm run up deployed (default dev)
  --wait SECONDS        how long records may take to arrive (default 45; 1 to 900)
  --json                the result as JSON, and nothing else, on stdout
${targetHelp}
Exit codes: 0 all is well, 1 a hop is broken, 2 bad settings or arguments, 3 the stack is not deployed.
`;

/** A step that was taken. */
export interface Taken {
  readonly id: string;
  readonly what: string;
  readonly seconds: number;
  readonly outcome: Outcome;
}

/** Takes the steps one after the other, up to the first that fails. */
export async function take(steps: readonly Step[], tell: (taken: Taken) => void): Promise<Taken[]> {
  const all: Taken[] = [];
  for (const { id, what, run } of steps) {
    const started = Date.now();
    const outcome = await run();
    const taken = { id, what, outcome, seconds: Number(((Date.now() - started) / 1000).toFixed(1)) };
    all.push(taken);
    tell(taken);
    if (outcome.state === "failed") break;
  }
  return all;
}

/** Follows one record of each signal. */
export async function smoke(
  args: readonly string[],
  { stdout, stderr, env }: Pick<NodeJS.Process, "stdout" | "stderr" | "env">,
): Promise<number> {
  const options = commandArguments(args, {
    ...runningOptions,
    wait: { type: "string", default: "45" },
  });
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const patienceSeconds = Number(options.wait);
  if (!/^\d{1,3}$/.test(options.wait) || patienceSeconds < 1 || patienceSeconds > 900)
    throw new UserError(`--wait ${options.wait}: write a number of seconds from 1 to 900`);
  const stack = await runningStack({ ...options, stack: checkedStack(options.stack) }, env, (text) => {
    stderr.write(`${text}\n`);
  });
  return follow(
    stack,
    { patienceSeconds, json: options.json, width: stdout.columns, style: styleFor(stdout) },
    (text) => {
      stdout.write(text);
    },
  );
}

interface Shown {
  readonly patienceSeconds: number;
  readonly json: boolean;
  /** Columns of the terminal. @default 100 */
  readonly width?: number | undefined;
  readonly style: Style;
}

/** The command, once it is known which stack is meant. */
export async function follow(
  stack: RunningStack,
  { patienceSeconds, json, width = 100, style }: Shown,
  write: (text: string) => void,
): Promise<number> {
  const records = { traceId: randomBytes(16).toString("hex"), seconds: Date.now() / 1000 };
  const steps = stepsOf(stack, { records, patienceSeconds });
  const taken = await take(steps, (one) => {
    if (!json) write(lineOf(one, width, style));
  });
  const broken = taken.find(({ outcome }) => outcome.state === "failed");
  if (json) write(`${JSON.stringify(report(taken, steps), null, 2)}\n`);
  else write(ending(broken, steps.length - taken.length, style));
  return broken === undefined ? exitCodes.ok : exitCodes.failed;
}

function lineOf({ what, seconds, outcome }: Taken, width: number, style: Style): string {
  const time = style.dim(`${seconds.toFixed(1)} s`.padStart(7));
  const row = (sign: string, detail: string) => `  ${sign} ${what.padEnd(29)}${time}  ${detail}\n`;
  if (outcome.state !== "failed") {
    return row(outcome.state === "ok" ? style.good("✔") : style.dim("–"), outcome.detail);
  }
  const block = (text: string) => `      ${wrapped(text, width - 6, "      ")}\n`;
  return `${row(style.bad("✘"), "").trimEnd()}\n${block(outcome.evidence)}${block(`→ ${outcome.remedy}`)}`;
}

function ending(broken: Taken | undefined, untried: number, style: Style): string {
  if (broken === undefined) return `${style.good("All is well.")}\n`;
  const rest = untried === 0 ? "" : `; ${String(untried)} steps behind it were not tried`;
  return `${style.bad("Broken")}: ${broken.what.toLowerCase()}${rest}.\n`;
}

const report = (taken: readonly Taken[], steps: readonly Step[]) => ({
  ok: taken.length === steps.length && taken.every(({ outcome }) => outcome.state !== "failed"),
  steps: steps.map(({ id, what }) => {
    const found = taken.find((one) => one.id === id);
    return found === undefined
      ? { id, what, state: "not tried" }
      : { id, what, seconds: found.seconds, ...found.outcome };
  }),
});

if (import.meta.main) await main(() => smoke(process.argv.slice(2), process));
