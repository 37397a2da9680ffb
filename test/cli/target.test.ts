import { describe, expect, it } from "vitest";

import { basic } from "../../cli/running/http.ts";
import { environmentFile, otlpHeaders, targetFromOutputs, withOptions } from "../../cli/running/target.ts";
import { recordStack, revealed } from "../../graph/index.ts";
import { ofType } from "../support/graph.ts";

/** The outputs of a recorded stack, as the engine would hand them over. */
async function outputsOf(set: Record<string, string>) {
  const { graph } = await recordStack({ set });
  const { outputs } = ofType(graph, "pulumi:pulumi:Stack")[0]!;
  return Object.fromEntries(Object.entries(outputs!).map(([name, value]) => [name, { value: revealed(value) }]));
}

describe("what a stack's outputs say", () => {
  it("is where its parts are, and what lets one in", async () => {
    const outputs = await outputsOf({});
    const target = targetFromOutputs(outputs);
    const users = outputs["greptimedbUsers"]!.value as Record<"reader" | "writer", { password: string }>;
    expect(target).toEqual({
      otlp: { url: "http://localhost:4318", headers: {} },
      grafana: {
        url: "http://localhost:3001",
        authorization: basic("admin", String(outputs["grafanaPassword"]!.value)),
      },
      greptimedb: { url: "http://localhost:4000", authorization: basic("reader", users.reader.password) },
      writer: { url: "http://localhost:4000", authorization: basic("writer", users.writer.password) },
      databases: { metrics: "metrics", traces: "traces", logs: "logs" },
    });
  });

  it("follows ports, databases, tokens and certificates", async () => {
    const target = targetFromOutputs(
      await outputsOf({
        "collector.auth": "bearer",
        collectorToken: "the-token.of~applications",
        "greptimedb.ports.http": "off",
        "greptimedb.databases": '{"metrics":"m","traces":"t","logs":"l"}',
        "collector.ports.otlpHttp": "14318",
      }),
    );
    expect(target.otlp).toEqual({
      url: "http://localhost:14318",
      headers: { Authorization: "Bearer the-token.of~applications" },
    });
    expect(target.greptimedb).toBeUndefined();
    expect(target.databases).toEqual({ metrics: "m", traces: "t", logs: "l" });
  });

  it("is little where there is little, or something else", () => {
    const nothing = { otlp: undefined, grafana: undefined, greptimedb: undefined };
    expect(targetFromOutputs({})).toMatchObject(nothing);
    const odd = {
      grafanaUrl: { value: 5 },
      greptimedbUsers: { value: { reader: null } },
      greptimedbUrl: { value: "http://x" },
    };
    expect(targetFromOutputs(odd)).toMatchObject(nothing);
  });
});

describe("lines and headers", () => {
  it("are read as shells and SDKs read them", () => {
    expect(environmentFile("# no=line\nA=1\nB=two=2\r\nA=3\n C=4\nnothing\n")).toEqual({ A: "3", B: "two=2" });
    expect(otlpHeaders("Authorization=Bearer%20a%2Cb, x-team = blue ,bad header=1,broken=%zz,")).toEqual({
      Authorization: "Bearer a,b",
      "x-team": "blue",
    });
  });
});

describe("options", () => {
  const known = {
    otlp: { url: "http://one", headers: { a: "1" } },
    grafana: { url: "http://two", authorization: "Basic two" },
    greptimedb: undefined,
    databases: { metrics: "m", traces: "t", logs: "l" },
  };

  it("replace an address, and keep what lets one in", () => {
    expect(withOptions({ "otlp-url": "http://other:4318/" }, {}, known)).toEqual({
      ...known,
      otlp: { url: "http://other:4318", headers: { a: "1" } },
    });
  });

  it("take credentials from the environment", () => {
    const environment = {
      GRAFANA_TOKEN: "glsa_x",
      GREPTIMEDB_USER: "reader",
      GREPTIMEDB_PASSWORD: "p:w",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x",
      GREPTIME_DB: "public",
    };
    const urls = { "otlp-url": "https://o", "grafana-url": "https://g", "greptimedb-url": "https://d" };
    expect(withOptions(urls, environment, undefined)).toEqual({
      otlp: { url: "https://o", headers: { authorization: "Bearer x" } },
      grafana: { url: "https://g", authorization: "Bearer glsa_x" },
      greptimedb: { url: "https://d", authorization: basic("reader", "p:w") },
      databases: { metrics: "public", traces: "traces", logs: "logs" },
    });
  });
});
