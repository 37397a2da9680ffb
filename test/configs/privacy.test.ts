import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { collectorConfig } from "../../configs/collector/config.ts";
import { cards, credentials, email, harmless } from "../../configs/collector/privacy/patterns.ts";
import { re2Kind } from "../../configs/settings/re2.ts";
import { SettingsError } from "../../configs/settings/problems.ts";
import { settingsOf } from "../support/settings.ts";

interface Config {
  processors: Record<string, Record<string, unknown>>;
  service: { pipelines: Record<string, { processors: string[] }> };
}

const configOf = (collector: object = {}) => parse(collectorConfig(settingsOf({ collector }))) as Config;
const orderIn = (pipeline: string, collector: object) => configOf(collector).service.pipelines[pipeline]!.processors;

describe("what the collector takes out", () => {
  it("is credentials, by default, and nothing else", () => {
    const { processors } = configOf();
    const own = Object.keys(processors).filter((id) => /^(redaction|transform|attributes|filter)\//.test(id));
    expect(own.sort()).toEqual([
      "filter/no_recorded_value",
      "redaction/credentials",
      "redaction/named",
      "transform/explicit_histograms",
      "transform/masked_logs",
      "transform/masked_traces",
    ]);
  });

  it("is nothing, if the settings say so", () => {
    const { processors } = configOf({ redaction: { kinds: [] } });
    expect(Object.keys(processors).filter((id) => /^(redaction|attributes|transform\/(?!explicit))/.test(id))).toEqual(
      [],
    );
  });

  it("goes in an order in which nothing is searched in vain, and no secret is cut in half", () => {
    const everything = {
      filter: [{ signal: "traces", matches: "^ping$" }],
      content: "hash",
      redaction: { kinds: ["credentials", "named", "email", "cards"] },
      limits: { attributes: 64, valueLength: 100 },
    };
    expect(orderIn("traces", everything)).toEqual([
      "memory_limiter",
      "resource_detection",
      "filter/traces",
      "attributes/content",
      "transform/content_traces",
      "redaction/named",
      "redaction/credentials",
      "redaction/personal",
      "transform/masked_traces",
      "transform/limits_traces",
    ]);
    const metrics = [
      "memory_limiter",
      "resource_detection",
      "redaction/named",
      "redaction/credentials",
      "redaction/personal",
    ];
    expect(orderIn("metrics", everything)).toEqual([
      ...metrics,
      "transform/explicit_histograms",
      "filter/no_recorded_value",
    ]);
    expect(orderIn("metrics/scraped", everything)).toEqual([...metrics, "filter/no_recorded_value"]);
  });

  it("is found in texts that are not spared", () => {
    // what begins a pattern stands in no text that is taken for harmless
    for (const pattern of credentials) {
      const fixed = /^(?:[A-Za-z0-9_:/=-]|\\[./])+/.exec(pattern)?.[0] ?? "";
      expect(fixed.length, pattern).toBeGreaterThanOrEqual(1);
    }
    const spared = harmless.map((pattern) => new RegExp(pattern));
    for (const text of [
      "a b c d e f g h i",
      "deadbeef".repeat(4),
      "x".repeat(15),
      "Write a poem about the sea, in 12 lines.",
    ]) {
      expect(
        spared.some((pattern) => pattern.test(text)),
        text,
      ).toBe(true);
    }
    for (const text of ["redis://:pw@host", "sk-0123456789abcdef0123456789abcdef", "x".repeat(16)]) {
      expect(
        spared.some((pattern) => pattern.test(text)),
        text,
      ).toBe(false);
    }
  });

  const spared = harmless.map((pattern) => new RegExp(pattern));

  it.each(credentials.filter((pattern) => !pattern.includes("BEGIN")))(
    "is found wherever it matches: %s",
    (pattern) => {
      const around = fc.tuple(
        fc.constantFrom("", "key ", "It is: ", "日本 "),
        fc.constantFrom("", ".", " and so on", "\n"),
      );
      fc.assert(
        fc.property(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), around, (secret, [before, after]) => {
          expect(spared.some((harmlessText) => harmlessText.test(before + secret + after))).toBe(false);
        }),
        { numRuns: 200, seed: 4711 },
      );
    },
  );

  it.each([...credentials, email, ...cards, ...harmless])("is a pattern that Go knows: %s", (pattern) => {
    expect(() => new RegExp(pattern, "u")).not.toThrow();
    expect(pattern).not.toMatch(/\(\?[=!<]|\\[1-9]/);
  });
});

describe("a pattern of one's own", () => {
  it.each([
    "ACME-[0-9]{8}",
    "(?i)secret",
    "a|b",
    "\\bkey\\b",
    "[^a-z]+x",
    "\\$[{]x[}]",
    "\\x41",
    "(?:ab)+",
    '"',
    "日本",
  ])("may be %s", (pattern) => {
    expect(re2Kind.parse(pattern)).toBe(pattern);
  });

  it.each([
    ["look-ahead", "(?=a)b"],
    ["look-behind", "(?<!a)b"],
    ["a reference", "(a)\\1"],
    ["a name of a group", "(?<n>a)"],
    ["nothing", ""],
    ["what matches nothing", "a*"],
    ["an alternative that is empty", "a|"],
    ["what is not closed", "(a"],
    ["a class that is not closed", "[a"],
    ["an empty class", "a[]b"],
    ["the class of everything", "[^]a"],
    ["a class in a class", "[[:alpha:]]"],
    ["more than a thousand repetitions", "a{1001}"],
    ["an escape that only one engine knows", "\\cA"],
    ["another one", "\\p{L}x"],
    ["a needless escape of a letter", "\\q"],
    ["a quantifier of nothing", "*a"],
    ["two lines", "a\nb"],
    ["what is too long", "a".repeat(501)],
    ["a number", 5],
    ["an object", {}],
  ])("may not be %s", (_, pattern) => {
    expect(re2Kind.parse(pattern)).toBeUndefined();
  });

  it("stands in the configuration as it was meant, whatever it holds", () => {
    const patterns = ["\\$[{]env:HOME[}]", "a\"b'c: #d", "[$]{2}x"];
    const { processors } = configOf({ redaction: { kinds: [], patterns } });
    const written = (processors["redaction/personal"]!["blocked_values"] as string[]).map((text) =>
      text.replaceAll("$$", "$"),
    );
    expect(written).toEqual(patterns);
  });
});

describe("settings of what is taken out", () => {
  const problems = (collector: object): string => {
    try {
      settingsOf({ collector });
      return "";
    } catch (error) {
      if (error instanceof SettingsError) return error.message;
      throw error;
    }
  };

  it("name what is wrong, all at once", () => {
    const message = problems({
      redaction: { kinds: ["passwords"], patterns: ["(?=x)", "ok"] },
      content: "encrypt",
      limits: { attributes: 5 },
      filter: [{ signal: "spans", matches: "x" }, { signal: "traces" }],
    });
    for (const key of [
      "collector.redaction.kinds[0]",
      "collector.redaction.patterns[0]",
      "collector.content",
      "collector.limits.attributes",
      "collector.filter[0].signal",
      "collector.filter[1].matches",
    ]) {
      expect(message).toContain(key);
    }
    expect(message).toMatch(/at least 15: so many attributes are kept/);
  });

  it.each([
    [{ signal: "traces", matches: "." }, "pipeline_proof"],
    [{ signal: "traces", matches: "(?i)^SMOKE$" }, "smoke"],
    [{ signal: "logs", matches: "record" }, "delivery ledger: record"],
    [{ signal: "metrics", matches: "_timestamp$" }, "pipeline_proof_timestamp"],
    [{ signal: "logs", attribute: "service.name", matches: "-" }, "greptime-observability"],
    [{ signal: "metrics", attribute: "service.name", matches: "^delivery" }, "delivery-ledger"],
  ])("refuse a filter that drops what the stack itself sends: %j", (filter, dropped) => {
    expect(problems({ filter: [{ signal: "logs", matches: "GET /healthz" }, filter] })).toMatch(
      new RegExp(`collector\\.filter\\[1\\]\\.matches[^]*does not match "${dropped}"[^]*\\^ and \\$`),
    );
  });

  it.each([
    { signal: "traces", matches: "^(ping|healthz)$" },
    { signal: "traces", attribute: "http.route", matches: "." },
    { signal: "logs", attribute: "service.name", matches: "^(access|noisy)$" },
    { signal: "metrics", matches: "^SMOKE" },
  ])("take a filter that leaves it alone: %j", (filter) => {
    expect(problems({ filter: [filter] })).toBe("");
  });
});
