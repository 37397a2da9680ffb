import { increase, ratio } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { instanceOf, tokenConventions, type TokenConvention } from "./conventions.ts";
import { llmCost } from "./ids.ts";

const service = ["service_name"] as const;

/** Tokens a day that nobody has asked for yet: the same as in the pack agents. */
const budget = 10_000_000;

const apart =
  "The rule exists once for `gen_ai.client.token.usage` and once for the counters `gen_ai.client.inference.usage.*`: GreptimeDB cannot add them up. Where some applications send the one and some the other, each is measured against the threshold for itself.";

const spike = ({ both, ...convention }: TokenConvention): Rule =>
  rule({
    name: "LlmTokenSpike",
    ...instanceOf(convention),
    severity: "warning",
    summary:
      "{{ $labels.service_name }}: {{ with $values.A }}{{ humanize .Value }}{{ end }} times the tokens of a day ago",
    description:
      "{{ $labels.service_name }} uses many times the tokens that it used at this time yesterday. A prompt has grown, an agent repeats itself, or somebody misuses it.",
    query: ratio(
      both(service, { growth: increase, window: "30m" }),
      both(service, { growth: increase, window: "30m", when: { ago: "1d" } }),
    ),
    threshold: {
      fires: "above",
      value: 3,
      unit: "number",
      settable: { min: 1, max: 1000 },
      why: "Days differ by less than a factor of two in most services. After a quiet Sunday a Monday may be more: raise it where that is so.",
    },
    guard: {
      query: both(service, { growth: increase, window: "30m" }),
      atLeast: 100_000,
      why: "Below a hundred thousand tokens in half an hour it is cents.",
    },
    for: 900,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCost.uid, id: llmCost.panels.againstYesterday },
    runbook: {
      meaning: `The tokens of one service within half an hour, divided by those of the same half hour a day ago, are above the threshold. A service that is younger than a day has nothing to compare with. ${apart}`,
      impact: "Money; the provider's limits next.",
      diagnosis: [
        "In the linked panel: when did it begin? Was there a release?",
        "More calls, or more tokens a call? Compare *Calls against a day ago* on the board *LLM calls* with *Tokens per call*.",
        "More calls a run? See *Calls per run*, and AgentLoopSuspected.",
      ],
      mitigation: [
        "Stop the loop, cut the context, or roll back.",
        "If the traffic is wanted, it is silent by itself after a day.",
      ],
    },
  });

const spent = ({ both }: TokenConvention) => both([], { growth: increase, window: "24h" });

const nearlyUsed = (convention: TokenConvention): Rule =>
  rule({
    name: "GenAiBudgetNearlySpent",
    ...instanceOf(convention),
    severity: "warning",
    summary: "{{ with $values.A }}{{ humanize .Value }}{{ end }} tokens in 24 hours: the budget is nearly used up",
    description: "Four fifths of the tokens that a day may cost are used. There is still time to look.",
    query: spent(convention),
    threshold: {
      fires: "above",
      value: 0.8 * budget,
      unit: "number",
      settable: { min: 1, max: 1e12 },
      why: "Four fifths of the budget of GenAiBudgetExceeded. Whoever changes one changes the other.",
    },
    for: 300,
    keepFiringFor: 0,
    ...quiet,
    panel: { board: llmCost.uid, id: llmCost.panels.byModel },
    runbook: {
      meaning: `The tokens read and written by all models in the last 24 hours are more than four fifths of the budget. ${apart}`,
      impact: "None yet.",
      diagnosis: [
        "Open the linked panel: which model, since when?",
        "Set the range to two days: does each day look like this, or has something begun?",
      ],
      mitigation: [
        "If the use is wanted, raise `alerts.rules.GenAiBudgetExceeded.threshold`, and this one to four fifths of it.",
        "Otherwise do now what GenAiBudgetExceeded says.",
      ],
    },
  });

const exceeded = (convention: TokenConvention): Rule =>
  rule({
    name: "GenAiBudgetExceeded",
    ...instanceOf(convention),
    severity: "warning",
    summary: "{{ with $values.A }}{{ humanize .Value }}{{ end }} tokens in 24 hours",
    description: "Models have read and written more tokens in the last 24 hours than the budget allows.",
    query: spent(convention),
    threshold: {
      fires: "above",
      value: budget,
      unit: "number",
      settable: { min: 1, max: 1e12 },
      why: "Ten million tokens a day are tens of dollars at common prices: more than trying things out costs. Set your own budget.",
    },
    for: 300,
    keepFiringFor: 0,
    ...quiet,
    panel: { board: llmCost.uid, id: llmCost.panels.byModel },
    runbook: {
      meaning: `The tokens read and written by all models in the last 24 hours add up to more than the budget. LlmTokenBudgetExceeded is the same for \`llm_tokens_total\` of the pack agents. ${apart}`,
      impact: "Money; quotas at the provider may end next.",
      diagnosis: [
        "Open the linked panel: which model, since when?",
        "Much more input than output points to growing contexts, more of both to loops or more traffic.",
        "Compare with *Calls by model* on the board *LLM calls*: more calls, or more tokens a call?",
      ],
      mitigation: [
        "Stop the loop or cut the context.",
        "If the use is wanted, raise `alerts.rules.GenAiBudgetExceeded.threshold`.",
      ],
    },
  });

/** Tokens: whether they are more than usual, or more than planned. */
export const tokenRules: readonly Rule[] = tokenConventions.flatMap((convention) => [
  spike(convention),
  nearlyUsed(convention),
  exceeded(convention),
]);
