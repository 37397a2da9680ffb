import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { demo, rehearsed } from "../../cli/demo.ts";
import { scenarios } from "../../cli/demo/conditions.ts";
import { exposition } from "../../cli/demo/exposition.ts";
import { note } from "../../cli/demo/held.ts";
import { Luck } from "../../cli/demo/luck.ts";
import { playFrom } from "../../cli/demo/play.ts";
import { Team } from "../../cli/demo/team.ts";
import { Telemetry, type Collected } from "../../cli/demo/telemetry.ts";
import { InventoryBuilder, inventoryFrom } from "../../cli/coverage/inventory.ts";
import { counter, gauge, histogram, upDownCounter } from "../../dashboards/metric.ts";
import { packs } from "../../dashboards/packs.ts";
import { rulesFor } from "../../dashboards/content.ts";
import { labelName, seriesNames } from "../../dashboards/stored-name.ts";
import { recordingServer } from "../support/http.ts";
import { output } from "../support/output.ts";
import { settingsOf } from "../support/settings.ts";

const options = { minutes: "2", rate: "2", scenario: "healthy", seed: "1" };

/** Runs the command, which sends nothing. */
async function said(...args: readonly string[]): Promise<{ code: number; stdout: string }> {
  const { stream, text } = output();
  const code = await demo(args, { stdout: stream, stderr: stream as never, env: {}, once: () => process });
  return { code, stdout: text() };
}

/** A minute of a team. */
async function played(scenario: keyof typeof scenarios, seconds = 60): Promise<Collected> {
  const telemetry = new Telemetry({ seed: 1 });
  const team = new Team(telemetry, { scenario, rate: 2, seed: 1 });
  for (let second = 1; second <= seconds; second += 1) team.second(start + second * 1000);
  return telemetry.collect();
}

const start = 1_780_000_000_000;
const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1000 + nanoseconds / 1e6;

describe("demo --dry-run --json", () => {
  it("has every metric of every pack, with its labels", async () => {
    const { code, stdout } = await said("--dry-run", "--json", "--minutes", "2");
    expect(code).toBe(0);
    const { metrics } = inventoryFrom(stdout, "stdout");
    const missing = packs
      .flatMap((pack) => pack.metrics)
      .flatMap((metric) => {
        const names = seriesNames(metric);
        const held = names.map((name) => metrics.filter((series) => series.name === name));
        const labels = ["service_name", "service_instance_id", "job", "instance", ...Object.keys(metric.labels)];
        return names.flatMap((name, index) =>
          labels
            .filter((label) => !held[index]!.some((one) => one.labels.includes(label)))
            .map((label) => [name, label]),
        );
      });
    expect(missing).toEqual([]);
  });

  it("has the catalogue's buckets", async () => {
    const { metrics } = (await rehearsed(playFrom(options))).build();
    const histograms = packs
      .flatMap((pack) => (pack.name === "stack" ? [] : pack.metrics))
      .filter(({ buckets }) => buckets);
    for (const metric of histograms) {
      const [name] = seriesNames(metric);
      const bounds = metrics.find((series) => series.name === name)?.bounds;
      expect(bounds, name).toEqual([...metric.buckets!.map(String), "inf"]);
    }
  });

  it("is the same for the same seed, and another for another", async () => {
    const [one, same, other] = await Promise.all(["1", "1", "2"].map((seed) => traced(Number(seed))));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    expect((await said("--dry-run", "--json")).stdout).toBe((await said("--dry-run", "--json")).stdout);
  });
});

async function traced(seed: number): Promise<unknown> {
  const telemetry = new Telemetry({ seed });
  const team = new Team(telemetry, { scenario: "healthy", rate: 2, seed });
  for (let second = 1; second <= 20; second += 1) team.second(start + second * 1000);
  const { spans } = await telemetry.collect();
  return spans.map((span) => [span.name, span.startTime, span.endTime, span.spanContext().traceId]);
}

describe("what is played", () => {
  it("is over when it is recorded: nothing lies in the future", async () => {
    const { spans, logRecords } = await played("slow-model");
    const now = start + 60_000;
    expect(spans.length).toBeGreaterThan(500);
    expect(spans.filter(({ endTime }) => milliseconds(endTime) > now)).toEqual([]);
    expect(logRecords.filter(({ hrTime }) => milliseconds(hrTime) > now)).toEqual([]);
  });

  it("has traces whose parts begin within what they are parts of, with logs that name them", async () => {
    const { spans, logRecords } = await played("healthy");
    const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
    const parents = spans.flatMap((span) => {
      const id = span.parentSpanContext?.spanId;
      return id === undefined ? [] : [{ span, parent: byId.get(id)! }];
    });
    expect(parents.length).toBeGreaterThan(spans.length / 2);
    for (const { span, parent } of parents) {
      expect(span.spanContext().traceId).toBe(parent.spanContext().traceId);
      expect(milliseconds(span.startTime)).toBeGreaterThanOrEqual(milliseconds(parent.startTime));
    }
    expect(logRecords.every(({ spanContext }) => byId.has(spanContext?.spanId ?? ""))).toBe(true);
  });

  it("is what each rule of a scenario is about: the rules exist", () => {
    const known = new Set([...rulesFor(settingsOf()).values()].flat().map(({ name }) => name));
    const named = Object.values(scenarios).flatMap(({ fires }) => fires as readonly string[]);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("is told in docs/demo.md as it is", () => {
    const page = readFileSync("docs/demo.md", "utf8");
    for (const [name, { words, fires }] of Object.entries(scenarios)) {
      const row = page
        .split("\n")
        .find((line) => line.startsWith(`| \`${name}\``))!
        .replaceAll("`", "");
      expect(row).toContain(name === "healthy" ? "nothing" : words);
      expect(row.split("|").at(-2)!.trim()).toBe(fires.length === 0 ? "none" : fires.join(", "));
    }
  });

  it("names attributes as applications do, and GreptimeDB makes the catalogue's labels of them", () => {
    const labels = packs.flatMap(({ metrics }) => metrics).flatMap(({ labels: all }) => Object.entries(all));
    const named = labels.filter(([, { attribute }]) => attribute !== undefined);
    expect(named.length).toBeGreaterThan(20);
    for (const [label, { attribute }] of named) expect(labelName(attribute!)).toBe(label);
  });

  it("has the metrics of a pack of one's own, as its catalogue describes them", async () => {
    const labels = { kind: { help: "", values: ["usual", "rare"] as [string, string] } };
    const declared = { help: "", emittedBy: "shops", labels };
    const own = [
      counter({ ...declared, name: "orders_total" }),
      gauge({ ...declared, name: "stock" }),
      upDownCounter({ ...declared, name: "carts" }),
      histogram({ ...declared, name: "checkout_seconds", unit: "s", buckets: [1, 5, 10] }),
    ];
    const pack = { name: "shop", title: "Shop", description: "", metrics: own, boards: () => [], rules: [] };
    const telemetry = new Telemetry({ seed: 1 });
    const team = new Team(telemetry, { scenario: "healthy", rate: 2, seed: 1, packs: [...packs, pack] });
    for (let second = 1; second <= 60; second += 1) team.second(start + second * 1000);
    const builder = new InventoryBuilder();
    note(builder, await telemetry.collect());
    const held = builder.build().metrics.filter(({ service }) => service === "demo-shop");
    expect(held.map(({ name }) => name)).toEqual(own.flatMap(seriesNames).sort());
    expect(held.every(({ labels: of }) => of.includes("kind"))).toBe(true);
  });

  it("can be scraped: only what the catalogue has scraped, and nobody says of himself that he is up", async () => {
    const text = exposition((await played("healthy")).metrics);
    const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    expect(names).toContain("pythia_queue_size");
    expect(names).toContain("cache_hit_rate");
    expect([...names].filter((name) => /^(up|http_|gen_ai_|ui_|agent_)/.test(name!))).toEqual([]);
    expect(text).toMatch(/^pythia_message_processing_seconds_bucket\{worker_type="inference",le="\+Inf"\} \d+$/m);
  });
});

describe("luck", () => {
  it("happens as often as it should, whatever the seed", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const luck = new Luck(seed);
        const times = Array.from({ length: 200 }, () => luck.sometimes("it", share)).filter(Boolean).length;
        expect(Math.abs(times - 200 * share)).toBeLessThanOrEqual(1.000001);
      }),
    );
  });

  it("chooses by weight, whatever the seed", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const luck = new Luck(seed);
        const chosen = Array.from({ length: 100 }, () =>
          luck.oneOf("which", { often: 7, rarely: 2, never: 0, once: 1 }),
        );
        const share = (value: string) => chosen.filter((one) => one === value).length;
        expect(share("often")).toBeGreaterThanOrEqual(68);
        expect(share("often")).toBeLessThanOrEqual(72);
        expect(share("once")).toBeGreaterThanOrEqual(8);
        expect(share("never")).toBe(0);
      }),
    );
  });

  it("counts around a mean", () => {
    const luck = new Luck(7);
    for (const mean of [0, 0.1, 3, 200]) {
      const sum = Array.from({ length: 2000 }, () => luck.howMany(mean)).reduce((all, one) => all + one, 0);
      expect(Math.abs(sum / 2000 - mean)).toBeLessThanOrEqual(0.05 * mean + 0.02);
    }
  });
});

describe("the command", () => {
  it("tells all that is wrong with its options at once", () => {
    expect(() => playFrom({ minutes: "0", rate: "1e3", scenario: "earthquake", seed: "1.5" })).toThrow(
      [
        "--minutes 0: write a number from 0.1 to 1440",
        "--rate 1e3: write a number from 0.1 to 50",
        "--seed 1.5: write a whole number from 0 to 2147483648",
        "--scenario earthquake: there are healthy, tool-outage, slow-model, token-spike, queue-backlog and worker-down",
      ].join("\n"),
    );
  });

  it.each(["0", "65536", "host", "host:", "a b:1", ":9464"])("refuses to serve at %j", (text) => {
    expect(() => playFrom({ ...options, "serve-metrics": text })).toThrow("write a port, such as 9464");
  });

  it.each([
    ["9464", "127.0.0.1", 9464],
    ["172.17.0.1:9464", "172.17.0.1", 9464],
    ["[::1]:9464", "::1", 9464],
  ])("serves at %s", (text, host, port) => {
    expect(playFrom({ ...options, "serve-metrics": text }).metricsAt).toEqual({ host, port });
  });

  it.each([
    [401, "OTEL_EXPORTER_OTLP_HEADERS has to have the token of collector.auth"],
    [503, "npm run smoke shows where it ends"],
  ])("makes nothing up when the collector answers %d", async (status, words) => {
    const server = await recordingServer(() => ({ status, body: "no" }));
    onTestFinished(() => server.close());
    await expect(said("--otlp-url", server.url)).rejects.toThrow(words);
    expect(server.requests).toHaveLength(1);
  });

  it("makes nothing up when nobody is there", async () => {
    const server = await recordingServer(() => ({ status: 200 }));
    await server.close();
    await expect(said("--otlp-url", server.url)).rejects.toThrow("takes nothing: nothing listens at 127.0.0.1:");
  });

  it("shows in a few lines who would send what, none wider than a terminal", async () => {
    const { code, stdout } = await said("--dry-run", "--minutes", "1");
    expect(code).toBe(0);
    expect(stdout).toContain("demo-workers");
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
    const help = (await said("--help")).stdout;
    expect(Math.max(...help.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
    for (const name of Object.keys(scenarios)) expect(help).toContain(name);
  });
});
