import { UserError, exitCodes } from "../exit.ts";
import { ask, excerpt } from "../running/http.ts";
import type { Target } from "../running/target.ts";
import { exposition, isScraped, serve } from "./exposition.ts";
import type { Play } from "./play.ts";
import { only, Sender, type Counts } from "./sending.ts";
import { Team } from "./team.ts";
import { Telemetry, type Collected } from "./telemetry.ts";
import { sources } from "./world.ts";

/** How often an application hands over what it has recorded, in seconds. */
export const secondsBetween = 10;

/** What came of it. */
export interface Performance {
  readonly scenario: string;
  readonly seed: number;
  readonly seconds: number;
  readonly visits: number;
  readonly sent: Counts;
  readonly refused: Counts;
  readonly problem?: string;
}

export interface Stage {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects when the play is interrupted. */
  readonly sleepUntil: (time: number) => Promise<unknown>;
  readonly interrupted: AbortSignal;
  readonly tell: (line: string) => void;
}

/**
 * Plays, and sends as it goes. An interruption ends it as its time would.
 * @throws UserError when the collector takes nothing
 */
export async function perform(play: Play, otlp: NonNullable<Target["otlp"]>, stage: Stage): Promise<Performance> {
  await mustTake(otlp);
  const startedAt = stage.now();
  // the ids of another day's traces are others
  const telemetry = new Telemetry({ seed: play.seed + Math.floor(startedAt / 1000) });
  const workers = play.metricsAt === undefined ? sources.workers : sources.workers.slice(0, 1);
  const team = new Team(telemetry, { ...play, workers });
  const sender = new Sender(otlp);
  let exposed = "";
  const down = play.scenario === "worker-down";
  const server =
    play.metricsAt === undefined ? undefined : await serve(play.metricsAt, () => (down ? undefined : exposed));
  const handOver = async (): Promise<void> => {
    const collected = await telemetry.collect();
    if (server === undefined) return sender.send(collected);
    exposed = exposition(collected.metrics);
    return sender.send(withoutScraped(collected));
  };
  let second = 0;
  try {
    while (second < Math.round(play.minutes * 60) && (await reached(startedAt + (second + 1) * 1000, stage))) {
      second += 1;
      team.second(startedAt + second * 1000);
      if (second % secondsBetween !== 0) continue;
      await handOver();
      stage.tell(line(second, play, team.visits, sender));
    }
    await handOver();
  } finally {
    await server?.close();
    await sender.close();
  }
  const { sent, refused, problem } = sender;
  return {
    scenario: play.scenario,
    seed: play.seed,
    seconds: second,
    visits: team.visits,
    sent,
    refused,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** False if it was interrupted before. */
const reached = async (time: number, { sleepUntil, interrupted }: Stage): Promise<boolean> => {
  if (interrupted.aborted) return false;
  return sleepUntil(time).then(
    () => true,
    (error: unknown) => {
      if (interrupted.aborted) return false;
      throw error;
    },
  );
};

const withoutScraped = (collected: Collected): Collected => ({
  ...collected,
  metrics: only(collected.metrics, (data) => !isScraped(data)),
});

/** Asks before anything is made up. */
async function mustTake({ url, headers }: NonNullable<Target["otlp"]>): Promise<void> {
  const reply = await ask(`${url}/v1/metrics`, {
    headers: { ...headers, "content-type": "application/json" },
    body: '{"resourceMetrics":[]}',
  });
  if (reply.status === 200) return;
  const remedy =
    reply.status === 401
      ? "OTEL_EXPORTER_OTLP_HEADERS has to have the token of collector.auth."
      : "npm run smoke shows where it ends.";
  throw new UserError(`The collector at ${url} takes nothing: ${excerpt(reply)}. ${remedy}`, exitCodes.failed);
}

function line(second: number, { minutes }: Play, visits: number, { sent, problem }: Sender): string {
  const clock = (seconds: number) =>
    `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  const counts = `${String(visits)} visits, ${String(sent.spans)} spans, ${String(sent.logRecords)} log records, ${String(sent.metricPoints)} metric points`;
  return `${clock(second)} of ${clock(Math.round(minutes * 60))}  ${counts}${problem === undefined ? "" : `; not taken: ${problem}`}`;
}
