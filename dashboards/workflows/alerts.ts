import { increase, observations, plus, quantile, sumBy } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { cacheAnalytics, primitivePerformance, workflowOverview } from "./ids.ts";
import { executionDuration, timeoutsTriggered } from "./metrics.ts";
import { attempts, errorRatio, executions, hitRatio, lookups, timeoutRatio } from "./queries.ts";

/*
 * No rule for evictions: a full cache of the right size throws out one entry for each new one; what hurts shows in the
 * hit ratio. None for a route's duration: it contains that of the primitives behind it, which PrimitiveSlow names. None
 * for the share of a fallback route: what such a route would be called is not settled anywhere.
 */
export const rules: readonly Rule[] = [
  rule({
    name: "PrimitiveErrorRatioHigh",
    severity: "warning",
    summary:
      "{{ $labels.primitive }}: errors are {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of executions",
    description:
      "The primitive {{ $labels.primitive }} fails more often than a workflow of several steps can bear. Follow a failed span to the first primitive that failed.",
    query: errorRatio({ window: "10m", by: ["primitive"] }),
    threshold: {
      fires: "above",
      value: 0.05,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "A workflow fails where one of its steps does: at one failure in twenty, of workflows with five such steps more than one in five fails.",
    },
    guard: {
      query: attempts({ window: "10m", by: ["primitive"] }),
      atLeast: 25,
      why: "Below twenty executions a single error would be more than five per cent. Errors are counted in, since an application may count a failed execution as an error only: then there are no executions left when all fail. The rest is room for what an increase adds at the ends of its window.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: primitivePerformance.uid, id: primitivePerformance.panels.errorRatio },
    runbook: {
      meaning:
        "Within ten minutes the errors of one primitive were more than the threshold of its executions. The two are different metrics: where the application counts a failed execution as an error only, the ratio can pass 100 %, and is infinite when nothing succeeds.",
      impact: "Workflows that contain the primitive fail, or retry and take longer and cost more.",
      diagnosis: [
        "Open the linked panel: one primitive, or several from the same minute on? Several share a dependency, or one of them runs the others.",
        "Click the line and open its failed spans; the status message names the error, the trace the step that failed first.",
        "Compare with *Execution time p95 by primitive*: slow and failing means an overloaded dependency, fast and failing a refusal (credentials, quota, bad input).",
        "Did it begin with a release? Then the diff of that primitive is the place.",
      ],
      mitigation: [
        "Restore the dependency, or roll the release back.",
        "Until then route around the primitive, or let the workflow end early instead of retrying.",
      ],
    },
  }),
  rule({
    name: "PrimitiveSlow",
    severity: "warning",
    summary: "{{ $labels.primitive }}: p95 is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description:
      "One execution in twenty of the primitive {{ $labels.primitive }} takes longer than a step should. Look at what it waits for.",
    query: quantile(0.95, executionDuration, { window: "15m", by: ["primitive"] }),
    threshold: {
      fires: "above",
      value: 30,
      unit: "seconds",
      settable: { min: 0, max: 86_400 },
      why: "A step that asks a model once ends within thirty seconds, and clients commonly give up there. The histogram must have a bucket beyond the threshold: with the default ones of Prometheus' clients, which end at 10 s, the p95 never shows more than 10 s, so give such an application more buckets, or the rule a lower threshold.",
    },
    guard: {
      query: sumBy(["primitive"], increase(observations(executionDuration), "15m")),
      atLeast: 20,
      why: "With twenty executions the p95 is one execution already.",
    },
    for: 600,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: primitivePerformance.uid, id: primitivePerformance.panels.duration },
    runbook: {
      meaning:
        "The 95th percentile of one primitive's execution time over a quarter of an hour is above the threshold.",
      impact: "Workflows that contain the primitive are late, and run into their timeouts next.",
      diagnosis: [
        "Open the linked panel: a jump (release, dependency) or a slow climb (load, size of the data)? A primitive that runs others is as slow as they are: look for the innermost.",
        "Click the line and open the slowest spans that name it; in the trace the longest child span is the place.",
        "If it has a cache, look at its hit ratio in *Cache analytics*: fewer hits make the same primitive slower.",
        "Compare *Decisions by route* in *Workflow overview*: more traffic on a slow route looks the same.",
      ],
      mitigation: [
        "Relieve or scale what it waits for, or route to a faster alternative.",
        "If the primitive is meant to take so long, raise `alerts.rules.PrimitiveSlow.threshold`.",
      ],
    },
  }),
  rule({
    name: "WorkflowTimeoutRatioHigh",
    severity: "warning",
    summary:
      "{{ $labels.service_name }}: timeouts are {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of executions",
    description:
      "{{ $labels.service_name }} stops more executions for taking too long than it should. Something that workflows wait for is slow or hangs.",
    query: timeoutRatio({ window: "15m", by: ["service_name"] }),
    threshold: {
      fires: "above",
      value: 0.05,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "All executions are the measure, also those under no timeout, so that one in twenty means many more of those that have one.",
    },
    guard: {
      query: plus(
        sumBy(["service_name"], increase(executions, "15m")),
        sumBy(["service_name"], increase(timeoutsTriggered, "15m")),
      ),
      atLeast: 25,
      why: "Below twenty executions a single timeout would be more than five per cent. Timeouts are counted in, since an execution that was stopped may not be among the executions; the rest is room for what an increase adds at the ends of its window.",
    },
    for: 300,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: workflowOverview.uid, id: workflowOverview.panels.timeoutRatio },
    runbook: {
      meaning:
        "Within a quarter of an hour the timeouts of one service were more than the threshold of its executions of primitives. The metric does not say which primitive was stopped.",
      impact: "Workflows end without a result or with a fallback, after having waited as long as they may.",
      diagnosis: [
        "Open the linked panel: since when, and one service or all?",
        "Look at *Time until timeout* beside it: the limit that is hit tells which timeout it is.",
        "Click the line and open the failed spans of the service; the trace shows what was running when it was stopped.",
        "In *Primitive performance*, look for the primitive whose p95 rose at the same time.",
      ],
      mitigation: [
        "Relieve or restore what the stopped execution waited for.",
        "If the limit is too tight for regular work, raise the limit, not the threshold of this rule.",
      ],
    },
  }),
  rule({
    name: "CacheHitRatioLow",
    severity: "info",
    summary:
      "{{ $labels.primitive }}: {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of lookups are hits",
    description:
      "The cache of {{ $labels.primitive }} spares less than half of the work. Nothing fails, but workflows are slower and cost more than they could.",
    query: hitRatio({ window: "1h", by: ["primitive"] }),
    threshold: {
      fires: "below",
      value: 0.5,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "Below one half most of the work behind the cache is done anyway. A cache that is worth its keep with less, because a hit spares much, needs its own value.",
    },
    guard: {
      query: lookups({ window: "1h", by: ["primitive"] }),
      atLeast: 100,
      why: "An empty cache begins with misses; with fewer than a hundred lookups in an hour they are most of what there is.",
    },
    for: 900,
    keepFiringFor: 300,
    ...quiet,
    panel: { board: cacheAnalytics.uid, id: cacheAnalytics.panels.hitRatioByPrimitive },
    runbook: {
      meaning:
        "Over an hour fewer of a cache's lookups were hits than the threshold says, reckoned from the counters, not from the application's own `cache_hit_rate`. A cache that never had one hit has no ratio, and this rule stays silent; the table in *Cache analytics* shows its misses.",
      impact: "Work is done again that the cache should spare: time, tokens, load on what is behind it.",
      diagnosis: [
        "Open the linked panel: a step down (release, other keys) or a slide (more different questions)?",
        "Look at *Evictions per miss*: near 1 the cache is full and too small; near 0 entries expire before they are asked for again, or keys do not match.",
        "Look at *Entries by primitive*: a drop to zero is a restart, and the ratio recovers by itself.",
        "Compare with *Reported hit rate*: if that is still good, the hits ended recently.",
      ],
      mitigation: [
        "Make the cache larger or its entries live longer, whichever the panels say.",
        "Leave out of the key what changes with each request: times, ids, order of fields.",
        "If the lookups never repeat, do without the cache.",
      ],
    },
  }),
];
