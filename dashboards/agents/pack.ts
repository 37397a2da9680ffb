import type { Pack } from "../pack.ts";
import { agentPerformanceBoard } from "./agent-performance.ts";
import { rules } from "./alerts.ts";
import { metrics } from "./metrics.ts";
import { toolCallsBoardOf } from "./tool-calls.ts";

/** Agents, their tools, the models they ask, and the services around them. */
export const agents: Pack = {
  name: "agents",
  title: "Agents",
  description: "Agents, their tools, the models they ask, and the services around them.",
  metrics,
  boards: (context) => [agentPerformanceBoard(context), toolCallsBoardOf(context)],
  rules,
};
