import { describe, expect, it } from "vitest";

import { directEnvFile, envFile } from "../../configs/connect.ts";
import { printable, revealed } from "../../configs/text.ts";
import { externalValues, settingsOf } from "../support/settings.ts";

const urls = {
  otlpHttp: "http://localhost:4318",
  otlpGrpc: "http://localhost:4317",
  nearby: "http://collector:4318",
  greptimedb: "http://localhost:4000",
};

const variables = (text: string) =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

describe("the .env file", () => {
  it("has what an application needs, ready to paste", () => {
    expect(variables(printable(envFile(settingsOf(), urls)))).toEqual({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_METRIC_EXPORT_INTERVAL: "15000",
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "cumulative",
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "explicit_bucket_histogram",
      GREPTIME_URL: "http://localhost:4000",
      GREPTIME_HOST: "localhost",
      GREPTIME_PORT: "4000",
      GREPTIME_DB: "metrics",
      GREPTIME_DB_TRACES: "traces",
      GREPTIME_DB_LOGS: "logs",
      GREPTIME_USERNAME: "writer",
      GREPTIME_PASSWORD: "{secret:greptimedbWriterPassword}",
    });
  });

  it("says what is not published, and names nothing that is not there", () => {
    const text = printable(
      envFile(settingsOf(), { otlpGrpc: "http://localhost:4317", nearby: "http://collector:4318" }),
    );
    expect(variables(text)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4317",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    });
    expect(text).not.toMatch(/GREPTIME_(URL|HOST|PASSWORD)/);
    expect(printable(envFile(settingsOf(), { nearby: "http://collector:4318" }))).toMatch(
      /^# OTLP is not published.*collector:4318/,
    );
    expect(printable(directEnvFile(settingsOf(), { nearby: "http://collector:4318" }))).toMatch(
      /^# GreptimeDB is not published/,
    );
  });

  it("carries the token that the collector wants, percent-encoded", () => {
    const settings = settingsOf({ collector: { auth: "bearer" } });
    expect(variables(printable(envFile(settings, urls)))).toMatchObject({
      OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20{secret:collectorToken}",
    });
    const header = variables(revealed(envFile(settings, urls), () => "a+b^c!d*e~f"))["OTEL_EXPORTER_OTLP_HEADERS"];
    expect(header).toMatch(/^Authorization=[A-Za-z0-9%!*~-]+$/);
    expect(decodeURIComponent(header!.slice("Authorization=".length))).toBe("Bearer a+b^c!d*e~f");
    expect(printable(envFile(settingsOf(), urls))).not.toContain("OTEL_EXPORTER_OTLP_HEADERS");
  });

  it("is for applications in the cluster where nothing is published, and for others where something is", () => {
    const settings = settingsOf({ platform: "kubernetes" });
    const nearby = "https://collector.obs:4318";
    const lines = variables(printable(envFile(settings, { nearby })));
    expect(lines).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: nearby,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20{secret:collectorToken}",
      GREPTIME_DB: "metrics",
    });
    const published = envFile(settings, { nearby, otlpHttp: "https://otlp.example.com" });
    expect(variables(printable(published))["OTEL_EXPORTER_OTLP_ENDPOINT"]).toBe("https://otlp.example.com");
    expect(printable(envFile(settings, { nearby }))).not.toContain("this machine");
  });

  it("knows an external GreptimeDB and its port", () => {
    const settings = settingsOf(externalValues);
    const lines = variables(printable(envFile(settings, { ...urls, greptimedb: "https://db.example.com" })));
    expect(lines).toMatchObject({
      GREPTIME_URL: "https://db.example.com",
      GREPTIME_HOST: "db.example.com",
      GREPTIME_PORT: "443",
    });
  });
});

describe("the .env file for GreptimeDB itself", () => {
  it("has an endpoint and headers for each signal, traces with their pipeline", () => {
    const lines = variables(revealed(directEnvFile(settingsOf(), urls), () => "p+/="));
    const authorization = encodeURIComponent(`Basic ${Buffer.from("writer:p+/=").toString("base64")}`);
    expect(lines).toMatchObject({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://localhost:4000/v1/otlp/v1/traces",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: `Authorization=${authorization},x-greptime-db-name=traces,x-greptime-pipeline-name=greptime_trace_v1`,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://localhost:4000/v1/otlp/v1/metrics",
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: `Authorization=${authorization},x-greptime-db-name=metrics`,
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: `Authorization=${authorization},x-greptime-db-name=logs`,
    });
    expect(lines).not.toHaveProperty("OTEL_EXPORTER_OTLP_ENDPOINT");
  });
});
