import * as m from "../../../dashboards/http/metrics.ts";
import { phases, type Course } from "../failures.ts";
import type { ExpectedSample } from "../promtool.ts";
import { observed, points } from "../traffic.ts";
import { buckets, by, one, type PackProof } from "./proof.ts";

type Code = "200" | "302" | "404" | "429" | "503";

/** An answer, or the want of one (""), and what the conventions say of it. */
const answer = (http_request_method: string, code: Code | "", error_type = "") => ({
  http_request_method,
  http_response_status_code: code,
  error_type,
});
const items = { ...answer("GET", "200"), http_route: "/items" };
const orders = { ...answer("POST", "200"), http_route: "/orders" };
const failedOrders = { ...answer("POST", "503", "503"), http_route: "/orders" };
const model = { ...answer("POST", "200"), server_address: "models.example.com" };
const search = { ...answer("GET", "200"), server_address: "search.example.com" };

/** Results by service and route; requests that matched no route have none. */
const byRoute = (rows: readonly (readonly [service: string, route: string, value: number])[]): ExpectedSample[] =>
  rows.map(([service_name, http_route, value]) => ({
    labels: { service_name, ...(http_route === "" ? {} : { http_route }) },
    value,
  }));

const byHost = (rows: readonly (readonly [host: string, type: string, value: number])[]): ExpectedSample[] =>
  rows.map(([server_address, error_type, value]) => ({ labels: { server_address, error_type }, value }));

const share = by("service_name", { storefront: 0.004 });

/** Fails always, but has fewer requests than make a pattern: 432 a day. */
const quiet = observed(m.requestDuration, "quiet", failedOrders, { 0.5: 0.005 });

/** A day of health, then six requests in a hundred for four hours. */
const leak: Course = { well: 24 * 60, ill: 4 * 60, after: 60 };
/** A day of health, then one request in 40 for sixteen hours. */
const drip: Course = { well: 24 * 60, ill: 16 * 60, after: 2 * 60 };
/** A day before to compare with, and an hour and more in which nothing but that day shows the drop. */
const dayBefore: Course = { well: 25 * 60, ill: 2 * 60, after: 60 };

/**
 * Of 20 requests a second, by the bounds between which they end: 0.5 below 0.005 s, 16 up to 0.1 s, 2 up to 0.25 s, 1
 * up to 1 s, 0.46 up to 2.5 s and 0.04 up to 10 s. A quantile lies where its rank falls within its bucket: the 19th
 * of 20 is half way from 0.75 s to 1 s.
 */
export const httpProof: PackProof = {
  pack: "http",
  healthy: () => [
    ...observed(m.requestDuration, "storefront", items, { 0.1: 6, 0.25: 2 }),
    ...observed(m.requestDuration, "storefront", { ...items, http_response_status_code: "302" }, { 0.005: 0.3 }),
    ...observed(m.requestDuration, "storefront", { ...answer("GET", "404"), http_route: "" }, { 0.005: 0.2 }),
    ...observed(m.requestDuration, "storefront", orders, { 1: 1, 2.5: 0.46 }),
    ...observed(m.requestDuration, "storefront", failedOrders, { 10: 0.04 }),
    ...observed(m.requestDuration, "stock", { ...answer("GET", "200"), http_route: "/stock" }, { 0.1: 10 }),
    ...observed(m.clientDuration, "storefront", model, { 2.5: 1.9 }),
    ...observed(m.clientDuration, "storefront", { ...model, ...answer("POST", "429", "429") }, { 0.1: 0.05 }),
    ...observed(m.clientDuration, "storefront", { ...model, ...answer("POST", "", "timeout") }, { 30: 0.05 }),
    ...observed(m.clientDuration, "stock", search, { 0.1: 6 }),
    ...points(m.activeRequests, "storefront", { http_request_method: "GET", url_scheme: "https" }, 3),
    ...points(m.activeRequests, "storefront", { http_request_method: "POST", url_scheme: "https" }, 2),
    ...points(m.activeRequests, "stock", { http_request_method: "GET", url_scheme: "http" }, 1),
  ],
  panels: {
    "http-requests/1/requests": one(20),
    "http-requests/2/errors": one(0.002),
    "http-requests/3/p95": one(0.875),
    "http-requests/4/slow": one(0.002),
    "http-requests/5/requests": one(6),
    // of eight calls a second 0.05 had no answer; the quota is no failure of the host
    "http-requests/6/failures": one(0.00625),
    "http-requests/10/{{service_name}}": by("service_name", { storefront: 10, stock: 10 }),
    "http-requests/11/2xx": one(19.46),
    "http-requests/11/3xx": one(0.3),
    "http-requests/11/4xx": one(0.2),
    "http-requests/11/5xx": one(0.04),
    "http-requests/12/{{service_name}}": by("service_name", { storefront: 0, stock: 0 }),
    "http-requests/13/{{service_name}}": by("service_name", { storefront: 5, stock: 1 }),
    "http-requests/20/{{service_name}}": share,
    "http-requests/21/{{service_name}}: {{error_type}}": [
      { labels: { service_name: "storefront", error_type: "503" }, value: 0.04 },
    ],
    // an hour of traffic, however long the window
    "http-requests/22/Requests in a day": by("service_name", { storefront: 36_000, stock: 36_000 }),
    "http-requests/22/5 m": share,
    "http-requests/22/1 h": share,
    "http-requests/22/30 m": share,
    "http-requests/22/6 h": share,
    "http-requests/22/2 h": share,
    "http-requests/22/1 d": share,
    // the 10th is 9.5 into the 16 between 0.075 s and 0.1 s, the 19.8th 0.3 into the 0.46 between 1 s and 2.5 s
    "http-requests/30/p50": one(0.089844),
    "http-requests/30/p95": one(0.875),
    "http-requests/30/p99": one(1.978261),
    "http-requests/31/buckets": buckets({
      "0.005": 0.5,
      "0.01": 0.5,
      "0.025": 0.5,
      "0.05": 0.5,
      "0.075": 0.5,
      "0.1": 16.5,
      "0.25": 18.5,
      "0.5": 18.5,
      "0.75": 18.5,
      "1": 19.5,
      "2.5": 19.96,
      "5": 19.96,
      "7.5": 19.96,
      "10": 20,
      "30": 20,
      "60": 20,
      inf: 20,
    }),
    "http-requests/32/{{service_name}}": by("service_name", { storefront: 1, stock: 0.09875 }),
    "http-requests/33/{{service_name}}": by("service_name", { storefront: 0.004, stock: 0 }),
    "http-requests/40/Requests": byRoute([
      ["storefront", "/items", 8.3],
      ["storefront", "/orders", 1.5],
      ["storefront", "", 0.2],
      ["stock", "/stock", 10],
    ]),
    "http-requests/40/Failed": byRoute([["storefront", "/orders", 0.04]]),
    "http-requests/40/Errors": byRoute([["storefront", "/orders", 0.026667]]),
    "http-requests/40/p50": byRoute([
      ["storefront", "/items", 0.091042],
      ["storefront", "/orders", 0.9375],
      ["storefront", "", 0.0025],
      ["stock", "/stock", 0.0875],
    ]),
    "http-requests/40/p95": byRoute([
      ["storefront", "/items", 0.218875],
      ["storefront", "/orders", 2.38587],
      ["storefront", "", 0.00475],
      ["stock", "/stock", 0.09875],
    ]),
    "http-requests/41/{{http_route}}": by("http_route", { "/items": 8.3, "/orders": 1.5, "/stock": 10 }),
    "http-requests/42/{{http_route}}": by("http_route", { "/orders": 0.026667 }),
    "http-requests/43/{{http_route}}": by("http_route", { "/items": 0.218875, "/orders": 2.38587, "/stock": 0.09875 }),
    "http-requests/50/{{server_address}}": by("server_address", { "models.example.com": 2, "search.example.com": 6 }),
    "http-requests/51/{{server_address}}": by("server_address", { "models.example.com": 0.025 }),
    "http-requests/52/{{server_address}}: {{error_type}}": byHost([
      ["models.example.com", "429", 0.05],
      ["models.example.com", "timeout", 0.05],
    ]),
    "http-requests/53/{{server_address}}": by("server_address", {
      "models.example.com": 2.460526,
      "search.example.com": 0.09875,
    }),
  },
  failures: {
    // half of the requests: after t minutes the hour, half of which there is, has 0.5 t / (30 + t): 7.2 % after 5.05
    HttpErrorBudgetBurnFast: {
      series: [
        ...observed(m.requestDuration, "shop", orders, { 0.5: phases(10, 5) }),
        ...observed(m.requestDuration, "shop", failedOrders, { 0.5: phases(0, 5) }),
        ...observed(m.requestDuration, "other", orders, { 0.5: 10 }),
        ...quiet,
      ],
      labels: { service_name: "shop" },
      detectedWithin: 8,
      silentWithin: 10,
    },
    // evaluated each five minutes, as all stories of a day. Six hours have 3 % when three of them had 6 %; half an hour has less a quarter of an hour after the end
    HttpErrorBudgetBurnMedium: {
      course: leak,
      series: [
        ...observed(m.requestDuration, "shop", orders, { 0.5: phases(10, 9.4, 10, leak) }),
        ...observed(m.requestDuration, "shop", failedOrders, { 0.5: phases(0, 0.6, 0, leak) }),
        ...observed(m.requestDuration, "other", orders, { 0.5: 10 }),
        ...quiet,
      ],
      labels: { service_name: "shop" },
      silentFor: 3 * 60 + 15,
      detectedWithin: 3 * 60 + 20,
      silentWithin: 25,
    },
    // a day has 1.5 % after 14.4 hours of 2.5 %; two hours have less 48 minutes after the end
    HttpErrorBudgetBurnSlow: {
      course: drip,
      series: [
        ...observed(m.requestDuration, "shop", orders, { 0.5: phases(4, 3.9, 4, drip) }),
        ...observed(m.requestDuration, "shop", failedOrders, { 0.5: phases(0, 0.1, 0, drip) }),
        ...observed(m.requestDuration, "other", orders, { 0.5: 4 }),
        ...quiet,
      ],
      labels: { service_name: "shop" },
      silentFor: 14.4 * 60 + 56,
      detectedWithin: 14.4 * 60 + 61,
      silentWithin: 55,
    },
    RequestLatencyHigh: {
      series: [
        ...observed(m.requestDuration, "shop", orders, { 0.5: phases(2, 0), 30: phases(0, 2) }),
        ...observed(m.requestDuration, "other", orders, { 0.5: 2 }),
        ...observed(m.requestDuration, "quiet", orders, { 30: 0.02 }),
      ],
      labels: { service_name: "shop" },
      detectedWithin: 13,
      silentWithin: 17,
    },
    // all requests: half of the last hour after half an hour
    HttpLatencySloBurn: {
      series: [
        ...observed(m.requestDuration, "shop", orders, { 0.5: phases(2, 0), 7.5: phases(0, 2) }),
        ...observed(m.requestDuration, "other", orders, { 0.5: 2 }),
        ...observed(m.requestDuration, "quiet", orders, { 7.5: 0.02 }),
      ],
      labels: { service_name: "shop" },
      detectedWithin: 36,
      silentWithin: 8,
    },
    // to a tenth: a quarter of an hour has less than a quarter after 12.5 minutes, and again more after 2.5
    HttpTrafficDropped: {
      course: dayBefore,
      series: [
        ...observed(m.requestDuration, "shop", orders, { 0.5: phases(2, 0.2, 2, dayBefore) }),
        ...observed(m.requestDuration, "other", orders, { 0.5: 2 }),
        // comes and goes
        ...observed(m.requestDuration, "rare", orders, { 0.5: phases(0.1, 0, 0.1, dayBefore) }),
      ],
      labels: { service_name: "shop" },
      detectedWithin: 30,
      silentWithin: 10,
    },
    // half of the calls: a tenth of the last ten minutes after two; the other host's quota is none of its failures
    DependencyErrorRatioHigh: {
      series: [
        ...observed(m.clientDuration, "shop", model, { 0.5: phases(2, 1) }),
        ...observed(m.clientDuration, "shop", { ...model, ...answer("POST", "", "timeout") }, { 30: phases(0, 1) }),
        ...observed(m.clientDuration, "shop", search, { 0.5: 1 }),
        ...observed(m.clientDuration, "shop", { ...search, ...answer("GET", "429", "429") }, { 0.1: 1 }),
        // twelve calls in ten minutes, all of which fail
        ...observed(
          m.clientDuration,
          "shop",
          { ...answer("GET", "503", "503"), server_address: "rare.example.com" },
          { 0.5: 0.02 },
        ),
      ],
      labels: { server_address: "models.example.com" },
      detectedWithin: 8,
      silentWithin: 14,
    },
  },
  companions: {
    // a fast fire burns the medium one's budget as well
    HttpErrorBudgetBurnFast: ["HttpErrorBudgetBurnMedium"],
    // when all requests take half a minute, most miss the objective of five seconds
    RequestLatencyHigh: ["HttpLatencySloBurn"],
  },
};
