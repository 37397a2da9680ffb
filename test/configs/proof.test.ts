import { afterEach, describe, expect, it } from "vitest";

import { proofTask } from "../../configs/collector/proof.ts";
import { revealed } from "../../configs/text.ts";
import { recordingServer, type Answer, type Request } from "../support/http.ts";
import { settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";

const password = "the-reader-password-42";
const token = "the-token-of-applications";
const secrets: Readonly<Record<string, string>> = { greptimedbReaderPassword: password, collectorToken: token };
const header = `Basic ${Buffer.from(`reader:${password}`).toString("base64")}`;

type Server = Awaited<ReturnType<typeof recordingServer>>;
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Faults {
  /** What the collector wants to see. */
  readonly token?: string;
  readonly refuse?: string;
  readonly loses?: string;
  readonly readerStatus?: number;
}

/** Collector and GreptimeDB in one: what is sent to the one can be asked of the other. */
function pipeline({ token, refuse, loses, readerStatus }: Faults = {}) {
  const received: Record<string, string> = {};
  return (request: Request): Answer => {
    const { pathname } = new URL(request.path, "http://x");
    if (pathname === "/") return { status: 200 };
    const signal = /^\/v1\/(traces|logs|metrics)$/.exec(pathname)?.[1];
    if (signal !== undefined) {
      if (signal === refuse) return { status: 503, body: "queue is full" };
      if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return { status: 401 };
      received[signal] = request.body;
      return { status: 200, body: "{}" };
    }
    if (readerStatus !== undefined) return { status: readerStatus, body: "denied" };
    if (request.headers.authorization !== header) return { status: 401 };
    const database = String(request.headers["x-greptime-db-name"]);
    if (database === loses) return { status: 200, body: '{"output":[{"records":{"rows":[]}}]}' };
    return { status: 200, body: stored(database, received[database] ?? "") };
  };
}

function stored(database: string, body: string): string {
  if (database === "metrics") {
    const [seconds] = /(?<="asDouble":)\d+/.exec(body) ?? [""];
    return `{"data":{"result":[{"value":[1,"${seconds}"]}]}}`;
  }
  const [trace] = /(?<="traceId":")[0-9a-f]{32}/.exec(body) ?? [""];
  return `{"output":[{"records":{"rows":[["${trace}"]]}}]}`;
}

async function prove(faults: Faults = {}, values: Record<string, unknown> = {}) {
  const server = await recordingServer(pipeline(faults));
  servers.push(server);
  const task = proofTask(settingsOf(values));
  const script = task.script
    .replaceAll(/:(13133|4318)\b/g, `:${String(server.port)}`)
    .replaceAll("within 60 healthy", "within 1 healthy")
    .replaceAll('within "$patience" stored', "within 1 stored");
  const env = Object.fromEntries(
    Object.entries(task.env).map(([name, value]) => [name, revealed(value, (of) => secrets[of]!)]),
  );
  const run = await runScript(script, { ...env, COLLECTOR: "127.0.0.1", GREPTIMEDB_URL: server.url });
  return { ...run, requests: server.requests };
}

describe("the proof", () => {
  it("sends one record of each signal through the collector and reads each back", async () => {
    const { code, output, requests } = await prove();
    expect(output).toBe(
      "collector: healthy\nspan: sent, stored, read back\nlog: sent, stored, read back\nmetric: sent, stored, read back\n",
    );
    expect(code).toBe(0);
    const sent = requests.filter(({ headers }) => headers["content-type"] === "application/json");
    expect(sent.map(({ path }) => path)).toEqual(["/v1/traces", "/v1/logs", "/v1/metrics"]);
    for (const { body } of sent) expect(() => JSON.parse(body) as unknown).not.toThrow();
    const span = JSON.parse(sent[0]?.body ?? "") as {
      resourceSpans: { scopeSpans: { spans: { traceId: string; spanId: string }[] }[] }[];
    };
    expect(span.resourceSpans[0]?.scopeSpans[0]?.spans[0]).toMatchObject({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
  });

  it("asks samplers to keep its span, where there are any", async () => {
    const attributes = async (collector: object) => {
      const { requests } = await prove({}, { collector });
      return /"attributes":\[\{"key":"sampling[^\]]*\]/.exec(
        requests.find(({ path }) => path === "/v1/traces")!.body,
      )?.[0];
    };
    expect(await attributes({})).toBeUndefined();
    expect(await attributes({ sampling: { ratio: 0.1 } })).toBe(
      '"attributes":[{"key":"sampling.priority","value":{"intValue":"1"}}]',
    );
    const { script, timeoutSeconds } = proofTask(
      settingsOf({ collector: { sampling: { tail: { enabled: true, wait: "2m" } } } }),
    );
    expect(script).toContain('arrived span 180 "$TRACES_DATABASE"');
    expect(timeoutSeconds).toBe(420);
  });

  it("reads as the reader, from the database of each signal", async () => {
    const { requests } = await prove();
    const asked = requests.filter(({ headers }) => headers.authorization !== undefined);
    expect(asked.map(({ headers }) => headers["x-greptime-db-name"])).toEqual(["traces", "logs", "metrics"]);
    expect(asked.every(({ headers }) => headers.authorization === header)).toBe(true);
  });

  it("sends the collector no credentials, and shows none", async () => {
    const { requests, commandLines, output } = await prove();
    expect(
      requests
        .filter(({ path }) => path.startsWith("/v1/traces"))
        .every(({ headers }) => headers.authorization === undefined),
    ).toBe(true);
    for (const hidden of [password, header.slice("Basic ".length)]) {
      expect(commandLines.join("\n")).not.toContain(hidden);
      expect(output).not.toContain(hidden);
    }
  });

  it("shows the collector the token that it wants, and nobody else", async () => {
    const { code, requests, commandLines, output } = await prove({ token }, { collector: { auth: "bearer" } });
    expect(output).toContain("metric: sent, stored, read back");
    expect(code).toBe(0);
    const authorizations = requests.map(({ path, headers }) => [
      new URL(path, "http://x").pathname,
      headers.authorization,
    ]);
    expect(authorizations[0]).toEqual(["/", undefined]);
    expect(authorizations.slice(1, 4).map(([, value]) => value)).toEqual(Array(3).fill(`Bearer ${token}`));
    expect(new Set(authorizations.slice(4).map(([, value]) => value))).toEqual(new Set([header]));
    expect(commandLines.join("\n")).not.toContain(token);
    expect(output).not.toContain(token);
  });

  it("fails without the token, and says why", async () => {
    const { code, output } = await prove({ token });
    expect(output).toMatch(/collector refused the span \(HTTP 401\)/);
    expect(code).toBe(1);
  });

  it("goes by TLS where the collector has a certificate, whoever issued it", () => {
    const { script } = proofTask(settingsOf({ platform: "kubernetes", collector: { tlsSecret: "tls" } }));
    const [sending] = script.split("\n").filter((line) => line.includes(":4318"));
    expect(sending).toContain(" --insecure ");
    expect(sending).toContain('"https://$COLLECTOR:4318/v1/$1"');
    // its health stays open: the platform asks for it as well
    expect(script).toContain("http://$COLLECTOR:13133/");
    expect(proofTask(settingsOf()).script).not.toMatch(/insecure|https:\/\/\$COLLECTOR/);
  });

  it.each([
    [{ refuse: "traces" }, /collector refused the span \(HTTP 503\): queue is full/],
    [{ refuse: "metrics" }, /collector refused the metric \(HTTP 503\)/],
    [
      { loses: "traces" },
      /took the span, but it did not arrive in database traces within 60 s \(HTTP 200\).*collector's log/s,
    ],
    [{ loses: "logs" }, /took the log, but it did not arrive in database logs/],
    [{ loses: "metrics" }, /took the metric, but it did not arrive in database metrics/],
    [{ readerStatus: 401 }, /did not arrive in database traces within 60 s \(HTTP 401\): denied/],
  ] satisfies [Faults, RegExp][])("fails when %j, naming the broken hop", async (faults, reason) => {
    const { code, output } = await prove(faults);
    expect(output).toMatch(reason);
    expect(code).toBe(1);
  });

  it("runs after the collector, and again when collector or database are replaced", () => {
    expect(proofTask(settingsOf())).toMatchObject({ needs: ["collector"], targets: ["collector", "greptimedb"] });
  });
});
