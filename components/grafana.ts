import * as pulumi from "@pulumi/pulumi";

import { grafanaService } from "../configs/grafana/server.ts";
import type { SystemArgs } from "./greptimedb.ts";

/**
 * Grafana with its datasources.
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
    const published = { published: settings.grafana.port };
    const localAddress = `localhost:${String(settings.grafana.port)}`;
    this.url = `http://${platform.publicAddress(published) ?? localAddress}`;
    this.deployerUrl = `http://${platform.deployerAddress(published) ?? localAddress}`;
    platform.service(name, grafanaService(settings, this.url), { parent: this, secrets });
    this.registerOutputs({ url: this.url });
  }
}
