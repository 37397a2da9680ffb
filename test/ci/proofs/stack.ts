import * as m from "../../../dashboards/agents/metrics.ts";
import { phases } from "../support/failures.ts";
import { points } from "../support/traffic.ts";
import type { PackProof } from "./proof.ts";

const chat = { endpoint: "/chat", method: "POST" };

export const stackProof: PackProof = {
  pack: "stack",
  healthy: () => [],
  panels: {},
  failures: {
    // ten minutes, after the five for which a query still finds the last value
    ServiceTelemetryAbsent: {
      series: points(m.httpRequests, "shop", { ...chat, status: "200" }, phases(1, "silent", 1)),
      labels: { service_name: "shop" },
      detectedWithin: 17,
      silentWithin: 1,
    },
  },
  notInPrometheus: ["MetricsDatasourceDown", "Watchdog"],
};
