import * as pulumi from "@pulumi/pulumi";

import { contentTask } from "../configs/grafana/content-task.ts";
import { grafanaService, serviceName } from "../configs/grafana/server.ts";
import { publishedContent } from "../dashboards/published.ts";
import type { SystemArgs } from "./greptimedb.ts";

/**
 * Grafana with its datasources; and with boards and rules, where these do not come through its API from outside.
 *
 * With the defaults: 1 GiB of memory, one volume, HTTP on 127.0.0.1:3001.
 */
export class Grafana extends pulumi.ComponentResource {
  /** Where people reach it, without trailing slash. */
  readonly url: string;
  /** Where the deploying machine reaches it. */
  readonly deployerUrl: string;

  constructor(name: string, { settings, platform, secrets }: SystemArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greptime-observability:grafana:Grafana", name, {}, opts);
    const port = { name: "http", published: settings.grafana.port };
    // not published: whoever forwards the port does so to the same one
    const forwarded = `http://localhost:${String(settings.grafana.port)}`;
    this.url = platform.publicUrl(serviceName, port) ?? forwarded;
    this.deployerUrl = platform.deployerUrl(serviceName, port) ?? forwarded;
    const placement = { parent: this, secrets };
    const published = publishedContent(settings, this.url);
    platform.service(name, grafanaService(settings, this.url, published), placement);
    if (published !== undefined) platform.task(`${name}-content`, contentTask(settings, published), placement);
    this.registerOutputs({ url: this.url });
  }
}
