import { describe, expect, it } from "vitest";

import { counter, gauge, histogram, upDownCounter, type Metric } from "../../dashboards/metric.ts";
import { seriesNames, storedName } from "../../dashboards/stored-name.ts";
import { workflows } from "../../dashboards/workflows/pack.ts";

const base = { help: "", emittedBy: "", labels: {} };
const buckets = [1];

/** From GreptimeDB's own documentation and tests of v1.1.4, and from what was seen stored. */
describe("the name under which GreptimeDB stores a metric", () => {
  it.each<[Metric, string]>([
    [counter({ ...base, name: "http_requests_total" }), "http_requests_total"],
    [counter({ ...base, name: "http_requests_total", unit: "{request}" }), "http_requests_total"],
    [counter({ ...base, name: "http_requests_total", unit: "1" }), "http_requests_total"],
    [counter({ ...base, name: "http_requests_total", unit: "request" }), "http_requests_request_total"],
    [counter({ ...base, name: "plain_counter" }), "plain_counter_total"],
    [counter({ ...base, name: "total_jobs" }), "jobs_total"],
    [counter({ ...base, name: "claude_code.cost.usage", unit: "USD" }), "claude_code_cost_usage_USD_total"],
    [upDownCounter({ ...base, name: "state_elements_count" }), "state_elements_count"],
    [upDownCounter({ ...base, name: "x.utilization", unit: "1" }), "x_utilization"],
    [gauge({ ...base, name: "x.utilization", unit: "1" }), "x_utilization_ratio"],
    [gauge({ ...base, name: "cpu.ratio", unit: "1" }), "cpu_ratio"],
    [gauge({ ...base, name: "job:lat:p99" }), "job_lat_p99"],
    [gauge({ ...base, name: "2xx.share" }), "_2xx_share"],
    [gauge({ ...base, name: "speed", unit: "m/s" }), "speed_meters_per_second"],
    [gauge({ ...base, name: "disk__io", unit: "By" }), "disk_io_bytes"],
    [
      histogram({ ...base, buckets, name: "agent_execution_duration_seconds", unit: "s" }),
      "agent_execution_duration_seconds",
    ],
    [
      histogram({ ...base, buckets, name: "ui_render_duration_milliseconds", unit: "ms" }),
      "ui_render_duration_milliseconds",
    ],
    [
      histogram({ ...base, buckets, name: "gen_ai.client.operation.duration", unit: "s" }),
      "gen_ai_client_operation_duration_seconds",
    ],
    [histogram({ ...base, buckets, name: "gen_ai.client.token.usage", unit: "{token}" }), "gen_ai_client_token_usage"],
    [
      histogram({ ...base, buckets, name: "http.server.request.duration", unit: "s" }),
      "http_server_request_duration_seconds",
    ],
    [
      counter({ ...base, name: "greptime_table_operator_ingest_rows", route: "scrape" }),
      "greptime_table_operator_ingest_rows",
    ],
    [counter({ ...base, name: "pythia_messages_processed_total", route: "scrape" }), "pythia_messages_processed_total"],
    [gauge({ ...base, name: "up", route: "scrape" }), "up"],
  ])("of %j is %s", (metric, name) => {
    expect(storedName(metric)).toBe(name);
  });

  it.each(workflows.metrics)("of a workflow's $name is the same scraped as pushed", (metric) => {
    expect(metric.route).toBe("scrape");
    expect(storedName({ ...metric, route: "otlp" })).toBe(storedName(metric));
  });

  it("of a histogram is three", () => {
    expect(seriesNames(histogram({ ...base, buckets, name: "d", unit: "s" }))).toEqual([
      "d_seconds_bucket",
      "d_seconds_sum",
      "d_seconds_count",
    ]);
  });
});
