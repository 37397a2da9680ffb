import { createServer } from "node:http";

import { freePort } from "../../../cli/lab/ports.ts";

/** A Prometheus endpoint of an application. */
export interface Target {
  /** `host:port`. */
  readonly address: string;
  /** What was asked for, path and query. */
  readonly asked: ReadonlySet<string>;
  /** From now on connections are refused. */
  die(): Promise<void>;
}

/** @param metrics in Prometheus' text format, the same each time */
export async function startTarget(metrics: string): Promise<Target> {
  const port = await freePort();
  const asked = new Set<string>();
  const server = createServer(({ url = "" }, outgoing) => {
    asked.add(url);
    outgoing.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(metrics);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    address: `127.0.0.1:${String(port)}`,
    asked,
    die: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
