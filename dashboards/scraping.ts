import { gauge } from "./metric.ts";

/** What the collector says of each Prometheus endpoint that it scrapes, whoever's it is; so it is in several packs. */
export const up = gauge({
  name: "up",
  route: "scrape",
  help: "1 when the last scrape of a target succeeded, 0 when it failed.",
  emittedBy: "the collector, for each Prometheus endpoint that it scrapes",
  labels: {},
});
