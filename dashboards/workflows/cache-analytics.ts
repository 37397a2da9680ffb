import { belowThreshold, type Board, type BoardContext, type Panel } from "../panel.ts";
import { chosen, current, increase, minBy, rate, ratio, sum, sumBy } from "../promql.ts";
import { storedName } from "../stored-name.ts";
import { cacheAnalytics } from "./ids.ts";
import * as link from "./links.ts";
import * as m from "./metrics.ts";
import { hitRatio, lookups } from "./queries.ts";

const { panels: id } = cacheAnalytics;
const window = "$__rate_interval";
const both = { service_name: chosen("service"), primitive: chosen("primitive") };
const byRange = { window: "$__range", where: both, by: ["primitive"] } as const;

/** Do the caches spare work, and if not: too small, too short-lived, or asked for what they cannot have? */
export const cacheAnalyticsBoard = (context: BoardContext): Board => ({
  uid: cacheAnalytics.uid,
  title: "Cache analytics",
  description: "Caches of workflows: how many lookups they answer, how full they are, what they throw out.",
  // misses, not hits: the first lookup of every cache is one
  variables: [
    { name: "service", label: "Service", series: storedName(m.cacheMisses), of: "service_name" },
    { name: "primitive", label: "Primitive", series: storedName(m.cacheMisses), of: "primitive" },
  ],
  rows: [
    { title: "Is it well?", panels: health(context) },
    { title: "Hit ratio", panels: hitRatios(context) },
    { title: "Lookups", panels: lookupPanels(context) },
    { title: "Size and evictions", panels: contents },
  ],
});

const health = (context: BoardContext): Panel[] => [
  {
    kind: "stat",
    id: id.hitRatio,
    title: "Hit ratio",
    description:
      "Hits over lookups of the chosen caches, reckoned from what they counted. Red: below the threshold of rule CacheHitRatioLow, which looks at each cache by itself over an hour. Empty as long as there is no hit at all, or no miss at all: the table below shows which.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    steps: belowThreshold(context, "CacheHitRatioLow"),
    target: { query: hitRatio({ window, where: both }), legend: "hits" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.reported,
    title: "Lowest reported hit rate",
    description:
      "The lowest cache_hit_rate that an instance of the chosen caches reports. The application reckons it over a time of its own, often since its start, so it may stay high long after the hits have ended. Where it differs, the hit ratio is right.",
    width: 4,
    height: 4,
    unit: "percentunit",
    decimals: 1,
    target: { query: minBy([], current(m.cacheHitRate, both)), legend: "reported" },
    empty: "–",
  },
  {
    kind: "stat",
    id: id.lookups,
    title: "Lookups in the range",
    description:
      "Hits and misses of the chosen caches within the range. Few lookups make any ratio a matter of chance.",
    width: 4,
    height: 4,
    unit: "short",
    target: { query: lookups({ window: "$__range", where: both }), legend: "lookups" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.misses,
    title: "Misses",
    description: "Lookups per second that found nothing: work that had to be done.",
    width: 4,
    height: 4,
    unit: "ops",
    target: { query: sum(rate(m.cacheMisses, window, both)), legend: "misses" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.evictions,
    title: "Evictions",
    description:
      "Entries per second that were thrown out to make room. A full cache throws out one for each new entry, which is no fault as long as the hit ratio is good.",
    width: 4,
    height: 4,
    unit: "ops",
    target: { query: sum(rate(m.cacheEvictions, window, both)), legend: "evictions" },
    empty: "0",
  },
  {
    kind: "stat",
    id: id.entries,
    title: "Entries",
    description: "Entries in the chosen caches, all instances together.",
    width: 4,
    height: 4,
    unit: "short",
    target: { query: sum(current(m.cacheSize, both)), legend: "entries" },
    empty: "0",
  },
];

const hitRatios = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.hitRatioByPrimitive,
    title: "Hit ratio by primitive",
    description:
      "Hits over lookups at each moment, reckoned from the counters of all instances: this is what the cache does. Above the line is good. A step down points to a release that changed the keys; a slow slide to a cache that is too small. Empty for a cache without any hit, or without any miss. Line: the threshold of rule CacheHitRatioLow, which looks at an hour.",
    width: 12,
    height: 8,
    unit: "percentunit",
    steps: belowThreshold(context, "CacheHitRatioLow"),
    targets: [{ query: hitRatio({ window, where: both, by: ["primitive"] }), legend: "{{primitive}}" }],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.reportedByPrimitive,
    title: "Reported hit rate by primitive",
    description:
      "The application's own gauge cache_hit_rate, the lowest of the instances. It says what the application chose to reckon, usually all lookups since the start: it changes slowly, starts anew with each restart, and cannot be added up over instances. The same as the hit ratio beside it while traffic is steady; trust the ratio where they differ. Values of 100 and more are an application that reports per cent.",
    width: 12,
    height: 8,
    unit: "percentunit",
    targets: [{ query: minBy(["primitive"], current(m.cacheHitRate, both)), legend: "{{primitive}}" }],
    empty: "–",
  },
];

const lookupPanels = (context: BoardContext): Panel[] => [
  {
    kind: "table",
    id: id.byPrimitive,
    title: "Caches",
    description:
      "One row a primitive, over the range; entries and the reported rate are those of now. Misses without a hit ratio mean that not one lookup was a hit: compare how keys are made when storing and when asking.",
    width: 24,
    height: 8,
    keys: { primitive: "Primitive" },
    columns: [
      {
        header: "Misses",
        unit: "short",
        query: sumBy(["primitive"], increase(m.cacheMisses, "$__range", both)),
        links: [link.onlyCache, link.executionsOfRow],
      },
      { header: "Hits", unit: "short", query: sumBy(["primitive"], increase(m.cacheHits, "$__range", both)) },
      {
        header: "Hit ratio",
        unit: "percentunit",
        decimals: 1,
        steps: belowThreshold(context, "CacheHitRatioLow"),
        query: hitRatio(byRange),
      },
      {
        header: "Reported",
        unit: "percentunit",
        decimals: 1,
        query: minBy(["primitive"], current(m.cacheHitRate, both)),
      },
      { header: "Evictions", unit: "short", query: sumBy(["primitive"], increase(m.cacheEvictions, "$__range", both)) },
      { header: "Entries", unit: "short", query: sumBy(["primitive"], current(m.cacheSize, both)) },
    ],
  },
  {
    kind: "timeseries",
    id: id.hitsByPrimitive,
    title: "Hits by primitive",
    description:
      "Lookups per second that found an entry: work that was spared. Most of the lookups is good; less while the misses grow means that entries vanish or keys no longer match.",
    width: 12,
    height: 8,
    unit: "ops",
    stacked: true,
    targets: [{ query: sumBy(["primitive"], rate(m.cacheHits, window, both)), legend: "{{primitive}}" }],
    empty: "0",
    links: [link.toPrimitive],
  },
  {
    kind: "timeseries",
    id: id.missesByPrimitive,
    title: "Misses by primitive",
    description:
      "Lookups per second that found none: work that had to be done. A peak after a restart is the cache filling up; a peak at each expiry means that entries expire together.",
    width: 12,
    height: 8,
    unit: "ops",
    stacked: true,
    targets: [{ query: sumBy(["primitive"], rate(m.cacheMisses, window, both)), legend: "{{primitive}}" }],
    empty: "0",
    links: [link.toPrimitive],
  },
];

const contents: Panel[] = [
  {
    kind: "timeseries",
    id: id.entriesByPrimitive,
    title: "Entries by primitive",
    description:
      "Entries in the cache, all instances together. Flat at its limit or moving below it is good. Growth without end is a cache without a limit; a drop to zero is a restart or a flush.",
    width: 8,
    height: 8,
    unit: "short",
    targets: [{ query: sumBy(["primitive"], current(m.cacheSize, both)), legend: "{{primitive}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.evictionsByPrimitive,
    title: "Evictions by primitive",
    description:
      "Entries per second that were thrown out to make room. None means that the cache never was full. By itself this is no fault: judge it with the hit ratio.",
    width: 8,
    height: 8,
    unit: "ops",
    targets: [{ query: sumBy(["primitive"], rate(m.cacheEvictions, window, both)), legend: "{{primitive}}" }],
    empty: "0",
  },
  {
    kind: "timeseries",
    id: id.evictionsPerMiss,
    title: "Evictions per miss by primitive",
    description:
      "Near 0: there is room. Near 1: each new entry pushes another out, the cache is full. Full with a good hit ratio is a cache of the right size; full with a poor one is too small, or asked for things that never come again.",
    width: 8,
    height: 8,
    unit: "none",
    decimals: 2,
    targets: [
      {
        query: ratio(
          sumBy(["primitive"], rate(m.cacheEvictions, window, both)),
          sumBy(["primitive"], rate(m.cacheMisses, window, both)),
        ),
        legend: "{{primitive}}",
      },
    ],
    empty: "0",
  },
];
