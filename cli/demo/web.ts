import { SpanKind } from "@opentelemetry/api";

import { httpRequests } from "../../dashboards/agents/metrics.ts";
import * as http from "../../dashboards/http/metrics.ts";
import * as ui from "../../dashboards/ui/metrics.ts";
import { without, type Source } from "./telemetry.ts";
import type { Trail } from "./trail.ts";
import { sources, type World } from "./world.ts";

/** People in front of a browser, and the requests that go from service to service. */

interface Request {
  readonly method: "GET" | "POST";
  readonly route: "/chat" | "/runs/{id}";
}

const failed = (status: string): boolean => status.startsWith("5");

/** A request that a service answers, as its instrumentation sees it. The body returns the status. */
export function answered(
  { telemetry }: World,
  trail: Trail,
  source: Source,
  { method, route }: Request,
  body: () => string,
): string {
  return trail.within({ source, name: `${method} ${route}`, kind: SpanKind.SERVER }, () => {
    const status = body();
    const error = failed(status) ? status : without;
    if (error !== without) trail.fail(error);
    const labels = { http_request_method: method, http_response_status_code: status };
    telemetry.observe(
      source,
      http.requestDuration,
      { ...labels, http_route: status === "404" ? without : route, error_type: error },
      trail.elapsed,
    );
    telemetry.add(source, httpRequests, { endpoint: route.replace("/{id}", ""), method, status });
    trail.log(
      error === without ? "INFO" : "ERROR",
      `${method} ${route} was answered ${status} in ${(trail.elapsed * 1000).toFixed(0)} ms`,
    );
    return status;
  });
}

/** A request that a service makes of another; an empty status: no answer came, because of the error. */
export function called(
  { telemetry }: World,
  trail: Trail,
  source: Source,
  { method, host, path }: { readonly method: "GET" | "POST"; readonly host: string; readonly path: string },
  body: () => { readonly status: string; readonly error?: string },
): void {
  const attributes = { "server.address": host, "url.path": path };
  trail.within({ source, name: method, kind: SpanKind.CLIENT, attributes }, () => {
    const { status, error = /^[45]/.test(status) ? status : without } = body();
    if (error !== without) trail.fail(error);
    telemetry.observe(
      source,
      http.clientDuration,
      {
        http_request_method: method,
        http_response_status_code: status,
        server_address: host,
        error_type: error,
      },
      trail.elapsed,
    );
  });
}

/** Somebody does something in the browser, which asks the gateway, which has somebody work on it. */
export function visit(world: World, trail: Trail, work: (request: Request) => void): void {
  const { telemetry, luck } = world;
  const { storefront, gateway } = sources;
  const component = luck.oneOf("component", { chat: 6, history: 3, settings: 1 });
  const action = luck.oneOf("request", { submit: 5, load: 4, refresh: 1 });
  for (const did of ["click send", "input message", "scroll menu"]) {
    if (!luck.sometimes(did, did === "scroll menu" ? 0.3 : 0.8)) continue;
    const [kind = "", target = ""] = did.split(" ");
    telemetry.add(storefront, ui.interactions, { action: kind, target });
  }
  trail.within({ source: storefront, name: `${action} ${component}` }, () => {
    telemetry.add(storefront, ui.uiRequests, { action, component });
    const route = action === "submit" ? "/chat" : "/runs/{id}";
    const request: Request = { method: action === "submit" ? "POST" : "GET", route };
    called(world, trail, storefront, { method: request.method, host: "gateway.example.com", path: route }, () => {
      trail.spend(luck.around(0.02));
      const status = answered(world, trail, gateway, request, () => {
        trail.spend(luck.around(0.004));
        if (luck.sometimes("unknown route", 0.01)) return "404";
        if (luck.sometimes("signed out", 0.02)) return "302";
        if (luck.sometimes("gateway fails", 0.008)) return luck.oneOf("failure", { 500: 1, 503: 1 });
        work(request);
        return "200";
      });
      trail.spend(luck.around(0.02));
      return { status };
    });
    const milliseconds = luck.around(component === "history" ? 40 : 90, 0.9);
    telemetry.observe(storefront, ui.renderDuration, { component }, milliseconds);
    trail.within({ source: storefront, name: `render ${component}` }, () => {
      trail.spend(milliseconds / 1000);
    });
  });
}

/** Probes of each service, once each ten seconds; and how many requests they work on. */
export function probed({ telemetry, luck }: World, source: Source, meanActive: number): void {
  telemetry.add(source, httpRequests, { endpoint: "/health", method: "GET", status: "200" });
  const active = luck.howMany(meanActive);
  telemetry.set(source, http.activeRequests, { http_request_method: "POST", url_scheme: "https" }, active);
  telemetry.set(source, http.activeRequests, { http_request_method: "GET", url_scheme: "http" }, luck.below(2));
}
