import type { Pack } from "../pack.ts";
import { rules } from "./alerts.ts";
import { llmCallsBoard } from "./llm-calls.ts";
import { llmCostBoard } from "./llm-cost.ts";
import { metrics } from "./metrics.ts";

/** Models, agents and tools, by OpenTelemetry's GenAI semantic conventions. */
export const genai: Pack = {
  name: "genai",
  title: "GenAI",
  description:
    "Applications that follow OpenTelemetry's GenAI semantic conventions: calls of language models, tokens, cost, agents and tools.",
  metrics,
  boards: (context) => [llmCallsBoard(context), llmCostBoard(context)],
  rules,
};
