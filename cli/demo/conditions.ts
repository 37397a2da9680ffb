/** What goes wrong in a scenario, as far as it does. */
export interface Conditions {
  readonly words: string;
  /** Share of the calls of the tool `search` that fail, 0 to 1. */
  readonly searchFailures: number;
  /** So many times as long as usual: what model calls take. */
  readonly modelTime: number;
  /** So many times as many as usual: tokens that a model call reads and writes. */
  readonly tokens: number;
  /** So many times as many as usual: messages for workers. */
  readonly messages: number;
  /** Share of the workers that run, 0 to 1. */
  readonly workersUp: number;
  /** Rules that it is made for; each fires within 30 minutes, once a search or a queue has been ill for so long. */
  readonly fires: readonly string[];
}

const healthy: Conditions = {
  words: "all is well",
  searchFailures: 0.02,
  modelTime: 1,
  tokens: 1,
  messages: 1,
  workersUp: 1,
  fires: [],
};

export const scenarios = {
  healthy,
  "tool-outage": {
    ...healthy,
    words: "the tool search fails in six calls of ten",
    searchFailures: 0.6,
    fires: ["ToolErrorRatioHigh", "DependencyErrorRatioHigh"],
  },
  "slow-model": {
    ...healthy,
    words: "models take twenty times as long",
    modelTime: 20,
    fires: ["LlmLatencyHigh", "LlmFirstChunkSlow", "HttpLatencySloBurn"],
  },
  "token-spike": {
    ...healthy,
    words: "prompts are fifteen times as long",
    tokens: 15,
    fires: ["LlmTokenBudgetNearlySpent", "GenAiBudgetNearlySpent"],
  },
  "queue-backlog": {
    ...healthy,
    words: "four times as many messages arrive as workers can do",
    messages: 4,
    fires: ["QueueBacklog", "WorkerQueueGrowing"],
  },
  "worker-down": {
    ...healthy,
    words: "one of two workers does not answer",
    workersUp: 0.5,
    fires: ["WorkerDown", "ScrapeTargetDown"],
  },
} as const satisfies Readonly<Record<string, Conditions>>;

export type ScenarioName = keyof typeof scenarios;
