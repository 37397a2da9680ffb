import type { Settings } from "../../settings/settings.ts";
import type { Component } from "../model.ts";
import { ownServices } from "../own-records.ts";

/** Which traces are kept. None if all are. */
export function samplers(settings: Settings): Component[] {
  const { ratio, tail } = settings.collector.sampling;
  if (tail.enabled) return [tailSampling(tail, ownServices(settings))];
  if (ratio === 1) return [];
  return [
    {
      id: "probabilistic_sampler",
      config: { sampling_percentage: percent(ratio) },
      why: "by trace id: the same traces wherever the decision is made",
    },
  ];
}

const tailSampling = (
  { ratio, slow, wait, traces }: Settings["collector"]["sampling"]["tail"],
  own: readonly string[],
): Component => ({
  id: "tail_sampling",
  config: {
    decision_wait: `${String(wait)}s`,
    num_traces: traces,
    // spans that come after the decision share it, as long as it is remembered
    decision_cache: { sampled_cache_size: 4 * traces, non_sampled_cache_size: 4 * traces },
    policies: [
      { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
      { name: "slow", type: "latency", latency: { threshold_ms: slow * 1000 } },
      { name: "share of the rest", type: "probabilistic", probabilistic: { sampling_percentage: percent(ratio) } },
      // by which a deployment proves that spans arrive
      { name: "the stack itself", type: "string_attribute", string_attribute: { key: "service.name", values: own } },
    ],
  },
  why: "spans wait in memory, acknowledged, until their trace is decided about: the only ones that a crash can lose",
});

const percent = (ratio: number): number => Number((ratio * 100).toFixed(7));
