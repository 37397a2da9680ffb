import { histogram, upDownCounter, type Label } from "../metric.ts";

/**
 * OpenTelemetry's HTTP conventions (stable; semantic conventions 1.44). GreptimeDB turns the dots of attributes into
 * underscores.
 */

const method: Label = {
  attribute: "http.request.method",
  formerly: ["http.method"],
  help: "HTTP method.",
  values: ["GET", "POST"],
};
const status: Label = {
  attribute: "http.response.status_code",
  formerly: ["http.status_code"],
  help: "HTTP status code, as text. Missing when no response came.",
  values: ["200", "404", "500"],
};

/**
 * The convention's own bounds end at 10 s. The last two need a View in the application, without which no percentile
 * is above 10 s.
 */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60] as const;

export const requestDuration = histogram({
  name: "http.server.request.duration",
  formerly: [{ name: "http.server.duration", unit: "ms" }],
  unit: "s",
  help: "Duration of HTTP requests that were answered.",
  emittedBy: "every service with OpenTelemetry's HTTP server instrumentation",
  labels: {
    http_request_method: method,
    http_response_status_code: status,
    http_route: {
      attribute: "http.route",
      sometimes: true,
      help: "Route of the request, with placeholders for ids. Missing when none matched.",
      values: ["/chat", "/runs/{id}"],
    },
    error_type: {
      attribute: "error.type",
      sometimes: true,
      help: "What went wrong: the status code, or the class of an exception. Missing when nothing did; a status of 4xx is the client's error.",
      values: ["500", "503"],
    },
  },
  buckets: seconds,
});

export const clientDuration = histogram({
  name: "http.client.request.duration",
  formerly: [{ name: "http.client.duration", unit: "ms" }],
  unit: "s",
  help: "Duration of HTTP requests to other services.",
  emittedBy: "every service with OpenTelemetry's HTTP client instrumentation",
  labels: {
    http_request_method: method,
    http_response_status_code: status,
    server_address: {
      attribute: "server.address",
      formerly: ["net.peer.name"],
      help: "Host that was called.",
      values: ["models.example.com", "search.example.com"],
    },
    error_type: {
      attribute: "error.type",
      sometimes: true,
      help: "What went wrong: a status code of 400 or above, or, when no response came, the class of an exception or what the library calls it. Missing when nothing did.",
      values: ["timeout", "503", "429"],
    },
  },
  buckets: seconds,
});

/** In development, as the conventions call it: not every instrumentation has it yet. */
export const activeRequests = upDownCounter({
  name: "http.server.active_requests",
  unit: "{request}",
  help: "HTTP requests that are being worked on.",
  emittedBy: "services whose HTTP server instrumentation has it",
  labels: {
    http_request_method: method,
    url_scheme: {
      attribute: "url.scheme",
      formerly: ["http.scheme"],
      help: "Scheme of the request.",
      values: ["http", "https"],
    },
  },
});

export const metrics = [requestDuration, clientDuration, activeRequests] as const;
