import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { authorization, startCollector, type Collector } from "../collector.ts";
import { freePort } from "../ports.ts";
import type { Places } from "../relocate.ts";
import type { Payload } from "./payloads.ts";
import type { Variant } from "./variants.ts";

/** One run of one variant: so many records from a source, through the collector, to a sink. */
export interface Measurement {
  /** Records that arrived, a second. */
  readonly perSecond: number;
  /** Seconds of the collector's processor time for a million records. */
  readonly cpuPerMillion: number;
  /** The most memory of its own that the collector had in RAM, in bytes. */
  readonly peakMemory: number;
  /** Requests that were not taken at once, and sent again. */
  readonly refused: number;
}

/** Connections of the source, each with one request under way. */
const connections = 4;

/** @throws Error when a record does not arrive */
export async function measure(
  variant: Variant,
  payload: Payload,
  records: number,
  core?: number,
): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const sink = await startSink();
  const names = ["otlpGrpc", "otlpHttp", "telemetry", "health"] as const;
  const free = await Promise.all(names.map(() => freePort()));
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index]])) as Places["ports"];
  const places: Places = { directory, ports, store: sink.url, targets: {} };
  const file = join(directory, "config.yaml");
  writeFileSync(file, variant.config(places));
  const environment = { GREPTIMEDB_AUTHORIZATION: authorization, GOMEMLIMIT: "819MiB" };
  let collector: Collector | undefined;
  try {
    collector = await startCollector(file, `http://127.0.0.1:${String(ports.health)}/`, environment, core);
    const place = {
      url: `http://127.0.0.1:${String(ports.otlpHttp)}/v1/${payload.signal}`,
      telemetry: ports.telemetry,
    };
    const requests = inFull(records / payload.records);
    // code, connections and files are there before it counts
    const warmUp = inFull(requests / 5);
    await through(place, payload, warmUp, 0);
    const [cpu, start] = [collector.cpuSeconds(), performance.now()];
    const refused = await through(place, payload, requests, warmUp);
    const seconds = (performance.now() - start) / 1000;
    const count = requests * payload.records;
    return {
      perSecond: count / seconds,
      cpuPerMillion: ((collector.cpuSeconds() - cpu) / count) * 1e6,
      peakMemory: collector.peakMemory(),
      refused,
    };
  } finally {
    await collector?.kill();
    sink.server.closeAllConnections();
    await new Promise((resolve) => sink.server.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** So many that no batch is left half full, which would wait a second for more. */
const inFull = (requests: number): number => Math.ceil(requests / 8) * 8;

/** A server that takes everything and looks at nothing. */
async function startSink(): Promise<{ server: Server; url: string }> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.once("end", () => outgoing.writeHead(200, { "content-type": "application/x-protobuf" }).end());
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${String(port)}` };
}

interface Place {
  readonly url: string;
  readonly telemetry: number;
}

/** Sends so many requests and waits until all their records have left. @returns how often one was refused */
async function through(place: Place, payload: Payload, requests: number, before: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let [next, refused] = [0, 0];
  const sender = async () => {
    for (let index = next++; index < requests; index = next++) {
      const body = payload.bodies[index % payload.bodies.length] ?? Buffer.alloc(0);
      while ((await post(place.url, body, agent)) !== 200) {
        refused += 1;
        await sleep(10);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, sender));
  agent.destroy();
  await allSent(place, payload, (before + requests) * payload.records);
  return refused;
}

const post = (url: string, body: Buffer, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
    const outgoing = request(url, { method: "POST", headers, agent }, (response) => {
      response.resume();
      response.once("end", () => {
        resolve(response.statusCode ?? 0);
      });
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });

const things = { traces: "spans", logs: "log_records", metrics: "metric_points" } as const;

/** The collector counts what the sink has taken; its own metrics, which it sends as well, are another exporter's. */
async function allSent({ telemetry }: Place, { signal }: Payload, expected: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${String(telemetry)}/metrics`)).text();
    const sent = text
      .split("\n")
      .filter(
        (line) => line.startsWith(`otelcol_exporter_sent_${things[signal]}`) && !line.includes('"otlp_http/scraped"'),
      )
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    if (sent >= expected) return;
    if (Date.now() > deadline)
      throw new Error(`only ${String(sent)} of ${String(expected)} records arrived within two minutes`);
    await sleep(20);
  }
}
