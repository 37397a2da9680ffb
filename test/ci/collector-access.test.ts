import { request } from "node:https";
import { connect } from "node:tls";

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { issueCertificate } from "./support/certificate.ts";
import { tokens } from "../../cli/lab/collector.ts";
import { codes, exportTraces } from "./support/grpc.ts";
import { logRecords, send } from "../../cli/lab/otlp.ts";
import { openTestbed, showLogOnFailure, testbedWith, type Testbed } from "./support/testbed.ts";

/** Who may send OTLP to the real collector, and how. */

const sender = { "service.name": "shop" };
const soon = { timeout: 30_000, interval: 100 };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const refused: Record<string, Record<string, string>> = {
  "no header": {},
  "another token": bearer("another-token"),
  "a token that begins with the right one": bearer(`${tokens.current}x`),
  "the beginning of the token": bearer(tokens.current.slice(0, -1)),
  "no token": bearer(""),
  "the token alone": { authorization: tokens.current },
  "another scheme": { authorization: `Basic ${tokens.current}` },
};

describe("a collector that wants a token", () => {
  let open: Testbed | undefined;
  const testbed = (): Testbed => open!;
  beforeAll(async () => {
    open = await testbedWith({
      values: { collector: { auth: "bearer", cors: { origins: ["https://app.example.com"] } } },
    });
  });
  afterAll(() => open?.close());
  beforeEach((context) => {
    showLogOnFailure(context, () => open);
  });

  test.each(Object.entries(refused))("refuses %s over HTTP and gRPC, and keeps nothing", async (_, headers) => {
    const { otlp, grpc } = testbed();
    expect(await send(otlp, "logs", logRecords(sender, ["smuggled"]), headers)).toBe(401);
    expect(await exportTraces(grpc, headers)).toBe(codes.unauthenticated);
  });

  test("takes what comes with it, over HTTP and gRPC", async () => {
    const { otlp, grpc, store } = testbed();
    expect(await send(otlp, "logs", logRecords(sender, ["allowed"]), bearer(tokens.current))).toBe(200);
    expect(await exportTraces(grpc, bearer(tokens.current))).toBe(codes.ok);
    await vi.waitFor(() => {
      expect(store.logRecords().map(({ body }) => body)).toEqual(["allowed"]);
    }, soon);
  });

  test("takes none of the generation before", async () => {
    const { otlp } = testbed();
    expect(await send(otlp, "logs", logRecords(sender, ["late"]), bearer(tokens.previous))).toBe(401);
  });

  test("passes none on to GreptimeDB", async () => {
    const { otlp, store } = testbed();
    await send(otlp, "logs", logRecords(sender, ["again"]), bearer(tokens.current));
    await vi.waitFor(() => {
      expect(store.requestsFor("logs")).not.toHaveLength(0);
    }, soon);
    for (const { headers } of store.requests) expect(JSON.stringify(headers)).not.toContain(tokens.current);
  });

  test("tells anybody whether it is well, and browsers what they may ask", async () => {
    const { health, otlp } = testbed();
    expect((await fetch(health)).status).toBe(200);
    const preflight = await fetch(`${otlp}/v1/traces`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(preflight.headers.get("access-control-allow-headers")).toMatch(/authorization/i);
  });

  test("never writes it into its log", () => {
    expect(testbed().log()).not.toContain(tokens.current);
  });
});

test("during a rotation both tokens are taken, and no third", async (context) => {
  const values = { collector: { auth: "bearer", token: { generation: 2, keepPrevious: true } } };
  const { otlp, grpc } = await openTestbed(context, { values });
  for (const token of Object.values(tokens)) {
    expect(await send(otlp, "logs", logRecords(sender, ["x"]), bearer(token))).toBe(200);
    expect(await exportTraces(grpc, bearer(token))).toBe(codes.ok);
  }
  expect(await send(otlp, "logs", logRecords(sender, ["x"]), bearer("third-token"))).toBe(401);
});

/** The status of a log record sent by TLS, whoever has signed the certificate. */
const sendByTls = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${url}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      rejectUnauthorized: false,
    });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    });
    outgoing.end(JSON.stringify(logRecords(sender, ["by TLS"])));
  });

/** Whom a port says to be; with a version of TLS, whether it agrees to that. */
const presented = (url: string, version?: "TLSv1.1"): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const limits = version === undefined ? {} : { minVersion: version, maxVersion: version };
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ["h2"], ...limits });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve(String(socket.getPeerCertificate().subject.O));
      socket.destroy();
    });
  });

const pem = (what: string) => `-----BEGIN ${what}-----\nTUlJQg==\n-----END ${what}-----\n`;

test.for([
  ["of a cluster", { platform: "kubernetes", collector: { auth: "none", tlsSecret: "collector-tls" } }],
  ["of the settings", { collector: { tlsCertificate: pem("CERTIFICATE") }, collectorTlsKey: pem("PRIVATE KEY") }],
] as const)(
  "with a certificate %s it talks TLS alone, and takes a renewed one into use",
  async ([, values], context) => {
    const testbed = await openTestbed(context, {
      values,
      prepare: (directory) => {
        issueCertificate(directory, "first");
      },
      change: (config) => {
        for (const protocol of ["grpc", "http"]) {
          const path = ["receivers", "otlp", "protocols", protocol, "tls", "reload_interval"];
          expect(config.getIn(path)).toBe("5m");
          config.setIn(path, "1s");
        }
      },
    });
    const { otlp, grpc, store, health } = testbed;
    expect(otlp).toMatch(/^https:/);
    expect(await sendByTls(otlp)).toBe(200);
    await vi.waitFor(() => {
      expect(store.logRecords().map(({ body }) => body)).toEqual(["by TLS"]);
    }, soon);
    // over HTTP Go says so, over gRPC the connection breaks
    expect(await send(otlp.replace("https", "http"), "logs", logRecords(sender, ["in clear"]))).toBe(400);
    await expect(exportTraces(grpc)).rejects.toThrow();
    for (const url of [otlp, `https://${grpc}`]) {
      expect(await presented(url)).toBe("first");
      await expect(presented(url, "TLSv1.1")).rejects.toThrow();
    }
    expect((await fetch(health)).status).toBe(200);

    issueCertificate(testbed.directory, "second");
    await vi.waitFor(async () => {
      for (const url of [otlp, `https://${grpc}`]) expect(await presented(url)).toBe("second");
    }, soon);
  },
);
