import { tables } from "../../configs/greptimedb/store.ts";
import { boardLink, traceLink } from "../links.ts";
import type { Board, BoardContext, Panel } from "../panel.ts";
import { fromThreshold } from "../panel.ts";
import {
  chosen,
  distribution,
  increase,
  observations,
  quantile,
  rate,
  ratio,
  sum,
  sumBy,
  type Matcher,
} from "../promql.ts";
import { partName } from "../stored-name.ts";
import { agents, tools } from "./agent-panels.ts";
import { callConventions, callTargets, failed, rateLimited, type CallConvention } from "./conventions.ts";
import { llmCalls, llmCost } from "./ids.ts";
import * as m from "./metrics.ts";
import { failedSpans, spans } from "./spans.ts";

const { panels: id } = llmCalls;
const window = "$__rate_interval";
const service = { service_name: chosen("service") };
const chosenModel = { gen_ai_request_model: chosen("model") };

/** Which model is slow, fails, or is refused; and what that does to the agents that ask it. */
export const llmCallsBoard = (context: BoardContext): Board => ({
  uid: llmCalls.uid,
  title: "LLM calls",
  description:
    "Calls of language models, agent runs and tool executions, by OpenTelemetry's GenAI conventions. Those have changed names: (operation) is gen_ai.client.operation.*, (inference) its successor gen_ai.client.inference.*. An application sends one of them; if it sends both, do not add them up. The lists of services and models come from (operation); what is missing there can be typed in.",
  variables: [
    { name: "service", label: "Service", series: partName(m.operationDuration, "count"), of: "service_name" },
    { name: "model", label: "Model", series: partName(m.operationDuration, "count"), of: "gen_ai_request_model" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Calls", panels: calls },
    { title: "Errors", panels: errors(context) },
    { title: "Duration", panels: duration(context) },
    { title: "Agent runs", panels: agents(context) },
    { title: "Tool executions", panels: tools(context) },
    { title: "Single calls", panels: singleCalls(context) },
  ],
});

const where = ({ modelCalls }: CallConvention) => ({ ...service, ...chosenModel, ...modelCalls });

const callRate = (convention: CallConvention, when: { readonly ago?: "1d" } = {}) =>
  sum(rate(observations(convention.duration), window, where(convention), when));

const errorShare = (convention: CallConvention, error: Matcher) =>
  ratio(
    sum(rate(observations(convention.duration), window, { ...where(convention), error_type: error })),
    callRate(convention),
  );

const errorShareByModel = (convention: CallConvention, error: Matcher) => {
  const by = ["gen_ai_provider_name", "gen_ai_request_model"] as const;
  return ratio(
    sumBy(by, rate(observations(convention.duration), window, { ...where(convention), error_type: error })),
    sumBy(by, rate(observations(convention.duration), window, where(convention))),
  );
};

const stat = ([target, also]: ReturnType<typeof callTargets>) => ({ kind: "stat", target, also }) as const;

const health = (context: BoardContext): Panel[] => [
  {
    ...stat(callTargets("calls", callRate)),
    id: id.calls,
    title: "Calls",
    description: "Calls of models per second. 0 while agents work means that no application reports its calls.",
    width: 4,
    height: 4,
    unit: "reqps",
    decimals: 2,
    empty: "0",
  },
  {
    ...stat(callTargets("errors", (convention) => errorShare(convention, failed))),
    id: id.errorShare,
    title: "Errors",
    description:
      "Share of calls that failed, for any reason. Red: rule LlmErrorRatioHigh. Also 0 % before the first error. Red: see which model and which error below.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "LlmErrorRatioHigh"),
    empty: "0 %",
  },
  {
    ...stat(
      callTargets("p95", (convention) => quantile(0.95, convention.duration, { window, where: where(convention) })),
    ),
    id: id.p95,
    title: "Duration p95",
    description: "95 of 100 calls end sooner. Red: rule LlmLatencyHigh. Red: see which model below.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 1,
    steps: fromThreshold(context, "LlmLatencyHigh"),
    empty: "–",
  },
  {
    ...stat(
      callTargets("p95", ({ firstChunk }) =>
        quantile(0.95, firstChunk, { window, where: { ...service, ...chosenModel } }),
      ),
    ),
    id: id.firstChunkP95,
    title: "First chunk p95",
    description:
      "95 of 100 streamed answers begin sooner. Red: rule LlmFirstChunkSlow. Nothing here if no application streams.",
    width: 4,
    height: 4,
    unit: "s",
    decimals: 1,
    steps: fromThreshold(context, "LlmFirstChunkSlow"),
    empty: "–",
  },
  {
    kind: "stat",
    id: id.failedRuns,
    title: "Failed agent runs",
    description:
      "Share of agent runs within the range that ended with an error, all agents together. The objective is 1 %. Red: from the threshold of rule AgentRunErrorBudgetBurnSlow on; with a range of six hours it is what the rule sees of all agents.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "AgentRunErrorBudgetBurnSlow"),
    target: {
      query: ratio(
        sum(increase(observations(m.agentDuration), "$__range", { ...service, error_type: failed })),
        sum(increase(observations(m.agentDuration), "$__range", service)),
      ),
      legend: "failed",
    },
    empty: "0 %",
  },
  {
    kind: "stat",
    id: id.failedTools,
    title: "Failed tool executions",
    description: "Share of tool executions within the range that ended with an error. Agents try again, up to a point.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    target: {
      query: ratio(
        sum(increase(observations(m.toolDuration), "$__range", { ...service, error_type: failed })),
        sum(increase(observations(m.toolDuration), "$__range", service)),
      ),
      legend: "failed",
    },
    empty: "0 %",
  },
];

const calls: Panel[] = [
  {
    kind: "timeseries",
    id: id.callsByModel,
    title: "Calls by model",
    description:
      "Calls per second, by the model that was asked for. A model that nobody chose, or the end of one, shows here.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: callTargets("{{gen_ai_request_model}}", (convention) =>
      sumBy(["gen_ai_request_model"], rate(observations(convention.duration), window, where(convention))),
    ),
    empty: "0",
    links: [
      boardLink("Only this model", llmCalls.uid, "&var-model=${__field.labels.gen_ai_request_model}"),
      boardLink("Its tokens and cost", llmCost.uid, "&var-model=${__field.labels.gen_ai_request_model}"),
    ],
  },
  {
    kind: "timeseries",
    id: id.callsAgainstYesterday,
    title: "Calls against a day ago",
    description:
      "Calls per second now and at the same time yesterday. Much more may be a loop, much less an application that has lost its users or its model.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: [
      ...callTargets("now", (convention) => callRate(convention)),
      ...callTargets("a day ago", (convention) => callRate(convention, { ago: "1d" })),
    ],
    empty: "0",
  },
];

const errors = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.errorRatio,
    title: "Errors by provider and model",
    description:
      "Share of calls that failed. Empty as long as none failed. Line: rule LlmErrorRatioHigh. All models of one provider at once: look at its status page.",
    width: 8,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "LlmErrorRatioHigh"),
    targets: callTargets("{{gen_ai_provider_name}} {{gen_ai_request_model}}", (convention) =>
      errorShareByModel(convention, failed),
    ),
    empty: "0 %",
    links: [failedSpans("Failed calls", spans.modelCalls, context)],
  },
  {
    kind: "timeseries",
    id: id.errorsByType,
    title: "Errors by type",
    description:
      "Failed calls per second, by error.type: the provider's code or the exception's name. 401 and 403 are credentials, 429 is a limit, 400 the request, 5xx and timeouts the provider.",
    width: 8,
    height: 8,
    unit: "reqps",
    stacked: true,
    targets: callTargets("{{error_type}}", (convention) =>
      sumBy(
        ["error_type"],
        rate(observations(convention.duration), window, { ...where(convention), error_type: failed }),
      ),
    ),
    empty: "0",
    links: [failedSpans("Failed calls", spans.modelCalls, context)],
  },
  {
    kind: "timeseries",
    id: id.rateLimited,
    title: "Rate limits by provider and model",
    description:
      "Share of calls that were refused because of a rate or a quota, as far as error.type says so; they are among the errors, too. Empty as long as none was. Line: rule LlmRateLimited. Send less or ask for more.",
    width: 8,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "LlmRateLimited"),
    targets: callTargets("{{gen_ai_provider_name}} {{gen_ai_request_model}}", (convention) =>
      errorShareByModel(convention, rateLimited),
    ),
    empty: "0 %",
  },
];

const duration = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.duration,
    title: "Call duration",
    description: "p50, p95 and p99 of all calls. Line: rule LlmLatencyHigh, which looks at each model for itself.",
    width: 8,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "LlmLatencyHigh"),
    targets: ([0.5, 0.95, 0.99] as const).flatMap((share) =>
      callTargets(`p${String(share * 100)}`, (convention) =>
        quantile(share, convention.duration, { window, where: where(convention) }),
      ),
    ),
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.durationByModel,
    title: "Call duration p95 by model",
    description:
      "95 of 100 calls end sooner. Line: rule LlmLatencyHigh. One model alone: its provider, or its prompts.",
    width: 8,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "LlmLatencyHigh"),
    targets: callTargets("{{gen_ai_provider_name}} {{gen_ai_request_model}}", (convention) =>
      quantile(0.95, convention.duration, {
        window,
        where: where(convention),
        by: ["gen_ai_provider_name", "gen_ai_request_model"],
      }),
    ),
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.firstChunk,
    title: "Time to first chunk",
    description:
      "95 of 100 streamed answers begin sooner, by model. Line: rule LlmFirstChunkSlow. It rises with the length of prompts and with the provider's queue. Nothing here if no application streams.",
    width: 8,
    height: 8,
    unit: "s",
    steps: fromThreshold(context, "LlmFirstChunkSlow"),
    targets: callTargets("{{gen_ai_provider_name}} {{gen_ai_request_model}}", ({ firstChunk }) =>
      quantile(0.95, firstChunk, {
        window,
        where: { ...service, ...chosenModel },
        by: ["gen_ai_provider_name", "gen_ai_request_model"],
      }),
    ),
    empty: "–",
  },
  ...callConventions.map(heat),
];

const heatIds = { operation: id.operationHeat, inference: id.inferenceHeat } as const;

function heat(convention: CallConvention): Panel {
  return {
    kind: "heatmap",
    id: heatIds[convention.name],
    title: `Call duration, spread (${convention.name})`,
    description: `How many calls took how long, by ${convention.duration.name}. Two bands mean two kinds of calls, which an average would hide. Nothing here if applications send the other metric.`,
    width: 12,
    height: 8,
    unit: "s",
    query: distribution(convention.duration, { window, where: where(convention) }),
  };
}

const singleCalls = ({ databases }: BoardContext): Panel[] => [
  {
    kind: "sql",
    id: id.slowest,
    title: "Slowest calls",
    description:
      "Spans of model calls within the range, slowest first. Click a trace id to see what the call was part of.",
    width: 24,
    height: 10,
    sql: [
      "SELECT timestamp, service_name AS service, span_name AS span, duration_nano / 1000000000.0 AS duration,",
      "span_status_code AS status, span_status_message AS message, trace_id",
      `FROM \`${databases.traces}\`.${tables.traces}`,
      `WHERE $__timeFilter(timestamp) AND (${spans.modelCalls})`,
      "ORDER BY duration_nano DESC LIMIT 50",
    ].join("\n"),
    units: { duration: "s" },
    columnLinks: { trace_id: [traceLink] },
  },
];
