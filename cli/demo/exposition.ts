import { createServer } from "node:http";

import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import type { MetricData, ResourceMetrics } from "@opentelemetry/sdk-metrics";

import { packs } from "../../dashboards/packs.ts";
import { up } from "../../dashboards/scraping.ts";
import { UserError } from "../exit.ts";
import { only } from "./sending.ts";

/** The metrics that the catalogue wants scraped, on an endpoint of their own. */

const scraped = new Set(
  packs
    .flatMap(({ metrics }) => metrics)
    .filter(({ route }) => route === "scrape")
    .map(({ name }) => name),
);

/** Whether the catalogue has it scraped. */
export const isScraped = ({ descriptor }: MetricData): boolean => scraped.has(descriptor.name);

/** As Prometheus reads it. Whoever scrapes says whether the target is up. */
export function exposition(metrics: readonly ResourceMetrics[]): string {
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return only(metrics, (data) => isScraped(data) && data.descriptor.name !== up.name)
    .filter(({ scopeMetrics }) => scopeMetrics.some((scope) => scope.metrics.length > 0))
    .map((resourceMetrics) => serializer.serialize(resourceMetrics))
    .join("");
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * `9464` or `172.17.0.1:9464`.
 * @throws UserError when it is neither
 */
export function placeFrom(text: string): Place {
  const [, host = "127.0.0.1", port = ""] = /^(?:([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === "" || Number(port) < 1 || Number(port) > 65_535) {
    throw new UserError(
      `--serve-metrics ${text}: write a port, such as 9464, or an address and a port: 172.17.0.1:9464`,
    );
  }
  return { host: host.replaceAll(/[[\]]/g, ""), port: Number(port) };
}

/**
 * Serves `/metrics`, until it is closed.
 * @param metrics what there is now; undefined while the process that has them is down
 * @throws UserError when the port is in use
 */
export async function serve(
  { host, port }: Place,
  metrics: () => string | undefined,
): Promise<{ readonly close: () => Promise<void> }> {
  const server = createServer(({ url }, response) => {
    const text = url === "/metrics" ? metrics() : undefined;
    if (text === undefined) response.writeHead(url === "/metrics" ? 503 : 404).end();
    else response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`--serve-metrics: ${host}:${String(port)} cannot be used: ${reason}`);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
