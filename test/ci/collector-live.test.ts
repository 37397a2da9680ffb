import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { authorization } from "../../cli/lab/collector.ts";
import { pointsIn } from "../../cli/lab/decode.ts";
import { logRecords, metrics, send, spans } from "../../cli/lab/otlp.ts";
import type { StoreRequest } from "../../cli/lab/store.ts";
import { startTarget, type Target } from "./support/target.ts";
import { showLogOnFailure, testbedWith, type Testbed } from "./support/testbed.ts";

/** What applications send and what is scraped, as GreptimeDB would get it from the real collector. */

const shop = { "service.name": "shop" };
const soon = { timeout: 30_000, interval: 100 };
/** The collector scrapes itself every 15 s; what the first scrape was too early for comes with the second. */
const twoScrapes = { timeout: 60_000, interval: 100 };

const exposition = `# TYPE app_jobs_total counter
app_jobs_total{queue="mail"} 42
# TYPE app_jobs counter
app_jobs 7
# TYPE app_temperature_celsius gauge
app_temperature_celsius 21.5
`;

const values = {
  resourceAttributes: { "deployment.environment.name": "production", "team.motto": "costs $5, not ${env:HOME} or $$" },
  collector: {
    scrape: [
      { job: "app", targets: ["app.internal:8000"], path: "/metrics/$1", interval: "1s" },
      { job: "2024-01-01", targets: ["dated.internal:8000"], interval: "1s" },
    ],
    logColumns: ["correlation_id", "session_id"],
    cors: { origins: ["http://localhost:*", "https://*.example.com"] },
  },
};

let target: Target | undefined;
let open: Testbed | undefined;
const testbed = (): Testbed => open!;

beforeAll(async () => {
  target = await startTarget(exposition);
  const targets = { "app.internal:8000": target.address, "dated.internal:8000": target.address };
  open = await testbedWith({ values, targets });
  expect(await send(open.otlp, "traces", spans(shop, ["checkout", "payment"]))).toBe(200);
  const record = logRecords(shop, ["order placed"], { correlation_id: "c-1" });
  expect(await send(open.otlp, "logs", record)).toBe(200);
  const measured = [
    { name: "http.requests", value: 12, counter: true },
    { name: "queue.depth", unit: "{item}", value: 3.25 },
  ];
  expect(
    await send(open.otlp, "metrics", metrics({ ...shop, "deployment.environment.name": "canary" }, measured)),
  ).toBe(200);
});

afterAll(async () => {
  await open?.close();
  await target?.die();
});

beforeEach((context) => {
  showLogOnFailure(context, () => open);
});

/** The headers that GreptimeDB acts on. */
const greptimeHeaders = ({ headers }: StoreRequest) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-greptime-")));

/** Requests with metrics that the application sent, or with metrics that were scraped. */
const metricRequests = (origin: "sent" | "scraped"): StoreRequest[] =>
  testbed()
    .store.requestsFor("metrics")
    .filter(({ body }) => {
      const sent = pointsIn(body).some(({ resource }) => resource["service.name"] === shop["service.name"]);
      return sent === (origin === "sent");
    });

describe("the requests", () => {
  test("go to the three paths of OTLP and nowhere else, compressed, with the credentials", async () => {
    const { store } = testbed();
    await vi.waitFor(() => {
      const paths = new Set(store.requests.map(({ path }) => path));
      expect([...paths].sort()).toEqual(["/v1/otlp/v1/logs", "/v1/otlp/v1/metrics", "/v1/otlp/v1/traces"]);
    }, soon);
    for (const { headers } of store.requests) {
      expect(headers).toMatchObject({
        "content-type": "application/x-protobuf",
        "content-encoding": "gzip",
        authorization,
      });
    }
  });

  test.each<[string, () => StoreRequest[], Record<string, string>]>([
    [
      "traces",
      () => testbed().store.requestsFor("traces"),
      {
        "x-greptime-db-name": "traces",
        "x-greptime-pipeline-name": "greptime_trace_v1",
        "x-greptime-hints": "trace_table_partitions=1",
      },
    ],
    [
      "logs",
      () => testbed().store.requestsFor("logs"),
      {
        "x-greptime-db-name": "logs",
        "x-greptime-log-extract-keys": "service.name,correlation_id,session_id",
      },
    ],
    ["metrics that applications send", () => metricRequests("sent"), { "x-greptime-db-name": "metrics" }],
    [
      "metrics that are scraped",
      () => metricRequests("scraped"),
      {
        "x-greptime-db-name": "metrics",
        "x-greptime-otlp-metric-translation-strategy": "UnderscoreEscapingWithoutSuffixes",
      },
    ],
  ])("tell GreptimeDB what to make of %s", async (_, requests, headers) => {
    await vi.waitFor(() => {
      expect(requests()).not.toHaveLength(0);
    }, soon);
    for (const request of requests()) expect(greptimeHeaders(request)).toEqual(headers);
  });
});

describe("what applications send arrives", () => {
  const added = { "deployment.environment.name": "production", "team.motto": "costs $5, not ${env:HOME} or $$" };

  test("spans, with the attributes of the stack", async () => {
    await vi.waitFor(() => {
      const resource = { ...shop, ...added };
      const traceId = expect.stringMatching(/^[0-9a-f]{32}$/) as string;
      expect(testbed().store.spans()).toEqual([
        { traceId, name: "checkout", attributes: {}, resource },
        { traceId, name: "payment", attributes: {}, resource },
      ]);
    }, soon);
  });

  test("log records, with the attributes of the stack", async () => {
    await vi.waitFor(() => {
      expect(testbed().store.logRecords()).toEqual([
        { traceId: "", body: "order placed", attributes: { correlation_id: "c-1" }, resource: { ...shop, ...added } },
      ]);
    }, soon);
  });

  test("metrics; what the application says of itself stays", async () => {
    const resource = { ...shop, ...added, "deployment.environment.name": "canary" };
    const point = { noRecordedValue: false, attributes: {}, resource };
    await vi.waitFor(() => {
      expect(testbed().store.points("http.requests")).toEqual([
        { ...point, kind: "sum", metric: "http.requests", value: 12 },
      ]);
      expect(testbed().store.points("queue.depth")).toEqual([
        { ...point, kind: "gauge", metric: "queue.depth", value: 3.25 },
      ]);
    }, soon);
  });
});

describe("what is scraped arrives", () => {
  const ofJob = (job: string) =>
    testbed()
      .store.points()
      .filter(({ resource }) => resource["service.name"] === job);

  test("under its own names, with the attributes of the stack, and up", async () => {
    await vi.waitFor(() => {
      const newest = Object.fromEntries(ofJob("app").map(({ metric, value }) => [metric, value]));
      expect(newest).toMatchObject({ up: 1, app_jobs_total: 42, app_jobs: 7, app_temperature_celsius: 21.5 });
    }, soon);
    expect(ofJob("app")[0]?.resource).toMatchObject(values.resourceAttributes);
    expect(ofJob("app").find(({ metric }) => metric === "app_jobs_total")?.attributes).toEqual({ queue: "mail" });
  });

  test("from the path that was set", async () => {
    await vi.waitFor(() => {
      expect([...target!.asked].sort()).toEqual(["/metrics", "/metrics/$1"]);
    }, soon);
  });

  test("under the job's name, even if it looks like a date", async () => {
    await vi.waitFor(() => {
      expect(ofJob("2024-01-01")).not.toHaveLength(0);
    }, soon);
  });

  test("and so do the collector's own metrics", async () => {
    await vi.waitFor(() => {
      const names = new Set(ofJob("otelcol").map(({ metric }) => metric));
      expect([...names]).toEqual(
        expect.arrayContaining([
          "up",
          "otelcol_process_uptime",
          "otelcol_process_memory_rss",
          "otelcol_receiver_accepted_spans",
          "otelcol_exporter_queue_size",
          "otelcol_exporter_queue_capacity",
          "otelcol_exporter_sent_spans",
        ]),
      );
    }, twoScrapes);
    // by default the instance is an id that each start makes anew
    expect(new Set(ofJob("otelcol").map(({ resource }) => resource["service.instance.id"]))).toEqual(
      new Set(["collector"]),
    );
    expect(
      testbed()
        .store.points("up")
        .filter(({ value }) => value !== 1),
    ).toEqual([]);
  });
});

describe("the collector answers", () => {
  test("its health check", async () => {
    expect((await fetch(testbed().health)).status).toBe(200);
  });

  const preflight = async (origin: string): Promise<string | null> => {
    const headers = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    };
    const response = await fetch(`${testbed().otlp}/v1/traces`, { method: "OPTIONS", headers });
    return response.headers.get("access-control-allow-origin");
  };

  test.each(["http://localhost:5173", "https://shop.example.com"])("browsers at %s", async (origin) => {
    expect(await preflight(origin)).toBe(origin);
  });

  test.each(["https://example.org", "https://example.com.evil.test", "http://localhost.evil.test:80"])(
    "no browser at %s",
    async (origin) => {
      expect(await preflight(origin)).toBeNull();
    },
  );
});

test("the collector has nothing to warn of, such as names that will go away", () => {
  const lines = testbed().log().split("\n");
  expect(lines.filter((line) => line.includes("\tinfo\t"))).not.toEqual([]);
  expect(lines.filter((line) => /\t(warn|error)\t/.test(line))).toEqual([]);
});
