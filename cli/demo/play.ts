import { UserError } from "../exit.ts";
import { listed } from "../terminal.ts";
import { scenarios, type ScenarioName } from "./conditions.ts";
import { placeFrom, type Place } from "./exposition.ts";

/** What is to be played. */
export interface Play {
  readonly scenario: ScenarioName;
  readonly minutes: number;
  readonly rate: number;
  readonly seed: number;
  readonly metricsAt: Place | undefined;
}

/**
 * Reads the play from options.
 * @throws UserError with every problem
 */
export function playFrom(options: {
  readonly minutes: string;
  readonly rate: string;
  readonly scenario: string;
  readonly seed: string;
  readonly "serve-metrics"?: string | undefined;
}): Play {
  const problems: string[] = [];
  const number = (name: "minutes" | "rate" | "seed", from: number, to: number): number => {
    const text = options[name];
    const value = Number(text);
    const fits = /^\d+(\.\d+)?$/.test(text) && value >= from && value <= to && (name !== "seed" || value % 1 === 0);
    if (!fits)
      problems.push(
        `--${name} ${text}: write a ${name === "seed" ? "whole " : ""}number from ${String(from)} to ${String(to)}`,
      );
    return value;
  };
  const minutes = number("minutes", 0.1, 1440);
  const rate = number("rate", 0.1, 50);
  const seed = number("seed", 0, 2 ** 31);
  const { scenario } = options;
  if (!isScenario(scenario)) {
    problems.push(`--scenario ${scenario}: there are ${listed(Object.keys(scenarios))}`);
    throw new UserError(problems.join("\n"));
  }
  const metricsAt = options["serve-metrics"] === undefined ? undefined : placeFrom(options["serve-metrics"]);
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return { scenario, minutes, rate, seed, metricsAt };
}

const isScenario = (name: string): name is ScenarioName => Object.hasOwn(scenarios, name);
