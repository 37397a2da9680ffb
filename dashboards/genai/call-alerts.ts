import { increase, observations, quantile, rate, ratio, sumBy, type Matcher } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { callConventions, failed, instanceOf, rateLimited, type CallConvention } from "./conventions.ts";
import { llmCalls } from "./ids.ts";

/** What is down, and for whom a quota is: a provider serves its models apart. */
const model = ["gen_ai_provider_name", "gen_ai_request_model"] as const;

const callsWithin = ({ duration, modelCalls }: CallConvention, window: "10m" | "15m") =>
  sumBy(model, increase(observations(duration), window, modelCalls));

const shareOf = ({ duration, modelCalls }: CallConvention, error: Matcher) =>
  ratio(
    sumBy(model, rate(observations(duration), "10m", { ...modelCalls, error_type: error })),
    sumBy(model, rate(observations(duration), "10m", modelCalls)),
  );

const metricsOf = (...parts: readonly ((convention: CallConvention) => { readonly name: string })[]): string =>
  parts.flatMap((part) => callConventions.map((convention) => `\`${part(convention).name}\``)).join(" and ");

const twice = (...parts: readonly ((convention: CallConvention) => { readonly name: string })[]): string =>
  `The rule exists once for each name that the conventions gave to the metric: ${metricsOf(...parts)}.`;

const errorRatio = (convention: CallConvention): Rule =>
  rule({
    name: "LlmErrorRatioHigh",
    ...instanceOf(convention),
    severity: "critical",
    summary:
      "{{ $labels.gen_ai_request_model }} at {{ $labels.gen_ai_provider_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of calls fail",
    description:
      "Calls of the model {{ $labels.gen_ai_request_model }} fail, whatever the client tried on its own. If LlmRateLimited fires as well, follow that one: the provider is up, the quota is used up.",
    query: shareOf(convention, failed),
    threshold: {
      fires: "above",
      value: 0.05,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "A run makes several calls: when one in twenty fails, every third run of eight calls meets a failure.",
    },
    guard: {
      query: callsWithin(convention, "10m"),
      atLeast: 20,
      why: "Below twenty calls in ten minutes a single failure would be the whole five per cent.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCalls.uid, id: llmCalls.panels.errorRatio },
    runbook: {
      meaning: `Of the calls of one model at one provider in the last ten minutes, more than the threshold have an \`error.type\`. ${twice(({ duration }) => duration)}`,
      impact: "Agents that need the model stop, or answer worse with another one. Retries cost time and tokens.",
      diagnosis: [
        "On the board *LLM calls*, panel *Errors by type*: which error? `429` and its relatives are a quota (LlmRateLimited), `401` and `403` a credential, `400` the request itself, `500` to `529` and timeouts the provider.",
        "In the linked panel: one model, or all of a provider? All of them points to the provider or to the network; look at its status page.",
        "Click a line of the panel, open *Failed calls* and follow one to its trace: the span's message has the provider's own words.",
      ],
      mitigation: [
        "Switch to another model or provider if the agents can.",
        "Renew the credential, or roll back the release that changed the request.",
      ],
    },
  });

const limited = (convention: CallConvention): Rule =>
  rule({
    name: "LlmRateLimited",
    ...instanceOf(convention),
    severity: "warning",
    summary:
      "{{ $labels.gen_ai_request_model }} at {{ $labels.gen_ai_provider_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of calls hit a limit",
    description:
      "The provider refuses calls of {{ $labels.gen_ai_request_model }} because of a rate or a quota. Send less, or raise the limit; nothing is broken.",
    query: shareOf(convention, rateLimited),
    threshold: {
      fires: "above",
      value: 0.02,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "Clients wait and try again by themselves; two calls in a hundred that are refused nevertheless mean that the limit is reached for good. It comes before LlmErrorRatioHigh.",
    },
    guard: {
      query: callsWithin(convention, "10m"),
      atLeast: 50,
      why: "Below fifty calls in ten minutes a single refusal would be the whole two per cent.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCalls.uid, id: llmCalls.panels.rateLimited },
    runbook: {
      meaning: `Of the calls of one model at one provider in the last ten minutes, more than the threshold failed with an \`error.type\` that speaks of 429, a rate limit, too many requests, throttling, a quota or exhausted resources. An application that reports limits in other words is not seen here. ${twice(({ duration }) => duration)}`,
      impact: "Runs wait, then fail. Other teams that share the account are slowed down, too.",
      diagnosis: [
        "Is it requests or tokens? Compare *Calls by model* with *Tokens by model* on the board *LLM tokens and cost*.",
        "Is it more than yesterday? *Calls against a day ago* shows it; one agent in a loop is seen in *Calls per run*.",
        "The provider's console shows the limit and who uses it.",
      ],
      mitigation: [
        "Lower the number of agents that run at once, or let the client wait as the provider's Retry-After says.",
        "Ask for a higher limit, or spread the load over models, regions or accounts.",
      ],
    },
  });

const slow = (convention: CallConvention): Rule =>
  rule({
    name: "LlmLatencyHigh",
    ...instanceOf(convention),
    severity: "warning",
    summary:
      "{{ $labels.gen_ai_request_model }} at {{ $labels.gen_ai_provider_name }}: p95 is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description:
      "One call in twenty of {{ $labels.gen_ai_request_model }} takes longer than runs are planned for: the provider is slow, or answers have grown.",
    query: quantile(0.95, convention.duration, { window: "15m", where: convention.modelCalls, by: model }),
    threshold: {
      fires: "above",
      value: 30,
      unit: "seconds",
      settable: { min: 0, max: 80 },
      why: "A run of several calls of half a minute takes minutes. Models that reason at length need a value of their own; the buckets end at 81.92 s, so nothing above 80 s can be seen.",
    },
    guard: {
      query: callsWithin(convention, "15m"),
      atLeast: 20,
      why: "With twenty calls the p95 is one call already.",
    },
    for: 600,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCalls.uid, id: llmCalls.panels.durationByModel },
    runbook: {
      meaning: `The 95th percentile of the duration of one model's calls at one provider over a quarter of an hour is above the threshold. ${twice(({ duration }) => duration)}`,
      impact: "Runs are late and hold their resources longer; callers with shorter timeouts give up.",
      diagnosis: [
        "Has *Time to first chunk* risen as well? Then the provider is slow, or prompts have grown. If not, answers have become longer.",
        "Compare with *Tokens per call* and *Output for input* on the board *LLM tokens and cost*.",
        "One model, or all of a provider? All of them points to the provider or to the network.",
        "Open the slowest calls at the bottom of the board and look at their traces.",
      ],
      mitigation: [
        "Choose a faster model, or limit the length of answers.",
        "Shorten prompts, or let the provider cache their common beginning.",
      ],
    },
  });

const firstChunkSlow = ({ firstChunk, ...convention }: CallConvention): Rule =>
  rule({
    name: "LlmFirstChunkSlow",
    ...instanceOf(convention),
    severity: "warning",
    summary:
      "{{ $labels.gen_ai_request_model }} at {{ $labels.gen_ai_provider_name }}: first chunk p95 is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description:
      "One streamed answer in twenty of {{ $labels.gen_ai_request_model }} begins later than people wait. Prompts have grown, or the provider queues.",
    query: quantile(0.95, firstChunk, { window: "15m", by: model }),
    threshold: {
      fires: "above",
      value: 10,
      unit: "seconds",
      settable: { min: 0, max: 80 },
      why: "Ten seconds without a sign of life is the limit of people's attention.",
    },
    guard: {
      query: sumBy(model, increase(observations(firstChunk), "15m")),
      atLeast: 20,
      why: "With twenty answers the p95 is one answer already.",
    },
    for: 600,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: llmCalls.uid, id: llmCalls.panels.firstChunk },
    runbook: {
      meaning: `The 95th percentile of the time to the first chunk of streamed answers over a quarter of an hour is above the threshold. ${twice((each) => each.firstChunk)}`,
      impact: "People look at an empty answer and give up or ask again, which adds load.",
      diagnosis: [
        "Compare with *Input tokens per call*: long prompts are read before anything is written.",
        "Models that reason think before they write; *Parts of tokens* on the board *LLM tokens and cost* shows how much.",
        "One model, or all of a provider? All of them points to the provider's queue.",
      ],
      mitigation: [
        "Shorten prompts, or let the provider cache their common beginning.",
        "Ask for less reasoning, choose a smaller model, or one with reserved capacity.",
      ],
    },
  });

/** Calls of models: whether they fail, are refused, or take long. */
export const callRules: readonly Rule[] = callConventions.flatMap((convention) => [
  errorRatio(convention),
  limited(convention),
  slow(convention),
  firstChunkSlow(convention),
]);
