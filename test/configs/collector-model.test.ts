import { describe, expect, it } from "vitest";

import { renderCollector, type Collector, type Component, type Pipeline } from "../../configs/collector/model.ts";

/** What the model refuses to write, and the reason that it gives. */

const part = (id: string, more: Partial<Component> = {}): Component => ({ id, config: {}, ...more });
const connector = (id: string) => part(id, { connector: true });
const storage = part("file_storage/queue");
const stored = part("otlp_http/x", { config: { sending_queue: { storage: storage.id } }, extensions: [storage] });

const pipeline = (more: Partial<Pipeline> = {}): Pipeline => ({
  id: "traces",
  receivers: [part("otlp")],
  processors: [],
  exporters: [part("otlp_http/x")],
  ...more,
});
const collector = (...pipelines: Pipeline[]): Collector => ({ pipelines, extensions: [], telemetry: {} });
const written = (...pipelines: Pipeline[]) => renderCollector(collector(...pipelines));

const processors = (...ids: string[]) => pipeline({ processors: ids.map((id) => part(id)) });

describe("the model writes", () => {
  it.each([
    [
      "parts in their order",
      processors("memory_limiter", "resource_detection", "redaction/a", "probabilistic_sampler"),
    ],
    ["parts of one kind one after the other", processors("redaction/a", "redaction/b")],
    ["a batch in front of a queue in memory", processors("memory_limiter", "batch/second")],
    [
      "a receiver and an exporter of one name",
      pipeline({ receivers: [part("prometheus")], exporters: [part("prometheus", { config: { a: 1 } })] }),
    ],
  ])("%s", (_, one) => {
    expect(() => written(one)).not.toThrow();
  });

  it("a connector once, between its pipelines", () => {
    const text = written(
      pipeline({ exporters: [connector("forward/a")] }),
      pipeline({ id: "traces/a", receivers: [connector("forward/a")] }),
    );
    expect(text.match(/^ {2}forward\/a:/gm)).toHaveLength(1);
    expect(text).toMatch(/^connectors:\n {2}forward\/a: \{\}$/m);
  });

  it("a batch in front of a queue on disk, if there is a reason", () => {
    const batched = pipeline({ processors: [part("batch/second")], exporters: [stored] });
    expect(() => written({ ...batched, asynchronous: "because" })).not.toThrow();
    expect(() => written(batched)).toThrow(/it tells the client that data is safe before it is stored/);
  });
});

describe("the model refuses", () => {
  it.each<[string, RegExp, ...Pipeline[]]>([
    ["a pipeline without a receiver", /pipeline traces needs at least one receiver/, pipeline({ receivers: [] })],
    ["a pipeline without an exporter", /pipeline traces needs at least one receiver/, pipeline({ exporters: [] })],
    ["a pipeline for no signal", /pipeline profiles is for no signal/, pipeline({ id: "profiles" })],
    ["a part twice", /has redaction\/a twice/, processors("redaction/a", "redaction/a")],
    [
      "the memory limiter late",
      /has memory_limiter behind resource_detection, but it refuses before anything is held/,
      processors("resource_detection", "memory_limiter"),
    ],
    [
      "secrets masked after they are cut",
      /has redaction\/a behind transform\/limits_traces, but secrets are masked before/,
      processors("transform/limits_traces", "redaction/a"),
    ],
    ["anything behind a sampler", /has redaction\/a behind tail_sampling/, processors("tail_sampling", "redaction/a")],
    ["a processor without a place", /has mystery, which has no place in the order/, processors("mystery")],
    [
      "two components of one name",
      /two different components are called x/,
      pipeline({ exporters: [part("x"), part("x", { config: { a: 1 } })] }),
    ],
    [
      "a connector that nothing comes out of",
      /connector forward\/a ends a pipeline, but none begins with it/,
      pipeline({ exporters: [connector("forward/a")] }),
    ],
    [
      "a connector that nothing goes into",
      /connector forward\/a begins a pipeline, but none ends in it/,
      pipeline({ receivers: [connector("forward/a")] }),
    ],
    [
      "a circle",
      /pipeline traces leads back to itself/,
      pipeline({ receivers: [part("otlp"), connector("forward/b")], exporters: [connector("forward/a")] }),
      pipeline({ id: "traces/a", receivers: [connector("forward/a")], exporters: [connector("forward/b")] }),
    ],
    [
      "an extension that is not started",
      /otlp_http\/x refers to the extension file_storage\/queue, which would not be started/,
      pipeline({ exporters: [{ ...stored, extensions: [] }] }),
    ],
  ])("%s", (_, reason, ...pipelines) => {
    expect(() => written(...pipelines)).toThrow(reason);
  });

  it("everything at once, and writes nothing", () => {
    const wrong = pipeline({ id: "profiles", receivers: [], processors: [part("mystery")] });
    expect(() => written(wrong)).toThrow(
      /is wrong:\n {2}pipeline profiles needs.*\n {2}pipeline profiles is for no signal.*\n {2}.*mystery/,
    );
  });
});
