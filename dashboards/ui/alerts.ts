import { either, increase, observations, quantile, sumBy } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { uiMetrics } from "./ids.ts";
import { renderDuration, slowRender, uiRequests } from "./metrics.ts";
import { missing } from "./traffic.ts";

const quarter = { window: "15m" } as const;

export const rules: readonly Rule[] = [
  rule({
    name: "UiRenderSlow",
    severity: "warning",
    summary:
      '{{ $labels.component }} of {{ $labels.service_name }}: p75 of renders is {{ with $values.A }}{{ printf "%.0f" .Value }}{{ end }} ms',
    description:
      "One render in four of {{ $labels.component }} takes longer than people take for prompt. Look first whether it waits for data or computes.",
    query: quantile(0.75, renderDuration, { window: "15m", by: ["service_name", "component"] }),
    threshold: {
      fires: "above",
      value: slowRender,
      unit: "milliseconds",
      settable: { min: 0, max: 10_000 },
      why: "Web vitals call a page good when three of four views show their main content within 2.5 s. It is a bound of a bucket, so it is met exactly; other values between two bounds are estimates, and none beyond the last bound of 10 s can be told.",
    },
    guard: {
      query: sumBy(["service_name", "component"], increase(observations(renderDuration), "15m")),
      atLeast: 50,
      why: "With fewer than fifty renders a dozen people on a bad connection are a quarter of them.",
    },
    for: 1800,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: uiMetrics.uid, id: uiMetrics.panels.renderByComponent },
    runbook: {
      meaning:
        "The 75th percentile of one component's render time over a quarter of an hour has been above the threshold for half an hour.",
      impact: "A quarter of the views are slow. People wait, click twice, or leave.",
      diagnosis: [
        "Open the linked panel: one component or all? All at once points to the backend, the network, or a release of the whole interface.",
        "In *Share of slow renders*, see when it began, and whether it jumped (release) or crept (data that grows).",
        "Follow *Slow renders* from the panel to `ui_render` spans and open the trace of a long one: child spans show what it waited for, a long span without children computes.",
      ],
      mitigation: [
        "Roll the release back if there was one.",
        "If it waits for data, relieve the backend that the trace names, or render first and load afterwards.",
        "If it computes, render fewer elements at a time.",
      ],
    },
  }),
  rule({
    name: "UiTrafficDropped",
    severity: "warning",
    summary:
      "{{ $labels.service_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of the requests of a day ago are missing",
    description:
      "The interface {{ $labels.service_name }} makes far fewer requests than at the same time a day ago, or none. Open it in a browser first.",
    query: missing(["service_name"], quarter, { ago: "1d" }),
    threshold: {
      fires: "above",
      value: 0.75,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "Three quarters missing leaves room for days that differ. An interface whose days are alike can go lower, and hears of a smaller outage.",
    },
    confirm: {
      query: either(
        missing(["service_name"], quarter, { ago: "7d" }),
        missing(["service_name"], quarter, { ago: "1d" }),
      ),
      why: "A quiet Saturday is no outage: traffic must be as far below the same time a week ago. Where the database does not go back a week, the day counts alone.",
    },
    guard: {
      query: sumBy(["service_name"], increase(uiRequests, "15m", {}, { ago: "1d" })),
      atLeast: 450,
      why: "That is a request in two seconds, a day ago. Of less, a few people more or fewer are half of the traffic.",
    },
    for: 900,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: uiMetrics.uid, id: uiMetrics.panels.trafficMissingByService },
    runbook: {
      meaning:
        "Of the requests that the interface made in the same quarter of an hour a day ago, more than the threshold are missing. No requests at all count as all missing.",
      impact: "People probably cannot use the interface. Or they can, and its telemetry does not arrive.",
      diagnosis: [
        "Open the interface in a browser. Does it load, and does a request succeed?",
        "Open *Requests, now and a day ago*: a cliff is an outage or a release, a slope is people who stay away.",
        "Did renders and interactions stop as well? Then look at the way in (ingress, DNS, certificate, login) and at the telemetry's own way: the collector's list of browser origins, and its log (`docker logs`).",
        "Was yesterday the exception? The same panel over two weeks shows it.",
      ],
      mitigation: [
        "Restore the way in, or roll the release back.",
        "On a public holiday, or when an interface was renamed or switched off, silence the alert: it ends by itself after a day.",
      ],
    },
  }),
];
