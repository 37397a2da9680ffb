import type { Pack } from "../pack.ts";
import { rules } from "./alerts.ts";
import { metrics } from "./metrics.ts";
import { uiMetricsBoard } from "./ui-metrics.ts";

/** What people see and do: renders, requests and interactions of user interfaces. */
export const ui: Pack = {
  name: "ui",
  title: "UI",
  description: "What people see and do: renders, requests and interactions of user interfaces.",
  metrics,
  boards: (context) => [uiMetricsBoard(context)],
  rules,
};
