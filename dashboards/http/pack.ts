import type { Pack } from "../pack.ts";
import { rules } from "./alerts.ts";
import { metrics } from "./metrics.ts";
import { requestsBoardOf } from "./requests.ts";

/** Services that speak HTTP and are instrumented by OpenTelemetry's conventions. */
export const http: Pack = {
  name: "http",
  title: "HTTP",
  description: "HTTP requests to services and from them, by OpenTelemetry's conventions.",
  metrics,
  boards: (context) => [requestsBoardOf(context)],
  rules,
};
