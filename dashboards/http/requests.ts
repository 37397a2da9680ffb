import { agentPerformance } from "../agents/ids.ts";
import { burnColumns, burns } from "../burn-rate.ts";
import { boardLink } from "../links.ts";
import type { Board, BoardContext, DataLink, Panel, TableColumn } from "../panel.ts";
import { fromThreshold, linksInto } from "../panel.ts";
import * as q from "../promql.ts";
import { spansLink } from "../span-links.ts";
import { seconds, spanFailed } from "../sql.ts";
import { quantiles } from "../quantiles.ts";
import { partName } from "../stored-name.ts";
import { dependencyFailed, objectiveSeconds, budgetOf, serverError } from "./alerts.ts";
import { requestsBoard as identity } from "./ids.ts";
import { activeRequests, clientDuration, requestDuration } from "./metrics.ts";

const { panels: id } = identity;
const window = "$__rate_interval";
const requests = q.observations(requestDuration);
const calls = q.observations(clientDuration);

/** Of all requests of a service; also those that matched no route. */
const service = { service_name: q.chosen("service") };
const failed = { ...service, http_response_status_code: serverError };
const route = { ...service, http_route: q.chosen("route") };
const failedRoute = { ...failed, http_route: q.chosen("route") };
const failedCall = { ...service, error_type: dependencyFailed };

const series = partName(requestDuration, "count");
const within = `${String(objectiveSeconds)} s`;

/** Are requests answered, in time, and if not: which service, which route, or whom it calls? */
export const requestsBoardOf = (context: BoardContext): Board => ({
  uid: identity.uid,
  title: "Requests",
  description: "HTTP requests to services and from them: how many, how many fail, how long they take.",
  variables: [
    { name: "service", label: "Service", series, of: "service_name" },
    { name: "route", label: "Route", series, of: "http_route" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Traffic", panels: traffic(context) },
    { title: "Errors", panels: errors(context) },
    { title: "Duration", panels: durations(context) },
    { title: "Routes", panels: routes(context) },
    { title: "Outgoing calls", panels: outgoing(context) },
  ],
});

const half = { kind: "timeseries", width: 12, height: 8 } as const;
const third = { kind: "timeseries", width: 8, height: 8 } as const;
const number = { kind: "stat", width: 4, height: 4 } as const;

const health = (context: BoardContext): Panel[] => [
  {
    ...number,
    id: id.rate,
    title: "Requests",
    description:
      "Requests per second that were answered, all services. Zero while users are there means that nothing arrives: look at what is in front.",
    unit: "reqps",
    target: { query: q.sum(q.rate(requests, window, service)), legend: "requests" },
    empty: "0",
  },
  {
    ...number,
    id: id.errorShare,
    title: "Errors",
    description:
      "Share of requests that ended with a status of 5xx. Red: the rate at which rule HttpErrorBudgetBurnFast fires if it lasts. Also 0 % before the first error. If it is red, go on in the row Errors.",
    unit: "percentunit",
    decimals: 2,
    steps: fromThreshold(context, "HttpErrorBudgetBurnFast"),
    target: {
      query: q.ratio(q.sum(q.rate(requests, window, failed)), q.sum(q.rate(requests, window, service))),
      legend: "errors",
    },
    empty: "0 %",
  },
  {
    ...number,
    id: id.p95,
    title: "Duration p95",
    description:
      "95 of 100 requests are faster. Red: rule RequestLatencyHigh, which looks at each service alone. If it is red, go on in the row Duration.",
    unit: "s",
    decimals: 2,
    steps: fromThreshold(context, "RequestLatencyHigh"),
    target: { query: q.quantile(0.95, requestDuration, { window, where: service }), legend: "p95" },
    empty: "–",
  },
  {
    ...number,
    id: id.slowShare,
    title: `Slower than ${within}`,
    description: `Share of requests that took longer than the objective of ${within}; the objective holds while it is below 5 %. Red: rule HttpLatencySloBurn.`,
    unit: "percentunit",
    decimals: 1,
    steps: fromThreshold(context, "HttpLatencySloBurn"),
    target: {
      query: q.rest(
        q.ratio(
          q.sum(q.rate(q.upTo(requestDuration, objectiveSeconds), window, service)),
          q.sum(q.rate(requests, window, service)),
        ),
      ),
      legend: "slow",
    },
    empty: "–",
  },
  {
    ...number,
    id: id.inFlight,
    title: "In flight",
    description:
      "Requests that are being worked on. Durations know only what was answered; requests that hang show here alone. It stays near rate times duration when all is well.",
    unit: "short",
    target: { query: q.sum(q.current(activeRequests, service)), legend: "requests" },
    empty: "–",
  },
  {
    ...number,
    id: id.callErrorShare,
    title: "Call errors",
    description:
      "Share of outgoing calls that ended with a status of 5xx or without an answer. Red: rule DependencyErrorRatioHigh, which looks at each host alone. Also 0 % before the first failure. If it is red, go on in the row Outgoing calls.",
    unit: "percentunit",
    decimals: 2,
    steps: fromThreshold(context, "DependencyErrorRatioHigh"),
    target: {
      query: q.ratio(q.sum(q.rate(calls, window, failedCall)), q.sum(q.rate(calls, window, service))),
      legend: "failures",
    },
    empty: "0 %",
  },
];

const traffic = (context: BoardContext): Panel[] => [
  {
    ...half,
    id: id.byService,
    title: "Requests by service",
    description: "Requests per second. A drop to zero is as telling as a peak.",
    unit: "reqps",
    targets: [{ query: q.sumBy(["service_name"], q.rate(requests, window, service)), legend: "{{service_name}}" }],
    empty: "0",
    links: [onlyService, ...linksInto(context, "agents", toAgents)],
  },
  {
    ...half,
    id: id.byClass,
    title: "Requests by status",
    description:
      "Requests per second by class of status. More 4xx than usual points to a client or to a link that changed, more 5xx to the service itself.",
    unit: "reqps",
    stacked: true,
    targets: (["2", "3", "4", "5"] as const).map((digit) => ({
      query: q.sum(q.rate(requests, window, { ...service, http_response_status_code: q.matches(`${digit}..`) })),
      legend: `${digit}xx`,
    })),
    empty: "0",
  },
  {
    ...half,
    id: id.missing,
    title: "Traffic missing against the day before",
    description:
      "How much of the request rate of the same time a day before is missing; nothing while it grows. Empty on the first day. Line: rule HttpTrafficDropped.",
    unit: "percentunit",
    steps: fromThreshold(context, "HttpTrafficDropped"),
    targets: [
      {
        query: q.rest(
          q.ratio(
            q.sumBy(["service_name"], q.rate(requests, "15m", service)),
            q.sumBy(["service_name"], q.rate(requests, "15m", service, { ago: "1d" })),
          ),
        ),
        legend: "{{service_name}}",
      },
    ],
    empty: "–",
    links: [onlyService],
  },
  {
    ...half,
    id: id.inFlightByService,
    title: "In flight by service",
    description:
      "Requests that are being worked on. Growth without more requests means that they wait for something: look at outgoing calls and at the slowest requests.",
    unit: "short",
    targets: [{ query: q.sumBy(["service_name"], q.current(activeRequests, service)), legend: "{{service_name}}" }],
    empty: "–",
    links: [onlyService],
  },
];

const errors = (context: BoardContext): Panel[] => [
  {
    ...half,
    id: id.errorRatio,
    title: "Errors by service",
    description:
      "Share of requests that ended with a status of 5xx. Empty as long as there was none. Line: the rate at which rule HttpErrorBudgetBurnFast fires if it lasts.",
    unit: "percentunit",
    steps: fromThreshold(context, "HttpErrorBudgetBurnFast"),
    targets: [
      {
        query: q.ratio(
          q.sumBy(["service_name"], q.rate(requests, window, failed)),
          q.sumBy(["service_name"], q.rate(requests, window, service)),
        ),
        legend: "{{service_name}}",
      },
    ],
    empty: "0 %",
    links: [onlyService, failedSpans(context, "SERVER")],
  },
  {
    ...half,
    id: id.failures,
    title: "Failed requests",
    description:
      "Requests per second that ended with a status of 5xx, by what went wrong. None is good; the type names the exception, or the status where the service gave no better name.",
    unit: "reqps",
    targets: [
      {
        query: q.sumBy(["service_name", "error_type"], q.rate(requests, window, failed)),
        legend: "{{service_name}}: {{error_type}}",
      },
    ],
    empty: "0",
    links: [failedSpans(context, "SERVER")],
  },
  {
    kind: "table",
    id: id.budget,
    title: "Error budget",
    description:
      "Share of requests that ended with a status of 5xx, over the windows that the burn-rate rules compare; the objective is 99.5 %. A rule fires when both columns of its pair are red: 5 m and 1 h HttpErrorBudgetBurnFast, 30 m and 6 h HttpErrorBudgetBurnMedium, 2 h and 1 d HttpErrorBudgetBurnSlow. A service without an error has no share.",
    width: 24,
    height: 8,
    keys: { service_name: "Service" },
    columns: [
      {
        header: "Requests in a day",
        unit: "short",
        query: budgetOf(service).requests(burns.slow.long),
        links: [onlyThisService],
      },
      ...burnColumns(context, burns.fast, budgetOf(service), "HttpErrorBudgetBurnFast"),
      ...burnColumns(context, burns.medium, budgetOf(service), "HttpErrorBudgetBurnMedium"),
      ...burnColumns(context, burns.slow, budgetOf(service), "HttpErrorBudgetBurnSlow"),
    ],
  },
];

const durations = (context: BoardContext): Panel[] => [
  {
    ...half,
    id: id.quantiles,
    title: "Duration",
    description:
      "p50, p95 and p99 of the chosen services. A p99 that leaves the others behind is a few requests; all three together are all of them.",
    unit: "s",
    targets: quantiles(requestDuration, service),
    empty: "–",
    links: [slowestSpans(context, "SERVER")],
  },
  {
    kind: "heatmap",
    id: id.heat,
    title: "Duration, spread",
    description:
      "How many requests took how long. Two bands mean two kinds of requests, which a percentile would hide: tell them apart by route.",
    width: 12,
    height: 8,
    unit: "s",
    query: q.distribution(requestDuration, { window, where: service }),
  },
  {
    ...half,
    id: id.p95ByService,
    title: "Duration p95 by service",
    description: "95 of 100 requests are faster. Line: rule RequestLatencyHigh.",
    unit: "s",
    steps: fromThreshold(context, "RequestLatencyHigh"),
    targets: [
      {
        query: q.quantile(0.95, requestDuration, { window, where: service, by: ["service_name"] }),
        legend: "{{service_name}}",
      },
    ],
    empty: "–",
    links: [onlyService, slowestSpans(context, "SERVER")],
  },
  {
    ...half,
    id: id.slowByService,
    title: `Slower than ${within} by service`,
    description: `Share of requests that took longer than ${within}. The objective is that fewer than 5 % do. Line: rule HttpLatencySloBurn.`,
    unit: "percentunit",
    steps: fromThreshold(context, "HttpLatencySloBurn"),
    targets: [
      {
        query: q.rest(
          q.ratio(
            q.sumBy(["service_name"], q.rate(q.upTo(requestDuration, objectiveSeconds), window, service)),
            q.sumBy(["service_name"], q.rate(requests, window, service)),
          ),
        ),
        legend: "{{service_name}}",
      },
    ],
    empty: "–",
    links: [onlyService, slowestSpans(context, "SERVER")],
  },
];

const routeColumns: readonly TableColumn[] = [
  {
    header: "Requests",
    unit: "reqps",
    query: q.sumBy(["service_name", "http_route"], q.rate(requests, "$__range", service)),
    links: [
      boardLink(
        "Only this route",
        identity.uid,
        "&var-service=${__data.fields.Service}&var-route=${__data.fields.Route}",
      ),
    ],
  },
  {
    header: "Failed",
    unit: "reqps",
    query: q.sumBy(["service_name", "http_route"], q.rate(requests, "$__range", failed)),
  },
  {
    header: "Errors",
    unit: "percentunit",
    decimals: 2,
    query: q.ratio(
      q.sumBy(["service_name", "http_route"], q.rate(requests, "$__range", failed)),
      q.sumBy(["service_name", "http_route"], q.rate(requests, "$__range", service)),
    ),
  },
  ...([0.5, 0.95] as const).map((share): TableColumn => ({
    header: `p${String(share * 100)}`,
    unit: "s",
    decimals: 2,
    query: q.quantile(share, requestDuration, {
      window: "$__range",
      where: service,
      by: ["service_name", "http_route"],
    }),
  })),
];

const routes = (context: BoardContext): Panel[] => [
  {
    kind: "table",
    id: id.routes,
    title: "Requests by route",
    description:
      "One row a route of a service, over the range, busiest first. Without an error a route has no share. Requests that matched no route have a row without a name. Click the rate to see only that route below.",
    width: 24,
    height: 10,
    keys: { service_name: "Service", http_route: "Route" },
    columns: routeColumns,
  },
  {
    ...third,
    id: id.byRoute,
    title: "Chosen routes",
    description:
      "Requests per second of the routes that are chosen at the top. Requests that matched no route are not among them.",
    unit: "reqps",
    targets: [{ query: q.sumBy(["http_route"], q.rate(requests, window, route)), legend: "{{http_route}}" }],
    empty: "0",
  },
  {
    ...third,
    id: id.errorsByRoute,
    title: "Chosen routes, errors",
    description:
      "Share of requests that ended with a status of 5xx, by route. Empty as long as there was none. One route alone points to its own code or to what it calls.",
    unit: "percentunit",
    targets: [
      {
        query: q.ratio(
          q.sumBy(["http_route"], q.rate(requests, window, failedRoute)),
          q.sumBy(["http_route"], q.rate(requests, window, route)),
        ),
        legend: "{{http_route}}",
      },
    ],
    empty: "0 %",
    links: [failedSpans(context, "SERVER")],
  },
  {
    ...third,
    id: id.p95ByRoute,
    title: "Chosen routes, duration p95",
    description:
      "95 of 100 requests are faster, by route. A route that grows slower while its rate is steady waits for something: open its slowest requests.",
    unit: "s",
    targets: [
      {
        query: q.quantile(0.95, requestDuration, { window, where: route, by: ["http_route"] }),
        legend: "{{http_route}}",
      },
    ],
    empty: "–",
    links: [slowestSpans(context, "SERVER")],
  },
];

const outgoing = (context: BoardContext): Panel[] => [
  {
    ...half,
    id: id.calls,
    title: "Calls by host",
    description:
      "Outgoing calls per second, by the host that is called. More calls with the same requests are retries, or a loop.",
    unit: "reqps",
    targets: [{ query: q.sumBy(["server_address"], q.rate(calls, window, service)), legend: "{{server_address}}" }],
    empty: "0",
  },
  {
    ...half,
    id: id.callErrors,
    title: "Call errors by host",
    description:
      "Share of calls that ended with a status of 5xx or without an answer. Empty as long as none did. Line: rule DependencyErrorRatioHigh.",
    unit: "percentunit",
    steps: fromThreshold(context, "DependencyErrorRatioHigh"),
    targets: [
      {
        query: q.ratio(
          q.sumBy(["server_address"], q.rate(calls, window, failedCall)),
          q.sumBy(["server_address"], q.rate(calls, window, service)),
        ),
        legend: "{{server_address}}",
      },
    ],
    empty: "0 %",
    links: [failedSpans(context, "CLIENT")],
  },
  {
    ...half,
    id: id.callFailures,
    title: "Failed calls",
    description:
      "Calls per second that went wrong, by host and type: a status, those of 4xx included, or the name of an exception when no answer came. 429 is a quota, 401 and 403 are credentials.",
    unit: "reqps",
    targets: [
      {
        query: q.sumBy(
          ["server_address", "error_type"],
          q.rate(calls, window, { ...service, error_type: q.matches(".+") }),
        ),
        legend: "{{server_address}}: {{error_type}}",
      },
    ],
    empty: "0",
    links: [failedSpans(context, "CLIENT")],
  },
  {
    ...half,
    id: id.callP95,
    title: "Call duration p95",
    description:
      "95 of 100 calls are faster, by host. When requests are slow and one host here is, too, it is the host.",
    unit: "s",
    targets: [
      {
        query: q.quantile(0.95, clientDuration, { window, where: service, by: ["server_address"] }),
        legend: "{{server_address}}",
      },
    ],
    empty: "–",
    links: [slowestSpans(context, "CLIENT")],
  },
];

const onlyService: DataLink = boardLink(
  "Only this service",
  identity.uid,
  "&var-service=${__field.labels.service_name}",
);
const onlyThisService: DataLink = boardLink("Only this service", identity.uid, "&var-service=${__data.fields.Service}");
const toAgents: DataLink = boardLink("Its agents", agentPerformance.uid, "&var-service=${__field.labels.service_name}");

type Side = "SERVER" | "CLIENT";

const spans = (title: string, context: BoardContext, where: string, order: "timestamp" | "duration_nano"): DataLink =>
  spansLink(title, context, {
    columns: `${seconds("duration_nano")} AS duration, span_status_message`,
    where,
    order,
  });

const failedSpans = (context: BoardContext, side: Side): DataLink =>
  spans(
    side === "SERVER" ? "Failed requests" : "Failed calls",
    context,
    `span_kind = 'SPAN_KIND_${side}' AND ${spanFailed}`,
    "timestamp",
  );

const slowestSpans = (context: BoardContext, side: Side): DataLink =>
  spans(
    side === "SERVER" ? "Slowest requests" : "Slowest calls",
    context,
    `span_kind = 'SPAN_KIND_${side}'`,
    "duration_nano",
  );
