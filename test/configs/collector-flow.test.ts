import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { collectorConfig } from "../../configs/collector/config.ts";
import { collectorServices } from "../../configs/collector/service.ts";
import { SettingsError } from "../../configs/settings/problems.ts";
import { settingsOf } from "../support/settings.ts";

interface Config {
  connectors?: Record<string, unknown>;
  exporters: Record<string, { endpoint: string; headers?: Record<string, string>; sending_queue: { storage: string } }>;
  extensions: Record<string, { directory: string }>;
  service: { pipelines: Record<string, Record<"receivers" | "processors" | "exporters", string[]>> };
}

const configOf = (collector: object = {}, more: object = {}) =>
  parse(collectorConfig(settingsOf({ collector, ...more }))) as Config;

describe("traces", () => {
  it("go straight to GreptimeDB unless something else is asked for", () => {
    const { connectors, service } = configOf();
    expect(connectors).toBeUndefined();
    expect(Object.keys(service.pipelines)).toEqual(["traces", "logs", "metrics", "metrics/scraped"]);
    expect(service.pipelines["traces"]!.exporters).toEqual(["otlp_http/traces"]);
  });

  it("are counted before some of them are dropped", () => {
    const { service } = configOf({ spanMetrics: { enabled: true }, sampling: { ratio: 0.1 } });
    expect(service.pipelines["traces"]!.exporters).toEqual(["span_metrics", "forward/sampled"]);
    expect(service.pipelines["traces"]!.processors).not.toContain("probabilistic_sampler");
    expect(service.pipelines["traces/sampled"]).toEqual({
      receivers: ["forward/sampled"],
      processors: ["probabilistic_sampler"],
      exporters: ["otlp_http/traces"],
    });
    expect(service.pipelines["metrics"]!.receivers).toEqual(["otlp", "span_metrics"]);
  });

  it("are sampled last", () => {
    const { service } = configOf({ sampling: { tail: { enabled: true } } });
    expect(service.pipelines["traces"]!.processors.at(-1)).toBe("tail_sampling");
    expect(service.pipelines["logs"]!.processors).not.toContain("tail_sampling");
  });
});

describe("a second destination", () => {
  const second = {
    secondDestination: { endpoint: "https://otlp.example.com/otlp", signals: ["logs"], auth: "secret" },
  };
  const secret = { secondDestinationAuthorization: "Bearer the-token" };

  it("gets what it is to get, by a queue of its own", () => {
    const { service, exporters, extensions } = configOf(second, secret);
    expect(service.pipelines["logs"]!.exporters).toEqual(["otlp_http/logs", "forward/second"]);
    expect(service.pipelines["traces"]!.exporters).toEqual(["otlp_http/traces"]);
    expect(service.pipelines["logs/second"]).toEqual({
      receivers: ["forward/second"],
      processors: ["batch/second"],
      exporters: ["otlp_http/second_logs"],
    });
    const { endpoint, headers, sending_queue: queue } = exporters["otlp_http/second_logs"]!;
    expect(endpoint).toBe("https://otlp.example.com/otlp");
    expect(headers).toEqual({ Authorization: "${env:SECOND_DESTINATION_AUTHORIZATION}" });
    expect(queue.storage).toBe("file_storage/second");
    expect(extensions["file_storage/second"]!.directory).not.toBe(extensions["file_storage/queue"]!.directory);
  });

  it("is given no header of GreptimeDB's, and its own secret by name only", () => {
    const text = collectorConfig(settingsOf({ collector: second, ...secret }));
    expect(text).not.toContain("the-token");
    const [service] = collectorServices(settingsOf({ collector: second, ...secret }));
    expect(JSON.stringify(service!.env["SECOND_DESTINATION_AUTHORIZATION"])).toContain(
      "secondDestinationAuthorization",
    );
  });

  it("has disk, and may be reached, where there is one", () => {
    const of = (collector: object, more = {}) =>
      collectorServices(settingsOf({ platform: "kubernetes", collector, ...more }))[0]!;
    const [with_, without] = [of(second, secret), of({})];
    expect(with_.mounts[0]!.sizeMiB - without.mounts[0]!.sizeMiB).toBe(
      Math.ceil((4096 + 256) * 1.1) - Math.ceil(4096 * 1.1),
    );
    expect(with_.calls).toContainEqual({ outside: "the second destination", ports: [443] });
    expect(JSON.stringify(without.calls)).not.toContain("second");
  });
});

describe("settings of the flow that cannot be", () => {
  const problems = (collector: object, more: object = {}): string => {
    try {
      settingsOf({ collector, ...more });
      return "";
    } catch (error) {
      if (error instanceof SettingsError) return error.message;
      throw error;
    }
  };

  it.each([
    [
      "tail sampling by several gateways",
      { replicas: 2, sampling: { tail: { enabled: true } } },
      /come to different gateways, and none sees it whole/,
    ],
    [
      "head and tail sampling",
      { sampling: { ratio: 0.5, tail: { enabled: true } } },
      /traces with errors would be dropped before they are seen/,
    ],
    ["more traces than memory", { sampling: { tail: { enabled: true, traces: 100000 } } }, /at most 3400 in 512 MiB/],
    ["sums by several gateways", { replicas: 2, deltaToCumulative: true }, /would each add up their part/],
    ["a share above one", { sampling: { ratio: 1.5 } }, /a number from 0 to 1/],
    ["a header without a destination", { secondDestination: { auth: "secret" } }, /there is no second destination/],
    [
      "a header in clear",
      { secondDestination: { endpoint: "http://a.example.com", auth: "secret" } },
      /would cross the network in clear/,
    ],
    [
      "a destination for nothing",
      { secondDestination: { endpoint: "https://a.example.com", signals: [] } },
      /nothing would be sent there/,
    ],
    ["an endpoint that is none", { secondDestination: { endpoint: "otlp.example.com:4318" } }, /an http or https URL/],
    [
      "an endpoint with a query",
      { secondDestination: { endpoint: "https://a.example.com/otlp?key=1" } },
      /without query/,
    ],
  ])("%s", (_, collector, reason) => {
    expect(problems(collector, { platform: "kubernetes" })).toMatch(reason);
  });

  it.each(["token", "Bearer a b", "Bearer ${env:HOME}", "Bearer a\nb"])("a header such as %j", (value) => {
    const collector = { secondDestination: { endpoint: "https://a.example.com", auth: "secret" } };
    const message = problems(collector, { secondDestinationAuthorization: value });
    expect(message).toMatch(/secondDestinationAuthorization\n.*a scheme such as Bearer/);
    expect(message).not.toContain(value);
  });
});
