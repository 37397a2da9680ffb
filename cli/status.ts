import { setTimeout as sleep } from "node:timers/promises";

import { checkedStack, commandArguments } from "./arguments.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { runningStack } from "./running/stack.ts";
import { runningOptions, targetHelp } from "./running/target.ts";
import { readStatus, type Status } from "./status/read.ts";
import { screen } from "./status/screen.ts";
import { styleFor, widthOf } from "./terminal.ts";

const help = `npm run status -- [--stack dev] [--watch] [--json]

One screen: what runs and since when, where it is, what comes in and what is stored, queues, memory and disk, alerts.

  --stack NAME          the stack that npm run up deployed (default dev)
  --watch               again every 5 seconds, until Ctrl-C
  --json                everything as JSON, and nothing else, on stdout
${targetHelp}
Exit codes: 0 all that was asked was answered and all parts are well, 1 not so, 2 bad settings or arguments, 3 the stack
is not deployed.
`;

const secondsBetween = 5;

/** Whether everything runs and answers. What alerts say is shown, and is theirs to judge. */
export const isWell = ({ parts, problems }: Status): boolean =>
  problems.length === 0 && ("problem" in parts || (parts.length > 0 && parts.every(({ well }) => well)));

/** Shows a stack. */
export async function status(
  args: readonly string[],
  { stdout, stderr, env }: Pick<NodeJS.Process, "stdout" | "stderr" | "env">,
): Promise<number> {
  const options = commandArguments(args, {
    ...runningOptions,
    watch: { type: "boolean", default: false },
  });
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  if (options.watch && options.json) throw new UserError("--watch is for people, --json for machines: choose one");
  const stack = await runningStack({ ...options, stack: checkedStack(options.stack) }, env, (text) => {
    stderr.write(`${text}\n`);
  });
  for (;;) {
    const found = await readStatus(stack, Date.now);
    const shown = screen(found, { style: styleFor(stdout), width: widthOf(stdout) });
    if (options.json) stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    else stdout.write(options.watch && stdout.isTTY ? `\u001b[2J\u001b[H${shown}` : shown);
    if (!options.watch) return isWell(found) ? exitCodes.ok : exitCodes.failed;
    await sleep(secondsBetween * 1000);
  }
}

if (import.meta.main) await main(() => status(process.argv.slice(2), process));
