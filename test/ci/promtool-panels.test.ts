import { describe, expect, it } from "vitest";

import { panelQueries } from "../support/queries.ts";
import { withoutMacros } from "../support/promql.ts";
import { healthyTraffic } from "./support/healthy.ts";
import { contradictions, type ExpectedSample } from "./support/promtool.ts";

const one = (value: number): ExpectedSample[] => [{ labels: {}, value }];
const by = (label: string, values: Readonly<Record<string, number>>): ExpectedSample[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

/** Observations within four minutes at so many a second, by bucket; each bucket holds those below it. */
const buckets = (perSecond: Readonly<Record<string, number>>): ExpectedSample[] =>
  Object.entries(perSecond).map(([le, rate]) => ({ labels: { le }, value: rate * 240 }));

const executionBuckets = buckets({
  "0.05": 0,
  "0.1": 0,
  "0.25": 1,
  "0.5": 1,
  "1": 3,
  "2.5": 5,
  "5": 5,
  "10": 5,
  "30": 5,
  "60": 5,
  "120": 5,
  "300": 5,
  inf: 5,
});

/**
 * What each panel shows of the traffic in support/healthy.ts after an hour, reckoned by hand: windows are 4 minutes
 * (`$__rate_interval`) and an hour (`$__range`). Quantiles lie where their rank falls within its bucket: of 10 requests
 * a second 8 end between 0.1 s and 0.25 s, so the 5th is at 0.1 + 0.15 × 5/8.
 */
const expected: Readonly<Record<string, ExpectedSample[]>> = {
  "agent-performance/1/services": one(1),
  "agent-performance/2/requests": one(13),
  "agent-performance/3/errors": one(0.019231),
  "agent-performance/4/failures": one(0.04),
  "agent-performance/5/p95": one(2.3125),
  "agent-performance/6/tokens": one(65 * 3600),
  "agent-performance/10/{{endpoint}}": by("endpoint", { "/chat": 9.25, "/runs": 3.75 }),
  "agent-performance/11/{{endpoint}}": by("endpoint", { "/chat": 0.027027 }),
  "agent-performance/12/p50": one(0.19375),
  "agent-performance/12/p95": one(0.4375),
  "agent-performance/12/p99": one(0.4875),
  "agent-performance/13/{{status}}": by("status", { "200": 12.75, "500": 0.25 }),
  "agent-performance/20/{{tool_name}}": by("tool_name", { search: 4, calculator: 1 }),
  "agent-performance/21/{{tool_name}}": by("tool_name", { search: 14_400, calculator: 3600 }),
  "agent-performance/22/{{tool_name}}": by("tool_name", { search: 0.05 }),
  "agent-performance/23/{{tool_name}}": by("tool_name", { search: 2.35, calculator: 0.2425 }),
  "agent-performance/30/p50": one(0.875),
  "agent-performance/30/p95": one(2.3125),
  "agent-performance/30/p99": one(2.4625),
  "agent-performance/31/buckets": executionBuckets,
  "agent-performance/40/{{model}}": by("model", { large: 60, small: 5 }),
  "agent-performance/41/{{type}}": by("type", { input: 55, output: 10 }),
  "agent-performance/50/{{service_name}}": by("service_name", { checkout: 42 }),
  "agent-performance/51/{{element_type}}": by("element_type", { message: 0.5 }),
  "tool-calls/1/calls": one(5),
  "tool-calls/2/failures": one(0.04),
  "tool-calls/3/p95": one(2.3125),
  "tool-calls/4/calls": one(18_000),
  "tool-calls/10/Calls": by("tool_name", { search: 14_400, calculator: 3600 }),
  "tool-calls/10/Errors": by("tool_name", { search: 0.05 }),
  "tool-calls/10/p50": by("tool_name", { search: 1, calculator: 0.175 }),
  "tool-calls/10/p95": by("tool_name", { search: 2.35, calculator: 0.2425 }),
  "tool-calls/20/{{tool_name}}": by("tool_name", { search: 4, calculator: 1 }),
  "tool-calls/21/{{tool_name}}": by("tool_name", { search: 0.05 }),
  "tool-calls/22/{{status}}": by("status", { success: 4.8, error: 0.1, timeout: 0.1 }),
  "tool-calls/23/{{tool_name}}": by("tool_name", { search: 2.35, calculator: 0.2425 }),
  "tool-calls/30/p50": one(0.875),
  "tool-calls/30/p95": one(2.3125),
  "tool-calls/30/p99": one(2.4625),
  "tool-calls/31/buckets": executionBuckets,
};

describe("the panels", () => {
  it("are all reckoned with", () => {
    expect(Object.keys(expected).sort()).toEqual(
      panelQueries()
        .map(({ name }) => name)
        .sort(),
    );
  });

  it.each(panelQueries())("$name shows what the traffic is", ({ name, query }) => {
    const queries = [{ expr: withoutMacros(query.expr), atMinutes: 60, expected: expected[name] ?? [] }];
    expect(contradictions([], [{ name, series: healthyTraffic(), queries }])).toBe("");
  });

  it("show nothing, rather than something wrong, when there is no data", () => {
    const queries = panelQueries().map(({ query }) => ({
      expr: withoutMacros(query.expr),
      atMinutes: 60,
      expected: [],
    }));
    expect(contradictions([], [{ name: "empty", series: [], queries }])).toBe("");
  });

  it("would not pass with other traffic", () => {
    const query = panelQueries().find(({ name }) => name === "agent-performance/2/requests")!;
    const queries = [{ expr: withoutMacros(query.query.expr), atMinutes: 60, expected: one(13.1) }];
    expect(contradictions([], [{ name: "wrong", series: healthyTraffic(), queries }])).toMatch(/got: \{\} 1\.3E/);
  });
});
