import { describe, expect, it } from "vitest";

import type { Rule } from "../../dashboards/rule.ts";
import { rules } from "../../dashboards/workflows/alerts.ts";
import * as m from "../../dashboards/workflows/metrics.ts";
import { workflowsProof } from "../../cli/drill/proofs/workflows.ts";
import { failingMinutes, healthyMinutes, phases } from "../../cli/drill/failures.ts";
import { contradictions, type AlertTest } from "../../cli/drill/promtool.ts";
import { observed, points, type Phase, type Series } from "../../cli/drill/traffic.ts";

/** When the rules of workflows fire to the minute, and what they have their guards for. */

const retrieve = { primitive: "retrieve" };

const ruleCalled = (name: string): Rule => rules.find((rule) => rule.name === name)!;

const unguarded = (rule: Rule): Rule => ({ ...rule, guard: { ...rule.guard!, atLeast: 0 } });

/** So many, spread over one minute after half an hour of none. */
const inOneMinute = (howMany: number): Phase[] => [
  { minutes: healthyMinutes, level: 0 },
  { minutes: 1, level: howMany / 60 },
  { minutes: 60, level: 0 },
];

/** Fewer than twenty within the window, one of them bad: all minutes of the hour after it. */
const few: readonly { name: string; series: readonly Series[] }[] = [
  {
    name: "PrimitiveErrorRatioHigh",
    series: [
      ...observed(m.executionDuration, "planner", retrieve, { 1: 19 / 600 }),
      ...points(m.executionErrors, "planner", retrieve, inOneMinute(1)),
    ],
  },
  {
    name: "PrimitiveSlow",
    series: observed(m.executionDuration, "planner", retrieve, { 1: 17 / 900, 60: 1 / 900 }),
  },
  {
    name: "WorkflowTimeoutRatioHigh",
    series: [
      ...observed(m.executionDuration, "planner", retrieve, { 1: 19 / 900 }),
      ...points(m.timeoutsTriggered, "planner", {}, inOneMinute(1)),
    ],
  },
  {
    name: "CacheHitRatioLow",
    series: [
      ...points(m.cacheHits, "planner", retrieve, 10 / 3600),
      ...points(m.cacheMisses, "planner", retrieve, 80 / 3600),
    ],
  },
];

describe("the times of detection and of silence are not a minute too long", () => {
  it.each(Object.entries(workflowsProof.failures))(
    "of %s",
    (name, { series, labels, detectedWithin, silentWithin }) => {
      const rule = ruleCalled(name);
      const alerts = [
        { rule, atMinutes: healthyMinutes + detectedWithin - 1, firing: [] },
        { rule, atMinutes: healthyMinutes + failingMinutes + silentWithin - 1, firing: [labels] },
      ];
      expect(contradictions([rule], [{ name, series, alerts }])).toBe("");
    },
  );
});

describe.each(few)("$name", ({ name, series }) => {
  const rule = ruleCalled(name);
  const minutes = Array.from({ length: 50 }, (_, index) => healthyMinutes + index);
  const silent = (of: Rule): AlertTest[] => minutes.map((atMinutes) => ({ rule: of, atMinutes, firing: [] }));

  it("does not take one bad case among few for a pattern", () => {
    expect(contradictions([rule], [{ name, series, alerts: silent(rule) }])).toBe("");
  });

  it("would, without its guard", () => {
    const mutant = unguarded(rule);
    expect(contradictions([mutant], [{ name, series, alerts: silent(mutant) }])).not.toBe("");
  });
});

describe("when nothing succeeds, and failures are not among the executions", () => {
  const executions = observed(m.executionDuration, "planner", retrieve, { 1: phases(1, 0) });

  // from the first minutes, in which the window still has successes, to the last, in which it has none
  it.each([
    {
      name: "PrimitiveErrorRatioHigh",
      labels: retrieve,
      series: [...executions, ...points(m.executionErrors, "planner", retrieve, phases(0, 1))],
    },
    {
      name: "WorkflowTimeoutRatioHigh",
      labels: { service_name: "planner" },
      series: [...executions, ...points(m.timeoutsTriggered, "planner", {}, phases(0, 1))],
    },
  ])("$name fires all the time", ({ name, labels, series }) => {
    const rule = ruleCalled(name);
    const alerts = [8, 12, 20, 30, 39].map((after) => ({
      rule,
      atMinutes: healthyMinutes + after,
      firing: [labels],
    }));
    expect(contradictions([rule], [{ name, series, alerts }])).toBe("");
  });
});
