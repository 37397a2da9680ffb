import { isSeq, type Document } from "yaml";
import { expect, test, vi, type TestContext } from "vitest";

import { metrics, send } from "../../cli/lab/otlp.ts";
import { startTarget } from "./support/target.ts";
import { openTestbed } from "./support/testbed.ts";

/**
 * A target that dies leaves marks that its series have ended: points without a value. GreptimeDB refuses a request
 * in which a metric has only such points, and with it what others sent.
 */

const soon = { timeout: 30_000, interval: 100 };

const values = {
  collector: {
    scrape: [
      { job: "dying", targets: ["dying.internal:8000"], interval: "1s" },
      { job: "living", targets: ["living.internal:8000"], interval: "1s" },
    ],
  },
};

/** Two targets, one of which dies once both have been scraped. */
async function withDeadTarget(context: TestContext, change?: (config: Document) => void) {
  const dying = await startTarget("# TYPE dying_total counter\ndying_total 1\n");
  const living = await startTarget("# TYPE living_total counter\nliving_total 1\n");
  context.onTestFinished(() => living.die());
  const targets = { "dying.internal:8000": dying.address, "living.internal:8000": living.address };
  const testbed = await openTestbed(context, { values, targets, ...(change && { change }) });
  const { store } = testbed;
  const upOf = (job: string) =>
    store
      .points("up")
      .filter(({ resource }) => resource["service.name"] === job)
      .map(({ value }) => value);
  await vi.waitFor(() => {
    expect(store.points("dying_total")).not.toHaveLength(0);
    expect(store.points("living_total")).not.toHaveLength(0);
  }, soon);
  await dying.die();
  await vi.waitFor(() => {
    expect(upOf("dying").at(-1)).toBe(0);
  }, soon);
  return { testbed, upOf };
}

const ended = { "service.name": "batch" };

test("a target that has died: no point without a value arrives, and everything else does", async (context) => {
  const { testbed, upOf } = await withDeadTarget(context);
  const { store, otlp } = testbed;
  const before = store.points("living_total").length;
  const sent = [
    { name: "batch.ended", value: 0, noRecordedValue: true },
    { name: "batch.runs", value: 5, counter: true },
  ];
  expect(await send(otlp, "metrics", metrics(ended, sent))).toBe(200);
  await vi.waitFor(() => {
    expect(store.points("living_total").length).toBeGreaterThanOrEqual(before + 3);
    expect(store.points("batch.runs")).toMatchObject([{ value: 5, resource: ended }]);
    // up itself goes on: that is what tells of the failure
    expect(upOf("dying").filter((value) => value === 0).length).toBeGreaterThanOrEqual(3);
  }, soon);
  expect(store.points().filter(({ noRecordedValue }) => noRecordedValue)).toEqual([]);
  expect(store.points("batch.ended")).toEqual([]);
});

test("without the filter such points do arrive, from the target and from applications", async (context) => {
  const { testbed } = await withDeadTarget(context, (config) => {
    for (const pipeline of ["metrics", "metrics/scraped"]) {
      const processors = config.getIn(["service", "pipelines", pipeline, "processors"]);
      if (!isSeq(processors)) throw new Error(`pipeline ${pipeline} has no processors`);
      const others = (processors.toJSON() as string[]).filter((id) => id !== "filter/no_recorded_value");
      expect(others).toHaveLength(processors.items.length - 1);
      config.setIn(["service", "pipelines", pipeline, "processors"], others);
    }
  });
  const { store, otlp } = testbed;
  const sent = [{ name: "batch.ended", value: 0, noRecordedValue: true }];
  expect(await send(otlp, "metrics", metrics(ended, sent))).toBe(200);
  await vi.waitFor(() => {
    expect(store.points("dying_total").at(-1)).toMatchObject({ noRecordedValue: true });
    expect(store.points("batch.ended")).toMatchObject([{ noRecordedValue: true }]);
  }, soon);
});

test("of what GreptimeDB and Grafana expose, what the boards read arrives under its names, and nothing else", async (context) => {
  const database = await startTarget(`# TYPE greptime_table_operator_ingest_rows counter
greptime_table_operator_ingest_rows{db="metrics"} 7
# TYPE greptime_mito_write_stalling_count gauge
greptime_mito_write_stalling_count{worker="0"} 0
# TYPE greptime_servers_jaeger_query_elapsed histogram
greptime_servers_jaeger_query_elapsed_bucket{db="traces",le="10"} 1
greptime_servers_jaeger_query_elapsed_bucket{db="traces",le="+Inf"} 1
greptime_servers_jaeger_query_elapsed_sum{db="traces"} 0.5
greptime_servers_jaeger_query_elapsed_count{db="traces"} 1
# TYPE greptime_runtime_threads_alive gauge
greptime_runtime_threads_alive{thread_name="hb-worker"} 2
`);
  const grafana = await startTarget(`# TYPE grafana_alerting_rule_evaluations_total counter
grafana_alerting_rule_evaluations_total{org="1"} 9
# TYPE go_goroutines gauge
go_goroutines 100
`);
  for (const target of [database, grafana]) context.onTestFinished(() => target.die());
  const targets = { "greptimedb:4000": database.address, "grafana:3000": grafana.address };
  const { store } = await openTestbed(context, { targets });
  const names = (job: string) =>
    new Set(
      store
        .points()
        .filter(({ resource }) => resource["service.name"] === job)
        .map(({ metric }) => metric)
        .filter((name) => !name.startsWith("scrape_")),
    );
  await vi.waitFor(
    () => {
      expect([...names("greptimedb")].sort()).toEqual([
        "greptime_mito_write_stalling_count",
        "greptime_servers_jaeger_query_elapsed",
        "greptime_table_operator_ingest_rows",
        "up",
      ]);
      expect([...names("grafana")].sort()).toEqual(["grafana_alerting_rule_evaluations_total", "up"]);
    },
    // within the first interval
    { timeout: 60_000, interval: 200 },
  );
  for (const { address, asked } of [database, grafana]) expect([address, ...asked]).toEqual([address, "/metrics"]);
});

test("a gateway of several scrapes itself alone, under its own name", async (context) => {
  const values = {
    platform: "kubernetes",
    collector: { auth: "none", replicas: 2, scrape: [{ job: "app", targets: ["app.internal:8000"], interval: "1s" }] },
  };
  const app = await startTarget("# TYPE app_total counter\napp_total 1\n");
  context.onTestFinished(() => app.die());
  const { store } = await openTestbed(context, { values, targets: { "app.internal:8000": app.address } });
  await vi.waitFor(
    () => {
      expect(store.points("otelcol_process_uptime")).not.toHaveLength(0);
      expect(store.points("up")).not.toHaveLength(0);
    },
    { timeout: 60_000, interval: 200 },
  );
  const of = store.points().map(({ resource }) => [resource["service.name"], resource["service.instance.id"]]);
  expect(new Set(of.map((pair) => pair.join(" ")))).toEqual(new Set(["otelcol collector-0"]));
  expect([...app.asked]).toEqual([]);
});
