import { beforeAll, describe, expect, it } from "vitest";

import { coverageOf, type Coverage } from "../../../cli/coverage/coverage.ts";
import { dependentsOf, type Dependent } from "../../../cli/coverage/dependents.ts";
import type { HeldSeries, Inventory } from "../../../cli/coverage/inventory.ts";
import { rehearsed } from "../../../cli/demo.ts";
import { noteOwn } from "../../../cli/demo/held.ts";
import { playFrom } from "../../../cli/demo/play.ts";
import { commonLabels, type Metric } from "../../../dashboards/metric.ts";
import { packs } from "../../../dashboards/packs.ts";
import { seriesNames } from "../../../dashboards/stored-name.ts";
import { readsOf, type TextReading } from "../../support/promql-reads.ts";
import { everything, panelQueries, ruleQueries } from "../../support/queries.ts";

let full: Inventory;
let dependents: readonly Dependent[];

beforeAll(async () => {
  const builder = await rehearsed(playFrom({ minutes: "2", rate: "2", scenario: "healthy", seed: "1" }));
  noteOwn(builder);
  // everything() expects a service called checkout
  full = builder.build();
  dependents = dependentsOf(everything());
});

const without = (which: (series: HeldSeries) => boolean): Inventory => ({
  ...full,
  metrics: full.metrics.filter((series) => !which(series)),
});
const changed = (change: (series: HeldSeries) => HeldSeries): Inventory => ({
  ...full,
  metrics: full.metrics.map(change),
});
const compared = (inventory: Inventory): Coverage => coverageOf(inventory, packs, dependents);

/** Ids of all that is not fed. */
const unfed = ({ judged }: Coverage): string[] =>
  judged.filter(({ state }) => state !== "fed").map(({ dependent }) => dependent.id);

/** What each panel and rule reads, by its id, from the texts of its queries. */
const reads = (): Map<string, TextReading[]> => {
  const all = new Map<string, TextReading[]>();
  const note = (id: string, expr: string) => all.set(id, [...(all.get(id) ?? []), ...readsOf(expr)]);
  for (const { name, query } of panelQueries()) note(name.split("/").slice(0, 2).join("/"), query.expr);
  for (const { name, query } of ruleQueries()) note(name.replace(/\/[ABD]$/, ""), query.expr);
  return all;
};
let known: Map<string, TextReading[]> | undefined;
const readers = (which: (reading: TextReading) => boolean): string[] =>
  [...(known ??= reads())].filter(([, readings]) => readings.some(which)).map(([id]) => id);

const metrics: readonly Metric[] = [
  ...new Map(packs.flatMap((pack) => pack.metrics).map((metric) => [metric.name, metric])).values(),
];

describe("coverage", () => {
  it("is complete with the demo's telemetry and the stack's own", () => {
    const { score, findings, judged, unread } = compared(full);
    expect(unread).toEqual([]);
    expect(findings).toEqual([]);
    expect(judged.filter(({ state }) => state !== "fed")).toEqual([]);
    expect(judged.length).toBeGreaterThan(350);
    expect(score).toBe(100);
  });

  it.each(metrics.map((metric) => ({ name: metric.name, metric })))(
    "names exactly what reads $name when it is missing",
    ({ name, metric }) => {
      const names = seriesNames(metric);
      const result = compared(without((series) => names.includes(series.name)));
      const expected = readers(({ series }) => names.includes(series));
      expect(unfed(result).sort()).toEqual(expected.sort());
      const [finding, ...others] = result.findings;
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ metric: name, what: "never seen", waiting: metric.sometimes === true });
      expect([...finding!.panels, ...finding!.rules].sort()).toEqual(expected.sort());
    },
  );

  it.each(
    metrics.flatMap((metric) => Object.keys(metric.labels).map((label) => ({ name: metric.name, label, metric }))),
  )("names exactly what reads $label of $name when it is missing", ({ name, label, metric }) => {
    const names = seriesNames(metric);
    const result = compared(
      changed((series) =>
        names.includes(series.name) ? { ...series, labels: series.labels.filter((one) => one !== label) } : series,
      ),
    );
    const expected = readers(({ series, labels }) => names.includes(series) && labels.has(label));
    expect(unfed(result).sort()).toEqual(expected.sort());
    const [finding, ...others] = result.findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ metric: name, label, what: "label missing" });
    expect([...finding!.panels, ...finding!.rules].sort()).toEqual(expected.sort());
  });

  it("of nothing at all is what reads nothing", () => {
    const { score, services, findings, judged } = compared({ format: 1, metrics: [], spans: [], logRecords: [] });
    expect(services).toEqual([]);
    expect(score).toBeLessThan(10);
    expect(findings.every(({ what }) => what === "never seen")).toBe(true);
    // GreptimeDB's own tables, and what comes with the first failure
    const rest = judged.filter(({ state }) => state === "fed").map(({ dependent }) => dependent.pack);
    expect(new Set(rest)).toEqual(new Set(["stack"]));
  });

  it("waits for what comes with the first failure, and calls nothing wrong", () => {
    const { score, findings, judged } = compared(
      changed((series) => ({ ...series, labels: series.labels.filter((label) => label !== "error_type") })),
    );
    expect(findings.length).toBeGreaterThan(3);
    expect(findings.every(({ waiting, lines }) => waiting && lines === undefined)).toBe(true);
    expect(judged.filter(({ state }) => state === "waiting").length).toBeGreaterThan(10);
    expect(score).toBe(100);
  });

  it("names the service that lacks a label which others have", () => {
    const result = compared(
      changed((series) =>
        series.name === "http_requests_total" && series.service === "demo-gateway"
          ? { ...series, labels: series.labels.filter((label) => label !== "status") }
          : series,
      ),
    );
    expect(result.score).toBe(100);
    expect(result.findings).toMatchObject([{ what: "label missing", label: "status", services: ["demo-gateway"] }]);
  });
});

/** The series of a metric under other names, with other labels or bounds. */
const disguised = (name: string, change: (series: HeldSeries) => HeldSeries): Inventory =>
  changed((series) => (series.name.startsWith(name) ? change(series) : series));
const renamed = (from: string, to: string): Inventory =>
  disguised(from, (series) => ({ ...series, name: series.name.replace(from, to) }));

describe("what is wrong with telemetry is seen by its shape", () => {
  it.each([
    ["http_server_request_duration_seconds", "http_server_duration_milliseconds", "old name", "http.server.duration"],
    ["http_client_request_duration_seconds", "http_client_duration_milliseconds", "old name", "http.client.duration"],
    ["http_server_request_duration_seconds", "http_server_request_duration_milliseconds", "wrong unit", "unit ms"],
    ["http_server_request_duration_seconds", "http_server_request_duration", "wrong route", "scraped"],
    ["gen_ai_client_token_usage", "gen_ai_client_token_usage_seconds", "wrong unit", "unit s"],
    ["agent_execution_duration_seconds", "agent_execution_duration_milliseconds", "wrong unit", "unit ms"],
    ["agent_tool_calls_total", "agent_tool_calls_total_bucket", "wrong type", "histogram"],
    ["state_elements_count", "state_elements_count_total", "wrong type", "counter"],
    ["pythia_queue_size", "pythia_queue_size_ratio", "wrong route", "OTLP"],
    ["cache_hit_rate", "cache_hit_rate_ratio", "wrong route", "OTLP"],
    [
      "gen_ai_client_inference_usage_input_tokens_total",
      "gen_ai_client_inference_usage_input_tokens",
      "wrong route",
      "no counter",
    ],
  ] as const)("%s as %s: %s", (from, to, what, words) => {
    const { findings, unread } = compared(renamed(from, to));
    const found = findings.filter((finding) => finding.what === what);
    expect(findings).toEqual(found);
    expect(found).toHaveLength(1);
    expect(found[0]!.evidence).toContain(words);
    expect(found[0]!.services.every((service) => service.startsWith("demo-"))).toBe(true);
    expect(found[0]!.panels.length).toBeGreaterThan(0);
    // it is not among what nobody reads: it has been explained
    expect(unread.filter((name) => !name.startsWith(to))).toEqual([]);
  });

  it.each([
    ["http_server_request_duration_seconds", "http_request_method", "http_method", "http.method"],
    ["http_server_request_duration_seconds", "http_response_status_code", "http_status_code", "http.status_code"],
    ["gen_ai_client_operation_duration_seconds", "gen_ai_provider_name", "gen_ai_system", "gen_ai.system"],
    ["http_client_request_duration_seconds", "server_address", "net_peer_name", "net.peer.name"],
  ])("label %s.%s as %s", (name, label, old, attribute) => {
    const { findings } = compared(
      disguised(name, (series) => ({
        ...series,
        labels: series.labels.map((one) => (one === label ? old : one)),
      })),
    );
    expect(findings).toMatchObject([{ what: "old name", label }]);
    expect(findings[0]!.evidence).toContain(attribute);
  });

  it("values in milliseconds under the name of seconds, by their buckets", () => {
    const { findings } = compared(
      disguised("agent_execution_duration_seconds_bucket", (series) => ({
        ...series,
        bounds: ["5", "50", "500", "5000", "100000", "inf"],
      })),
    );
    expect(findings).toMatchObject([{ what: "wrong unit", metric: "agent_execution_duration_seconds" }]);
    expect(findings[0]!.evidence).toBe("its buckets end at 100000, those that are read at 300");
  });

  it("a bucket that a panel counts up to", () => {
    const { findings } = compared(
      disguised("ui_render_duration_milliseconds_bucket", (series) => ({
        ...series,
        bounds: series.bounds!.filter((bound) => bound !== "2500"),
      })),
    );
    expect(findings).toMatchObject([{ what: "buckets missing", bounds: [2500], rules: [] }]);
    expect(findings[0]!.panels).toEqual(["ui-metrics/5", "ui-metrics/23", "ui-metrics/24"]);
    expect(findings[0]!.lines?.python[0]).toContain("2500");
  });

  it("only a part of a histogram", () => {
    const { findings } = compared(without(({ name }) => name === "primitive_execution_duration_seconds_sum"));
    expect(findings).toMatchObject([
      { what: "never seen", evidence: "only primitive_execution_duration_seconds_sum is missing" },
    ]);
  });

  it.each(["spans", "logRecords"] as const)("no %s", (table) => {
    const { findings, judged } = compared({ ...full, [table]: [] });
    expect(findings).toMatchObject([{ what: "never seen", metric: table, rules: [] }]);
    const packsOfIt = new Set(judged.filter(({ state }) => state !== "fed").map(({ dependent }) => dependent.pack));
    expect(packsOfIt.has(table === "spans" ? "traces" : "logs")).toBe(true);
  });
});

describe("the lines to write", () => {
  it("name every attribute and bucket of the metric, for each SDK", () => {
    const { findings } = compared({ format: 1, metrics: [], spans: [], logRecords: [] });
    const withLines = findings.filter(({ lines }) => lines !== undefined);
    expect(withLines.length).toBeGreaterThan(35);
    for (const { metric: name, lines } of withLines) {
      const metric = metrics.find((one) => one.name === name)!;
      const typescript = lines!.typescript.join("\n");
      const python = lines!.python.join("\n");
      for (const text of [python, typescript]) {
        expect(text).toContain(`"${name}"`);
        if (metric.buckets !== undefined) expect(text).toContain(`[${metric.buckets.join(", ")}]`);
      }
      for (const [label, { attribute = label }] of Object.entries(metric.labels)) {
        expect(typescript).toContain(metric.route === "otlp" ? `"${attribute}": ` : `${label}: `);
      }
    }
  });

  it("are none where no application can write it", () => {
    const { findings } = compared({ format: 1, metrics: [], spans: [], logRecords: [] });
    const own = findings.filter(({ pack, metric }) => pack === "stack" || metric === "up");
    expect(own.length).toBeGreaterThan(40);
    expect(own.every(({ lines }) => lines === undefined)).toBe(true);
  });

  it("are about labels that series have anyway: none", () => {
    expect(
      metrics.flatMap(({ labels }) => Object.keys(labels)).filter((label) => commonLabels.includes(label as never)),
    ).toEqual([]);
  });
});
