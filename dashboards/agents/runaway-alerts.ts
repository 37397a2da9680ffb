import { current, increase, is, ratio, slope, sum, sumBy, times, type Matcher, type Vector } from "../promql.ts";
import type { Window } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { agentPerformance } from "./ids.ts";
import { httpRequests, llmTokens, stateElements, toolCalls } from "./metrics.ts";

/** What agents use more and more of when nobody stops them: tokens, calls, state. */

interface Which {
  readonly service_name?: Matcher;
}

export const tokensOfDay = (where: Which = {}): Vector<never> => sum(increase(llmTokens, "24h", where));

/** Requests that give an agent something to do. */
const started = (window: Window, where: Which = {}) =>
  sumBy(["service_name"], increase(httpRequests, window, { ...where, method: is("POST") }));

export const callsPerRequest = (window: Window, where: Which = {}): Vector<"service_name"> =>
  ratio(sumBy(["service_name"], increase(toolCalls, window, where)), started(window, where));

const elements = (where: Which = {}) => sumBy(["service_name"], current(stateElements, where));

/** Growth an hour, by the trend of two hours, as a share of what is there. */
export const stateGrowth = (where: Which = {}): Vector<"service_name"> =>
  ratio(times(3600, sumBy(["service_name"], slope(stateElements, "2h", where))), elements(where));

const { panels } = agentPerformance;
const on = (id: number) => ({ board: agentPerformance.uid, id });

export const runawayRules: readonly Rule[] = [
  rule({
    name: "LlmTokenBudgetNearlySpent",
    severity: "warning",
    summary: "{{ with $values.A }}{{ humanize .Value }}{{ end }} tokens in 24 hours, near the budget",
    description:
      "Agents have used most of the tokens that the budget allows for 24 hours. There is still time to slow them down.",
    query: tokensOfDay(),
    threshold: {
      fires: "above",
      value: 8_000_000,
      unit: "number",
      settable: { min: 1, max: 1e12 },
      why: "Four fifths of the budget of LlmTokenBudgetExceeded. It is a setting of its own: change both together.",
    },
    for: 300,
    keepFiringFor: 0,
    ...quiet,
    panel: on(panels.tokensOfDay),
    runbook: {
      meaning:
        "The tokens read and written by all models in the last 24 hours add up to more than four fifths of the budget. When LlmTokenBudgetExceeded fires, too, the budget is spent, and this rule says nothing more.",
      impact: "None yet. At the present rate the budget may be spent soon.",
      diagnosis: [
        "In *Tokens by model* and *Tokens by type*, beside the linked panel: is it a busy day, or a jump?",
        "A jump without more requests points to a loop or to growing contexts: does *Tool calls per request* grow, too?",
      ],
      mitigation: [
        "Stop what is not needed today, or choose a smaller model for it.",
        "If the use is wanted, raise `alerts.rules.LlmTokenBudgetNearlySpent.threshold` and that of LlmTokenBudgetExceeded.",
      ],
    },
  }),
  rule({
    name: "LlmTokenBudgetExceeded",
    severity: "warning",
    summary: "{{ with $values.A }}{{ humanize .Value }}{{ end }} tokens in 24 hours",
    description: "Agents have used more tokens in the last 24 hours than the budget allows.",
    query: tokensOfDay(),
    threshold: {
      fires: "above",
      value: 10_000_000,
      unit: "number",
      settable: { min: 1, max: 1e12 },
      why: "Ten million tokens a day are tens of dollars at common prices: more than trying things out costs. Set your own budget.",
    },
    for: 300,
    keepFiringFor: 0,
    ...quiet,
    panel: on(panels.tokensOfDay),
    runbook: {
      meaning:
        "The tokens read and written by all models in the last 24 hours add up to more than the budget. LlmTokenBudgetNearlySpent has fired before and goes on.",
      impact: "Money; quotas at the provider may end next.",
      diagnosis: [
        "In *Tokens by model* and *Tokens by type*, beside the linked panel: which model, since when, input or output?",
        "Much more input than output points to growing contexts, more of both to loops or more traffic.",
        "Compare with the request rate: more traffic, or more tokens a request?",
      ],
      mitigation: [
        "Stop the loop or cut the context.",
        "If the use is wanted, raise `alerts.rules.LlmTokenBudgetExceeded.threshold`, and that of LlmTokenBudgetNearlySpent with it.",
      ],
    },
  }),
  rule({
    name: "AgentToolLoopSuspected",
    severity: "warning",
    summary: "{{ $labels.service_name }}: {{ with $values.A }}{{ humanize .Value }}{{ end }} tool calls a request",
    description:
      "Agents of {{ $labels.service_name }} call tools far more often than requests ask them to. They may be going round in circles, or get work by another way than POST requests.",
    query: callsPerRequest("30m"),
    threshold: {
      fires: "above",
      value: 25,
      unit: "number",
      settable: { min: 1, max: 1e6 },
      why: "A usual answer takes a few calls; a common framework (LangGraph) stops a run after 25 steps. An average beyond that means that most runs go to their limit, or that there is none. Runs that are meant to take more need their own value.",
    },
    guard: {
      query: started("30m"),
      atLeast: 20,
      why: "Few requests and a long run that began before them are no average.",
    },
    for: 900,
    keepFiringFor: 300,
    ...quiet,
    panel: on(panels.callsPerRequest),
    runbook: {
      meaning:
        "Tool calls of half an hour, divided by the POST requests that the same service got, are above the threshold. Requests of other methods are left out, since probes and queries start no runs. A service without POST requests is not watched. One that gets most of its work from a queue has many calls a request without any loop: switch the rule off or raise its threshold there. One loop among many short runs moves the average too little to be seen.",
      impact: "Loops cost tokens and money, and tools get load that nobody asked for.",
      diagnosis: [
        "Open the linked panel: did it jump (release, changed prompt, a tool that began to fail) or was it always so?",
        "On the board *Tool calls*, which tool is called so often, and does it fail? Agents try a failing tool again and again.",
        "Open a long `agent_execution` trace: do its `tool_call` spans repeat with the same arguments?",
      ],
      mitigation: [
        "Bound the number of steps a run may take.",
        "Restore the failing tool, or take it out of the agents' tool list.",
        "Roll back the prompt or the release that began it.",
      ],
    },
  }),
  rule({
    name: "StateElementsGrowing",
    severity: "info",
    summary:
      "{{ $labels.service_name }}: state grows by {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} an hour",
    description:
      "The state of agents of {{ $labels.service_name }} has grown for six hours without a pause. It is a leak, or load that has grown for as long.",
    query: stateGrowth(),
    threshold: {
      fires: "above",
      value: 0.05,
      unit: "ratio",
      settable: { min: 0, max: 10 },
      why: "At five per cent an hour the state doubles within a day. What grows with the morning's load has its pause before six hours are over.",
    },
    guard: {
      query: elements(),
      atLeast: 1000,
      why: "A small state fills no memory, and a few elements are a large part of it.",
    },
    for: 21_600,
    keepFiringFor: 300,
    ...quiet,
    panel: on(panels.stateGrowth),
    runbook: {
      meaning:
        "The line through the number of elements of the last two hours has risen by more than the threshold of what is there, at each moment of six hours. The number alone cannot tell a leak from sessions that are kept for long after a restart, or from a day on which load only grows.",
      impact: "None yet. If it is a leak, memory ends some day, and every run drags a longer state along.",
      diagnosis: [
        "In *State elements*, over two days: does it fall at night? What never falls is a leak.",
        "Compare with *Requests by endpoint*: does it grow with them, or without?",
        "In *State updates*, which kind of element is added most?",
      ],
      mitigation: [
        "Give sessions an end: a time after which, or a number beyond which, elements are dropped.",
        "Restart the service if memory is short; the growth begins again.",
      ],
    },
  }),
];
