import { burnRule, burns, type Budget } from "../burn-rate.ts";
import {
  increase,
  matches,
  observations,
  quantile,
  rate,
  ratio,
  rest,
  sumBy,
  upTo,
  type Matcher,
  type Window,
} from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { requestsBoard } from "./ids.ts";
import { clientDuration, requestDuration } from "./metrics.ts";

/** The service failed. */
export const serverError = matches("5..");

/**
 * The service that was called failed, or gave no answer (then the type names an exception). A status of 4xx, 429
 * among them, is the caller's.
 */
export const dependencyFailed = matches("5..|[^0-9].*");

/** Seconds in which requests should be answered; a bound that the convention's own buckets have. */
export const objectiveSeconds = 5;

const requests = observations(requestDuration);
const calls = observations(clientDuration);

/** Requests and those of them that failed, by service. */
export const budgetOf = (where: { readonly service_name?: Matcher } = {}): Budget<"service_name"> => ({
  requests: (window) => sumBy(["service_name"], increase(requests, window, where)),
  failures: (window) =>
    sumBy(["service_name"], increase(requests, window, { ...where, http_response_status_code: serverError })),
});

const requestBudget = budgetOf();

const slowShare = (window: Window) =>
  rest(
    ratio(
      sumBy(["service_name"], rate(upTo(requestDuration, objectiveSeconds), window)),
      sumBy(["service_name"], rate(requests, window)),
    ),
  );

const { panels } = requestsBoard;
const on = (id: number) => ({ board: requestsBoard.uid, id });

const burning = {
  summary:
    "{{ $labels.service_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of requests fail, and the error budget burns",
  panel: on(panels.budget),
};

const whereItFails = [
  "Open the linked table: the short window says whether it goes on, the long ones how long it has lasted. *Errors by service* beside it shows when it began.",
  "In *Requests by route*, which route has errors? All of them points to the release or to something that all share.",
  "In *Failed requests*, read the error type, and follow its link to failed spans; the status message names the error.",
  "In *Failed calls*, does a service that is called fail at the same time? Then DependencyErrorRatioHigh names it.",
];

const sameIncident =
  "The burn-rate rules watch the same budget at different speeds, so an outage may raise two of them, one after the other. It is one incident; the most severe one tells how urgent it is. A service that also counts `http_requests_total` is watched by RequestErrorRatioHigh and RequestErrorBudgetBurnFast of the agents pack as well: switch off the set that you do not use.";

const burnRules: readonly Rule[] = [
  burnRule(burns.fast, requestBudget, {
    name: "HttpErrorBudgetBurnFast",
    ...burning,
    description:
      "{{ $labels.service_name }} has failed so many requests in the last hour, and still does in the last five minutes, that the month's error budget would last two days. People see this.",
    runbook: {
      meaning: `In the last hour and in the last five minutes more requests ended with a status of 5xx than the threshold lets. ${sameIncident}`,
      impact: "Users and calling services get errors now. In two days nothing would be left of the month's budget.",
      diagnosis: whereItFails,
      mitigation: [
        "Roll the release back if there was one.",
        "Otherwise restore the failing dependency, or shed load if the service is overloaded.",
      ],
    },
  }),
  burnRule(burns.medium, requestBudget, {
    name: "HttpErrorBudgetBurnMedium",
    ...burning,
    description:
      "{{ $labels.service_name }} has failed so many requests in the last six hours, and still does, that the month's error budget would last five days.",
    runbook: {
      meaning: `In the last six hours and in the last half hour more requests ended with a status of 5xx than the threshold lets: too few at a time for HttpErrorBudgetBurnFast, or it went before. ${sameIncident}`,
      impact: "A part of the users gets errors, for hours already. In five days nothing would be left of the budget.",
      diagnosis: whereItFails,
      mitigation: [
        "Roll back what was released when it began.",
        "If one route or one kind of request fails, switch that off until it is mended.",
      ],
    },
  }),
  burnRule(burns.slow, requestBudget, {
    name: "HttpErrorBudgetBurnSlow",
    ...burning,
    description:
      "{{ $labels.service_name }} has failed more requests over the last day than its objective bears, and still does. Nobody needs to get up for it, but the budget will not last the month.",
    runbook: {
      meaning: `Over the last day and over the last two hours more requests ended with a status of 5xx than the threshold lets. ${sameIncident}`,
      impact: "Few requests fail, but steadily. In ten days nothing would be left of the month's budget.",
      diagnosis: whereItFails,
      mitigation: [
        "Mend the cause in working hours.",
        "If the service is good enough as it is, its objective is too strict: raise the thresholds of the three burn-rate rules together.",
      ],
    },
  }),
];

const durationRules: readonly Rule[] = [
  rule({
    name: "RequestLatencyHigh",
    severity: "warning",
    summary:
      "{{ $labels.service_name }}: p95 of requests is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description: "One request in twenty to {{ $labels.service_name }} takes longer than people wait.",
    query: quantile(0.95, requestDuration, { window: "10m", by: ["service_name"] }),
    threshold: {
      fires: "above",
      value: 9,
      unit: "seconds",
      settable: { min: 0, max: 86_400 },
      why: "Ten seconds is the limit of people's attention, and also where the buckets of OpenTelemetry's convention end: with them no percentile is above 10 s, so the threshold lies just below. For endpoints that stream or wait for a model set a higher one, and give the application buckets beyond it by a View.",
    },
    guard: {
      query: sumBy(["service_name"], increase(requests, "10m")),
      atLeast: 20,
      why: "With twenty requests the p95 is one request already.",
    },
    for: 600,
    keepFiringFor: 300,
    ...quiet,
    panel: on(panels.p95ByService),
    runbook: {
      meaning:
        "The 95th percentile of the service's request duration over ten minutes is above the threshold. HttpLatencySloBurn asks about most requests over an hour, this one about the slowest ones of a few minutes.",
      impact: "Users wait, and clients with shorter timeouts give up.",
      diagnosis: [
        "In *Requests by route*, are all routes slow, or one?",
        "Compare with *Call duration p95*: a slow service that is called shows there first.",
        "Follow the panel's link to the slowest requests, open a trace and look for the longest span.",
      ],
      mitigation: [
        "Relieve what the traces name: a tool, a model, a database.",
        "Shed load or scale out if everything is slow alike.",
      ],
    },
  }),
  rule({
    name: "HttpLatencySloBurn",
    severity: "warning",
    summary: `{{ $labels.service_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of requests take longer than ${String(objectiveSeconds)} s`,
    description: `Most requests to {{ $labels.service_name }} have taken longer than ${String(objectiveSeconds)} s over the last hour, and still do.`,
    query: slowShare("1h"),
    threshold: {
      fires: "above",
      value: 0.5,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: `The objective is that 95 % of requests take at most ${String(objectiveSeconds)} s. A fast burn of what it leaves, 14.4 times 5 %, is 72 %; at half of all requests nobody doubts it any more.`,
    },
    guard: {
      query: requestBudget.requests("1h"),
      atLeast: 100,
      why: "Among fewer requests a few long ones would be half of them.",
    },
    confirm: {
      query: slowShare("5m"),
      why: "The last five minutes show whether it still goes on.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: on(panels.slowByService),
    runbook: {
      meaning: `In the last hour and in the last five minutes, more than the threshold of the service's requests took longer than ${String(objectiveSeconds)} s, which is a bound of the convention's buckets; a service without that bucket is not watched. RequestLatencyHigh looks at the slowest requests instead; when everything is slow both fire, and it is one incident.`,
      impact: "Most people wait. A queue in front of the service may be growing.",
      diagnosis: [
        "Open the linked panel: since when? *Duration, spread* shows whether all requests moved or a second band appeared.",
        "In *In flight by service*, do requests pile up? Then the service has less capacity than it gets requests.",
        "Follow the link of *Duration p95 by service* to the slowest requests and open a trace.",
      ],
      mitigation: [
        "Scale out, or relieve the slow dependency that the traces name.",
        "For a service whose answers take long by nature (streams, long runs) raise the threshold, or switch the rule off.",
      ],
    },
  }),
];

const trafficRules: readonly Rule[] = [
  rule({
    name: "HttpTrafficDropped",
    severity: "warning",
    summary:
      "{{ $labels.service_name }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of the traffic of the day before is missing",
    description:
      "{{ $labels.service_name }} gets far fewer requests than at this time yesterday. Something in front of it may be broken, which its own error rate cannot show.",
    query: rest(
      ratio(
        sumBy(["service_name"], rate(requests, "15m")),
        sumBy(["service_name"], rate(requests, "15m", {}, { ago: "1d" })),
      ),
    ),
    threshold: {
      fires: "above",
      value: 0.75,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "The same time of the day before takes the daily rhythm out; what is left of ordinary change seldom leaves less than a quarter. Where a weekend does, raise it or switch the rule off.",
    },
    guard: {
      query: sumBy(["service_name"], rate(requests, "15m", {}, { ago: "1d" })),
      atLeast: 0.5,
      why: "Below one request in two seconds the day before, traffic comes and goes by chance.",
    },
    for: 900,
    keepFiringFor: 300,
    ...quiet,
    panel: on(panels.missing),
    runbook: {
      meaning:
        "The request rate over a quarter of an hour is below a quarter of what it was a day before. A service that sends no telemetry at all has no rate, and is not seen here: expect it in `alerts.services`, so that ServiceTelemetryAbsent tells.",
      impact: "Users may not reach the service at all: nothing fails there, because nothing arrives.",
      diagnosis: [
        "In *Requests by service*, did it fall at once (ingress, name resolution, a release of a client) or slowly (time of the day, a holiday)?",
        "Was there a peak a day before, such as a load test? Set the range to two days.",
        "Do other services lack traffic too? Then look at what is in front of all of them.",
        "Call the service from outside, as users do.",
      ],
      mitigation: ["Restore what is in front of the service.", "Silence the alert if the quiet is expected."],
    },
  }),
  rule({
    name: "DependencyErrorRatioHigh",
    severity: "warning",
    summary: "{{ $labels.server_address }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of calls fail",
    description:
      "Calls of services to {{ $labels.server_address }} end with a status of 5xx or without an answer. What needs it will fail next.",
    query: ratio(
      sumBy(["server_address"], rate(calls, "10m", { error_type: dependencyFailed })),
      sumBy(["server_address"], rate(calls, "10m")),
    ),
    threshold: {
      fires: "above",
      value: 0.1,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "Clients make up for a failure in ten by trying once more; beyond it, retries add load and users see errors.",
    },
    guard: {
      query: sumBy(["server_address"], increase(calls, "10m")),
      atLeast: 20,
      why: "With fewer than twenty calls in ten minutes, two failures would be a tenth.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: on(panels.callErrors),
    runbook: {
      meaning:
        "Of all calls to one host in the last ten minutes, more than the threshold ended with a status of 5xx or without an answer (timeout, refused connection, name not found). A status of 4xx is the caller's mistake and not counted, nor is 429: that is a quota.",
      impact: "Requests that need the host fail or wait for its timeout; HttpErrorBudgetBurnFast may fire next.",
      diagnosis: [
        "In *Failed calls*, read the error type: a status means that the host answers and fails, anything else that it is not reached.",
        "Does every service that calls it fail? Choose them at the top one by one. Only one points to its own network, credentials or release.",
        "Is it somebody else's? Look at their status page.",
      ],
      mitigation: [
        "Switch to another region, provider or a cached answer if there is one.",
        "Shorten timeouts and stop retries that make it worse.",
      ],
    },
  }),
];

/** What somebody is told of requests and calls. */
export const rules: readonly Rule[] = [...burnRules, ...durationRules, ...trafficRules];
