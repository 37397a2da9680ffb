import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { gunzipSync } from "node:zlib";

import { logRecordsIn, pointsIn, spansIn, type LogRecord, type Point, type Span } from "./decode.ts";
import { freePort } from "./ports.ts";

/** A request as it came in, its body unpacked. */
export interface StoreRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** How it was answered; 0: not at all. */
  readonly status: number;
}

/**
 * How a request is answered. `stall`: it is read, and nothing comes back until the server stops. `silence`: it is
 * stored, and the connection breaks before the answer.
 */
export type Answer = number | "stall" | "silence" | { readonly status: number; readonly retryAfter: number };

/** An HTTP server in the place of GreptimeDB, which writes down what it is sent. */
export class Store {
  /** Status of the answers from now on; 0: none, the connection breaks when the request is complete. */
  status = 200;
  /** Decides each answer, in place of {@link status}. */
  answers: (() => Answer) | undefined;
  readonly requests: StoreRequest[] = [];
  readonly port: number;
  readonly #host: string;
  #server: Server | undefined;

  constructor(port: number, host = "127.0.0.1") {
    this.port = port;
    this.#host = host;
  }

  get url(): string {
    return `http://${this.#host}:${String(this.port)}`;
  }

  /** From now on connections are accepted. */
  async start(): Promise<void> {
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const { url = "", headers } = incoming;
        // whatever becomes of requests, the process is well
        if (url === "/health") return outgoing.writeHead(200).end("{}");
        const sent = Buffer.concat(chunks);
        const body = headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
        const answer = this.answers?.() ?? this.status;
        const status = statusOf(answer);
        this.requests.push({ path: url, headers, body, status });
        if (answer === "stall") return undefined;
        if (status === 0 || answer === "silence") return incoming.socket.destroy();
        const wait = typeof answer === "object" ? { "retry-after": String(answer.retryAfter) } : {};
        return outgoing.writeHead(status, { "content-type": "application/x-protobuf", ...wait }).end();
      });
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, this.#host, resolve);
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
    return taken(this.requestsFor("traces")).flatMap(once(spansIn));
  }

  logRecords(): LogRecord[] {
    return taken(this.requestsFor("logs")).flatMap(once(logRecordsIn));
  }

  /** Points that were taken, of one metric or of all. */
  points(metric?: string): Point[] {
    const all = taken(this.requestsFor("metrics")).flatMap(once(pointsIn));
    return metric === undefined ? all : all.filter((point) => point.metric === metric);
  }
}

function statusOf(answer: Answer): number {
  if (answer === "stall") return 0;
  if (answer === "silence") return 200;
  return typeof answer === "number" ? answer : answer.status;
}

/** Whoever waits for something asks again and again: each request is read once. */
const read = new WeakMap<StoreRequest, unknown[]>();

const once =
  <T>(decode: (body: Buffer) => T[]) =>
  (request: StoreRequest): T[] => {
    const known = (read.get(request) as T[] | undefined) ?? decode(request.body);
    read.set(request, known);
    return known;
  };

const taken = (requests: readonly StoreRequest[]): StoreRequest[] => requests.filter(({ status }) => status === 200);

export async function startStore(): Promise<Store> {
  const store = new Store(await freePort());
  await store.start();
  return store;
}
