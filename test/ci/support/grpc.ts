import { connect, type IncomingHttpHeaders } from "node:http2";

/** Codes of gRPC that are of interest here. */
export const codes = { ok: 0, unauthenticated: 16 } as const;

/**
 * Sends an empty OTLP request for traces over gRPC.
 * @param address `host:port`
 * @returns the status code of gRPC
 */
export function exportTraces(address: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    session.once("error", reject);
    const stream = session.request({
      ":method": "POST",
      ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let status: unknown;
    stream.on("response", (answer) => (status = answer["grpc-status"] ?? status));
    stream.on("trailers", (trailers: IncomingHttpHeaders) => (status = trailers["grpc-status"] ?? status));
    stream.once("error", reject);
    stream.once("close", () => {
      session.close();
      if (status === undefined) reject(new Error("no answer in gRPC"));
      else resolve(Number(status));
    });
    stream.resume();
    // not compressed, of length 0
    stream.end(Buffer.alloc(5));
  });
}
