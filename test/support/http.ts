import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The body as it came. */
  readonly raw: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
}

/** An HTTP server on loopback that writes down what it is asked. */
export async function recordingServer(answer: (request: Request) => Answer) {
  const requests: Request[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const raw = Buffer.concat(chunks);
      const request = { method, path: url, headers, body: raw.toString(), raw };
      requests.push(request);
      const { status, body = "" } = answer(request);
      outgoing.writeHead(status).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    port,
    requests,
    close: () =>
      new Promise<void>(
        (resolve) =>
          void server.close(() => {
            resolve();
          }),
      ),
  };
}
