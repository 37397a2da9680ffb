import { bystanders, bystandersSilent, everyMinutes, isStory, storyOf, type Drill } from "./drills.ts";
import { usual, type Failure } from "./failures.ts";
import { contradictions } from "./promtool.ts";

/** What came of a drill. */
export interface Outcome {
  readonly title: string;
  readonly state: "passed" | "failed" | "skipped";
  /** Seconds from the beginning of the failure until the rule fired; undefined if it did not. */
  readonly detectedAfter?: number;
  /** What was wrong, or why it was skipped. */
  readonly detail: string;
}

/** Plays a drill on promtool: Prometheus evaluates rule and traffic as fast as it can. */
export function playOnPromtool(drill: Drill, all: readonly Drill[]): Outcome {
  const { title, rule, failure } = drill;
  if (!isStory(failure)) return { title, state: "skipped", detail: whyNot(drill) };
  const every = everyMinutes(failure.course ?? usual);
  const { series } = failure;
  const detectedAfter = detection(drill, failure);
  const said = contradictions([rule], [{ name: title, series, alerts: storyOf(rule, failure) }], every);
  if (said !== "") return { title, state: "failed", detail: said.trim(), ...detected(detectedAfter) };
  const others = bystanders(drill, all);
  const woken = contradictions(others, [{ name: title, series, alerts: bystandersSilent(others, failure) }], every);
  if (woken !== "")
    return { title, state: "failed", detail: `another rule fired\n${woken.trim()}`, ...detected(detectedAfter) };
  if (drill.few !== undefined) {
    const { atMinutes } = drill.few;
    const alerts = [{ rule, atMinutes, firing: [] }];
    const fired = contradictions([rule], [{ name: title, series: drill.few.series, alerts }]);
    if (fired !== "") return { title, state: "failed", detail: `it fired over little traffic\n${fired.trim()}` };
  }
  return { title, state: "passed", detail: "fired, resolved, and no other did", ...detected(detectedAfter) };
}

/** Why a drill cannot be played. */
export const whyNot = ({ pack, failure }: Drill): string =>
  isStory(failure) || failure.how === "untold"
    ? `nobody has told its story: cli/drill/proofs/${pack}.ts`
    : `not traffic: ${failure.breaks}`;

const detected = (seconds: number | undefined) => (seconds === undefined ? {} : { detectedAfter: seconds });

/** When it fires first: promtool says where it found something in place of nothing. */
function detection({ rule, title }: Drill, failure: Failure): number | undefined {
  const { course = usual, detectedWithin, series } = failure;
  const every = everyMinutes(course);
  const minutes = Array.from(
    { length: Math.ceil(detectedWithin / every) + 1 },
    (_, step) => course.well + step * every,
  );
  const expr = `count(ALERTS{alertstate="firing"})`;
  const queries = minutes.map((atMinutes) => ({ expr, atMinutes, expected: [] }));
  const said = contradictions([rule], [{ name: title, series, queries }], every);
  const found = [...said.matchAll(/time: (\S+),/g)].map(([, time = ""]) => secondsOf(time));
  const first = Math.min(...found);
  return Number.isFinite(first) ? first - course.well * 60 : undefined;
}

const secondsPer: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** `1h5m`, as Prometheus writes it. */
const secondsOf = (text: string): number =>
  [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (secondsPer[unit] ?? 0),
    0,
  );
