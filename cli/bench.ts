import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem } from "node:os";

import type { Signal } from "../configs/collector/signal.ts";
import { images } from "../configs/images.ts";
import { commandArguments, helpOption } from "./arguments.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { measure, type Measurement } from "./lab/bench/measure.ts";
import { payloadOf } from "./lab/bench/payloads.ts";
import { summarised, type Row } from "./lab/bench/summary.ts";
import { benchTable } from "./lab/bench/table.ts";
import { variants } from "./lab/bench/variants.ts";
import { collectorBinary } from "./lab/collector.ts";
import { styleFor } from "./terminal.ts";

const help = `npm run bench -- [--signal NAME]… [--records N] [--rounds N] [--seed N] [--short] [--json | --markdown]

Measures how much this stack's configuration of the collector takes, against a bare one and a usual one: the same
binary, source, sink and records, one after the other in each round. The collector has one processor core, source and
sink have another.

  --signal NAME  traces, metrics or logs (default all); may be repeated
  --records N    spans of one run (default 300000); twice as many log records, six times as many points
  --rounds N     rounds, of which median and spread are shown (default 3)
  --seed N       for the records' content (default 1)
  --short        one round of 50000 spans
  --json         everything as JSON, and nothing else, on stdout
  --markdown     the table as in docs/performance.md

The collector is built by .ci/collector, or any otelcol-contrib of version ${images.collector.split(":")[1] ?? ""} that OTELCOL names.

Exit codes: 0 goals reached, or too much noise to say; 1 a goal was missed, or a record did not arrive; 2 bad arguments;
3 no collector, or a single core.
`;

const signals = ["traces", "metrics", "logs"] as const;

/** Smaller records, more of them, so that runs take alike. */
const shares: Readonly<Record<Signal, number>> = { traces: 1, metrics: 6, logs: 2 };

/** Measures and compares. */
export async function bench(
  args: readonly string[],
  { stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr">,
): Promise<number> {
  const options = commandArguments(args, {
    ...helpOption,
    signal: { type: "string", multiple: true, default: [] as string[] },
    records: { type: "string" },
    rounds: { type: "string" },
    seed: { type: "string", default: "1" },
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
  });
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const chosen = chosenSignals(options.signal);
  const records = counted("records", options.records ?? (options.short ? "50000" : "300000"), 10_000, 100_000_000);
  const rounds = counted("rounds", options.rounds ?? (options.short ? "1" : "3"), 1, 100);
  const seed = counted("seed", options.seed, 0, 999_999_999);
  separated();
  const rows: Row[] = [];
  for (const signal of chosen) {
    const payload = payloadOf(signal, seed);
    const count = records * shares[signal];
    const measured: Record<string, Measurement>[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const all: Record<string, Measurement> = {};
      for (const variant of variants) {
        stderr.write(`${signal}, round ${String(round)} of ${String(rounds)}, ${variant.name} … `);
        const one = await measure(variant, payload, count, collectorCore);
        all[variant.name] = one;
        stderr.write(`${String(Math.round(one.perSecond))} records/s, ${one.cpuPerMillion.toFixed(1)} CPU s/million\n`);
      }
      measured.push(all);
    }
    rows.push(...summarised(signal, measured, variants));
  }
  if (options.json) stdout.write(`${JSON.stringify({ ...facts(records, rounds, seed), rows }, null, 2)}\n`);
  else stdout.write(benchTable(rows, options.markdown ? "markdown" : styleFor(stdout)));
  return rows.some(({ goal }) => goal?.verdict === "missed") ? exitCodes.failed : exitCodes.ok;
}

function chosenSignals(names: readonly string[]): readonly Signal[] {
  for (const name of names) {
    if (!signals.some((signal) => signal === name))
      throw new UserError(`--signal ${name}: one of ${signals.join(", ")}`);
  }
  return names.length === 0 ? signals : signals.filter((signal) => names.includes(signal));
}

function counted(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UserError(`--${option} ${text}: a whole number from ${String(least)} to ${String(most)}`);
}

const collectorCore = 0;

/** The collector has a core of its own: what is measured is not how the two share one. */
function separated(): void {
  try {
    collectorBinary();
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error), exitCodes.notReady);
  }
  if (availableParallelism() < 2) {
    throw new UserError(
      "Two processor cores are needed: one for the collector, one for source and sink.",
      exitCodes.notReady,
    );
  }
  execFileSync("taskset", ["-acp", String(collectorCore + 1), String(process.pid)], { stdio: "ignore" });
}

const facts = (records: number, rounds: number, seed: number) => ({
  collector: images.collector,
  records,
  rounds,
  seed,
  machine: {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "",
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
  },
});

if (import.meta.main) await main(() => bench(process.argv.slice(2), process));
