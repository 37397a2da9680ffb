import { boardLink } from "../links.ts";
import type { Board, BoardContext, DataLink, Panel } from "../panel.ts";
import { fromThreshold } from "../panel.ts";
import {
  chosen,
  count,
  distribution,
  increase,
  observations,
  quantile,
  rate,
  ratio,
  rest,
  sum,
  sumBy,
  top,
  upTo,
  type Vector,
  type Window,
} from "../promql.ts";
import { spansLink } from "../span-links.ts";
import { partName, storedName } from "../stored-name.ts";
import { uiMetrics } from "./ids.ts";
import { interactions, renderDuration, slowRender, uiRequests } from "./metrics.ts";
import { missing, traffic } from "./traffic.ts";

const { panels: id } = uiMetrics;
const window = "$__rate_interval";
const service = { service_name: chosen("service") };
const both = { ...service, component: chosen("component") };
const seconds = String(slowRender / 1000);

/** Do people get through, is it fast, and what do they do? */
export const uiMetricsBoard = (context: BoardContext): Board => ({
  uid: uiMetrics.uid,
  title: "UI metrics",
  description: "Requests, renders and interactions of user interfaces.",
  variables: [
    { name: "service", label: "Service", series: storedName(uiRequests), of: "service_name" },
    // every component renders, not every one makes requests
    { name: "component", label: "Component", series: partName(renderDuration, "count"), of: "component" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Requests", panels: requests(context) },
    { title: "Renders", panels: renders(context) },
    { title: "Interactions", panels: interacting(context) },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.services,
    title: "Interfaces reporting",
    description:
      "Interfaces that made requests within the range. Fewer than you run: see docs/connect-your-app.md, and for browsers the collector's list of origins.",
    width: 4,
    height: 4,
    unit: "none",
    target: { query: count(sumBy(["service_name"], increase(uiRequests, "$__range"))), legend: "interfaces" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.requestRate,
    title: "Requests",
    description: "Requests per second of the chosen components. None while people are at work: nobody gets through.",
    width: 4,
    height: 4,
    unit: "reqps",
    target: { query: traffic([], { window, where: both }), legend: "requests" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.trafficMissing,
    title: "Traffic missing",
    description:
      "Share of the requests of the same time a day ago that is missing now. Negative: there are more now. Red: rule UiTrafficDropped. A dash in the first day, when there is nothing to compare with.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 0,
    steps: fromThreshold(context, "UiTrafficDropped"),
    target: { query: missing([], { window, where: service }, { ago: "1d" }), legend: "missing" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.renderP75,
    title: "Render p75",
    description:
      "Three of four renders of the chosen components are faster. Red: the threshold of rule UiRenderSlow, which looks at each component by itself.",
    width: 4,
    height: 4,
    unit: "ms",
    decimals: 0,
    steps: fromThreshold(context, "UiRenderSlow"),
    target: { query: quantile(0.75, renderDuration, { window, where: both }), legend: "p75" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.slowShare,
    title: "Slow renders",
    description: `Share of renders that took longer than ${seconds} s. Good is a few per cent; a quarter is a p75 of ${seconds} s.`,
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    target: { query: slowShare([], window), legend: "slow" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.interactionRate,
    title: "Interactions",
    description:
      "Things that people do, per second, in all components. None, with requests going on: only timers are left.",
    width: 4,
    height: 4,
    unit: "ops",
    target: { query: sum(rate(interactions, window, service)), legend: "interactions" },
    empty: "0",
  },
];

const requests = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.requestsByAction,
    title: "Requests by action",
    description:
      "Requests per second by what was asked for. One action that grows alone is often a loop in the interface, such as a refresh without a pause.",
    width: 12,
    height: 8,
    unit: "reqps",
    stacked: true,
    targets: [{ query: sumBy(["action"], rate(uiRequests, window, both)), legend: "{{action}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.requestsByComponent,
    title: "Requests by component",
    description: "Requests per second by the component that made them. A component that stops alone is broken.",
    width: 12,
    height: 8,
    unit: "reqps",
    stacked: true,
    targets: [{ query: sumBy(["component"], rate(uiRequests, window, both)), legend: "{{component}}" }],
    empty: "0",
    links: [toComponent],
  },
  {
    kind: "timeseries",
    id: id.traffic,
    title: "Requests, now and a day ago",
    description:
      "Requests per second of the chosen interfaces, and at the same time a day ago. The two should have the same shape; choose two weeks to see which days differ.",
    width: 12,
    height: 8,
    unit: "reqps",
    targets: [
      { query: traffic([], { window, where: service }), legend: "now" },
      { query: traffic([], { window, where: service }, { ago: "1d" }), legend: "a day ago" },
    ],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.trafficMissingByService,
    title: "Traffic missing against a day ago",
    description:
      "Share of the requests of a day ago that is missing now, by interface: around 0 is good, 1 means that nothing comes any more, below 0 there are more than then. Line: rule UiTrafficDropped, which also asks whether it is so against a week ago. Empty in the first day.",
    width: 12,
    height: 8,
    unit: "percentunit",
    signed: true,
    steps: fromThreshold(context, "UiTrafficDropped"),
    targets: [
      {
        query: missing(["service_name"], { window, where: service }, { ago: "1d" }),
        legend: "{{service_name}}",
      },
    ],
    empty: "–",
  },
  {
    kind: "table",
    id: id.requestTable,
    title: "Busiest actions",
    description:
      "The twenty pairs of component and action with the most requests within the range. The top should be what people come for.",
    width: 24,
    height: 8,
    keys: { component: "Component", action: "Action" },
    columns: [
      {
        header: "Requests",
        unit: "short",
        query: top(20, sumBy(["component", "action"], increase(uiRequests, "$__range", both))),
        links: [onlyComponent],
      },
    ],
  },
];

const renders = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.render,
    title: "Render time",
    description: `p50, p75, p95 and p99 of the chosen components. Good is a p75 below ${seconds} s. Only p95 and p99 high: few people, devices or views; all high: everybody.`,
    width: 12,
    height: 8,
    unit: "ms",
    targets: shares.map((share) => ({
      query: quantile(share, renderDuration, { window, where: both }),
      legend: percentile(share),
    })),
    empty: "–",
    links: [slowRenders(context)],
  },
  {
    kind: "heatmap",
    id: id.renderHeat,
    title: "Render time, spread",
    description:
      "How many renders took how long. Two bands mean two kinds of renders, such as with and without a cache; an upper band that grows is what to look into.",
    width: 12,
    height: 8,
    unit: "ms",
    query: distribution(renderDuration, { window, where: both }),
  },
  {
    kind: "timeseries",
    id: id.renderByComponent,
    title: "Render p75 by component",
    description:
      "Three of four renders are faster, by interface and component. Line: rule UiRenderSlow. A line beyond it: follow the link to slow renders and open a trace.",
    width: 12,
    height: 8,
    unit: "ms",
    steps: fromThreshold(context, "UiRenderSlow"),
    targets: [
      {
        query: quantile(0.75, renderDuration, { window, where: both, by: ["service_name", "component"] }),
        legend: "{{service_name}} {{component}}",
      },
    ],
    empty: "–",
    links: [slowRenders(context), toComponent],
  },
  {
    kind: "timeseries",
    id: id.slowByComponent,
    title: "Share of slow renders",
    description: `Share of renders that took longer than ${seconds} s, by component; counted, not estimated. Good is a few per cent. A jump points to a release, a steady rise to data that grows.`,
    width: 12,
    height: 8,
    unit: "percentunit",
    targets: [{ query: slowShare(["component"], window), legend: "{{component}}" }],
    empty: "–",
    links: [slowRenders(context), toComponent],
  },
  {
    kind: "table",
    id: id.components,
    title: "Components",
    description: `One row a component, over the range. Slow: longer than ${seconds} s. Begin with the component that has many renders and a red p75.`,
    width: 24,
    height: 8,
    keys: { component: "Component" },
    columns: [
      {
        header: "Renders",
        unit: "short",
        query: sumBy(["component"], increase(observations(renderDuration), "$__range", both)),
        links: [onlyComponent],
      },
      { header: "Slow", unit: "percentunit", decimals: 1, query: slowShare(["component"], "$__range") },
      ...shares.map((share) => ({
        header: percentile(share),
        unit: "ms" as const,
        decimals: 0,
        ...(share === 0.75 ? { steps: fromThreshold(context, "UiRenderSlow") } : {}),
        query: quantile(share, renderDuration, { window: "$__range", where: both, by: ["component"] }),
      })),
    ],
  },
];

const interacting = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.interactionsByAction,
    title: "Interactions by action",
    description:
      "Things that people do, per second, by what they do. Many clicks on few requests: something does not react.",
    width: 12,
    height: 8,
    unit: "ops",
    stacked: true,
    targets: [{ query: sumBy(["action"], rate(interactions, window, service)), legend: "{{action}}" }],
    empty: "0",
    links: [userActions(context)],
  },
  {
    kind: "bargauge",
    id: id.interactionsByTarget,
    title: "Interactions by target",
    description:
      "The ten elements that people used most within the range. An element that everybody used and nobody uses since a release is hidden or broken.",
    width: 12,
    height: 8,
    unit: "short",
    target: {
      query: top(10, sumBy(["target"], increase(interactions, "$__range", service))),
      legend: "{{target}}",
    },
    empty: "0",
    links: [userActions(context)],
  },
  {
    kind: "table",
    id: id.interactionTable,
    title: "Most used elements",
    description: "The twenty pairs of element and action with the most interactions within the range.",
    width: 24,
    height: 8,
    keys: { target: "Target", action: "Action" },
    columns: [
      {
        header: "Interactions",
        unit: "short",
        query: top(20, sumBy(["target", "action"], increase(interactions, "$__range", service))),
        links: [userActions(context)],
      },
    ],
  },
];

const shares = [0.5, 0.75, 0.95, 0.99] as const;
const percentile = (share: number): string => `p${String(share * 100)}`;

/** Share of the chosen components' renders beyond the bound of slow ones. */
const slowShare = <B extends "component">(by: readonly B[], over: Window): Vector<B> =>
  rest(
    ratio(
      sumBy(by, rate(upTo(renderDuration, slowRender), over, both)),
      sumBy(by, rate(observations(renderDuration), over, both)),
    ),
  );

const toComponent: DataLink = boardLink(
  "Only this component",
  uiMetrics.uid,
  "&var-component=${__field.labels.component}",
);
const onlyComponent: DataLink = boardLink(
  "Only this component",
  uiMetrics.uid,
  "&var-component=${__data.fields.Component}",
);

const slowRenders = (context: BoardContext): DataLink =>
  spansLink("Slow renders", context, {
    columns: spanColumns,
    where: "span_name = 'ui_render'",
    order: "duration_nano",
  });

const userActions = (context: BoardContext): DataLink =>
  spansLink("What people did", context, { columns: spanColumns, where: "span_name LIKE 'user_action:%'" });

const spanColumns = "duration_nano / 1000000.0 AS milliseconds, span_status_code";
