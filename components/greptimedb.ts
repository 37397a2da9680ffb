import * as pulumi from "@pulumi/pulumi";

import { bootstraps } from "../configs/collector/service.ts";
import { bootstrapTask } from "../configs/greptimedb/bootstrap.ts";
import { standaloneService } from "../configs/greptimedb/standalone.ts";
import { httpUrl, paths, ports, storeFrom } from "../configs/greptimedb/store.ts";
import type { Settings } from "../configs/settings/settings.ts";
import type { Platform, Secrets } from "./platform/platform.ts";

/** Arguments of the components that make up a stack. */
export interface SystemArgs {
  readonly settings: Settings;
  readonly platform: Platform;
  /** Values of the secrets that the settings need. */
  readonly secrets: Secrets;
}

/**
 * GreptimeDB, as the topology says: a process of its own, or an endpoint that somebody else runs. With databases
 * and retention, where this stack manages them.
 *
 * Standalone, with the defaults: 2 GiB of memory, one volume, HTTP on 127.0.0.1:4000.
 */
export class GreptimeDb extends pulumi.ComponentResource {
  /** Base URL of the HTTP API as the other systems see it, without trailing slash. */
  readonly http: string;
  /** Base URL of the HTTP API from outside; undefined when it is not published. */
  readonly publicHttp: string | undefined;
  /** Base URL of the Prometheus API, from outside where published, else from inside. */
  readonly prometheusUrl: string;

  constructor(name: string, { settings, platform, secrets }: SystemArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greptime-observability:greptimedb:GreptimeDb", name, { topology: settings.greptimedb.topology }, opts);
    const placement = { parent: this, secrets };
    const external = settings.greptimedb.topology === "external";
    if (!external) platform.service(name, standaloneService(settings), placement);
    if (bootstraps(settings)) platform.task(`${name}-bootstrap`, bootstrapTask(settings), placement);
    this.http = httpUrl(storeFrom(settings));
    this.publicHttp = external ? this.http : publicHttp(settings, platform);
    this.prometheusUrl = `${this.publicHttp ?? this.http}${paths.prometheus}`;
    this.registerOutputs({ http: this.http, publicHttp: this.publicHttp, prometheusUrl: this.prometheusUrl });
  }
}

function publicHttp(settings: Settings, platform: Platform): string | undefined {
  const http = standaloneService(settings).ports.find(({ port }) => port === ports.http);
  const address = http === undefined ? undefined : platform.publicAddress(http);
  return address === undefined ? undefined : `http://${address}`;
}
