import { increase, observations, rate, ratio, sumBy, total, type Window } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { failed } from "./conventions.ts";
import { llmCalls } from "./ids.ts";
import { agentDuration, agentInferenceCalls } from "./metrics.ts";

const agent = ["gen_ai_agent_name"] as const;

const failedShare = (window: Window) =>
  ratio(
    sumBy(agent, rate(observations(agentDuration), window, { error_type: failed })),
    sumBy(agent, rate(observations(agentDuration), window)),
  );

const runsWithin = (window: Window) => sumBy(agent, increase(observations(agentDuration), window));

const budget =
  "The objective is that 99 of 100 runs within 30 days end without an error; the one that may fail is the error budget.";

const whyRunsFail = [
  "On the board *LLM calls*: do model calls fail as well (*Errors by provider and model*)? Then the model is the cause.",
  "Do tools fail (*Failed executions by tool*)? Then the tool is.",
  "Neither: it is the agent itself, most likely its last release. Click a line of *Failed runs by agent*, open *Failed runs* and follow one to its trace.",
];

/** Agent runs: whether they end well, and whether they end at all. */
export const agentRules: readonly Rule[] = [
  rule({
    name: "AgentRunErrorBudgetBurnFast",
    severity: "critical",
    summary:
      "{{ $labels.gen_ai_agent_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of runs fail, a month's error budget within two days",
    description:
      "Runs of {{ $labels.gen_ai_agent_name }} fail so often that the error budget of 30 days is used up in about two days. People see this now.",
    query: failedShare("1h"),
    threshold: {
      fires: "above",
      value: 0.144,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: `${budget} 14.4 times the allowed share of 1 % uses up 2 % of the budget within the hour.`,
    },
    guard: {
      query: runsWithin("1h"),
      atLeast: 20,
      why: "Below twenty runs an hour three failures would be a page.",
    },
    confirm: {
      query: failedShare("5m"),
      why: "What ended ten minutes ago is still in the hour, but nothing to get up for.",
    },
    for: 120,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCalls.uid, id: llmCalls.panels.failedRunsByAgent },
    runbook: {
      meaning:
        "The share of runs of one agent that ended with an `error.type` is above the threshold, over the last hour and over the last five minutes.",
      impact: "Whoever asked the agent got an error.",
      diagnosis: whyRunsFail,
      mitigation: [
        "Roll the agent back if it was released just before.",
        "Restore the model or the tool; the rules LlmErrorRatioHigh and LlmRateLimited say which model.",
      ],
    },
  }),
  rule({
    name: "AgentRunErrorBudgetBurnSlow",
    severity: "warning",
    summary:
      "{{ $labels.gen_ai_agent_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of runs fail, a month's error budget within five days",
    description:
      "For hours runs of {{ $labels.gen_ai_agent_name }} have failed more often than they may. Too little for a page, too much to leave alone.",
    query: failedShare("6h"),
    threshold: {
      fires: "above",
      value: 0.06,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: `${budget} Six times the allowed share of 1 % uses up 5 % of the budget within six hours.`,
    },
    guard: {
      query: runsWithin("6h"),
      atLeast: 50,
      why: "Below fifty runs in six hours three failures would be the whole six per cent.",
    },
    confirm: {
      query: failedShare("30m"),
      why: "What is over needs nobody.",
    },
    for: 900,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCalls.uid, id: llmCalls.panels.failedRuns },
    runbook: {
      meaning:
        "The share of runs of one agent that ended with an `error.type` is above the threshold, over the last six hours and over the last half hour.",
      impact:
        "A few of those who ask the agent get an error; after five days of this the month's error budget is gone.",
      diagnosis: [
        "Set the board's range to six hours: the linked panel then shows all agents together.",
        ...whyRunsFail,
      ],
      mitigation: [
        "Mend what the traces name; it fails for some inputs only, or some of the time.",
        "An agent that is allowed to fail more often needs its own objective: change the threshold.",
      ],
    },
  }),
  rule({
    name: "AgentLoopSuspected",
    severity: "warning",
    summary: "{{ $labels.gen_ai_agent_name }}: {{ with $values.A }}{{ humanize .Value }}{{ end }} model calls a run",
    description:
      "Runs of {{ $labels.gen_ai_agent_name }} make many model calls each. It repeats itself, or its task has grown.",
    query: ratio(
      sumBy(agent, rate(total(agentInferenceCalls), "30m")),
      sumBy(agent, rate(observations(agentInferenceCalls), "30m")),
    ),
    threshold: {
      fires: "above",
      value: 25,
      unit: "number",
      settable: { min: 1, max: 10_000 },
      why: "Common frameworks stop a run after 25 steps by themselves; an average beyond that is no normal run. Agents that work for hours need a value of their own.",
    },
    guard: {
      query: sumBy(agent, increase(observations(agentInferenceCalls), "30m")),
      atLeast: 5,
      why: "One long run among four is no pattern.",
    },
    for: 900,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCalls.uid, id: llmCalls.panels.callsPerRun },
    runbook: {
      meaning:
        "The model calls that an agent made itself, divided by its runs, are above the threshold over the last half hour. A run counts when it ends: one that loops without end is seen in the tokens (LlmTokenSpike), not here.",
      impact: "Tokens and time; rate limits next.",
      diagnosis: [
        "In the linked panel: did it jump (a release, a tool that broke) or grow (longer tasks)?",
        "Are the tool calls a run as many? Then it calls a tool again and again: see *Failed executions by tool*.",
        "Open a long run's trace and compare the `execute_tool` spans: the same arguments over and over are a loop.",
      ],
      mitigation: [
        "Bound the number of steps of a run.",
        "Mend the tool whose answer makes the agent ask again, or say in its instructions when to stop.",
      ],
    },
  }),
];
