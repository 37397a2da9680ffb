import { availableParallelism, release, totalmem } from "node:os";

import { images } from "../configs/images.ts";
import { nearest } from "../configs/settings/problems.ts";
import { commandArguments, helpOption } from "./arguments.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { collectorBinary } from "./lab/collector.ts";
import { cases, type Case } from "./lab/faults/cases.ts";
import { play, type Result } from "./lab/faults/run.ts";
import { faultsTable } from "./lab/faults/table.ts";
import { haproxyIsThere } from "./lab/proxy.ts";
import { styleFor } from "./terminal.ts";

const help = `npm run faults -- [--case NAME]… [--short] [--seed N] [--json | --markdown] [--list]

Sends numbered records through the real collector, with the configuration of this stack, to a server that answers as
GreptimeDB does, while things go wrong; and counts what was acknowledged and what arrived.

  --case NAME   only this case; may be repeated
  --short       outages of seconds instead of a minute
  --seed N      for what is drawn at random (default 1)
  --json        the results as JSON, and nothing else, on stdout
  --markdown    the table as in docs/delivery.md
  --list        the cases, and what is promised of each

The collector is built by .ci/collector, or any otelcol-contrib of version ${images.collector.split(":")[1] ?? ""} that OTELCOL names.
The case datanode-away needs haproxy. Nothing else is needed, and nothing but loopback is used.

Exit codes: 0 all promises kept, 1 one was broken, 2 bad arguments, 3 no collector or no haproxy.
`;

/** Plays the cases and shows what became of each record. */
export async function faults(
  args: readonly string[],
  { stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr">,
): Promise<number> {
  const options = commandArguments(args, {
    ...helpOption,
    case: { type: "string", multiple: true, default: [] as string[] },
    short: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  });
  if (options.help || options.list) {
    stdout.write(options.help ? help : list());
    return exitCodes.ok;
  }
  const chosen = chosenCases(options.case);
  const seed = checkedSeed(options.seed);
  checkMachine(chosen);
  const pace = options.short ? "short" : "full";
  const results: Result[] = [];
  for (const [index, one] of chosen.entries()) {
    stderr.write(`[${String(index + 1)}/${String(chosen.length)}] ${one.name}: ${one.what} … `);
    const result = await play(one, { pace, seed });
    results.push(result);
    stderr.write(`${result.kept ? "kept" : "BROKEN"} after ${result.seconds.toFixed(0)} s\n`);
    for (const reason of result.broken) stderr.write(`    ${reason}\n`);
  }
  if (options.json) stdout.write(`${JSON.stringify({ ...facts(pace, seed), results }, null, 2)}\n`);
  else stdout.write(faultsTable(results, options.markdown ? "markdown" : styleFor(stdout)));
  return results.every(({ kept }) => kept) ? exitCodes.ok : exitCodes.failed;
}

function chosenCases(names: readonly string[]): readonly Case[] {
  const known = cases.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new UserError(
      `--case ${name}: ${near === undefined ? `one of ${known.join(", ")}` : `did you mean ${near}?`}`,
    );
  }
  return names.length === 0 ? cases : cases.filter(({ name }) => names.includes(name));
}

function checkedSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UserError(`--seed ${text}: a whole number from 0 to 999999999`);
  return Number(text);
}

/** What cannot be tried is not passed over. */
function checkMachine(chosen: readonly Case[]): void {
  try {
    collectorBinary();
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error), exitCodes.notReady);
  }
  const behindProxy = chosen.filter(({ proxied }) => proxied).map(({ name }) => name);
  if (behindProxy.length === 0 || haproxyIsThere()) return;
  throw new UserError(
    `${behindProxy.join(", ")} needs haproxy, which is not on the path. Install it (apt-get install haproxy), or name other cases with --case.`,
    exitCodes.notReady,
  );
}

const facts = (pace: string, seed: number) => ({
  collector: images.collector,
  pace,
  seed,
  machine: { cores: availableParallelism(), memoryMiB: Math.round(totalmem() / 2 ** 20), kernel: release() },
});

const list = (): string =>
  cases
    .map(({ name, what, promised }) => {
      const promise = promised === "kept" ? "nothing acknowledged is lost" : "lost for good, and counted as lost";
      return `${name.padEnd(20)}  ${what}: ${promise}\n`;
    })
    .join("");

if (import.meta.main) await main(() => faults(process.argv.slice(2), process));
