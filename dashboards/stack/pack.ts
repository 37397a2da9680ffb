import type { Pack } from "../pack.ts";
import { rules } from "./alerts.ts";
import { metrics } from "./metrics.ts";

/** The stack itself: that it answers, and that services report to it. */
export const stack: Pack = {
  name: "stack",
  title: "Stack",
  description: "The collector, GreptimeDB and Grafana themselves, and whether services report to them.",
  metrics,
  boards: () => [],
  rules,
};
