import { ownJobs } from "../../configs/collector/own-jobs.ts";
import type { Pack } from "../pack.ts";
import { rules } from "./alerts.ts";
import { stackDatabaseBoard } from "./database.ts";
import { stackDeliveryBoard } from "./delivery.ts";
import { stackGrafanaBoard } from "./grafana-board.ts";
import { stackHealthBoard } from "./health.ts";
import { metrics } from "./metrics.ts";

/** The stack itself: that it answers, and that services report to it. */
export const stack: Pack = {
  name: "stack",
  title: "Stack",
  description: "The collector, GreptimeDB and Grafana themselves, and whether services report to them.",
  metrics,
  boards: (context) => [
    stackHealthBoard(context),
    stackDeliveryBoard(context),
    ...(context.parts.includes(ownJobs.database) ? [stackDatabaseBoard(context)] : []),
    stackGrafanaBoard(),
  ],
  rules,
};
