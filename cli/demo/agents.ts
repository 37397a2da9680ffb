import { SpanKind } from "@opentelemetry/api";

import * as agents from "../../dashboards/agents/metrics.ts";
import * as genai from "../../dashboards/genai/metrics.ts";
import { without, type Source } from "./telemetry.ts";
import type { Trail } from "./trail.ts";
import { answered, called } from "./web.ts";
import { sources, type World } from "./world.ts";

/** Agents: runs that call models and tools. */

type Tool = "search" | "calculator" | "database" | "browser";

/** Seconds that a call takes, at the median. */
const toolSeconds: Readonly<Record<Tool, number>> = { search: 0.4, calculator: 0.02, database: 0.12, browser: 1.2 };
const modelSeconds = { large: 2.2, small: 0.7 } as const;

interface Agent {
  readonly source: Source;
  readonly name: "researcher" | "writer";
  /** Whose names its instrumentation has. */
  readonly convention: "older" | "newer";
}

/** A run of an agent, asked for by another service. */
export function run(world: World, trail: Trail): void {
  const { telemetry, luck } = world;
  const older = luck.sometimes("older conventions", 0.5);
  const source = older ? sources.concierge : sources.analyst;
  const name = luck.oneOf("agent", { researcher: 2, writer: 1 });
  const agent: Agent = { source, name, convention: older ? "older" : "newer" };
  answered(world, trail, source, { method: "POST", route: "/runs/{id}" }, () => {
    const failure = trail.within({ source, name: `invoke_agent ${name}` }, () => invoked(world, trail, agent));
    telemetry.add(source, agents.stateUpdates, {
      element_type: luck.oneOf("state", { message: 6, plan: 3, memory: 1 }),
    });
    return failure === without ? "200" : "500";
  });
}

/** Returns how it failed. */
function invoked(world: World, trail: Trail, agent: Agent): string {
  const { telemetry, luck } = world;
  const { source, name } = agent;
  const models = 1 + luck.below(3);
  const tools = luck.below(3);
  for (let call = 0; call < models; call += 1) {
    askModel(world, trail, agent);
    if (call < tools) useTool(world, trail, agent);
  }
  // what a model did not answer is asked again; a run fails for reasons of its own
  const failure = luck.sometimes("run fails", 0.012) ? luck.oneOf("run error", { max_turns: 1, timeout: 1 }) : without;
  const labels = { gen_ai_agent_name: name };
  telemetry.observe(source, genai.agentDuration, { ...labels, error_type: failure }, trail.elapsed);
  telemetry.observe(source, genai.agentInferenceCalls, labels, models);
  telemetry.observe(source, genai.agentToolCalls, labels, Math.min(models, tools));
  if (failure !== without) trail.fail(failure);
  const words = failure === without ? "finished" : `failed: ${failure}`;
  trail.log(failure === without ? "INFO" : "ERROR", `run of ${name} ${words}`, { models, tools });
  return failure;
}

function askModel(world: World, trail: Trail, { source, convention }: Agent): void {
  const { luck, conditions } = world;
  const operation = luck.oneOf("operation", { chat: 16, embeddings: 2, text_completion: 1, generate_content: 1 });
  const model = luck.oneOf("model", { large: 2, small: 1 });
  const provider = luck.oneOf("provider", { openai: 5, anthropic: 4, "aws.bedrock": 1, "gcp.vertex_ai": 1 });
  const error = modelError(world, `${convention} ${provider} ${model}`);
  const call = {
    gen_ai_operation_name: operation,
    gen_ai_provider_name: provider,
    gen_ai_request_model: model,
    gen_ai_response_model: `${model}-2026-10-01`,
  };
  const attributes = {
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": model,
  };
  trail.within({ source, name: `${operation} ${model}`, kind: SpanKind.CLIENT, attributes }, () => {
    const usual = luck.around(operation === "embeddings" ? 0.12 : modelSeconds[model], 0.4);
    const seconds = error === "429" ? 0.05 : usual * conditions.modelTime;
    called(world, trail, source, { method: "POST", host: "models.example.com", path: `/v1/${operation}` }, () => {
      trail.spend(seconds);
      return error === "timeout" ? { status: without, error } : { status: error === without ? "200" : error };
    });
    measured(world, { source, convention, call, error, seconds });
    if (error !== without) {
      trail.fail(error);
      trail.log("WARN", `${model} did not answer: ${error}`, { provider });
    } else if (seconds > 15) trail.log("WARN", `${model} took ${seconds.toFixed(1)} s`, { provider });
  });
}

/** How a call fails; the busiest model is the one whose limits are met. */
function modelError({ luck }: World, called: string): string {
  if (called.endsWith("openai large") && luck.sometimes(`${called} limited`, 0.015)) return "429";
  return luck.sometimes(`${called} fails`, 0.01) ? luck.oneOf("model error", { timeout: 2, 500: 1 }) : without;
}

interface ModelCall {
  readonly source: Source;
  readonly convention: Agent["convention"];
  readonly call: Readonly<Record<keyof typeof genai.operationFirstChunk.labels, string>>;
  readonly error: string;
  readonly seconds: number;
}

function measured(world: World, { source, convention, call, error, seconds }: ModelCall): void {
  const { telemetry, luck, conditions } = world;
  const older = convention === "older";
  const duration = older ? genai.operationDuration : genai.inferenceDuration;
  telemetry.observe(source, duration, { ...call, error_type: error }, seconds);
  if (error !== without) return;
  const first = older ? genai.operationFirstChunk : genai.inferenceFirstChunk;
  telemetry.observe(source, first, call, seconds / 4);
  const input = Math.round(luck.around(240) * conditions.tokens);
  const output = Math.round(luck.around(60) * conditions.tokens);
  if (older) {
    telemetry.observe(source, genai.tokenUsage, { ...call, gen_ai_token_type: "input" }, input);
    telemetry.observe(source, genai.tokenUsage, { ...call, gen_ai_token_type: "output" }, output);
    const model = call.gen_ai_request_model;
    telemetry.add(source, agents.llmTokens, { model, type: "input" }, input);
    telemetry.add(source, agents.llmTokens, { model, type: "output" }, output);
    return;
  }
  const kind = { ...call, gen_ai_token_modality: luck.oneOf("modality", { text: 18, image: 1, unknown: 1 }) };
  telemetry.add(source, genai.inputTokens, kind, input);
  telemetry.add(source, genai.outputTokens, kind, output);
  telemetry.add(source, genai.cacheReadTokens, kind, Math.round(input * 0.4));
  telemetry.add(source, genai.cacheWriteTokens, kind, Math.round(input * 0.1));
  telemetry.add(source, genai.reasoningTokens, kind, Math.round(output * 0.3));
  telemetry.observe(source, genai.inputTokensPerCall, call, input);
  telemetry.observe(source, genai.outputTokensPerCall, call, output);
}

function useTool(world: World, trail: Trail, { source, name }: Agent): void {
  const { telemetry, luck, conditions } = world;
  const tool = luck.oneOf("tool", { search: 5, calculator: 3, database: 1, browser: 1 });
  const share = tool === "search" ? conditions.searchFailures : 0.02;
  const error = luck.sometimes(`${tool} fails`, share) ? luck.oneOf("tool error", { 503: 2, timeout: 1 }) : without;
  const attributes = { "gen_ai.tool.name": tool };
  trail.within({ source, name: `execute_tool ${tool}`, attributes }, () => {
    const seconds = error === "timeout" ? 5 : luck.around(toolSeconds[tool]);
    if (tool === "search") {
      called(world, trail, source, { method: "GET", host: "search.example.com", path: "/" }, () => {
        trail.spend(seconds);
        return error === "timeout" ? { status: without, error } : { status: error === without ? "200" : error };
      });
    } else trail.spend(seconds);
    if (error !== without) {
      trail.fail(error);
      trail.log("ERROR", `${tool} failed: ${error}`, { tool });
    }
    const status = error === without ? "success" : error === "timeout" ? "timeout" : "error";
    telemetry.add(source, agents.toolCalls, { tool_name: tool, status });
    telemetry.observe(source, agents.executionDuration, { tool_name: tool }, seconds);
    telemetry.observe(
      source,
      genai.toolDuration,
      { gen_ai_tool_name: tool, gen_ai_agent_name: name, error_type: error },
      seconds,
    );
  });
}

/** What agents hold: a little more or less than a moment ago, and never far from what is usual. */
export function remembered({ telemetry, luck }: World, held: Map<string, number>): void {
  for (const source of [sources.concierge, sources.analyst]) {
    const before = held.get(source.service) ?? 40;
    const now = Math.min(60, Math.max(20, before + luck.below(7) - 3));
    held.set(source.service, now);
    telemetry.set(source, agents.stateElements, {}, now);
  }
}
