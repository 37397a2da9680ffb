import * as m from "../../../dashboards/ui/metrics.ts";
import { phases, type Course } from "../failures.ts";
import { observed, points } from "../traffic.ts";
import { buckets, by, one, type PackProof } from "./proof.ts";

const dayMinutes = 24 * 60;

/** What is compared with a day ago needs a day. */
const dayBefore: Course = { well: dayMinutes + 30, ill: 40, after: 60 };

const submit = { action: "submit", component: "chat" };

/**
 * A day ago people sent eight messages a second, now three. Renders of chat end below 100 ms (6 of 10), 250 ms (2),
 * 1 s (1) and 4 s (1), those of history below 50 ms. Of all twelve the ninth is at 100 + 150 × 1/2.
 */
export const uiProof: PackProof = {
  pack: "ui",
  askedAt: dayMinutes + 60,
  healthy: () => [
    ...points(m.uiRequests, "storefront", submit, [
      { minutes: dayMinutes / 2, level: 8 },
      { minutes: 2 * dayMinutes, level: 3 },
    ]),
    ...points(m.uiRequests, "storefront", { action: "load", component: "chat" }, 1),
    ...points(m.uiRequests, "storefront", { action: "load", component: "history" }, 1),
    ...observed(m.renderDuration, "storefront", { component: "chat" }, { 100: 6, 250: 2, 1000: 1, 4000: 1 }),
    ...observed(m.renderDuration, "storefront", { component: "history" }, { 50: 2 }),
    ...points(m.interactions, "storefront", { action: "click", target: "send" }, 0.5),
    ...points(m.interactions, "storefront", { action: "click", target: "menu" }, 0.25),
    ...points(m.interactions, "storefront", { action: "input", target: "message" }, 1),
  ],
  panels: {
    "ui-metrics/1/interfaces": one(1),
    "ui-metrics/2/requests": one(5),
    // five of ten
    "ui-metrics/3/missing": one(0.5),
    "ui-metrics/4/p75": one(175),
    "ui-metrics/5/slow": one(0.083333),
    "ui-metrics/6/interactions": one(1.75),
    "ui-metrics/10/{{action}}": by("action", { submit: 3, load: 2 }),
    "ui-metrics/11/{{component}}": by("component", { chat: 4, history: 1 }),
    "ui-metrics/12/now": one(5),
    "ui-metrics/12/a day ago": one(10),
    "ui-metrics/13/{{service_name}}": by("service_name", { storefront: 0.5 }),
    "ui-metrics/14/Requests": [
      { labels: { component: "chat", action: "submit" }, value: 3 * 3600 },
      { labels: { component: "chat", action: "load" }, value: 3600 },
      { labels: { component: "history", action: "load" }, value: 3600 },
    ],
    // the 6th is 4/6 into its bucket, the 11.4th 0.4 and the 11.88th 0.88 into that from 2.5 s to 4 s
    "ui-metrics/20/p50": one(83.333333),
    "ui-metrics/20/p75": one(175),
    "ui-metrics/20/p95": one(3100),
    "ui-metrics/20/p99": one(3820),
    "ui-metrics/21/buckets": buckets({
      "16": 0,
      "50": 2,
      "100": 8,
      "250": 10,
      "500": 10,
      "1000": 11,
      "2500": 11,
      "4000": 12,
      "10000": 12,
      inf: 12,
    }),
    "ui-metrics/22/{{service_name}} {{component}}": [
      { labels: { service_name: "storefront", component: "chat" }, value: 212.5 },
      { labels: { service_name: "storefront", component: "history" }, value: 41.5 },
    ],
    "ui-metrics/23/{{component}}": by("component", { chat: 0.1, history: 0 }),
    "ui-metrics/24/Renders": by("component", { chat: 36_000, history: 7200 }),
    "ui-metrics/24/Slow": by("component", { chat: 0.1, history: 0 }),
    "ui-metrics/24/p50": by("component", { chat: 91.666667, history: 33 }),
    "ui-metrics/24/p75": by("component", { chat: 212.5, history: 41.5 }),
    "ui-metrics/24/p95": by("component", { chat: 3250, history: 48.3 }),
    "ui-metrics/24/p99": by("component", { chat: 3850, history: 49.66 }),
    "ui-metrics/30/{{action}}": by("action", { click: 0.75, input: 1 }),
    "ui-metrics/31/{{target}}": by("target", { send: 1800, menu: 900, message: 3600 }),
    "ui-metrics/32/Interactions": [
      { labels: { action: "click", target: "send" }, value: 1800 },
      { labels: { action: "click", target: "menu" }, value: 900 },
      { labels: { action: "input", target: "message" }, value: 3600 },
    ],
  },
  failures: {
    // every render is slow, so a quarter of those in 15 minutes after four; then half an hour
    UiRenderSlow: {
      series: [
        ...observed(m.renderDuration, "shop", { component: "cart" }, { 500: phases(1, 0), 4000: phases(0, 1) }),
        ...observed(m.renderDuration, "shop", { component: "menu" }, { 100: 1 }),
        ...observed(m.renderDuration, "other", { component: "cart" }, { 100: 1 }),
        // forty in a quarter of an hour are too few
        ...observed(m.renderDuration, "shop", { component: "help" }, { 4000: 40 / 900 }),
      ],
      labels: { service_name: "shop", component: "cart" },
      detectedWithin: 34,
      // three quarters of them are fast again after twelve, and it goes on firing for five
      silentWithin: 17,
    },
    // nobody sends any more; after twelve minutes three quarters of the window are missing, then a quarter of an hour
    UiTrafficDropped: {
      course: dayBefore,
      series: [
        ...points(m.uiRequests, "shop", submit, phases(10, "silent", 10, dayBefore)),
        // too little to miss
        ...points(m.uiRequests, "small", submit, phases(0.4, "silent", 0.4, dayBefore)),
        ...points(m.uiRequests, "other", submit, 10),
      ],
      labels: { service_name: "shop" },
      // evaluated every five minutes: fifteen, not twelve, and ten, not nine
      detectedWithin: 30,
      silentWithin: 10,
    },
  },
};
