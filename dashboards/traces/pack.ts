import type { Pack } from "../pack.ts";
import { serviceMapBoard } from "./service-map.ts";
import { tracingBoard } from "./tracing.ts";

/**
 * Spans of any application, read by SQL. No metrics, and so no rules: rules are in PromQL. What is worth an alert has a
 * metric, and a rule in the pack of that metric.
 */
export const traces: Pack = {
  name: "traces",
  title: "Traces",
  description: "Spans of any application: rates, errors, durations, single traces, and which service calls which.",
  metrics: [],
  boards: (context) => [tracingBoard(context), serviceMapBoard(context)],
  rules: [],
};
