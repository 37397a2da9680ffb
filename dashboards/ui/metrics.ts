import { counter, histogram, type Label } from "../metric.ts";

/** Metrics of user interfaces. */

const component: Label = {
  help: "Part of the interface, by its name in the code.",
  values: ["chat", "history", "settings"],
};

export const uiRequests = counter({
  name: "ui_requests_total",
  help: "Requests that the interface made of its backend.",
  emittedBy: "user interfaces",
  labels: {
    action: { help: "What was asked for.", values: ["submit", "load", "refresh"] },
    component,
  },
});

/**
 * A bound of a bucket, so that the share of slow renders is counted and not estimated: from 2.5 s on, web vitals no
 * longer call the largest contentful paint good.
 */
export const slowRender = 2500;

export const renderDuration = histogram({
  name: "ui_render_duration_milliseconds",
  unit: "ms",
  help: "Time until a component was rendered.",
  emittedBy: "user interfaces",
  labels: { component },
  // one frame at 60 Hz, then what people notice, then the two bounds of web vitals: good up to 2.5 s, poor beyond 4 s
  buckets: [16, 50, 100, 250, 500, 1000, slowRender, 4000, 10_000],
});

export const interactions = counter({
  name: "ui_interactions_total",
  help: "Things that people did in the interface.",
  emittedBy: "user interfaces",
  labels: {
    action: { help: "What they did.", values: ["click", "input", "scroll"] },
    target: { help: "Element that they did it to, by its name in the code.", values: ["send", "message", "menu"] },
  },
});

export const metrics = [uiRequests, renderDuration, interactions] as const;
