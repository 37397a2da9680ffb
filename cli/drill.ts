import { setTimeout as sleep } from "node:timers/promises";

import { formatDuration } from "../configs/settings/units.ts";
import { nearest } from "../configs/settings/problems.ts";
import { checkedStack, commandArguments } from "./arguments.ts";
import { drillSettings, drillsOf, isStory, type Drill } from "./drill/drills.ts";
import { usual } from "./drill/failures.ts";
import { drillLive } from "./drill/live.ts";
import { playOnPromtool, type Outcome } from "./drill/on-promtool.ts";
import { listScreen, outcomeLine, summary } from "./drill/screen.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { runningStack } from "./running/stack.ts";
import { runningOptions, targetHelp } from "./running/target.ts";
import { styleFor, widthOf } from "./terminal.ts";

const help = `npm run drill -- --rule NAME [--fast] | --all [--fast] | --list

Alert drills: has each rule fire, and end, on traffic that is made for it, in databases of its own in your GreptimeDB,
evaluated by your Grafana; nobody's data is touched, and nobody is notified (docs/drill.md says how). Checks labels,
value, links, and that no other rule fires.

  --list                the rules, each with the story that breaks it and the traffic that must not; needs no stack
  --rule NAME           drill this rule; more than once for several
  --all                 drill all rules, one after the other
  --fast                one evaluation instead of the rule's own time to hold: about two minutes a rule
  --promtool            play the same stories on Prometheus' promtool, on this machine, instead of a stack
  --stack NAME          the stack that npm run up deployed (default dev)
  --json                the result as JSON, and nothing else, on stdout
${targetHelp}                        Here GREPTIMEDB_WRITER_USER and GREPTIMEDB_WRITER_PASSWORD as well, of a user that may write.
Exit codes: 0 all drills passed, 1 one did not, 2 bad settings or arguments, 3 the stack is not deployed.
`;

const drillOptions = {
  ...runningOptions,
  list: { type: "boolean", default: false },
  rule: { type: "string", multiple: true, default: [] as string[] },
  all: { type: "boolean", default: false },
  fast: { type: "boolean", default: false },
  promtool: { type: "boolean", default: false },
} as const;

/** Drills rules. */
export async function drill(
  args: readonly string[],
  process: Pick<NodeJS.Process, "stdout" | "stderr" | "env" | "once">,
): Promise<number> {
  const { stdout } = process;
  const options = commandArguments(args, drillOptions);
  const all = drillsOf(drillSettings());
  if (options.help) stdout.write(help);
  else if (options.list) stdout.write(options.json ? listJson(all) : listScreen(all, widthOf(stdout)));
  if (options.help || options.list) return exitCodes.ok;
  const chosen = options.all ? all : chosenFrom(options.rule, all);
  const style = styleFor(stdout);
  const tell = (outcome: Outcome) => {
    if (!options.json) stdout.write(outcomeLine(outcome, widthOf(stdout), style));
  };
  const outcomes = options.promtool
    ? chosen.map((one) => told(playOnPromtool(one, all), tell))
    : await onStack(chosen, all, { ...options, stack: checkedStack(options.stack) }, process, tell);
  if (options.json) stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`);
  else stdout.write(summary(outcomes, style));
  return outcomes.every(({ state }) => state !== "failed") ? exitCodes.ok : exitCodes.failed;
}

const told = <O extends Outcome>(outcome: O, tell: (outcome: Outcome) => void): O => {
  tell(outcome);
  return outcome;
};

async function onStack(
  chosen: readonly Drill[],
  all: readonly Drill[],
  options: Parameters<typeof runningStack>[0] & { readonly fast: boolean },
  process: Pick<NodeJS.Process, "stderr" | "env" | "once">,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const { stderr, env } = process;
  const { target, expected } = await runningStack(options, env, (text) => stderr.write(`${text}\n`));
  const [there, absent] = partedBy(chosen, expected?.rules);
  const skipped = absent.map(({ title }) =>
    told({ title, state: "skipped", detail: "this stack does not have it" } as const, tell),
  );
  if (there.length === 0) return skipped;
  const interrupted = new AbortController();
  process.once("SIGINT", () => {
    interrupted.abort();
  });
  const played = await drillLive(there, all, target, {
    fast: options.fast,
    clock: {
      now: Date.now,
      sleep: (milliseconds) =>
        sleep(milliseconds, undefined, { signal: interrupted.signal }).catch(() => {
          throw new UserError("Interrupted.", exitCodes.failed);
        }),
    },
    tell,
    say: (text) => stderr.write(`${text}\n`),
  });
  return [...skipped, ...played];
}

/**
 * Rules that a stack has, and those that it does not: its packs are fewer, or a part of it is off. Whoever expects a
 * service has its rule under another title.
 * @param titles of the stack's rules. @default - nobody knows, and each is tried
 */
export function partedBy(chosen: readonly Drill[], titles: readonly string[] | undefined): [Drill[], Drill[]] {
  const names = titles === undefined ? undefined : new Set(titles.map((title) => title.split(" (")[0]));
  const has = ({ rule }: Drill) => names === undefined || names.has(rule.name);
  return [chosen.filter(has), chosen.filter((one) => !has(one))];
}

/** Rules by their titles or, for all instances of one, by their names. */
function chosenFrom(names: readonly string[], all: readonly Drill[]): Drill[] {
  if (names.length === 0) throw new UserError("Name a rule (--rule), or take --all; --list shows what there is.");
  const known = all.flatMap(({ title, rule }) => [title, rule.name]);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const lines = unknown.map((name) => {
      const near = nearest(name, known);
      return `--rule ${name}: there is no such rule${near === undefined ? "; --list shows all" : `. Did you mean ${near}?`}`;
    });
    throw new UserError(lines.join("\n"));
  }
  return all.filter(({ title, rule }) => names.includes(title) || names.includes(rule.name));
}

const listJson = (all: readonly Drill[]): string =>
  `${JSON.stringify(
    all.map(({ title, pack, rule, failure, few, companions }) => ({
      rule: title,
      pack,
      severity: rule.severity,
      for: formatDuration(rule.for),
      breaks: isStory(failure)
        ? {
            series: failure.series.length,
            course: failure.course ?? usual,
            labels: failure.labels,
            detectedWithin: `${String(failure.detectedWithin)}m`,
            ...(failure.silentWithin === Infinity ? {} : { silentWithin: `${String(failure.silentWithin)}m` }),
          }
        : { words: failure.breaks },
      spares: isStory(failure)
        ? {
            before: "its own story until it begins",
            healthy: true,
            ...(few === undefined ? {} : { little: few.series.length }),
          }
        : { words: failure.spares },
      companions,
    })),
    null,
    2,
  )}\n`;

if (import.meta.main) await main(() => drill(process.argv.slice(2), process));
