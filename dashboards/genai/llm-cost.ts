import { boardLink } from "../links.ts";
import type { Board, BoardContext, Panel, Price, PromTable } from "../panel.ts";
import { chosen, increase, observations, quantile, rate, ratio, sum, sumOver, total } from "../promql.ts";
import { partName } from "../stored-name.ts";
import { inputOnly, tokenConventions, tokenTargets, type Over, type TokenConvention } from "./conventions.ts";
import { costOf, pricedShare } from "./cost.ts";
import { llmCalls, llmCost } from "./ids.ts";
import * as m from "./metrics.ts";

const { panels: id } = llmCost;
const window = "$__rate_interval";
const service = { service_name: chosen("service") };
const where = { ...service, gen_ai_request_model: chosen("model") };

const perSecond: Over = { growth: rate, window, where };
const inRange: Over = { growth: increase, window: "$__range", where };

/** What models read and write, and what that costs. */
export const llmCostBoard = (context: BoardContext): Board => ({
  uid: llmCost.uid,
  title: "LLM tokens and cost",
  description:
    "Tokens that language models read and write, and their cost, by OpenTelemetry's GenAI conventions. Those have changed names: (token.usage) is the histogram gen_ai.client.token.usage, (inference.usage) the counters gen_ai.client.inference.usage.* that replace it. An application sends one of them; if it sends both, do not add them up. The lists of services and models come from (token.usage); what is missing there can be typed in.",
  variables: [
    { name: "service", label: "Service", series: partName(m.tokenUsage, "count"), of: "service_name" },
    { name: "model", label: "Model", series: partName(m.tokenUsage, "count"), of: "gen_ai_request_model" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Tokens", panels: tokens },
    { title: "Cost", panels: cost(context) },
  ],
});

const stat = ([target, also]: ReturnType<typeof tokenTargets>) => ({ kind: "stat", target, also }) as const;

function health({ prices }: BoardContext): Panel[] {
  const width = prices.length === 0 ? 6 : 4;
  return [
    {
      ...stat(tokenTargets("read", ({ input }) => input([], inRange))),
      id: id.input,
      title: "Input tokens",
      description:
        "Tokens that models read within the range. The budget of a day is rule GenAiBudgetExceeded; set the range to 24 hours to compare.",
      width,
      height: 4,
      unit: "short",
      empty: "0",
    },
    {
      ...stat(tokenTargets("written", ({ output }) => output([], inRange))),
      id: id.output,
      title: "Output tokens",
      description: "Tokens that models wrote within the range. They cost several times as much as those read.",
      width,
      height: 4,
      unit: "short",
      empty: "0",
    },
    {
      ...stat([
        {
          legend: "a call (token.usage)",
          query: ratio(
            sum(increase(total(m.tokenUsage), "$__range", { ...where, ...inputOnly })),
            sum(increase(observations(m.tokenUsage), "$__range", { ...where, ...inputOnly })),
          ),
        },
        {
          legend: "a call (inference.operation)",
          query: ratio(
            sum(increase(total(m.inputTokensPerCall), "$__range", where)),
            sum(increase(observations(m.inputTokensPerCall), "$__range", where)),
          ),
        },
      ]),
      id: id.inputPerCall,
      title: "Input tokens per call",
      description:
        "Tokens that a call read on average within the range. Steady growth means that contexts grow: cut or summarise them.",
      width,
      height: 4,
      unit: "short",
      decimals: 0,
      empty: "–",
    },
    {
      kind: "stat",
      id: id.cachedShare,
      title: "Cached input",
      description:
        "Share of the tokens read within the range that the provider's cache had, which are cheaper and faster. Only (inference.usage) tells. Low although prompts begin alike: something early in the prompt changes with every call.",
      width,
      height: 4,
      unit: "percentunit",
      decimals: 0,
      target: {
        query: ratio(
          sum(increase(m.cacheReadTokens, "$__range", where)),
          sum(increase(m.inputTokens, "$__range", where)),
        ),
        legend: "cached",
      },
      empty: "–",
    },
    ...(prices.length === 0 ? [] : costHealth(prices)),
  ];
}

const costHealth = (prices: readonly Price[]): Panel[] => [
  {
    ...stat(tokenTargets("spent", (convention) => sumOver([], costOf(convention)(prices, inRange)))),
    id: id.cost,
    title: "Cost",
    description: `What the tokens within the range cost. ${asOf(prices)} ${notTheBill} More than planned: see which model below.`,
    width: 4,
    height: 4,
    unit: "currencyUSD",
    empty: "no priced tokens",
  },
  {
    ...stat(tokenTargets("priced", (convention) => pricedShare(convention, prices, { ...inRange, where: service }))),
    id: id.pricedShare,
    title: "Tokens with a price",
    description:
      "Share of the tokens within the range whose model has a price, whichever models are chosen above. Below 100 % the cost is too low by what the others cost: give them a price in `dashboards.prices`.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: [
      { from: 0, color: "orange" },
      { from: 0.999, color: "green" },
    ],
    empty: "none",
  },
];

const tokens: Panel[] = [
  {
    kind: "timeseries",
    id: id.byType,
    title: "Tokens by type",
    description:
      "Tokens per second, read and written. Input that grows faster than output means growing contexts; both together are more traffic, or a loop.",
    width: 12,
    height: 8,
    unit: "short",
    targets: [
      ...tokenTargets("read", ({ input }) => input([], perSecond)),
      ...tokenTargets("written", ({ output }) => output([], perSecond)),
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.byModel,
    title: "Tokens by model",
    description:
      "Tokens per second, read and written, by the model that was asked for. The rules GenAiBudgetExceeded and GenAiBudgetNearlySpent add up a day of it.",
    width: 12,
    height: 8,
    unit: "short",
    targets: tokenTargets("{{gen_ai_request_model}}", ({ both }) => both(["gen_ai_request_model"], perSecond)),
    empty: "0",
    links: [
      boardLink("Only this model", llmCost.uid, "&var-model=${__field.labels.gen_ai_request_model}"),
      boardLink("Its calls", llmCalls.uid, "&var-model=${__field.labels.gen_ai_request_model}"),
    ],
  },
  {
    kind: "timeseries",
    id: id.againstYesterday,
    title: "Tokens against a day ago",
    description:
      "Tokens per second now and at the same time yesterday. Rule LlmTokenSpike compares half hours of each service.",
    width: 12,
    height: 8,
    unit: "short",
    targets: [
      ...tokenTargets("now", ({ both }) => both([], perSecond)),
      ...tokenTargets("a day ago", ({ both }) => both([], { ...perSecond, when: { ago: "1d" } })),
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.perCall,
    title: "Tokens per call",
    description:
      "95 of 100 calls read and write fewer tokens. Input near the model's limit is about to be cut or refused.",
    width: 12,
    height: 8,
    unit: "short",
    targets: [
      {
        query: quantile(0.95, m.tokenUsage, { window, where, by: ["gen_ai_token_type"] }),
        legend: "{{gen_ai_token_type}} p95 (token.usage)",
      },
      { query: quantile(0.95, m.inputTokensPerCall, { window, where }), legend: "input p95 (inference.operation)" },
      { query: quantile(0.95, m.outputTokensPerCall, { window, where }), legend: "output p95 (inference.operation)" },
    ],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.outputPerInput,
    title: "Output for input",
    description:
      "Tokens written for each token read, by model. It falls when contexts grow and rises when answers do; a level of its own for each task is normal.",
    width: 12,
    height: 8,
    unit: "percentunit",
    targets: tokenTargets("{{gen_ai_request_model}}", ({ input, output }) =>
      ratio(output(["gen_ai_request_model"], perSecond), input(["gen_ai_request_model"], perSecond)),
    ),
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.parts,
    title: "Parts of tokens",
    description:
      "Shares of the input that came from the provider's cache or went into it, and of the output that was reasoning. Only (inference.usage) tells. Much written to the cache and little read from it costs more than no cache.",
    width: 12,
    height: 8,
    unit: "percentunit",
    targets: [
      { legend: "input from cache", query: part(m.cacheReadTokens, m.inputTokens) },
      { legend: "input into cache", query: part(m.cacheWriteTokens, m.inputTokens) },
      { legend: "reasoning in output", query: part(m.reasoningTokens, m.outputTokens) },
    ],
    empty: "–",
  },
];

function part(of: typeof m.cacheReadTokens, whole: typeof m.inputTokens) {
  return ratio(sum(rate(of, window, where)), sum(rate(whole, window, where)));
}

const notTheBill =
  "Tokens from a cache count in full and writing into it does not count extra, so it is an estimate, not the bill.";

/** Prices change; a number without its day is worth nothing. */
const asOf = (prices: readonly Price[]): string =>
  `By the prices in \`dashboards.prices\`, looked up on ${[...new Set(prices.map((price) => price.asOf))].sort().join(", ")}.`;

const cost = ({ prices }: BoardContext): Panel[] =>
  prices.length === 0
    ? [howToPrice]
    : [
        {
          kind: "timeseries",
          id: id.costByModel,
          title: "Cost by model",
          description: `US dollars an hour, by the model that was asked for. Models without a price are missing here. ${asOf(prices)} ${notTheBill}`,
          width: 24,
          height: 8,
          unit: "currencyUSD",
          stacked: true,
          targets: tokenTargets("{{gen_ai_request_model}}", (convention) => costOf(convention)(prices, perSecond)),
          empty: "no priced tokens",
        },
        table(id.usageTable, tokenConventions[0], prices),
        table(id.countersTable, tokenConventions[1], prices),
      ];

const table = (panel: number, convention: TokenConvention, prices: readonly Price[]): PromTable => ({
  kind: "table",
  id: panel,
  title: `Models (${convention.name})`,
  description: `One row a model, over the range. "no price" means that the model is not in \`dashboards.prices\`. ${asOf(prices)} Nothing here if applications send the other metric.`,
  width: 12,
  height: 10,
  keys: { gen_ai_request_model: "Model" },
  columns: [
    {
      header: "Cost",
      unit: "currencyUSD",
      query: costOf(convention)(prices, inRange),
      empty: "no price",
      links: [boardLink("Only this model", llmCost.uid, "&var-model=${__data.fields.Model}")],
    },
    { header: "Input", unit: "short", query: convention.input(["gen_ai_request_model"], inRange) },
    { header: "Output", unit: "short", query: convention.output(["gen_ai_request_model"], inRange) },
  ],
});

const howToPrice: Panel = {
  kind: "text",
  id: id.howToPrice,
  title: "Cost",
  description: "How to see what tokens cost.",
  width: 24,
  height: 8,
  markdown: [
    "No prices are set, so there is no cost here: prices differ by contract and change. Give each model its own, in US dollars for a million tokens, and the day on which you looked it up:",
    [
      "```sh",
      "npm run pulumi -- config set --path 'dashboards.prices[0].model' large",
      "npm run pulumi -- config set --path 'dashboards.prices[0].input' 2.5",
      "npm run pulumi -- config set --path 'dashboards.prices[0].output' 10",
      "npm run pulumi -- config set --path 'dashboards.prices[0].asOf' 2026-11-01",
      "npm run up",
      "```",
    ].join("\n"),
    "The model is what `gen_ai.request.model` says, letter by letter.",
  ].join("\n\n"),
};
