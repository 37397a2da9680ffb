import type { Pack } from "../pack.ts";
import { rules } from "./alerts.ts";
import { cacheAnalyticsBoard } from "./cache-analytics.ts";
import { metrics } from "./metrics.ts";
import { primitivePerformanceBoard } from "./primitive-performance.ts";
import { workflowOverviewBoard } from "./workflow-overview.ts";

/** Workflows made of primitives, with their routers, timeouts and caches. */
export const workflows: Pack = {
  name: "workflows",
  title: "Workflows",
  description: "Workflows made of primitives, with their routers, timeouts and caches.",
  metrics,
  boards: (context) => [
    workflowOverviewBoard(context),
    primitivePerformanceBoard(context),
    cacheAnalyticsBoard(context),
  ],
  rules,
};
