import { fromThreshold, type BoardContext, type TableColumn } from "./panel.ts";
import { ratio, type Vector, type Window } from "./promql.ts";
import { quiet, rule, type Rule } from "./rule.ts";

/**
 * Rules that watch an error budget: of a month's requests so many may fail, and the rules tell how fast that is used
 * up (the Google SRE workbook's multiple windows and multiple burn rates).
 */

/** The share of requests that may fail: the objective is 99.5 %. */
export const errorBudget = 0.005;

/** A burn rate of 1 uses up the budget of 30 days in 30 days. */
export interface Burn {
  readonly factor: number;
  readonly long: Window;
  /** A twelfth of the long window: what has ended is seen soon. */
  readonly short: Window;
  /** Requests in the long window, so that at least eight of them must have failed. */
  readonly atLeast: number;
  readonly severity: "critical" | "warning";
  readonly for: number;
  /** What is used up when the long window is full. */
  readonly uses: string;
}

export const burns = {
  fast: {
    factor: 14.4,
    long: "1h",
    short: "5m",
    atLeast: 100,
    severity: "critical",
    for: 120,
    uses: "2 % of the month's budget in an hour",
  },
  medium: {
    factor: 6,
    long: "6h",
    short: "30m",
    atLeast: 250,
    severity: "critical",
    for: 900,
    uses: "5 % of the month's budget in six hours",
  },
  slow: {
    factor: 3,
    long: "1d",
    short: "2h",
    atLeast: 500,
    severity: "warning",
    for: 3600,
    uses: "10 % of the month's budget in a day",
  },
} as const satisfies Record<string, Burn>;

/** The share of failures at which a budget burns so fast. */
export const burnThreshold = ({ factor }: Burn): number => Number((factor * errorBudget).toFixed(6));

/** A budget of requests: how many there were in a window, and how many of them failed. */
export interface Budget<B extends string> {
  readonly requests: (window: Window) => Vector<B>;
  readonly failures: (window: Window) => Vector<B>;
}

/** The share of requests that failed. */
export const failedShare = <B extends string>({ requests, failures }: Budget<B>, window: Window): Vector<B> =>
  ratio(failures(window), requests(window));

/** A rule for one burn rate; its page says the rest of its runbook. */
export function burnRule<B extends string>(
  burn: Burn,
  budget: Budget<B>,
  said: Pick<Rule, "name" | "summary" | "description" | "panel" | "runbook">,
): Rule {
  const { factor, long, short, atLeast, severity, for: seconds, uses } = burn;
  return rule({
    ...said,
    severity,
    query: failedShare(budget, long),
    threshold: {
      fires: "above",
      value: burnThreshold(burn),
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: `An objective of 99.5 % lets one request in 200 fail. ${String(factor)} times that uses up ${uses}. For another objective multiply ${String(factor)} by what it lets fail.`,
    },
    guard: {
      query: budget.requests(long),
      atLeast,
      why: "With fewer requests, fewer than eight failures would be beyond the threshold: too few to call it a rate.",
    },
    confirm: {
      query: failedShare(budget, short),
      why: "The short window shows whether it still goes on: what has ended wakes nobody, and the alert ends soon after the failure.",
    },
    for: seconds,
    keepFiringFor: 300,
    ...quiet,
  });
}

/** The two windows of such a rule as columns of a table; the rule fires when both are red. */
export const burnColumns = <B extends string>(
  context: BoardContext,
  { long, short }: Burn,
  budget: Budget<B>,
  ruleName: string,
): TableColumn[] =>
  [short, long].map((window) => ({
    header: window.replace(/(?=[mhd]$)/, " "),
    unit: "percentunit",
    decimals: 2,
    steps: fromThreshold(context, ruleName),
    query: failedShare(budget, window),
  }));
