import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test, vi } from "vitest";

import { logRecords, metrics, send, spans } from "../../cli/lab/otlp.ts";
import { startStore } from "../../cli/lab/store.ts";
import { sender } from "./support/outage.ts";
import { openTestbed, testbedWith } from "./support/testbed.ts";

/** Which telemetry goes where, through the real collector. */

const arriving = { timeout: 50_000, interval: 100 };
const names = (count: number, name = "span") => Array.from({ length: count }, (_, index) => `${name} ${String(index)}`);

/** A trace of one span that took so long. */
function trace(name: string, { seconds = 1, failed = false } = {}): object {
  const end = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: Buffer.from(name.padEnd(16)).toString("hex").slice(0, 32),
    spanId: "1".repeat(16),
    name,
    startTimeUnixNano: String(end - BigInt(seconds) * 1_000_000_000n),
    endTimeUnixNano: String(end),
    status: failed ? { code: 2 } : {},
  };
  return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
}

test("of the traces a share is kept, of the rest everything", async (context) => {
  const { otlp, store } = await openTestbed(context, { values: { collector: { sampling: { ratio: 0.5 } } } });
  expect(await send(otlp, "traces", spans(sender, names(1000)))).toBe(200);
  expect(await send(otlp, "logs", logRecords(sender, names(100)))).toBe(200);
  await vi.waitFor(() => {
    expect(store.logRecords()).toHaveLength(100);
    expect(store.spans().length).toBeGreaterThan(0);
  }, arriving);
  // four standard deviations of a thousand coins
  expect(Math.abs(store.spans().length - 500)).toBeLessThan(64);
});

test("of whole traces those with errors and slow ones are kept", async (context) => {
  const sampling = { tail: { enabled: true, ratio: 0, slow: "5s", wait: "2s", traces: 1000 } };
  const { otlp, store } = await openTestbed(context, { values: { collector: { sampling } } });
  const failed = names(10, "failed");
  const slow = names(10, "slow");
  for (const name of names(50, "usual")) expect(await send(otlp, "traces", trace(name))).toBe(200);
  for (const name of failed) expect(await send(otlp, "traces", trace(name, { failed: true }))).toBe(200);
  for (const name of slow) expect(await send(otlp, "traces", trace(name, { seconds: 6 }))).toBe(200);
  await vi.waitFor(() => {
    expect(new Set(store.spans().map(({ name }) => name))).toEqual(new Set([...failed, ...slow]));
  }, arriving);
  await sleep(1000);
  expect(store.spans()).toHaveLength(20);
});

test("all spans are counted, also those that are not kept", async (context) => {
  const values = { collector: { spanMetrics: { enabled: true, dimensions: ["plan"] }, sampling: { ratio: 0 } } };
  const { otlp, store } = await openTestbed(context, { values });
  expect(await send(otlp, "traces", spans(sender, Array<string>(200).fill("work")))).toBe(200);
  await vi.waitFor(() => {
    // a new series begins at 0
    const calls = store.points("traces.span.metrics.calls").at(-1);
    expect(calls).toMatchObject({ kind: "sum", value: 200, attributes: { "span.name": "work" } });
    const duration = store.points("traces.span.metrics.duration").at(-1);
    expect(duration).toMatchObject({ kind: "histogram", value: 200, resource: { "service.name": "shop" } });
  }, arriving);
  expect(store.spans()).toEqual([]);
});

const metricsOf = (data: object) => ({
  resourceMetrics: [{ resource: { attributes: [] }, scopeMetrics: [{ metrics: [{ name: "own", ...data }] }] }],
});
const time = () => `${String(Date.now())}000000`;

test.each([
  ["convert", "histogram"],
  ["pass", "exponentialHistogram"],
] as const)("exponential histograms, with histograms %s", async (histograms, kind) => {
  const testbed = await testbedWith({ values: { collector: { histograms } } });
  try {
    const point = {
      timeUnixNano: time(),
      count: "10",
      sum: 30,
      scale: 0,
      zeroCount: "0",
      positive: { offset: 0, bucketCounts: ["4", "6"] },
    };
    const body = metricsOf({ exponentialHistogram: { aggregationTemporality: 2, dataPoints: [point] } });
    expect(await send(testbed.otlp, "metrics", body)).toBe(200);
    await vi.waitFor(() => {
      expect(testbed.store.points("own")).toMatchObject([{ kind, value: 10 }]);
    }, arriving);
  } finally {
    await testbed.close();
  }
});

test("differences are added up, sums stay as they are", async (context) => {
  const { otlp, store } = await openTestbed(context, { values: { collector: { deltaToCumulative: true } } });
  const start = BigInt(Date.now()) * 1_000_000n;
  for (const [index, value] of [5, 7, 1].entries()) {
    const at = (offset: number) => String(start + BigInt(index + offset) * 1_000_000_000n);
    const point = { startTimeUnixNano: at(0), timeUnixNano: at(1), asInt: String(value) };
    const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point] };
    expect(await send(otlp, "metrics", metricsOf({ sum }))).toBe(200);
  }
  expect(await send(otlp, "metrics", metrics(sender, [{ name: "cumulative", value: 3, counter: true }]))).toBe(200);
  await vi.waitFor(() => {
    expect(store.points("own").map(({ value }) => value)).toEqual([5, 12, 13]);
    expect(store.points("cumulative").map(({ value }) => value)).toEqual([3]);
  }, arriving);
});

describe("a second destination", () => {
  test.each([
    { name: "takes what it gets", status: 200 as const },
    { name: "answers 503", status: 503 as const },
    { name: "answers 400", status: 400 as const },
    { name: "does not answer", status: "stall" as const },
    { name: "is not there", status: undefined },
  ])("that $name changes nothing for the first", async ({ status }) => {
    const second = await startStore();
    second.answers = () => status ?? 200;
    if (status === undefined) await second.stop();
    const secondDestination = { endpoint: `${second.url}/otlp` };
    const testbed = await testbedWith({ values: { collector: { secondDestination } } });
    try {
      const { otlp, store } = testbed;
      const bodies = names(300, "record");
      for (const body of bodies) expect(await send(otlp, "logs", logRecords(sender, [body]))).toBe(200);
      expect(await send(otlp, "traces", spans(sender, bodies))).toBe(200);
      expect(await send(otlp, "metrics", metrics(sender, [{ name: "own", value: 1 }]))).toBe(200);
      await vi.waitFor(() => {
        expect(
          store
            .logRecords()
            .map(({ body }) => body)
            .sort(),
        ).toEqual([...bodies].sort());
        expect(store.spans()).toHaveLength(bodies.length);
        expect(store.points("own")).toHaveLength(1);
      }, arriving);
      if (status === 200) {
        await vi.waitFor(() => {
          const paths = new Set(second.requests.map(({ path }) => path));
          expect(paths).toEqual(new Set(["/otlp/v1/traces", "/otlp/v1/logs", "/otlp/v1/metrics"]));
        }, arriving);
      }
    } finally {
      await testbed.close();
      await second.stop();
    }
  });

  test("whose queue is full loses its own copy, and nobody is told to try again", async (context) => {
    const second = await startStore();
    context.onTestFinished(() => second.stop());
    await second.stop();
    const secondDestination = { endpoint: second.url, signals: ["logs"] };
    // room in memory, so that only the queue can be full
    const testbed = await openTestbed(context, { values: { collector: { secondDestination, memory: "4GiB" } } });
    const text = "x".repeat(1_000_000);
    const bodies = names(200, "record");
    for (const body of bodies) {
      expect(await send(testbed.otlp, "logs", logRecords(sender, [`${body} ${text}`]))).toBe(200);
    }
    await vi.waitFor(() => {
      expect(testbed.store.logRecords()).toHaveLength(bodies.length);
    }, arriving);
    const own = await (await fetch(testbed.telemetry)).text();
    expect(own).toMatch(
      /otelcol_exporter_enqueue_failed_log_records\{[^}]*exporter="otlp_http\/second_logs"[^}]*\} [1-9]/,
    );
    expect(own).not.toMatch(
      /otelcol_exporter_enqueue_failed_log_records\{[^}]*exporter="otlp_http\/logs"[^}]*\} [1-9]/,
    );
    expect(own).not.toMatch(/otelcol_receiver_refused_log_records\S* [1-9]/);
  });
});
