import * as pulumi from "@pulumi/pulumi";
import * as grafana from "@pulumiverse/grafana";

import { adminUser, port as grafanaPort, serviceName as grafanaService } from "../configs/grafana/server.ts";
import { otlpScheme } from "../configs/collector/access.ts";
import { directEnvFile, envFile } from "../configs/connect.ts";
import { storeFrom } from "../configs/greptimedb/store.ts";
import type { Configuration, Settings } from "../configs/settings/settings.ts";
import { boardsFor } from "../dashboards/content.ts";
import { Collector } from "./collector.ts";
import { GrafanaContent } from "./grafana-content.ts";
import { Grafana } from "./grafana.ts";
import { GreptimeDb } from "./greptimedb.ts";
import type { Platform, Secrets } from "./platform/platform.ts";
import { stackSecrets } from "./secrets.ts";
import { filled } from "./text.ts";

/** Arguments of {@link Observability}. */
export interface ObservabilityArgs {
  /** Checked settings and the secrets they need, from `configurationFrom`. */
  readonly configuration: Configuration;
  /** Where it runs. */
  readonly platform: Platform;
  /**
   * The provider for Grafana's API; not used where the settings publish by files.
   * @default - one is made, with the administrator's password, once Grafana is healthy
   */
  readonly grafanaProvider?: grafana.Provider;
}

/**
 * The observability backend of a team: GreptimeDB, the OpenTelemetry Collector in front of it, and Grafana with
 * datasources, dashboards and alert rules. In place when telemetry has been through all of it.
 *
 * Needs the providers `random` and those of its platform among its options. With the defaults it takes 3.6 GiB of
 * memory at most, three volumes, and four ports on loopback.
 * @example
 * const configuration = configurationFrom({ values: {}, encrypted: new Set() }, { ...known, instance: "obs" });
 * const platform = new DockerPlatform("docker", { instance: "obs", toolImage: images.greptimedb }, { providers });
 * new Observability("obs", { configuration, platform }, { providers });
 */
export class Observability extends pulumi.ComponentResource {
  /** What applications and people need, by name: the outputs of a stack. */
  readonly outputs: Readonly<Record<string, pulumi.Input<unknown>>>;

  constructor(
    name: string,
    { configuration, platform, grafanaProvider }: ObservabilityArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("greptime-observability:index:Observability", name, {}, opts);
    const { settings } = configuration;
    const secrets = stackSecrets(name, configuration.secrets, configuration.given, this);
    const system = { settings, platform, secrets };
    const greptimedb = new GreptimeDb(`${name}-greptimedb`, system, { parent: this });
    const collector = new Collector(`${name}-collector`, system, { parent: this });
    const server = new Grafana(`${name}-grafana`, system, { parent: this });
    if (settings.grafana.publish === "api") {
      const provider = grafanaProvider ?? this.#provider(`${name}-grafana-api`, server, secrets);
      new GrafanaContent(
        `${name}-content`,
        { settings, secrets, grafanaUrl: server.url },
        { parent: this, providers: [provider], dependsOn: [server] },
      );
    }
    platform.complete();
    this.outputs = outputs(configuration, { greptimedb, collector, server, platform, secrets });
    this.registerOutputs(this.outputs);
  }

  /** Depends on Grafana: whatever uses the provider waits until Grafana answers. */
  #provider(name: string, server: Grafana, secrets: Secrets): grafana.Provider {
    const auth = filled({ parts: [`${adminUser}:`, { secret: "grafanaAdminPassword" }] }, secrets);
    return new grafana.Provider(
      name,
      { url: server.deployerUrl, auth, retries: 10, retryWait: 3 },
      { parent: this, dependsOn: [server] },
    );
  }
}

/** Who may log in to GreptimeDB, for people's own clients; an external one's administrator only if it is known. */
const users = (
  settings: Settings,
  secrets: Secrets,
): Record<string, { user: string; password: pulumi.Input<string> }> =>
  Object.fromEntries(
    Object.entries(storeFrom(settings).users)
      .filter(([, { password }]) => password in secrets)
      .map(([role, { name, password }]) => [
        role,
        { user: name, password: filled({ parts: [{ secret: password }] }, secrets) },
      ]),
  );

interface Parts {
  readonly greptimedb: GreptimeDb;
  readonly collector: Collector;
  readonly server: Grafana;
  readonly platform: Platform;
  readonly secrets: Secrets;
}

function outputs({ settings }: Configuration, { greptimedb, collector, server, platform, secrets }: Parts) {
  const nearby = `${otlpScheme(settings)}://${platform.neighbourHost("collector")}:4318`;
  const { otlpHttp, otlpGrpc } = collector;
  const urls = { otlpHttp, otlpGrpc, nearby, greptimedb: greptimedb.publicHttp };
  const forward = platform.forwardCommand(grafanaService, grafanaPort, settings.grafana.port);
  return {
    grafanaUrl: server.url,
    grafanaUser: adminUser,
    grafanaPassword: filled({ parts: [{ secret: "grafanaAdminPassword" }] }, secrets),
    dashboards: Object.fromEntries(boardsFor(settings).map(({ uid, title }) => [title, `${server.url}/d/${uid}`])),
    ...(collector.otlpHttp === undefined ? {} : { otlpHttpEndpoint: collector.otlpHttp }),
    ...(collector.otlpGrpc === undefined ? {} : { otlpGrpcEndpoint: collector.otlpGrpc }),
    ...(greptimedb.publicHttp === undefined ? {} : { greptimedbUrl: greptimedb.publicHttp }),
    prometheusUrl: greptimedb.prometheusUrl,
    greptimedbUsers: users(settings, secrets),
    network: platform.network,
    ...(forward === undefined ? {} : { grafanaForward: forward }),
    networkOtlpEndpoint: nearby,
    env: filled(envFile(settings, urls), secrets),
    envDirect: filled(directEnvFile(settings, urls), secrets),
  };
}
