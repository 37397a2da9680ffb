import { createHash } from "node:crypto";

import { grafanaRule, type GrafanaRule } from "../../../dashboards/grafana/rules.ts";
import { ruleTitle, type Rule } from "../../../dashboards/rule.ts";
import { runbooksUid } from "../../../dashboards/runbooks.ts";
import { bystanders, healthyTraffic, isStory, type Drill } from "../drills.ts";
import { usual, type Failure } from "../failures.ts";
import { whyNot, type Outcome } from "../on-promtool.ts";
import { step } from "../traffic.ts";
import { createDatabase, databasePrefix, write, type Access as Writer } from "./database.ts";
import {
  drillLabel,
  drillUid,
  evaluationSeconds,
  type DrillGrafana,
  type DrilledRule,
  type Reader,
} from "./grafana.ts";
import { verdict } from "./verdict.ts";
import { sampleAt, timelineOf, type Timeline } from "./samples.ts";

/**
 * A drill on a running stack: GreptimeDB holds the story, Grafana evaluates the rule.
 *
 * Each phase has a database of its own, with the story's past in it when the phase begins; what comes after is written
 * as time goes by. So a failure that has to last for half an hour has done so when the drill begins, if it is fast.
 */

export interface Stage {
  readonly writer: Writer;
  readonly reader: Reader;
  readonly grafana: DrillGrafana;
  /** Where people reach Grafana. */
  readonly grafanaUrl: string;
  /** Whether `for` is cut short, and the past is long enough at once. */
  readonly fast: boolean;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects when the drill is broken off. */
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

export interface LiveOutcome extends Outcome {
  /** Seconds from the beginning of the phase until Grafana said so. */
  readonly pendingAfter?: number;
  readonly resolvedAfter?: number;
}

export const databases = ["well", "ill", "again"].map((phase) => `${databasePrefix}${phase}`);
const [wellDatabase = "", illDatabase = "", againDatabase = ""] = databases;

/** How long Grafana may take to see something, beyond what the rule says: some evaluations. */
const grace = 6 * evaluationSeconds;

/** What a phase plays. */
interface Phase {
  readonly database: string;
  readonly story: readonly Timeline[];
  /** Minute of the story at which the phase begins. */
  readonly minute: number;
  /** Seconds that it may last. */
  readonly patience: number;
}

/** The rules of a drill in Grafana: that which is drilled, cut short if it is to be fast, and all that must be silent. */
export function drillRules(drill: Drill, all: readonly Drill[], grafanaUrl: string, fast: boolean): GrafanaRule[] {
  const { rule } = drill;
  const short = { ...rule, for: Math.min(rule.for, evaluationSeconds), keepFiringFor: 0 };
  const packOf = new Map(all.map(({ title, pack }) => [title, pack]));
  return [fast ? short : rule, ...bystanders(drill, all)].map((one: Rule) => {
    const made = grafanaRule(one, runbooksUid(packOf.get(ruleTitle(one)) ?? ""), { grafanaUrl, contactPoints: {} });
    return {
      ...made,
      uid: uidOf(made.name),
      labels: { ...made.labels, [drillLabel]: "true" },
      datas: made.datas.map((data) =>
        data.datasourceUid === "__expr__" ? data : { ...data, datasourceUid: drillUid },
      ),
    };
  });
}

/** The same in each drill: a group in which titles change places is one that Grafana may refuse. */
const uidOf = (title: string): string =>
  `${drillLabel}-${createHash("sha256").update(title).digest("hex").slice(0, 16)}`;

/** Plays one drill: nothing while all is well, an alert when it is not, and its end. */
export async function playLive(drill: Drill, all: readonly Drill[], stage: Stage): Promise<LiveOutcome> {
  const { title, failure } = drill;
  const how = isStory(failure) ? "story" : failure.how;
  if (how === "untold") return { title, state: "skipped", detail: whyNot(drill) };
  await stage.grafana.setRules(drillRules(drill, all, stage.grafanaUrl, stage.fast));
  return how === "always" ? watched(drill, stage) : threePhases(drill, stage);
}

async function threePhases(drill: Drill, stage: Stage): Promise<LiveOutcome> {
  const { title, rule } = drill;
  const { well, ill, again } = phasesOf(drill, stage.fast);
  const quiet = await through(
    title,
    well,
    stage,
    (own, elapsed) => own.state === "firing" || (elapsed > 2.5 * evaluationSeconds && own.health === "ok"),
  );
  if (quiet.own?.state === "firing") return { title, state: "failed", detail: "it fires while all is well" };
  if (!quiet.reached) return { title, state: "failed", detail: trouble(quiet.own, "was not evaluated") };
  const breaking = await through(title, ill, stage, ({ state }) => state === "firing");
  const times = {
    ...(breaking.pendingAfter === undefined ? {} : { pendingAfter: breaking.pendingAfter }),
    ...(breaking.reached ? { detectedAfter: breaking.elapsed } : {}),
  };
  if (!breaking.reached) return { title, state: "failed", detail: trouble(breaking.own, "did not fire"), ...times };
  const wrong = await verdict(rule, labelsOf(drill), breaking, stage.grafana);
  const ended = await through(title, again, stage, ({ state }) => state === "inactive");
  if (wrong.length > 0) return { title, state: "failed", detail: wrong.join("; "), ...times };
  if (!ended.reached) return { title, state: "failed", detail: trouble(ended.own, "goes on firing"), ...times };
  const detail = "fired with its labels, value and links, resolved, and no other did";
  return { title, state: "passed", detail, ...times, resolvedAfter: ended.elapsed };
}

const trouble = (own: DrilledRule | undefined, words: string): string => {
  if (own === undefined) return "Grafana does not list the rule";
  return own.lastError === "" ? `it ${words} (${own.state})` : `it ${words}: ${own.lastError.slice(0, 300)}`;
};

const labelsOf = ({ failure }: Drill): Readonly<Record<string, string>> => (isStory(failure) ? failure.labels : {});

function phasesOf(drill: Drill, fast: boolean): { readonly well: Phase; readonly ill: Phase; readonly again: Phase } {
  const { failure } = drill;
  if (!isStory(failure)) {
    // traffic has no part in it: what fails is the way to the data
    const story = healthyTraffic().map(timelineOf);
    const phase = { story, minute: 30, patience: grace + drill.rule.for + drill.rule.keepFiringFor };
    return {
      well: { ...phase, database: wellDatabase },
      ill: { ...phase, database: "" },
      again: { ...phase, database: wellDatabase },
    };
  }
  const story = failure.series.map(timelineOf);
  const { begins, ends, detected, silent } = momentsOf(failure);
  return {
    well: { database: wellDatabase, story, minute: begins - 1, patience: grace },
    ill: {
      database: illDatabase,
      story,
      minute: fast ? detected : begins,
      patience: grace + (fast ? 0 : (detected - begins) * 60),
    },
    again: {
      database: againDatabase,
      story,
      // where its window is longer than the story, as it was before
      minute: silent === Infinity ? begins - 1 : fast ? silent : ends,
      patience: grace + (fast || silent === Infinity ? 0 : (silent - ends) * 60),
    },
  };
}

function momentsOf({ course = usual, detectedWithin, silentWithin }: Failure) {
  const begins = course.well;
  const ends = begins + course.ill;
  return { begins, ends, detected: begins + detectedWithin, silent: ends + silentWithin };
}

interface Reached {
  readonly reached: boolean;
  /** Seconds. */
  readonly elapsed: number;
  readonly pendingAfter?: number;
  readonly own: DrilledRule | undefined;
  readonly rules: readonly DrilledRule[];
}

/** Plays a phase until the rule is as it should be, or its time is over. */
async function through(
  title: string,
  phase: Phase,
  { writer, reader, grafana, clock }: Stage,
  enough: (own: DrilledRule, elapsed: number) => boolean,
): Promise<Reached> {
  const telling = await Telling.begin(phase, writer, clock);
  await grafana.point(phase.database === "" ? undefined : phase.database, reader);
  const startedAt = clock.now();
  let pending: { readonly pendingAfter?: number } = {};
  for (;;) {
    await clock.sleep(2000);
    await telling.goOn();
    const elapsed = Math.round((clock.now() - startedAt) / 1000);
    const rules = await grafana.rules();
    const own = rules.find((rule) => rule.title === title);
    // an evaluation of before the phase says nothing about it
    const fresh = own !== undefined && Date.parse(own.evaluatedAt) >= startedAt ? own : undefined;
    if (fresh?.state === "pending") pending = { pendingAfter: pending.pendingAfter ?? elapsed };
    const reached = fresh !== undefined && enough(fresh, elapsed);
    if (reached || elapsed > phase.patience) return { reached, elapsed, own, rules, ...pending };
  }
}

/** Writes a story as its time comes. */
class Telling {
  readonly #phase: Phase;
  readonly #writer: Writer;
  readonly #clock: Clock;
  /** When the story began, in milliseconds since 1970. */
  readonly #origin: number;
  #written = 0;

  private constructor(phase: Phase, writer: Writer, clock: Clock) {
    this.#phase = phase;
    this.#writer = writer;
    this.#clock = clock;
    this.#origin = clock.now() - sampleAt(phase.minute) * step * 1000;
  }

  /** With all that was before. */
  static async begin(phase: Phase, writer: Writer, clock: Clock): Promise<Telling> {
    const telling = new Telling(phase, writer, clock);
    if (phase.database !== "") await createDatabase(writer, phase.database);
    await telling.goOn();
    return telling;
  }

  /** Up to now. */
  async goOn(): Promise<void> {
    const { database, story } = this.#phase;
    const due = Math.floor((this.#clock.now() - this.#origin) / (step * 1000)) + 1;
    if (database === "" || due <= this.#written) return;
    await write(this.#writer, database, story, { from: this.#written, to: due, origin: this.#origin });
    this.#written = due;
  }
}

/** It fires from the beginning, and nothing ends it. */
async function watched({ title }: Drill, stage: Stage): Promise<LiveOutcome> {
  const phase = { database: wellDatabase, story: [], minute: 0, patience: grace };
  const { reached, elapsed, own } = await through(title, phase, stage, ({ state }) => state === "firing");
  if (!reached) return { title, state: "failed", detail: trouble(own, "does not fire, as it always should") };
  return { title, state: "passed", detail: "fires, as it always should", detectedAfter: elapsed };
}
