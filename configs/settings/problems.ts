import { closest, distance } from "fastest-levenshtein";

/** One thing that is wrong with the settings, in a form that a person can act on. */
export interface Problem {
  /** Where, as `pulumi config set --path` spells it: `greptimedb.retention.traces`. */
  readonly key: string;
  /** What was given. Left out for secrets and where nothing was given. */
  readonly given?: unknown;
  /** What is allowed there. */
  readonly expected: string;
  /** What to do about it, ready to paste where possible. */
  readonly remedy: string;
}

/** Thrown before the first resource, with every problem at once. */
export class SettingsError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(describe(problems));
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/** The nearest of the known names, if one is near enough to be a typing error. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(
    name.toLowerCase(),
    [...known].map((k) => k.toLowerCase()),
  );
  const original = known.find((k) => k.toLowerCase() === candidate);
  const tolerance = Math.max(2, Math.floor(name.length / 3));
  return distance(name.toLowerCase(), candidate) <= tolerance ? original : undefined;
}

/** The command that sets one key. */
export const setCommand = (key: string, value: string): string => `pulumi config set --path '${key}' ${value}`;

/** The command that sets one secret; the CLI asks for the value, so that it is in no shell history. */
export const setSecretCommand = (key: string): string => `pulumi config set --secret --path '${key}'`;

/** A name that is not among the known ones, with the nearest that is. */
export function unknownName(key: string, given: string, known: readonly string[], what: string): Problem {
  const near = nearest(given, known);
  return {
    key,
    given,
    expected: `the name of ${/^[aeiou]/.test(what) ? "an" : "a"} ${what}: ${known.join(", ")}`,
    remedy: near === undefined ? "use one of these names" : `did you mean ${near}?`,
  };
}

/** An entry of a list that an earlier one names as well. `key` is that of the entry. */
export function repeated(names: readonly string[], index: number, key: string, what: string): Problem[] {
  const twin = names.indexOf(names[index] ?? "");
  if (twin === index) return [];
  const list = key.replace(/\[.*/, "");
  return [
    {
      key,
      given: names[index],
      expected: `${what} named once; ${list}[${String(twin)}] names it too`,
      remedy: "remove one of the two",
    },
  ];
}

function describe(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${String(problems.length)} problems`;
  return [`Invalid settings, ${count}; nothing was created.`, ...problems.map(paragraph)].join("\n\n");
}

function paragraph({ key, given, expected, remedy }: Problem): string {
  const value = given === undefined ? "" : ` = ${shown(given)}`;
  return `  ${key}${value}\n    expected: ${expected}\n    remedy:   ${remedy}`;
}

/** One line, however long or strange the value is. Control characters are escaped by the JSON form. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
