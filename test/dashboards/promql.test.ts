import { describe, expect, it } from "vitest";

import { counter, gauge, histogram } from "../../dashboards/metric.ts";
import * as c from "../../dashboards/constants.ts";
import * as q from "../../dashboards/promql.ts";

const label = { help: "", values: ["a"] } as const;
const calls = counter({ name: "calls_total", help: "", emittedBy: "", labels: { tool: label, status: label } });
const size = gauge({ name: "size", help: "", emittedBy: "", labels: { tool: label } });
const duration = histogram({
  name: "duration",
  unit: "s",
  help: "",
  emittedBy: "",
  labels: { tool: label },
  buckets: [1],
});

describe("the builder", () => {
  it.each([
    [q.sum(q.rate(calls, "5m")), "sum (rate(calls_total[5m]))"],
    [
      q.sumBy(["tool"], q.increase(calls, "1h", { status: q.is("error"), service_name: q.chosen("service") })),
      'sum by (tool) (increase(calls_total{status="error", service_name=~"$service"}[1h]))',
    ],
    [q.maxBy(["tool", "instance"], q.current(size)), "max by (tool, instance) (size)"],
    [q.minBy(["job"], q.current(size, { tool: q.matches("a|b") })), 'min by (job) (size{tool=~"a|b"})'],
    [q.count(q.sumBy(["tool"], q.rate(calls, "5m"))), "count (sum by (tool) (rate(calls_total[5m])))"],
    [q.top(3, q.sumBy(["tool"], q.rate(calls, "5m"))), "topk(3, sum by (tool) (rate(calls_total[5m])))"],
    [
      q.ratio(q.sum(q.rate(calls, "5m", { status: q.is("error") })), q.sum(q.rate(calls, "5m"))),
      'sum (rate(calls_total{status="error"}[5m])) / sum (rate(calls_total[5m]))',
    ],
    [
      q.quantile(0.95, duration, { window: "5m", by: ["tool"] }),
      "histogram_quantile(0.95, sum by (le, tool) (rate(duration_seconds_bucket[5m])))",
    ],
    [q.sum(q.rate(q.observations(duration), "5m")), "sum (rate(duration_seconds_count[5m]))"],
    [q.sum(q.rate(q.total(duration), "5m")), "sum (rate(duration_seconds_sum[5m]))"],
    [q.distribution(duration, { window: "5m" }), "sum by (le) (increase(duration_seconds_bucket[5m]))"],
    [q.absent(calls, { service_name: q.is("api") }), 'absent(calls_total{service_name="api"})'],
    [c.constant(1), "vector(1)"],
    [q.sum(q.increase(calls, "30m", {}, { ago: "1d" })), "sum (increase(calls_total[30m] offset 1d))"],
    [q.maxBy([], q.reached(calls, { tool: q.is("a") })), 'max (calls_total{tool="a"})'],
    [
      q.counted(["tool"], calls, "15m", { status: q.is("error") }),
      '(sum by (tool) (calls_total{status="error"}) unless sum by (tool) (calls_total{status="error"} offset 15m)) or sum by (tool) (increase(calls_total{status="error"}[15m]))',
    ],
    [q.maxBy(["tool"], q.slope(size, "30m")), "max by (tool) (deriv(size[30m]))"],
    [
      q.rest(q.ratio(q.sum(q.rate(q.upTo(duration, 1), "5m")), q.sum(q.rate(q.observations(duration), "5m")))),
      '1 - (sum (rate(duration_seconds_bucket{le="1"}[5m])) / sum (rate(duration_seconds_count[5m])))',
    ],
    [q.rest(q.minBy(["job"], q.current(size))), "1 - min by (job) (size)"],
    [
      q.ratio(q.sum(q.rate(calls, "5m")), q.plus(q.sum(q.rate(calls, "5m")), q.times(2, q.sum(q.rate(calls, "5m"))))),
      "sum (rate(calls_total[5m])) / (sum (rate(calls_total[5m])) + (2 * sum (rate(calls_total[5m]))))",
    ],
    [
      q.sumOver(
        [],
        q.either(
          q.times(0.000_002_5, q.sumBy(["tool"], q.increase(calls, "1h", { tool: q.is("a") }))),
          q.times(2, q.sumBy(["tool"], q.increase(calls, "1h", { tool: q.is("b") }))),
        ),
      ),
      'sum ((0.0000025 * sum by (tool) (increase(calls_total{tool="a"}[1h]))) or (2 * sum by (tool) (increase(calls_total{tool="b"}[1h]))))',
    ],
    [
      q.product(q.sumBy(["tool"], q.rate(calls, "5m")), c.constants("tool", { a: 2.5, "b/c": 10 })),
      'sum by (tool) (rate(calls_total[5m])) * (label_replace(vector(2.5), "tool", "a", "", "") or label_replace(vector(10), "tool", "b/c", "", ""))',
    ],
    [
      q.either(
        c.labelled(c.constants("tool", { a: 1 }), "status", "ok"),
        c.labelled(c.constants("tool", { a: 2, b: 3 }), "status", "error"),
      ),
      'label_replace(label_replace(vector(1), "tool", "a", "", ""), "status", "ok", "", "") or label_replace(label_replace(vector(2), "tool", "a", "", "") or label_replace(vector(3), "tool", "b", "", ""), "status", "error", "", "")',
    ],
  ])("writes %#", (query, expr) => {
    expect(query.expr).toBe(expr);
  });

  it("cannot be talked out of a string", () => {
    const query = q.sum(q.rate(calls, "5m", { status: q.is('x"} or vector(1) #\\\n') }));
    expect(query.expr).toBe('sum (rate(calls_total{status="x\\"} or vector(1) #\\\\\\n"}[5m]))');
  });

  it("knows what it reads", () => {
    const { by, readings } = q.quantile(0.5, duration, { window: "5m", by: ["tool"], where: { job: q.is("x") } });
    expect(by).toEqual(["tool"]);
    expect(readings).toEqual([
      { metric: duration, series: "duration_seconds_bucket", labels: ["le", "tool", "job"], window: "5m" },
    ]);
  });

  it.each([0, 1, -1, 95, Number.NaN])("refuses the quantile %d", (share) => {
    expect(() => q.quantile(share, duration, { window: "5m" })).toThrow(/between 0 and 1/);
  });

  it("refuses a bucket that the histogram does not have", () => {
    expect(() => q.upTo(duration, 2)).toThrow(/no bucket up to 2/);
  });

  it("refuses to join what GreptimeDB keeps in different columns", () => {
    const one = q.sumBy(["tool"], q.rate(calls, "5m"));
    expect(() => q.either(one, q.sumBy(["tool"], q.current(size)))).toThrow(/cannot join/);
    expect(() => q.either(one, c.constants("tool", { a: 1 }))).toThrow(/cannot join/);
    const both = q.ratio(one, q.sumBy(["tool"], q.rate(q.total(duration), "5m")));
    expect(() => q.either(both, both)).toThrow(/cannot join/);
  });

  it("matches a product's labels in whatever order", () => {
    const two = q.sumBy(["status", "tool"], q.rate(calls, "5m"));
    const factors = c.labelled(c.constants("tool", { a: 2 }), "status", "ok");
    expect(q.product(two, factors).by).toEqual(["status", "tool"]);
    expect(() => q.product(two as unknown as q.Vector<"tool">, c.constants("tool", { a: 2 }))).toThrow(
      /nothing in a product/,
    );
  });

  it("puts labels on constants only, and only as they are", () => {
    expect(() => c.labelled(q.sumBy(["tool"], q.rate(calls, "5m")), "status", "ok")).toThrow(/cannot be put on/);
    expect(() => c.constants("tool", { $1: 2 })).toThrow(/cannot be put on/);
    expect(() => c.constants("tool", {})).toThrow(/no constant/);
  });

  it("refuses to match a missing label by an empty value", () => {
    expect(() => q.is("")).toThrow(/missing label/);
  });
});

/** What must not compile. `npm run types` fails when one of these lines is accepted. */
export function rejected(): void {
  const rates = q.rate(calls, "5m");
  // @ts-expect-error a label that the metric does not have
  q.rate(calls, "5m", { tol: q.is("x") });
  // @ts-expect-error a grouping by a label that the metric does not have
  q.sumBy(["endpoint"], rates);
  // @ts-expect-error a rate of something that is not a counter
  q.rate(size, "5m");
  // @ts-expect-error a histogram is not a counter: say which part of it
  q.rate(duration, "5m");
  // @ts-expect-error the current value of a counter says nothing
  q.current(calls);
  // @ts-expect-error only a counter has reached something
  q.reached(size);
  // @ts-expect-error nor does anything else grow
  q.counted(["tool"], size, "5m");
  // @ts-expect-error how long ago must be said: Grafana's windows are ranges
  q.counted(["tool"], calls, "$__range");
  // @ts-expect-error a quantile of something without buckets
  q.quantile(0.5, calls, { window: "5m" });
  // @ts-expect-error a ratio of vectors with different labels is empty in GreptimeDB
  q.ratio(q.sumBy(["tool"], rates), q.sumBy(["status"], rates));
  // @ts-expect-error the same with no label on one side
  q.ratio(q.sumBy(["tool"], rates), q.sum(rates));
  // @ts-expect-error arithmetic on a quantile is refused by GreptimeDB while the metric is missing
  q.ratio(q.quantile(0.5, duration, { window: "5m" }), q.sum(rates));
  // @ts-expect-error nor can they be added
  q.plus(q.sumBy(["tool"], rates), q.sum(rates));
  // @ts-expect-error nor multiplied
  q.product(q.sumBy(["tool"], rates), c.constants("status", { ok: 1 }));
  // @ts-expect-error nor joined
  q.either(q.sumBy(["tool"], rates), q.sumBy(["status"], rates));
  // @ts-expect-error nor summed by a label that is gone
  q.sumOver(["status"], q.sumBy(["tool"], rates));
  // @ts-expect-error the slope of a counter is its rate
  q.slope(calls, "5m");
  // @ts-expect-error series must be aggregated before they are a query
  q.count(rates);
  // @ts-expect-error absent() with a regular expression has no labels to tell who is absent
  q.absent(calls, { tool: q.matches("a|b") });
  // @ts-expect-error not a range
  q.rate(calls, "5 minutes");
}
