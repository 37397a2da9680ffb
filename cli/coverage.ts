import { readFileSync, writeFileSync } from "node:fs";
import { text as textOf } from "node:stream/consumers";

import { packsOf } from "../dashboards/content.ts";
import { checkedStack, commandArguments } from "./arguments.ts";
import { coverageOf, type Coverage } from "./coverage/coverage.ts";
import { dependentsOf } from "./coverage/dependents.ts";
import { inventoryFrom, type Inventory } from "./coverage/inventory.ts";
import { readInventory } from "./coverage/read.ts";
import { screen } from "./coverage/screen.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { runningStack } from "./running/stack.ts";
import { runningOptions, targetHelp } from "./running/target.ts";
import { settingsFor } from "./session.ts";
import { styleFor, widthOf } from "./terminal.ts";

const help = `npm run coverage -- [--stack dev] [--minutes 60] [--from FILE] [--json]

Which panels and alert rules does the telemetry of your own applications feed? Compares what arrived with what the
boards and rules of the stack read: fed, never seen, a label missing, a wrong unit or type, an old name of a convention
that was renamed, the wrong route; for each pack and each service, with the lines to write.

  --minutes N           how far back is looked (default 60; 5 to 10080)
  --from FILE           read an inventory from a file instead (docs/coverage.md); - is standard input
  --save FILE           write the inventory that was read
  --at-least N          exit code 1 if the score is below N (0 to 100)
  --all                 show every finding, not the first ten
  --stack NAME          the stack that npm run up deployed (default dev)
  --json                the result as JSON, and nothing else, on stdout
${targetHelp}
Exit codes: 0 it was compared, 1 the score is below --at-least or the stack does not answer, 2 bad settings or arguments,
3 the stack is not deployed.
`;

const coverageOptions = {
  ...runningOptions,
  minutes: { type: "string", default: "60" },
  from: { type: "string" },
  save: { type: "string" },
  "at-least": { type: "string" },
  all: { type: "boolean", default: false },
} as const;

/** Compares, and shows what came of it. */
export async function coverage(
  args: readonly string[],
  { stdin, stdout, stderr, env }: Pick<NodeJS.Process, "stdin" | "stdout" | "stderr" | "env">,
): Promise<number> {
  const options = commandArguments(args, coverageOptions);
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const minutes = whole("minutes", options.minutes, 5, 10_080);
  const atLeast = options["at-least"] === undefined ? 0 : whole("at-least", options["at-least"], 0, 100);
  const stack = checkedStack(options.stack);
  const settings = await settingsFor(stack, env);
  const packs = packsOf(settings);
  const read = async (): Promise<Inventory> => {
    const { target, remedies } = await runningStack({ ...options, stack }, env, (text) => stderr.write(`${text}\n`));
    if (target.grafana === undefined)
      throw new UserError(`Nobody says where Grafana is.\n${remedies.reachGrafana}`, exitCodes.notReady);
    const window = { minutes, now: Date.now() };
    return readInventory(target.grafana, target.databases, packs, window, (done, all) => {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${done === all ? "" : `${String(done)} of ${String(all)} tables`}`);
    });
  };
  const inventory =
    options.from === undefined ? await read() : inventoryFrom(await contents(options.from, stdin), options.from);
  if (options.save !== undefined) writeFileSync(options.save, `${JSON.stringify(inventory, null, 2)}\n`);
  const result = coverageOf(inventory, packs, dependentsOf(settings));
  if (options.json) stdout.write(`${JSON.stringify(forMachines(result, inventory), null, 2)}\n`);
  else {
    stdout.write(
      screen(result, { style: styleFor(stdout), width: widthOf(stdout), most: options.all ? Infinity : 10 }),
    );
  }
  return result.score < atLeast ? exitCodes.failed : exitCodes.ok;
}

function whole(option: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (/^\d{1,6}$/.test(text) && value >= from && value <= to) return value;
  throw new UserError(`--${option} ${text}: write a whole number from ${String(from)} to ${String(to)}`);
}

async function contents(file: string, stdin: NodeJS.Process["stdin"]): Promise<string> {
  try {
    return file === "-" ? await textOf(stdin) : readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`--from ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What panels and rules lack is said once, in the findings. */
const forMachines = ({ judged, ...rest }: Coverage, { window }: Inventory) => ({
  ...(window === undefined ? {} : { window }),
  ...rest,
  panels: judged
    .filter(({ dependent }) => dependent.kind === "panel")
    .map(({ dependent: { id, title, pack }, state }) => ({ id, title, pack, state })),
  rules: judged
    .filter(({ dependent }) => dependent.kind === "rule")
    .map(({ dependent: { id, pack }, state }) => ({ id, pack, state })),
});

if (import.meta.main) await main(() => coverage(process.argv.slice(2), process));
