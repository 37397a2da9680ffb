import { describe, expect, it } from "vitest";

import { packs } from "../../dashboards/packs.ts";
import { seriesNames } from "../../dashboards/stored-name.ts";

/** The metrics that applications send today, by the names under which they are stored, with their labels. */
const contract: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  agents: {
    http_requests_total: ["endpoint", "method", "status"],
    agent_tool_calls_total: ["tool_name", "status"],
    agent_execution_duration_seconds_bucket: ["tool_name"],
    state_elements_count: [],
    llm_tokens_total: ["model", "type"],
    agent_state_updates_total: ["element_type"],
  },
  ui: {
    ui_requests_total: ["action", "component"],
    ui_render_duration_milliseconds_bucket: ["component"],
    ui_interactions_total: ["action", "target"],
  },
  workers: {
    pythia_messages_processed_total: ["worker_type", "status"],
    pythia_message_processing_seconds_bucket: ["worker_type"],
    pythia_queue_size: ["queue_name"],
    up: [],
  },
  workflows: {
    primitive_execution_duration_seconds_bucket: ["primitive"],
    primitive_execution_errors_total: ["primitive"],
    cache_hits_total: ["primitive"],
    cache_misses_total: ["primitive"],
    cache_evictions_total: ["primitive"],
    cache_size: ["primitive"],
    cache_hit_rate: ["primitive"],
    router_route_selected_total: ["route"],
    router_execution_duration_seconds_bucket: ["route"],
    timeout_triggered_total: [],
    timeout_duration_seconds_bucket: [],
  },
  genai: {
    gen_ai_client_operation_duration_seconds_bucket: ["gen_ai_request_model", "gen_ai_provider_name", "error_type"],
    gen_ai_client_token_usage_bucket: ["gen_ai_request_model", "gen_ai_token_type"],
  },
  http: {
    http_server_request_duration_seconds_bucket: ["http_route", "http_response_status_code"],
    http_client_request_duration_seconds_bucket: ["http_response_status_code"],
  },
};

describe.each(Object.entries(contract))("the pack %s", (name, metrics) => {
  it.each(Object.entries(metrics))("reads %s, by the labels that it has", (series, labels) => {
    const pack = packs.find((candidate) => candidate.name === name);
    const metric = pack?.metrics.find((candidate) => seriesNames(candidate).includes(series));
    expect(metric, `no metric is stored as ${series}`).toBeDefined();
    expect(Object.keys(metric?.labels ?? {})).toEqual(expect.arrayContaining([...labels]));
  });
});

describe("the thresholds of the rules for workers", () => {
  it.each([
    ["HighErrorRate", 0.05, 120, "warning"],
    ["HighProcessingLatency", 5, 60, "warning"],
    ["QueueBacklog", 1000, 300, "critical"],
    ["WorkerDown", undefined, 60, "critical"],
  ] as const)("%s: %d for %d s, %s", (name, threshold, seconds, severity) => {
    const rule = packs.flatMap(({ rules }) => rules).find((candidate) => candidate.name === name);
    expect(rule).toMatchObject({ severity, for: seconds });
    if (threshold !== undefined) expect(rule?.threshold).toMatchObject({ fires: "above", value: threshold });
  });
});
