import { exitCodes, UserError } from "../exit.ts";
import type { Target } from "../running/target.ts";
import { listed } from "../terminal.ts";
import type { Drill } from "./drills.ts";
import { createDatabase, dropDatabase } from "./live/database.ts";
import { DrillGrafana, type Reader } from "./live/grafana.ts";
import { databases, playLive, type Clock, type LiveOutcome } from "./live/play.ts";

/** Drills on a running stack, one after the other; nothing of them is left behind. */

export interface LiveOptions {
  readonly fast: boolean;
  readonly clock: Clock;
  readonly tell: (outcome: LiveOutcome) => void;
  /** What could not be cleaned up, and the like. */
  readonly say: (text: string) => void;
}

/** Longer than all drills together take at their own pace. */
const silencedMilliseconds = 7 * 86_400_000;

/** @throws UserError when the stack does not let drills in */
export async function drillLive(
  chosen: readonly Drill[],
  all: readonly Drill[],
  target: Target,
  { fast, clock, tell, say }: LiveOptions,
): Promise<LiveOutcome[]> {
  const { grafana: access, writer, greptimedb } = target;
  if (access === undefined)
    throw new UserError("A drill needs Grafana, and nobody says where it is.", exitCodes.notReady);
  if (writer === undefined || greptimedb === undefined) {
    throw new UserError(
      "A drill writes to GreptimeDB's HTTP API, which is not published: set greptimedb.ports.http, or forward a port and " +
        "give --greptimedb-url, with GREPTIMEDB_USER, GREPTIMEDB_PASSWORD, GREPTIMEDB_WRITER_USER and " +
        "GREPTIMEDB_WRITER_PASSWORD in the environment.",
      exitCodes.notReady,
    );
  }
  const reader = readerFrom(greptimedb.authorization);
  const grafana = new DrillGrafana(access);
  // what an earlier one may have left
  await grafana.close();
  const outcomes: LiveOutcome[] = [];
  try {
    const [first = ""] = databases;
    await createDatabase(writer, first);
    await grafana.open(first, reader, clock.now() + silencedMilliseconds);
    const stage = { writer, reader, grafana, grafanaUrl: access.url, fast, clock };
    for (const drill of chosen) {
      const outcome = await playLive(drill, all, stage);
      outcomes.push(outcome);
      tell(outcome);
    }
  } finally {
    const left = await grafana.close();
    for (const database of databases) {
      await dropDatabase(writer, database).catch(() => left.push(`the database ${database}`));
    }
    if (left.length > 0) say(`Not removed: ${listed(left)}. The next drill tries again.`);
  }
  return outcomes;
}

/** The user behind `Basic …`: Grafana wants name and password each. */
function readerFrom(authorization: string): Reader {
  const text = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
  const colon = text.indexOf(":");
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
