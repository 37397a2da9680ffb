import { setTimeout as sleep } from "node:timers/promises";

import { checkedStack, commandArguments } from "./arguments.ts";
import { InventoryBuilder } from "./coverage/inventory.ts";
import { scenarios } from "./demo/conditions.ts";
import { note, noteOwn } from "./demo/held.ts";
import { perform, secondsBetween, type Performance } from "./demo/performance.ts";
import { playFrom, type Play } from "./demo/play.ts";
import { Team } from "./demo/team.ts";
import { Telemetry } from "./demo/telemetry.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { runningStack } from "./running/stack.ts";
import { runningOptions, targetHelp, withOptions, type Target } from "./running/target.ts";
import { listed, readableDuration, styleFor, type Style } from "./terminal.ts";

const help = `npm run demo -- [--stack dev] [--minutes 5] [--scenario healthy] [--dry-run]

Sends the telemetry of a made-up team through a running stack, as its applications would: a web page, a gateway,
agents that call models and tools, workers, workflows; metrics, traces across services, logs with their trace ids.
After two minutes each panel shows something, but for what compares with yesterday.

  --minutes N           how long (default 5; 0.1 to 1440). Ctrl-C ends it sooner
  --rate N              visits a second, on average (default 2; 0.1 to 50)
  --scenario NAME       what goes wrong:
${Object.entries(scenarios)
  .map(([name, { words }]) => `                          ${name.padEnd(14)} ${words}`)
  .join("\n")}
  --seed N              another team with the same habits (default 1)
  --serve-metrics [HOST:]PORT
                        offer the metrics that are scraped (workers, workflows) on http://HOST:PORT/metrics, and do not
                        send them; HOST is 127.0.0.1 if not given
  --dry-run             send nothing: reckon those minutes at once, and show which telemetry it would be; with --json
                        an inventory for npm run coverage, with that of the stack's own parts
  --stack NAME          the stack that npm run up deployed (default dev)
  --json                the result as JSON, and nothing else, on stdout
${targetHelp}                        The first is enough here.
Exit codes: 0 everything was taken, 1 something was not, 2 bad settings or arguments, 3 the stack is not deployed.
`;

const demoOptions = {
  ...runningOptions,
  minutes: { type: "string", default: "5" },
  rate: { type: "string", default: "2" },
  scenario: { type: "string", default: "healthy" },
  seed: { type: "string", default: "1" },
  "serve-metrics": { type: "string" },
  "dry-run": { type: "boolean", default: false },
} as const;

/** What there would be after those minutes, without sending anything; the same for the same play. */
export async function rehearsed({ scenario, rate, seed, minutes }: Play): Promise<InventoryBuilder> {
  const telemetry = new Telemetry({ seed });
  const team = new Team(telemetry, { scenario, rate, seed });
  const builder = new InventoryBuilder();
  for (let second = 1; second <= minutes * 60; second += 1) {
    team.second(second * 1000);
    if (second % secondsBetween === 0) note(builder, await telemetry.collect());
  }
  note(builder, await telemetry.collect());
  return builder;
}

/** Plays a team. */
export async function demo(
  args: readonly string[],
  process: Pick<NodeJS.Process, "stdout" | "stderr" | "env" | "once">,
): Promise<number> {
  const { stdout, stderr, env } = process;
  const options = commandArguments(args, demoOptions);
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const play = playFrom(options);
  if (options["dry-run"]) {
    stdout.write(await dryRun(play, options.json));
    return exitCodes.ok;
  }
  const target = await targetOf(options, env, (text) => stderr.write(`${text}\n`));
  const interrupted = new AbortController();
  process.once("SIGINT", () => {
    interrupted.abort();
  });
  const style = styleFor(stdout);
  const progress = options.json ? stderr : stdout;
  const ended = await perform(play, target.otlp, {
    now: Date.now,
    sleepUntil: (time) => sleep(Math.max(0, time - Date.now()), undefined, { signal: interrupted.signal }),
    interrupted: interrupted.signal,
    tell: (line) => progress.write(progress.isTTY ? `\r\u001b[K${line}` : `${line}\n`),
  });
  if (progress.isTTY) progress.write("\n");
  if (options.json) stdout.write(`${JSON.stringify(ended, null, 2)}\n`);
  else stdout.write(`${closing(ended, play, target.grafana?.url, style)}\n`);
  return ended.problem === undefined ? exitCodes.ok : exitCodes.failed;
}

async function dryRun(play: Play, json: boolean): Promise<string> {
  const builder = await rehearsed(play);
  const { scenario, minutes, rate, seed } = play;
  if (json) {
    noteOwn(builder);
    return `${JSON.stringify({ demo: { scenario, minutes, rate, seed }, ...builder.build() }, null, 2)}\n`;
  }
  const { metrics, spans, logRecords } = builder.build();
  const services = [...new Set([...metrics.map(({ service }) => service), ...spans, ...logRecords])].sort();
  const lines = services.map((service) => {
    const names = metrics.filter((series) => series.service === service).length;
    const more = [spans.includes(service) ? "spans" : "", logRecords.includes(service) ? "log records" : ""];
    return `  ${service.padEnd(16)} ${[`${String(names)} series names`, ...more.filter((word) => word !== "")].join(", ")}`;
  });
  return `After ${readableDuration(minutes * 60)} of ${scenario} (${scenarios[scenario].words}) there would be telemetry of\n${lines.join("\n")}\n`;
}

/** With the collector's address alone no stack is read. */
async function targetOf(
  options: Parameters<typeof runningStack>[0],
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<Target & { readonly otlp: NonNullable<Target["otlp"]> }> {
  const alone = options["otlp-url"] !== undefined && options["grafana-url"] === undefined && options.stack === "dev";
  const { target, reach } = alone
    ? { target: withOptions(options, env, undefined), reach: "" }
    : await runningStack({ ...options, stack: checkedStack(options.stack) }, env, say).then((stack) => ({
        target: stack.target,
        reach: stack.remedies.reachOtlp,
      }));
  const { otlp } = target;
  if (otlp === undefined) throw new UserError(`OTLP over HTTP is not published.\n${reach}`, exitCodes.notReady);
  return { ...target, otlp };
}

function closing(
  { visits, sent, refused, problem, seconds }: Performance,
  { scenario }: Play,
  grafana: string | undefined,
  style: Style,
): string {
  const counted = (count: number, what: string) => `${String(count)} ${what}`;
  const all = [
    counted(sent.spans, "spans"),
    counted(sent.logRecords, "log records"),
    counted(sent.metricPoints, "metric points"),
  ];
  const { fires } = scenarios[scenario];
  const lost = refused.spans + refused.logRecords + refused.metricPoints;
  return [
    `${counted(visits, "visits")} in ${readableDuration(seconds)}: ${listed(all)} were taken.`,
    ...(problem === undefined
      ? []
      : [`${style.bad("Not taken")}: ${String(lost)} records. The last time because: ${problem}`]),
    ...(grafana === undefined ? [] : [`Look at ${grafana}/d/agent-performance and ${grafana}/dashboards`]),
    ...(fires.length === 0 ? [] : [`If it lasts long enough, ${listed(fires)} will fire.`]),
  ].join("\n");
}

if (import.meta.main) await main(() => demo(process.argv.slice(2), process));
