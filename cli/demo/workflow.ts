import { SpanKind } from "@opentelemetry/api";

import * as m from "../../dashboards/workflows/metrics.ts";
import type { Trail } from "./trail.ts";
import { sources, type World } from "./world.ts";

/** A workflow of primitives: routed, cached, stopped when it takes too long. */

const primitives = ["retrieve", "summarize", "validate"] as const;
type Primitive = (typeof primitives)[number];

/** Seconds that one takes, at the median, and the share of its lookups that its cache has. */
const usual: Readonly<Record<Primitive, { readonly seconds: number; readonly hits: number }>> = {
  retrieve: { seconds: 0.12, hits: 0.8 },
  summarize: { seconds: 0.9, hits: 0.7 },
  validate: { seconds: 0.03, hits: 0.75 },
};

/** What the caches have seen so far. */
export type Caches = Map<Primitive, { hits: number; lookups: number; entries: number }>;

const source = sources.planner;

/** An execution of the workflow. */
export function executed(world: World, trail: Trail, caches: Caches): void {
  const { telemetry, luck } = world;
  const route = luck.oneOf("route", { fast: 7, quality: 3 });
  trail.within({ source, name: "run workflow", kind: SpanKind.SERVER, attributes: { route } }, () => {
    telemetry.add(source, m.routeSelected, { route });
    for (const primitive of primitives) step(world, trail, primitive, caches);
    if (route === "quality") trail.spend(luck.around(1.2));
    telemetry.observe(source, m.routeDuration, { route }, trail.elapsed);
    if (luck.sometimes("timeout", 0.01)) {
      telemetry.add(source, m.timeoutsTriggered, {});
      telemetry.observe(source, m.timeoutDuration, {}, 30 + luck.around(2));
      trail.log("WARN", "the workflow was stopped: it took too long");
    } else trail.log("INFO", `the workflow is done, by the route ${route}`);
  });
}

function step({ telemetry, luck }: World, trail: Trail, primitive: Primitive, caches: Caches): void {
  const labels = { primitive };
  const cache = caches.get(primitive) ?? { hits: 0, lookups: 0, entries: 150 };
  caches.set(primitive, cache);
  trail.within({ source, name: primitive }, () => {
    const hit = luck.sometimes(`${primitive} is cached`, usual[primitive].hits);
    cache.lookups += 1;
    if (hit) cache.hits += 1;
    telemetry.add(source, hit ? m.cacheHits : m.cacheMisses, labels);
    if (!hit) {
      cache.entries = Math.min(200, cache.entries + 1);
      if (luck.sometimes(`${primitive} is evicted`, 0.5)) {
        cache.entries -= 1;
        telemetry.add(source, m.cacheEvictions, labels);
      }
    }
    trail.spend(hit ? luck.around(0.003) : luck.around(usual[primitive].seconds));
    telemetry.observe(source, m.executionDuration, labels, trail.elapsed);
    if (!luck.sometimes(`${primitive} fails`, 0.015)) return;
    telemetry.add(source, m.executionErrors, labels);
    trail.fail("ValueError");
    trail.log("ERROR", `${primitive} failed and is tried again`);
  });
}

/** What the caches say of themselves. */
export function cachesReported({ telemetry }: World, caches: Caches): void {
  for (const [primitive, { hits, lookups, entries }] of caches) {
    telemetry.set(source, m.cacheSize, { primitive }, entries);
    telemetry.set(source, m.cacheHitRate, { primitive }, hits / lookups);
  }
}
