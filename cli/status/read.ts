import { metricsQuery, rules, sqlQuery } from "../running/grafana.ts";
import type { Answered } from "../running/greptimedb.ts";
import { excerpt } from "../running/http.ts";
import type { Parts } from "../running/parts.ts";
import type { RunningStack } from "../running/stack.ts";
import {
  diskQuestion,
  newestQuestions,
  stackQuestions,
  telemetryQuestions,
  type Questions,
  type Thing,
} from "./vitals.ts";

/** What the screen shows, as plain data. A number is undefined where GreptimeDB has none. */
export interface Status {
  /** When it was asked, in RFC 3339. */
  readonly at: string;
  readonly parts: Parts;
  readonly endpoints: Readonly<Record<"grafana" | "otlp" | "greptimedb", string | undefined>>;
  readonly telemetry: Readonly<Record<Thing, Telemetry>>;
  readonly stack: Readonly<Record<keyof typeof stackQuestions, number | undefined>>;
  /** Bytes of all tables on disk. */
  readonly disk: number | undefined;
  readonly alerts: { readonly rules: number; readonly firing: readonly string[]; readonly pending: readonly string[] };
  /** Questions that got no answer, each in words, each once. */
  readonly problems: readonly string[];
}

export type Telemetry = Readonly<Record<keyof Questions, number | undefined>> & {
  /** Seconds since the newest record; undefined if there is none of late. */
  readonly age: number | undefined;
};

/** Asks everything at once. */
export async function readStatus(stack: RunningStack, now: () => number): Promise<Status> {
  const asked = new Asked(stack);
  const newest = newestQuestions(stack.target.databases);
  const telemetry = async (thing: Thing): Promise<Telemetry> => ({
    ...(await each(telemetryQuestions[thing], (question) => asked.promql(question))),
    age: age(await asked.sql(newest[thing]), now()),
  });
  const [parts, spans, logRecords, metricPoints, own, disk, alerts] = await Promise.all([
    stack.parts(),
    telemetry("spans"),
    telemetry("logRecords"),
    telemetry("metricPoints"),
    each(stackQuestions, (question) => asked.promql(question)),
    asked.sql(diskQuestion),
    asked.alerts(),
  ]);
  const { grafana, otlp, greptimedb } = stack.target;
  return {
    at: new Date(now()).toISOString(),
    parts,
    endpoints: { grafana: grafana?.url, otlp: otlp?.url, greptimedb: greptimedb?.url },
    telemetry: { spans, logRecords, metricPoints },
    stack: own,
    disk: typeof disk === "number" ? disk : undefined,
    alerts,
    problems: asked.problems,
  };
}

/** Answers of the same names. */
async function each<Name extends string, T>(
  questions: Readonly<Record<Name, string>>,
  answer: (question: string) => Promise<T>,
): Promise<Record<Name, T>> {
  const entries = Object.entries(questions) as [Name, string][];
  const answers = await Promise.all(entries.map(async ([name, question]) => [name, await answer(question)] as const));
  return Object.fromEntries(answers) as Record<Name, T>;
}

/** Questions through Grafana, which reaches GreptimeDB wherever it is; remembers those without an answer. */
class Asked {
  readonly #grafana: RunningStack["target"]["grafana"];
  readonly #problems = new Set<string>();

  constructor({ target }: RunningStack) {
    this.#grafana = target.grafana;
    if (target.grafana === undefined) this.#problems.add("nobody says where Grafana is");
  }

  get problems(): readonly string[] {
    return [...this.#problems];
  }

  /** The one number of an instant query: a column of times, and one of values. */
  async promql(question: string): Promise<number | undefined> {
    if (this.#grafana === undefined) return undefined;
    const value = this.#known(await metricsQuery(this.#grafana, question))?.[1]?.[0];
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  }

  /** The one value of a SQL query. */
  async sql(question: string): Promise<unknown> {
    if (this.#grafana === undefined) return undefined;
    return this.#known(await sqlQuery(this.#grafana, question))?.[0]?.[0] ?? undefined;
  }

  async alerts(): Promise<Status["alerts"]> {
    const all = this.#grafana === undefined ? [] : (this.#known(await rules(this.#grafana)) ?? []);
    const named = (wanted: string) =>
      [
        ...new Set(all.filter(({ state, name }) => state === wanted && name !== "Watchdog").map(({ name }) => name)),
      ].sort();
    return { rules: all.length, firing: named("firing"), pending: named("pending") };
  }

  #known<Row>({ reply, rows }: Answered<Row>): readonly Row[] | undefined {
    if (rows === undefined) this.#problems.add(`Grafana: ${excerpt(reply)}`);
    return rows;
  }
}

/** Of a time as Grafana hands it over: milliseconds, or a text. */
function age(newest: unknown, now: number): number | undefined {
  const at = typeof newest === "string" ? Date.parse(/Z|[+-]\d\d:?\d\d$/.test(newest) ? newest : `${newest}Z`) : newest;
  return typeof at === "number" && Number.isFinite(at) ? Math.max(0, (now - at) / 1000) : undefined;
}
