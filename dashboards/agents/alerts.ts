import { burnRule, burns, type Budget } from "../burn-rate.ts";
import { increase, matches, observations, quantile, rate, ratio, sumBy, type Matcher } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { agentPerformance, toolCallsBoard } from "./ids.ts";
import { executionDuration, httpRequests, toolCalls } from "./metrics.ts";
import { runawayRules } from "./runaway-alerts.ts";

/** What a tool call's status says when it failed. */
export const failed = matches("error|failed|failure|timeout");

/** What a request's status says when the service failed. */
export const serverError = matches("5..");

/** Requests and those of them that failed, by service. */
export const budgetOf = (where: { readonly service_name?: Matcher } = {}): Budget<"service_name"> => ({
  requests: (window) => sumBy(["service_name"], increase(httpRequests, window, where)),
  failures: (window) => sumBy(["service_name"], increase(httpRequests, window, { ...where, status: serverError })),
});

const burning = {
  summary:
    "{{ $labels.service_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of requests fail, and the error budget burns",
  panel: { board: agentPerformance.uid, id: agentPerformance.panels.budget },
};

const burningBesides =
  "A service that also has OpenTelemetry's HTTP metrics is watched by the rules HttpErrorBudgetBurn… of the http pack as well: switch off the set that you do not use.";

export const rules: readonly Rule[] = [
  rule({
    name: "ToolErrorRatioHigh",
    severity: "warning",
    summary: "{{ $labels.tool_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of calls fail",
    description:
      "More calls of the tool {{ $labels.tool_name }} fail than agents can make up for by trying again. Look at the tool's own dependency first.",
    query: ratio(
      sumBy(["tool_name"], rate(toolCalls, "10m", { status: failed })),
      sumBy(["tool_name"], rate(toolCalls, "10m")),
    ),
    threshold: {
      fires: "above",
      value: 0.2,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "Agents try a failed tool again; at one failure in five a run of four calls more often meets one than not.",
    },
    guard: {
      query: sumBy(["tool_name"], increase(toolCalls, "10m")),
      atLeast: 10,
      why: "With fewer than ten calls in ten minutes, two failures are no pattern.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: toolCallsBoard.uid, id: toolCallsBoard.panels.errorRatio },
    runbook: {
      meaning:
        "Of the calls of one tool in the last ten minutes, more than the threshold ended as error, failure or timeout.",
      impact: "Agents that need the tool answer worse, later, or not at all; retries cost tokens.",
      diagnosis: [
        "Open the linked panel and see whether one tool or all tools fail. All at once points to the network or to the agents' own release.",
        "In *Tool calls*, open the table of the slowest calls and follow one failed call to its trace; the span's status message names the error.",
        "Compare with the tool's latency: slow and failing means an overloaded dependency, fast and failing means refused requests (credentials, quota, schema).",
      ],
      mitigation: [
        "Restore the dependency, or renew the credential or quota that it refuses.",
        "If it takes long, take the tool out of the agents' tool list, so that they stop trying.",
      ],
    },
  }),
  rule({
    name: "ToolLatencyHigh",
    severity: "warning",
    summary: "{{ $labels.tool_name }}: p95 is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description:
      "One call in twenty of the tool {{ $labels.tool_name }} takes longer than people wait. Look at the dependency behind it.",
    query: quantile(0.95, executionDuration, { window: "15m", by: ["tool_name"] }),
    threshold: {
      fires: "above",
      value: 30,
      unit: "seconds",
      settable: { min: 0, max: 86_400 },
      why: "Thirty seconds is where HTTP clients and gateways commonly give up; a tool beyond it turns into timeouts.",
    },
    guard: {
      query: sumBy(["tool_name"], increase(observations(executionDuration), "15m")),
      atLeast: 10,
      why: "A p95 of fewer than ten calls is the slowest call.",
    },
    for: 600,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: toolCallsBoard.uid, id: toolCallsBoard.panels.latency },
    runbook: {
      meaning: "The 95th percentile of one tool's execution time over a quarter of an hour is above the threshold.",
      impact: "Runs that use the tool become slow, and time out next.",
      diagnosis: [
        "Open the linked panel: did it grow slowly (load, data size) or jump (release, dependency)?",
        "In *Tool calls*, open the slowest calls and follow one to its trace; the longest child span is the place.",
      ],
      mitigation: [
        "Relieve or scale the dependency.",
        "Shorten the tool's own timeout, so that agents fail over sooner.",
      ],
    },
  }),
  rule({
    name: "RequestErrorRatioHigh",
    severity: "critical",
    summary:
      "{{ $labels.service_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of requests fail",
    description: "{{ $labels.service_name }} answers more requests with a server error than it may. People see this.",
    query: ratio(
      sumBy(["service_name"], rate(httpRequests, "5m", { status: serverError })),
      sumBy(["service_name"], rate(httpRequests, "5m")),
    ),
    threshold: {
      fires: "above",
      value: 0.05,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "One request in twenty is far outside any usual objective, and well above the noise of single failures.",
    },
    guard: {
      query: sumBy(["service_name"], increase(httpRequests, "5m")),
      atLeast: 20,
      why: "Below twenty requests in five minutes a single failure would be the whole five per cent.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: agentPerformance.uid, id: agentPerformance.panels.requestErrors },
    runbook: {
      meaning:
        "Of the service's requests in the last five minutes, more than the threshold were answered with a status of 500 or above. This rule is the first to see a sudden failure. RequestErrorBudgetBurnFast joins it when the failure has cost as much as an hour may; both are one incident. Alone, this one means that the failure is recent, or that the rate is just above its threshold; alone, the burn rate means that the failure comes and goes.",
      impact: "Users and calling services get errors.",
      diagnosis: [
        "Open the linked panel and see which endpoint fails.",
        "Look at the service's log records of severity ERROR (datasource *GreptimeDB SQL*), and at failed spans of the endpoint.",
        "Was there a release just before? Compare `service_version`.",
      ],
      mitigation: [
        "Roll the release back if there was one.",
        "Otherwise restore the failing dependency; the traces name it.",
      ],
    },
  }),
  burnRule(burns.fast, budgetOf(), {
    name: "RequestErrorBudgetBurnFast",
    ...burning,
    description:
      "{{ $labels.service_name }} has failed so many requests in the last hour, and still does in the last five minutes, that the month's error budget would last two days. People see this.",
    runbook: {
      meaning: `In the last hour and in the last five minutes more requests were answered with a status of 5xx than the threshold lets. RequestErrorRatioHigh, which looks at five minutes only, has usually fired before: it is the same incident, and this rule says that it is no short one. ${burningBesides}`,
      impact: "Users and calling services get errors now. In two days nothing would be left of the month's budget.",
      diagnosis: [
        "Open the linked table: is it one service, and do its five minutes still fail? *Request errors by endpoint* beside it shows when it began, and where.",
        "Look at the service's log records of severity ERROR (datasource *GreptimeDB SQL*), and at failed spans of the endpoint.",
        "Do tool calls fail at the same time? Then look at the board *Tool calls* first.",
      ],
      mitigation: [
        "Roll the release back if there was one.",
        "Otherwise restore the failing dependency; the traces name it.",
      ],
    },
  }),
  burnRule(burns.slow, budgetOf(), {
    name: "RequestErrorBudgetBurnSlow",
    ...burning,
    description:
      "{{ $labels.service_name }} has failed more requests over the last day than its objective bears, and still does. Nobody needs to get up for it, but the budget will not last the month.",
    runbook: {
      meaning: `Over the last day and over the last two hours more requests were answered with a status of 5xx than the threshold lets. That may be too few at a time for RequestErrorRatioHigh, whose threshold is several times higher, or what is left of an outage that it told of: after a long one this rule follows, until two hours have passed without. ${burningBesides}`,
      impact: "Few requests fail, but steadily. In ten days nothing would be left of the month's budget.",
      diagnosis: [
        "Open the linked table: do the last two hours fail as much as the whole day, or is it one outage that is over?",
        "In *Request errors by endpoint*, over a day, is there an endpoint that always fails, or a time of the day?",
        "Look at failed spans (the panel's link), and sort them by their status message.",
      ],
      mitigation: [
        "Mend the cause in working hours.",
        "If the service is good enough as it is, its objective is too strict: raise the thresholds of both burn-rate rules together.",
      ],
    },
  }),
  rule({
    name: "AgentExecutionSlow",
    severity: "warning",
    summary:
      "{{ $labels.service_name }}: p95 of executions is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description:
      "One execution in twenty of {{ $labels.service_name }} takes longer than expected: a loop, a slow tool, or a slow model.",
    query: quantile(0.95, executionDuration, { window: "15m", by: ["service_name"] }),
    threshold: {
      fires: "above",
      value: 120,
      unit: "seconds",
      settable: { min: 0, max: 86_400 },
      why: "Two minutes is long for a run with a handful of calls; runs that are meant to take longer need their own value.",
    },
    guard: {
      query: sumBy(["service_name"], increase(observations(executionDuration), "15m")),
      atLeast: 5,
      why: "One long run among four is no pattern.",
    },
    for: 600,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: agentPerformance.uid, id: agentPerformance.panels.execution },
    runbook: {
      meaning: "The 95th percentile of execution time over a quarter of an hour is above the threshold.",
      impact: "Runs are late, hold their resources longer, and often cost more tokens.",
      diagnosis: [
        "Compare with *Tool calls*: is one tool slow?",
        "Compare with the tokens: more tokens a run points to a loop.",
        "Open a long `agent_execution` trace and count its `tool_call` and `llm_request` children.",
      ],
      mitigation: ["Bound the number of steps a run may take.", "Relieve the slow tool or choose a faster model."],
    },
  }),
  ...runawayRules,
];
