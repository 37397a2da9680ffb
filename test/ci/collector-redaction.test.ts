import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { logRecords, metrics, send, spans } from "../../cli/lab/otlp.ts";
import { fakeSecrets, lookAlikes } from "./support/fake-secrets.ts";
import { testbedWith, type Testbed } from "./support/testbed.ts";

/** Secrets that applications send by mistake, in all places where they can stand, through the real collector. */

const secrets = fakeSecrets(4711);

/** An attribute value of OTLP/JSON. */
type Value = object;
const string = (stringValue: string): Value => ({ stringValue });
const list = (...values: Value[]): Value => ({ arrayValue: { values } });
const map = (key: string, value: Value): Value => ({ kvlistValue: { values: [{ key, value }] } });
const attributes = (of: Record<string, Value>) => Object.entries(of).map(([key, value]) => ({ key, value }));

/** A text in each place of each signal. */
const requests = (text: string, index: number): Record<"traces" | "logs" | "metrics", object> => {
  const value = string(text);
  const said = {
    "plain.text": value,
    "in.list": list(string("first"), value),
    "in.map": map("inner", map("deep", value)),
    "in.sentence": string(`the model said ${text}, and went on`),
  };
  const resource = { attributes: attributes({ "service.name": string("app"), "resource.note": value }) };
  const scope = { name: "app", attributes: attributes({ "scope.note": value }) };
  const time = `${String(Date.now())}000000`;
  const id = index.toString(16).padStart(16, "1");
  const span = {
    traceId: id + id,
    spanId: id,
    name: `run ${text} `,
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes: attributes(said),
    status: { code: 2, message: `failed with ${text}` },
    events: [{ timeUnixNano: time, name: `event ${text} `, attributes: attributes(said) }],
  };
  const record = (body: Value) => ({ timeUnixNano: time, body, attributes: attributes(said) });
  const point = {
    timeUnixNano: time,
    startTimeUnixNano: time,
    attributes: attributes({ label: value, index: string(String(index)) }),
  };
  const bodies = [value, string(`GET /?key=${text} 200`), map("inner", list(value)), list(map("deep", value))];
  return {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: bodies.map(record) }] }] },
    metrics: {
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [
            {
              scope,
              metrics: [
                { name: "gauge", gauge: { dataPoints: [{ ...point, asDouble: 1 }] } },
                {
                  name: "sum",
                  sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...point, asInt: "1" }] },
                },
                {
                  name: "histogram",
                  histogram: {
                    aggregationTemporality: 2,
                    dataPoints: [{ ...point, count: "1", sum: 1, bucketCounts: ["1", "0"], explicitBounds: [1] }],
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  };
};

const signals = ["traces", "logs", "metrics"] as const;
const arriving = { timeout: 20_000, interval: 100 };

async function sent(testbed: Testbed, texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    for (const [signal, body] of Object.entries(requests(text, index + 1))) {
      const response = await fetch(`${testbed.otlp}/v1/${signal}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect([response.status, await response.text()]).toEqual([200, '{"partialSuccess":{}}']);
    }
  }
  const { store } = testbed;
  await vi.waitFor(() => {
    expect(store.spans()).toHaveLength(texts.length);
    expect(store.logRecords()).toHaveLength(4 * texts.length);
    const own = store.points().filter(({ metric }) => ["gauge", "sum", "histogram"].includes(metric));
    expect(own).toHaveLength(3 * texts.length);
  }, arriving);
}

/** All that the store was sent, as it came over the wire. */
const wire = (testbed: Testbed): string =>
  signals
    .flatMap((signal) => testbed.store.requestsFor(signal))
    .map(({ body }) => body.toString("latin1"))
    .join("\n");

const everything = {
  collector: {
    redaction: {
      kinds: ["credentials", "named", "email", "cards"],
      patterns: ["ACME-[0-9]{8}", "\\$[{]vault:[a-z]+[}]"],
    },
  },
};

describe.each([
  { name: "the defaults", values: {}, masks: secrets.filter(({ kind }) => kind === "credentials") },
  { name: "everything", values: everything, masks: secrets },
])("secrets, with $name", ({ values, masks }) => {
  let testbed: Testbed;
  beforeAll(async () => {
    testbed = await testbedWith({ values });
    await sent(
      testbed,
      [...masks, ...lookAlikes].map(({ text }) => text),
    );
  });
  afterAll(async () => {
    await testbed.close();
  });

  test("there are enough of them, of all kinds", () => {
    expect(secrets.length).toBeGreaterThanOrEqual(60);
    expect(new Set(secrets.map(({ text }) => text)).size).toBe(secrets.length);
    expect(new Set(secrets.map(({ kind }) => kind))).toEqual(new Set(["credentials", "email", "cards", "own"]));
  });

  test.each(masks)("$what reaches the store nowhere", ({ hidden }) => {
    expect(wire(testbed)).not.toContain(hidden);
  });

  test("what surrounds them does, and says that something was there", () => {
    const all = wire(testbed);
    expect(all).toContain("the model said ****");
    expect(all).toContain("failed with ****");
    expect(all).toContain("GET /?key=****");
  });

  test.each(lookAlikes)("$what stays as it is, wherever it stands", ({ text }) => {
    const places = wire(testbed).split(Buffer.from(text).toString("latin1")).length - 1;
    // each resource, scope, attribute, name and body of a request; three points with a label each
    expect(places).toBeGreaterThanOrEqual(30);
  });
});

test("attributes that are named like a secret lose their value, whatever it is", async (context) => {
  const testbed = await testbedWith();
  context.onTestFinished(() => testbed.close());
  const names = ["password", "Authorization", "api_key", "http.request.header.cookie", "client_secret"];
  const values = names.map((_, index) => `hunter${String(index)}`);
  const others = { "password.policy": "kept-1", "token.count": "kept-2", tokens: "kept-3", "secretary.name": "kept-4" };
  const own = attributes(Object.fromEntries(names.map((name, index) => [name, string(values[index]!)])));
  const rest = attributes(Object.fromEntries(Object.entries(others).map(([name, value]) => [name, string(value)])));
  const time = `${String(Date.now())}000000`;
  const record = { timeUnixNano: time, body: { kvlistValue: { values: own } }, attributes: [...own, ...rest] };
  const body = { resourceLogs: [{ resource: { attributes: own }, scopeLogs: [{ logRecords: [record] }] }] };
  const headers = { "content-type": "application/json" };
  await fetch(`${testbed.otlp}/v1/logs`, { method: "POST", headers, body: JSON.stringify(body) });
  await vi.waitFor(() => {
    expect(testbed.store.logRecords()).toHaveLength(1);
  }, arriving);
  for (const value of values) expect(wire(testbed)).not.toContain(value);
  for (const value of Object.values(others)) expect(wire(testbed)).toContain(value);
});

const genai = (testbed: Testbed) => {
  const time = `${String(Date.now())}000000`;
  const kept = { "gen_ai.request.model": string("kept-model"), "gen_ai.usage.input_tokens": { intValue: "7" } };
  const content = {
    "gen_ai.input.messages": list(map("parts", string("said-structured"))),
    "gen_ai.output.messages": string("said-answer"),
    "gen_ai.prompt.0.content": string("said-flat"),
    "input.value": string("said-openinference"),
    "traceloop.entity.input": string("said-traceloop"),
    "gen_ai.tool.call.arguments": string("said-arguments"),
  };
  const event = { timeUnixNano: time, name: "gen_ai.user.message" };
  const span = {
    traceId: "1".repeat(32),
    spanId: "1".repeat(16),
    name: "chat kept-model",
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes: attributes({ ...kept, ...content }),
    events: [
      {
        ...event,
        attributes: attributes({
          content: string("said-event"),
          "gen_ai.prompt": string("said-prompt"),
          id: string("kept-event"),
        }),
      },
    ],
  };
  const record = (eventName: string, body: Value) => ({
    timeUnixNano: time,
    eventName,
    body,
    attributes: attributes(kept),
  });
  const records = [
    record("gen_ai.user.message", map("content", string("said-body"))),
    record("gen_ai.choice", string("said-choice")),
    record("app.started", string("kept-body")),
    { ...record("", string("said-old")), attributes: attributes({ "event.name": string("gen_ai.assistant.message") }) },
  ];
  const bodies = {
    traces: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] },
    logs: { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] },
  };
  return Promise.all(
    Object.entries(bodies).map(([signal, body]) =>
      fetch(`${testbed.otlp}/v1/${signal}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    ),
  );
};

test.each([
  ["keep", true],
  ["hash", false],
  ["drop", false],
] as const)("prompts and completions, with content %s", async (content, arrive) => {
  const testbed = await testbedWith({ values: { collector: { content } } });
  try {
    for (const { status } of await genai(testbed)) expect(status).toBe(200);
    await vi.waitFor(() => {
      expect(testbed.store.spans()).toHaveLength(1);
      expect(testbed.store.logRecords()).toHaveLength(4);
    }, arriving);
    const all = wire(testbed);
    expect(all.match(/said-[a-z]+/g)?.length ?? 0).toBe(arrive ? 11 : 0);
    for (const kept of ["kept-model", "kept-event", "kept-body", "gen_ai.usage.input_tokens"])
      expect(all).toContain(kept);
    expect(all.includes("gen_ai.output.messages")).toBe(content !== "drop");
    const hash = createHash("sha256").update("said-answer").digest("hex");
    expect(all.includes(hash)).toBe(content === "hash");
  } finally {
    await testbed.close();
  }
});

test("long texts are cut, and attributes beyond the limit go, but not those that boards read", async (context) => {
  const testbed = await testbedWith({ values: { collector: { limits: { attributes: 32, valueLength: 100 } } } });
  context.onTestFinished(() => testbed.close());
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key.${String(index)}`, string("v")]));
  const long = string(`${"x".repeat(150)}end`);
  const time = `${String(Date.now())}000000`;
  const record = {
    timeUnixNano: time,
    body: string("b"),
    attributes: attributes({ a: long, ...many, "http.route": string("/r") }),
  };
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
  await fetch(`${testbed.otlp}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await vi.waitFor(() => {
    expect(testbed.store.logRecords()).toHaveLength(1);
  }, arriving);
  const [arrived] = testbed.store.logRecords();
  expect(Object.keys(arrived!.attributes)).toHaveLength(32);
  expect(arrived!.attributes).toMatchObject({ a: "x".repeat(100), "http.route": "/r" });
});

test("what a filter matches is not stored, the rest is", async (context) => {
  const filter = [
    { signal: "traces", attribute: "http.route", matches: "^/health$" },
    { signal: "traces", matches: "^ping" },
    { signal: "metrics", matches: "^noisy[.]" },
    { signal: "logs", attribute: "service.name", matches: "^chatty$" },
    { signal: "logs", matches: "GET /metrics" },
  ];
  const testbed = await testbedWith({ values: { collector: { filter } } });
  context.onTestFinished(() => testbed.close());
  const { otlp, store } = testbed;
  expect(await send(otlp, "traces", spans({ "service.name": "app" }, ["ping", "pong"]))).toBe(200);
  expect(await send(otlp, "traces", spans({ "service.name": "app", "http.route": "/health" }, ["GET /health"]))).toBe(
    200,
  );
  expect(await send(otlp, "logs", logRecords({ "service.name": "chatty" }, ["a"]))).toBe(200);
  expect(await send(otlp, "logs", logRecords({ "service.name": "app" }, ["b", "GET /metrics 200"]))).toBe(200);
  const points = ["noisy.thing", "quiet.noisy.thing"].map((name) => ({ name, value: 1 }));
  expect(await send(otlp, "metrics", metrics({ "service.name": "app" }, points))).toBe(200);
  await vi.waitFor(() => {
    expect(store.spans().map(({ name }) => name)).toEqual(["pong"]);
    expect(store.logRecords().map((record) => record.body)).toEqual(["b"]);
    expect(store.points("quiet.noisy.thing")).toHaveLength(1);
  }, arriving);
  expect(store.points("noisy.thing")).toEqual([]);
});

test("no text of words is mistaken for a secret", async (context) => {
  const testbed = await testbedWith();
  context.onTestFinished(() => testbed.close());
  const word = fc.stringMatching(/^[a-z]{2,12}$/);
  const texts = fc.sample(
    fc.array(word, { minLength: 3, maxLength: 12 }).map((words) => words.join("-")),
    { numRuns: 40, seed: 4711 },
  );
  await sent(testbed, texts);
  for (const text of texts) expect(wire(testbed)).toContain(text);
});
