import type { Metric } from "../metric.ts";
import type { PromTarget } from "../panel.ts";
import {
  is,
  matches,
  plus,
  sumBy,
  total,
  type Ago,
  type LabelOf,
  type Query,
  type rate,
  type Vector,
  type Where,
  type Window,
} from "../promql.ts";
import * as m from "./metrics.ts";

/**
 * The same measurement under the names of the older and the newer conventions (metrics.ts). GreptimeDB cannot join
 * them, and an application that sends both would count twice in a sum: so each is asked for itself, and said which.
 */

/** It failed: a call that succeeded has no such label. */
export const failed = matches(".+");

/** It was refused because of a rate or a quota, in the words of the usual providers and clients. */
export const rateLimited = matches("(?i).*(429|rate_?limit|too_?many_?requests|throttl|quota|resource_?exhausted).*");

type CallLabel = keyof typeof m.inferenceFirstChunk.labels;
type DurationLabel = keyof typeof m.inferenceDuration.labels;

export interface CallConvention {
  /** In legends: the word in the metrics' names. */
  readonly name: "operation" | "inference";
  readonly duration: Metric<DurationLabel, "histogram">;
  readonly firstChunk: Metric<CallLabel, "histogram">;
  /** What tells model calls from others that the metric counts. */
  readonly modelCalls: Where<CallLabel>;
}

const operation: CallConvention = {
  name: "operation",
  duration: m.operationDuration,
  firstChunk: m.operationFirstChunk,
  // it also counts retrievals, agents and whatever else an instrumentation calls an operation
  modelCalls: { gen_ai_operation_name: matches("chat|text_completion|generate_content|embeddings") },
};

const inference: CallConvention = {
  name: "inference",
  duration: m.inferenceDuration,
  firstChunk: m.inferenceFirstChunk,
  modelCalls: {},
};

/** Labels of all token metrics. */
export type TokenLabel = LabelOf<keyof typeof m.inputTokensPerCall.labels>;

/** `rate` or `increase`, over a window. */
export interface Over {
  readonly growth: typeof rate;
  readonly window: Window;
  readonly where?: Where<TokenLabel>;
  readonly when?: Ago;
}

type Tokens = <B extends TokenLabel>(by: readonly B[], over: Over) => Vector<B>;

export interface TokenConvention {
  /** In legends: a part of the metrics' names. */
  readonly name: "token.usage" | "inference.usage";
  readonly input: Tokens;
  readonly output: Tokens;
  readonly both: Tokens;
}

/** Tokens read, among those of the older metric. */
export const inputOnly = { gen_ai_token_type: is("input") };
const outputOnly = { gen_ai_token_type: is("output") };

const usage: TokenConvention = {
  name: "token.usage",
  input: (by, { growth, window, where, when }) =>
    sumBy(by, growth(total(m.tokenUsage), window, { ...where, ...inputOnly }, when)),
  output: (by, { growth, window, where, when }) =>
    sumBy(by, growth(total(m.tokenUsage), window, { ...where, ...outputOnly }, when)),
  both: (by, { growth, window, where, when }) => sumBy(by, growth(total(m.tokenUsage), window, where, when)),
};

const counters: TokenConvention = {
  name: "inference.usage",
  input: (by, { growth, window, where, when }) => sumBy(by, growth(m.inputTokens, window, where, when)),
  output: (by, { growth, window, where, when }) => sumBy(by, growth(m.outputTokens, window, where, when)),
  both: (by, over) => plus(counters.input(by, over), counters.output(by, over)),
};

export const callConventions = [operation, inference] as const;
export const tokenConventions = [usage, counters] as const;

/** The older one first: its rules have no instance. */
export const instanceOf = ({ name }: { readonly name: string }): { readonly instance?: string } =>
  name === operation.name || name === usage.name ? {} : { instance: name };

/** A target for each convention; which one it is stands in the legend. */
const targetsOf =
  <C extends { readonly name: string }>([older, newer]: readonly [C, C]) =>
  (legend: string, query: (convention: C) => Query): [PromTarget, PromTarget] => {
    const target = (convention: C): PromTarget => ({
      legend: `${legend} (${convention.name})`,
      query: query(convention),
    });
    return [target(older), target(newer)];
  };

export const callTargets = targetsOf<CallConvention>(callConventions);
export const tokenTargets = targetsOf<TokenConvention>(tokenConventions);
