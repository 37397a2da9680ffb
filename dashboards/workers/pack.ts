import type { Pack } from "../pack.ts";
import { rules } from "./alerts.ts";
import { metrics } from "./metrics.ts";
import { workersOverviewBoard } from "./workers-overview.ts";

/** Workers that take messages from queues, and the queues. */
export const workers: Pack = {
  name: "workers",
  title: "Workers",
  description: "Workers that take messages from queues, and the queues.",
  metrics,
  boards: (context) => [workersOverviewBoard(context)],
  rules,
};
