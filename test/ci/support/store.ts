import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { gunzipSync } from "node:zlib";

import { logRecordsIn, pointsIn, spansIn, type LogRecord, type Point, type Span } from "./decode.ts";
import { freePort } from "./ports.ts";

/** A request as it came in, its body unpacked. */
export interface StoreRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** How it was answered. */
  readonly status: number;
}

/** An HTTP server in the place of GreptimeDB, which writes down what it is sent. */
export class Store {
  /** Status of the answers from now on. */
  status = 200;
  readonly requests: StoreRequest[] = [];
  readonly #port: number;
  #server: Server | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** From now on connections are accepted. */
  async start(): Promise<void> {
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const { url = "", headers } = incoming;
        const sent = Buffer.concat(chunks);
        const body = headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
        this.requests.push({ path: url, headers, body, status: this.status });
        outgoing.writeHead(this.status, { "content-type": "application/x-protobuf" }).end();
      });
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
  }

  /** From now on connections are refused; those that are open break. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  /** Requests for a path below `/v1/otlp`, all or those that were taken. */
  requestsFor(signal: "traces" | "logs" | "metrics"): StoreRequest[] {
    return this.requests.filter(({ path }) => path === `/v1/otlp/v1/${signal}`);
  }

  spans(): Span[] {
    return taken(this.requestsFor("traces")).flatMap(({ body }) => spansIn(body));
  }

  logRecords(): LogRecord[] {
    return taken(this.requestsFor("logs")).flatMap(({ body }) => logRecordsIn(body));
  }

  /** Points that were taken, of one metric or of all. */
  points(metric?: string): Point[] {
    const all = taken(this.requestsFor("metrics")).flatMap(({ body }) => pointsIn(body));
    return metric === undefined ? all : all.filter((point) => point.metric === metric);
  }
}

const taken = (requests: readonly StoreRequest[]): StoreRequest[] => requests.filter(({ status }) => status === 200);

export async function startStore(): Promise<Store> {
  const store = new Store(await freePort());
  await store.start();
  return store;
}
