import * as pulumi from "@pulumi/pulumi";

import { ledgerServices } from "../configs/collector/ledger/service.ts";
import { ports, serviceName } from "../configs/collector/ports.ts";
import { proofTask } from "../configs/collector/proof.ts";
import { collectorServices } from "../configs/collector/service.ts";
import type { SystemArgs } from "./greptimedb.ts";

/**
 * The OpenTelemetry Collector with its queues, and the proof that what goes in arrives.
 *
 * With the defaults: 512 MiB of memory, one volume of up to 4 GiB, OTLP on 127.0.0.1:4317 and 4318.
 */
export class Collector extends pulumi.ComponentResource {
  /** OTLP over HTTP from outside, without path; undefined when it is not published. */
  readonly otlpHttp: string | undefined;
  /** OTLP over gRPC from outside; undefined when it is not published. */
  readonly otlpGrpc: string | undefined;

  constructor(name: string, { settings, platform, secrets }: SystemArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greptime-observability:collector:Collector", name, {}, opts);
    const placement = { parent: this, secrets };
    const services = collectorServices(settings);
    for (const service of services) platform.service(resourceName(name, service), service, placement);
    platform.task(`${name}-proof`, proofTask(settings), placement);
    for (const service of ledgerServices(settings)) platform.service(resourceName(name, service), service, placement);
    const url = (port: number): string | undefined => {
      const found = services.find(({ name: service }) => service === serviceName)?.ports.find((at) => at.port === port);
      return found === undefined ? undefined : platform.publicUrl(serviceName, found);
    };
    this.otlpHttp = url(ports.otlpHttp);
    this.otlpGrpc = url(ports.otlpGrpc);
    this.registerOutputs({ otlpHttp: this.otlpHttp, otlpGrpc: this.otlpGrpc });
  }
}

/** `collector` is the component's own name; `collector-agent` becomes `<component>-agent`. */
const resourceName = (name: string, { name: part }: { readonly name: string }): string =>
  `${name}${part.slice(serviceName.length)}`;
