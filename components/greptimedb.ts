import * as pulumi from "@pulumi/pulumi";

import { greptimedbServices, greptimedbTasks } from "../configs/greptimedb/services.ts";
import { httpUrl, paths, ports, serviceName, storeFrom } from "../configs/greptimedb/store.ts";
import { isTask, startOrder, type Service } from "../configs/service.ts";
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
 * GreptimeDB, as the topology says: a process of its own, a cluster of processes, or an endpoint that somebody else
 * runs. With databases and retention, where this stack manages them.
 *
 * Standalone, with the defaults: 2 GiB of memory, one volume, HTTP on 127.0.0.1:4000. A cluster on Docker, with the
 * defaults: 6.3 GiB, three volumes, the same port.
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
    const services = greptimedbServices(settings);
    for (const part of startOrder([...services, ...greptimedbTasks(settings)])) {
      if (isTask(part)) platform.task(resourceName(name, part), part, placement);
      else platform.service(resourceName(name, part), part, placement);
    }
    this.http = httpUrl(storeFrom(settings));
    this.publicHttp = external ? this.http : publicHttp(services, platform);
    this.prometheusUrl = `${this.publicHttp ?? this.http}${paths.prometheus}`;
    this.registerOutputs({ http: this.http, publicHttp: this.publicHttp, prometheusUrl: this.prometheusUrl });
  }
}

/** `greptimedb` is the component's own name; `greptimedb-datanode` becomes `<component>-datanode`. */
const resourceName = (name: string, { name: part }: { readonly name: string }): string =>
  `${name}${part.slice(serviceName.length)}`;

function publicHttp(services: readonly Service[], platform: Platform): string | undefined {
  const urls = services.flatMap(({ name, ports: open }) =>
    open.filter(({ port }) => port === ports.http).map((http) => platform.publicUrl(name, http)),
  );
  return urls.find((url) => url !== undefined);
}
