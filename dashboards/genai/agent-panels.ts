import type { BoardContext, Panel } from "../panel.ts";
import { fromThreshold } from "../panel.ts";
import {
  chosen,
  distribution,
  observations,
  quantile,
  rate,
  ratio,
  sumBy,
  total,
  type LabelOf,
  type Vector,
} from "../promql.ts";
import { quantiles } from "../quantiles.ts";
import type { Metric } from "../metric.ts";
import { failed } from "./conventions.ts";
import { llmCalls } from "./ids.ts";
import * as m from "./metrics.ts";
import { failedSpans, spans } from "./spans.ts";

/** What asks the models: agents, and the tools that they use. */

const { panels: id } = llmCalls;
const window = "$__rate_interval";
const service = { service_name: chosen("service") };

const ended = <L extends string, B extends LabelOf<L>>(of: Metric<L, "histogram">, by: readonly B[]): Vector<B> =>
  sumBy(by, rate(observations(of), window, service));

const average = <L extends string, B extends LabelOf<L>>(of: Metric<L, "histogram">, by: readonly B[]): Vector<B> =>
  ratio(sumBy(by, rate(total(of), window, service)), ended(of, by));

/** Runs, and what they end with. */
export const agents = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.runs,
    title: "Runs by agent",
    description: "Agent runs per second, counted when they end.",
    width: 8,
    height: 8,
    unit: "ops",
    targets: [{ query: ended(m.agentDuration, ["gen_ai_agent_name"]), legend: "{{gen_ai_agent_name}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.failedRunsByAgent,
    title: "Failed runs by agent",
    description:
      "Share of runs that ended with an error. The objective is 1 % within 30 days. Empty as long as none failed. Line: rule AgentRunErrorBudgetBurnFast. See whether models or tools fail at the same time.",
    width: 8,
    height: 8,
    unit: "percentunit",
    steps: fromThreshold(context, "AgentRunErrorBudgetBurnFast"),
    targets: [
      {
        query: ratio(
          sumBy(["gen_ai_agent_name"], rate(observations(m.agentDuration), window, { ...service, error_type: failed })),
          ended(m.agentDuration, ["gen_ai_agent_name"]),
        ),
        legend: "{{gen_ai_agent_name}}",
      },
    ],
    empty: "0 %",
    links: [failedSpans("Failed runs", spans.agentRuns, context)],
  },
  {
    kind: "timeseries",
    id: id.callsPerRun,
    title: "Calls per run",
    description:
      "Calls of models and of tools that an agent makes itself, divided by its runs. Rule AgentLoopSuspected looks at the model calls. A jump is a release or a broken tool, a slope a task that grows.",
    width: 8,
    height: 8,
    unit: "short",
    decimals: 1,
    steps: fromThreshold(context, "AgentLoopSuspected"),
    targets: [
      {
        query: average(m.agentInferenceCalls, ["gen_ai_agent_name"]),
        legend: "{{gen_ai_agent_name}}: model calls",
      },
      { query: average(m.agentToolCalls, ["gen_ai_agent_name"]), legend: "{{gen_ai_agent_name}}: tool calls" },
    ],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.runDuration,
    title: "Run duration",
    description:
      "p50, p95 and p99 of agent runs. If it rises and the calls of models do not become slower, runs have more steps.",
    width: 12,
    height: 8,
    unit: "s",
    targets: quantiles(m.agentDuration, service),
    empty: "–",
  },
  {
    kind: "heatmap",
    id: id.runHeat,
    title: "Run duration, spread",
    description: "How many runs took how long. A band at the top that stays is a timeout.",
    width: 12,
    height: 8,
    unit: "s",
    query: distribution(m.agentDuration, { window, where: service }),
  },
];

/** Executions, as the conventions measure them; the pack agents has tool calls by its own metrics. */
export const tools = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.tools,
    title: "Executions by tool",
    description: "Tool executions per second.",
    width: 8,
    height: 8,
    unit: "ops",
    targets: [{ query: ended(m.toolDuration, ["gen_ai_tool_name"]), legend: "{{gen_ai_tool_name}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.toolErrors,
    title: "Failed executions by tool",
    description:
      "Share of executions that ended with an error. Empty as long as none failed. Agents make up for some by trying again; one tool that stays high is broken.",
    width: 8,
    height: 8,
    unit: "percentunit",
    targets: [
      {
        query: ratio(
          sumBy(["gen_ai_tool_name"], rate(observations(m.toolDuration), window, { ...service, error_type: failed })),
          ended(m.toolDuration, ["gen_ai_tool_name"]),
        ),
        legend: "{{gen_ai_tool_name}}",
      },
    ],
    empty: "0 %",
    links: [failedSpans("Failed executions", spans.toolExecutions, context)],
  },
  {
    kind: "timeseries",
    id: id.toolDuration,
    title: "Execution p95 by tool",
    description: "95 of 100 executions end sooner. A slow tool makes each run that uses it slow.",
    width: 8,
    height: 8,
    unit: "s",
    targets: [
      {
        query: quantile(0.95, m.toolDuration, { window, where: service, by: ["gen_ai_tool_name"] }),
        legend: "{{gen_ai_tool_name}}",
      },
    ],
    empty: "–",
  },
];
