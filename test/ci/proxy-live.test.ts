import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test, vi, type TestContext } from "vitest";

import { proxyConfig } from "../../configs/greptimedb/proxy.ts";
import { send, spans } from "../../cli/lab/otlp.ts";
import { afterOutage, bodies, numbered, sender, sendLogs, survives } from "./support/outage.ts";
import { freePort } from "../../cli/lab/ports.ts";
import { checked, Proxy } from "../../cli/lab/proxy.ts";
import { Store } from "../../cli/lab/store.ts";
import { openTestbed } from "./support/testbed.ts";

/** The real HAProxy between the real collector and servers in the place of a GreptimeDB cluster's frontends. */

const soon = { timeout: 30_000, interval: 100 };

describe("HAProxy", () => {
  test.each([
    { memoryMiB: 64, frontends: 1 },
    { memoryMiB: 128, frontends: 2 },
    { memoryMiB: 8192, frontends: 99 },
  ])("accepts the configuration for $frontends frontends in $memoryMiB MiB", (size) => {
    expect(checked(proxyConfig(size))).toBe("Configuration file is valid\n");
  });

  test("refuses a directive that it does not know", () => {
    const config = proxyConfig({ memoryMiB: 64, frontends: 1 }).replace("option httpchk", "option httpcheck");
    expect(() => checked(config)).toThrow(/unknown option 'httpcheck'/);
  });
});

describe("behind the proxy", () => {
  test.for([500, 401])(
    "nothing is lost and nothing comes twice while GreptimeDB answers %d",
    async (status, context) => {
      const testbed = await openTestbed(context, { proxied: true });
      const { store } = testbed;
      await survives(
        testbed,
        () => {
          store.status = status;
        },
        () => {
          store.status = 200;
        },
      );
      for (const signal of ["traces", "logs", "metrics"] as const) {
        expect(store.requestsFor(signal).filter((request) => request.status === status).length).toBeGreaterThanOrEqual(
          2,
        );
      }
      expect(new Set(bodies(store)).size).toBe(bodies(store).length);
      expect(new Set(store.spans().map(({ name }) => name)).size).toBe(store.spans().length);
    },
  );

  test("nothing is lost while the frontends refuse connections", async (context) => {
    const testbed = await openTestbed(context, { proxied: true });
    const { store } = testbed;
    await survives(
      testbed,
      () => store.stop(),
      () => store.start(),
    );
  });

  test("what GreptimeDB refuses with 400 is not sent again, and stands in nobody's way", async (context) => {
    const testbed = await openTestbed(context, { proxied: true });
    const { store } = testbed;
    store.status = 400;
    await sendLogs(testbed, ["refused"]);
    await vi.waitFor(() => {
      expect(store.requestsFor("logs")).toHaveLength(1);
    }, afterOutage);
    store.status = 200;
    // longer than the first pause before a retry
    await sleep(4000);
    await sendLogs(testbed, ["taken"]);
    await vi.waitFor(() => {
      expect(bodies(store)).toEqual(["taken"]);
    }, afterOutage);
    expect(store.requestsFor("logs").map(({ status }) => status)).toEqual([400, 200]);
  });
});

test("without the proxy, what is sent while GreptimeDB answers 500 is lost", async (context) => {
  const testbed = await openTestbed(context);
  const { store, otlp } = testbed;
  store.status = 500;
  const lost = numbered("lost", 20);
  await sendLogs(testbed, lost);
  expect(await send(otlp, "traces", spans(sender, lost))).toBe(200);
  await vi.waitFor(() => {
    expect(store.requestsFor("logs")).not.toHaveLength(0);
    expect(store.requestsFor("traces")).toHaveLength(1);
    expect(testbed.log()).toMatch(/Dropping data/);
  }, afterOutage);
  // what the collector still has is sent once more, and given up
  await sleep(4000);
  store.status = 200;
  await sendLogs(testbed, ["after"]);
  await vi.waitFor(() => {
    expect(bodies(store)).toEqual(["after"]);
  }, afterOutage);
  expect(store.spans()).toEqual([]);
});

/** Frontends on addresses of loopback, all at one port, and the proxy in front of them. */
async function withFrontends(context: TestContext, ...addresses: string[]) {
  const port = await freePort();
  const frontends = addresses.map((address) => new Store(port, address));
  for (const frontend of frontends) {
    context.onTestFinished(() => frontend.stop());
    await frontend.start();
  }
  const proxy = await Proxy.open(port, ...addresses);
  context.onTestFinished(() => proxy.close());
  context.onTestFailed(() => {
    process.stderr.write(`\nThe proxy's log:\n${proxy.log()}\n`);
  });
  return { proxy, frontends, frontend: frontends[0]! };
}

interface Post {
  readonly path?: string;
  readonly method?: string;
  readonly body?: Buffer;
  readonly headers?: Record<string, string>;
}

/** The status of a request whose path is sent as it is; `fetch` would tidy it. */
const post = (
  { url }: Proxy,
  { path = "/v1/otlp/v1/logs", method = "POST", body = Buffer.from("x"), headers = {} }: Post = {},
): Promise<number> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { path, method, headers: { "content-length": body.length, ...headers } });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      incoming.resume().once("error", reject);
      incoming.once("end", () => {
        resolve(incoming.statusCode ?? 0);
      });
    });
    outgoing.end(body);
  });

const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

describe("a request", () => {
  test("arrives as it was sent: credentials, database, pipeline, body", async (context) => {
    const { proxy, frontend } = await withFrontends(context, "127.0.0.1");
    const headers = {
      authorization: "Basic d3JpdGVyOnBhc3N3b3Jk",
      "content-type": "application/x-protobuf",
      "x-greptime-db-name": "traces",
      "x-greptime-pipeline-name": "greptime_trace_v1",
      "x-greptime-hints": "ttl=7d",
    };
    const body = randomBytes(10_000);
    expect(await post(proxy, { path: "/v1/otlp/v1/traces", body, headers })).toBe(200);
    expect(frontend.requests).toMatchObject([{ path: "/v1/otlp/v1/traces", headers, body }]);
  });

  test("may be as large as GreptimeDB takes", async (context) => {
    const { proxy, frontend } = await withFrontends(context, "127.0.0.1");
    const body = randomBytes(64 * 1024 * 1024);
    expect(await post(proxy, { body })).toBe(200);
    expect(frontend.requests.map((got) => sha256(got.body))).toEqual([sha256(body)]);
  });

  test("that is not OTLP gets nowhere", async (context) => {
    const { proxy, frontend } = await withFrontends(context, "127.0.0.1");
    const others: Post[] = [
      { path: "/" },
      { path: "/health" },
      { path: "/v1/sql" },
      { path: "/v1/otlp" },
      { path: "/v1/otlp/v1/logs/" },
      { path: "/v1/otlp/v1/logs/../../../sql" },
      { path: "/v1/otlp/v1/profiles" },
      { path: "/v1/prometheus/write" },
      { method: "GET" },
      { method: "DELETE" },
    ];
    for (const other of others) expect([other, await post(proxy, other)]).toEqual([other, 403]);
    expect(frontend.requests).toEqual([]);
  });

  test("that goes wrong is in the log, its credentials are not", async (context) => {
    const { proxy, frontend } = await withFrontends(context, "127.0.0.1");
    frontend.status = 500;
    await post(proxy, { headers: { authorization: "Basic secret-thing" }, body: Buffer.from("private words") });
    await vi.waitFor(() => {
      expect(proxy.log()).toContain("503 (GreptimeDB: 500) POST /v1/otlp/v1/logs");
    }, soon);
    expect(proxy.log()).not.toMatch(/secret-thing|private words/);
  });
});

test("of the answers, those that say nothing about the request become 503, the others stay", async (context) => {
  const { proxy, frontend } = await withFrontends(context, "127.0.0.1");
  const answers = [200, 400, 401, 403, 404, 408, 413, 415, 429, 500, 502, 503, 504];
  const seen: Record<number, number> = {};
  for (const status of answers) {
    frontend.status = status;
    seen[status] = await post(proxy);
  }
  const retried = { 401: 503, 403: 503, 404: 503, 408: 503, 500: 503 };
  expect(seen).toEqual({ ...Object.fromEntries(answers.map((status) => [status, status])), ...retried });
});

describe("of several frontends", () => {
  const both = ["127.0.0.2", "127.0.0.3"] as const;

  test("each gets its share, and one that is away is not missed", async (context) => {
    const { proxy, frontends } = await withFrontends(context, ...both);
    const [first, second] = frontends as [Store, Store];
    await vi.waitFor(async () => {
      await post(proxy);
      expect(first.requests).not.toHaveLength(0);
      expect(second.requests).not.toHaveLength(0);
    }, soon);
    await first.stop();
    const before = second.requests.length;
    // at once: no health check has seen it yet
    for (let sent = 0; sent < 20; sent++) expect(await post(proxy)).toBe(200);
    expect(second.requests).toHaveLength(before + 20);
  });

  test("none gets a request that another may have stored: the collector decides", async (context) => {
    const { proxy, frontends } = await withFrontends(context, ...both);
    for (const frontend of frontends) frontend.status = 0;
    expect(await post(proxy)).toBe(502);
    expect(frontends.flatMap(({ requests }) => requests)).toHaveLength(1);
  });

  test("one that comes back at another address is found", async (context) => {
    const { proxy, frontends } = await withFrontends(context, "127.0.0.2");
    const replaced = frontends[0]!;
    const next = new Store(replaced.port, "127.0.0.3");
    context.onTestFinished(() => next.stop());
    await replaced.stop();
    await vi.waitFor(async () => {
      expect([await proxy.asked("/ready"), await proxy.asked("/alive")]).toEqual([503, 200]);
    }, soon);
    expect(await post(proxy)).toBe(503);
    await next.start();
    proxy.names.addresses = ["127.0.0.3"];
    await vi.waitFor(async () => {
      expect(await proxy.asked("/ready")).toBe(200);
    }, soon);
    expect(await post(proxy)).toBe(200);
    expect(next.requests).toHaveLength(1);
  });
});

test("what it counts can be scraped", async (context) => {
  const { proxy } = await withFrontends(context, "127.0.0.1");
  const metrics = await (await fetch(`${proxy.health}/metrics`)).text();
  expect(metrics).toMatch(/^haproxy_server_http_responses_total\{proxy="frontends"/m);
});
