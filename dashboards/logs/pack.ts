import type { Pack } from "../pack.ts";
import { logSearchBoard } from "./log-search.ts";

/**
 * Log records of any application, read by SQL. No metrics, and so no rules: rules are in PromQL. What is worth an alert
 * has a metric, and a rule in the pack of that metric.
 */
export const logs: Pack = {
  name: "logs",
  title: "Logs",
  description: "Log records of any application: volume by severity, errors, search, and the way to the trace.",
  metrics: [],
  boards: (context) => [logSearchBoard(context)],
  rules: [],
};
