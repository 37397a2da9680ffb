import type { Signal } from "../../../configs/collector/signal.ts";
import { encoded } from "../decode.ts";
import { randomFrom } from "../random.ts";

/** What a team's agents send, made once and sent again and again: the same bytes for the same seed. */

/** Requests of so many records each. */
export interface Payload {
  readonly signal: Signal;
  readonly records: number;
  readonly bodies: readonly Buffer[];
}

/** Records of one request, as the batch processors of SDKs send by default. */
const recordsOf = { traces: 512, logs: 512, metrics: 1024 } as const;

/** Different requests, sent in turn. */
const different = 8;

export function payloadOf(signal: Signal, seed: number): Payload {
  const random = randomFrom(seed);
  const make = { traces, logs, metrics }[signal];
  return {
    signal,
    records: recordsOf[signal],
    bodies: Array.from({ length: different }, () => make(random, recordsOf[signal])),
  };
}

type Random = () => number;

const words =
  "the agent asks a tool for what it needs and tells the model what came back before it goes on with its plan".split(
    " ",
  );
const sentence = (random: Random, count: number): string =>
  Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(" ");
const one = (random: Random, of: readonly string[]): string => of[Math.floor(random() * of.length)] ?? "";
const hex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");

const attributes = (of: Readonly<Record<string, string | number | boolean>>) =>
  Object.entries(of).map(([key, value]) => ({
    key,
    value:
      typeof value === "string"
        ? { stringValue: value }
        : typeof value === "boolean"
          ? { boolValue: value }
          : { intValue: value },
  }));

const resource = {
  attributes: attributes({
    "service.name": "planner",
    "service.version": "1.24.3",
    "service.instance.id": "planner-7d9c5b6f4-x2x9k",
    "deployment.environment.name": "production",
    "telemetry.sdk.language": "python",
  }),
};

const time = "1795801283123456789";
const tools = ["search", "read_file", "run_sql", "send_mail", "browse"];
const models = ["gpt-4o", "claude-sonnet-4-5", "llama-3.3-70b"];

/** Every fourth span is a call of a model, with a prompt and an answer of some 1.5 KB together. */
const traces = (random: Random, records: number): Buffer =>
  encoded("Traces", {
    resources: [
      {
        resource,
        scopes: [
          {
            spans: Array.from({ length: records }, (_, index) => ({
              traceId: Buffer.from(hex(random, 32), "hex"),
              spanId: Buffer.from(hex(random, 16), "hex"),
              name: index % 4 === 0 ? `chat ${one(random, models)}` : `tool_call:${one(random, tools)}`,
              startTimeUnixNano: time,
              endTimeUnixNano: time,
              attributes: attributes({
                "http.request.method": "POST",
                "http.route": "/v1/agents/{agent}/runs",
                "http.response.status_code": 200,
                "url.full": `https://agents.example.com/v1/agents/${hex(random, 8)}/runs`,
                "user_agent.original": "python-httpx/0.27.2",
                "session.id": hex(random, 32),
                correlation_id: hex(random, 32),
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": one(random, tools),
                "thread.name": "worker-3",
                "retry.count": Math.floor(random() * 3),
                "cache.hit": random() < 0.5,
                ...(index % 4 === 0
                  ? {
                      "gen_ai.request.model": one(random, models),
                      "gen_ai.usage.input_tokens": Math.floor(random() * 4000),
                      "gen_ai.input.messages": `${sentence(random, 200)}.`,
                      "gen_ai.output.messages": `I think that ${sentence(random, 80)}.`,
                    }
                  : {}),
              }),
            })),
          },
        ],
      },
    ],
  });

const logs = (random: Random, records: number): Buffer =>
  encoded("Logs", {
    resources: [
      {
        resource,
        scopes: [
          {
            records: Array.from({ length: records }, () => ({
              timeUnixNano: time,
              body: {
                stringValue: `Run ${hex(random, 8)}: ${sentence(random, 35)} (${String(Math.floor(random() * 900))} ms)`,
              },
              attributes: attributes({
                correlation_id: hex(random, 32),
                "code.function.name": `planner.${one(random, tools)}`,
                "logger.name": "planner.runs",
                "thread.id": Math.floor(random() * 16),
              }),
            })),
          },
        ],
      },
    ],
  });

/** A counter and a histogram, of as many series. */
const metrics = (random: Random, records: number): Buffer => {
  const labels = () =>
    attributes({
      endpoint: one(random, ["/run", "/plan", "/tools", "/state"]),
      method: one(random, ["GET", "POST"]),
      status: one(random, ["200", "404", "500"]),
      tool_name: one(random, tools),
      model: one(random, models),
      region: "eu-central-1",
      tenant: hex(random, 8),
    });
  const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  const count = Math.floor(records / 2);
  return encoded("Metrics", {
    resources: [
      {
        resource,
        scopes: [
          {
            metrics: [
              {
                name: "http_requests",
                unit: "1",
                sum: {
                  aggregationTemporality: 2,
                  isMonotonic: true,
                  points: Array.from({ length: count }, () => ({
                    timeUnixNano: time,
                    attributes: labels(),
                    asDouble: random() * 1e6,
                  })),
                },
              },
              {
                name: "agent_execution_duration",
                unit: "s",
                histogram: {
                  aggregationTemporality: 2,
                  points: Array.from({ length: records - count }, () => ({
                    timeUnixNano: time,
                    attributes: labels(),
                    count: 120,
                    sum: random() * 100,
                    bucketCounts: [...bounds, 0].map(() => 10),
                    explicitBounds: bounds,
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  });
};
