import * as docker from "@pulumi/docker";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { Observability } from "./components/observability.ts";
import { DockerPlatform } from "./components/platform/docker.ts";
import { KubernetesPlatform } from "./components/platform/kubernetes.ts";
import type { Platform } from "./components/platform/platform.ts";
import { SettingsError } from "./configs/settings/problems.ts";
import { configurationFrom, type Configuration, type RawConfig, type Settings } from "./configs/settings/settings.ts";
import { known } from "./dashboards/content.ts";

/** The program: settings, providers, platform, observability, outputs. Importing it does nothing. */
export default async function program(): Promise<Record<string, unknown>> {
  const configuration = checkedConfiguration();
  const { platform, providers } = placed(configuration.settings);
  const observability = new Observability("obs", { configuration, platform }, { providers });
  return { ...observability.outputs };
}

interface Place {
  readonly platform: Platform;
  readonly providers: pulumi.ProviderResource[];
}

const placed = (settings: Settings): Place =>
  settings.platform === "docker" ? onDocker(settings) : onKubernetes(settings);

function onDocker({ docker: engine, images }: Settings): Place {
  const providers = [new docker.Provider("docker", endpoint(engine)), new random.Provider("random")];
  const args = {
    instance: engine.name,
    bindAddress: engine.bindAddress,
    advertisedHost: engine.advertisedHost,
    hostGateway: engine.hostGateway,
    toolImage: images.greptimedb,
  };
  return { platform: new DockerPlatform("platform", args, { providers }), providers };
}

function onKubernetes({ kubernetes: cluster, images }: Settings): Place {
  const { kubeconfig = "", context, clusterIdentifier } = cluster;
  const args = {
    clusterIdentifier,
    // left out, the SDK would put KUBECONFIG in: another argument on each machine, and wrong where it names several files
    kubeconfig,
    ...(context === undefined ? {} : { context }),
    // a Secret whose values change is changed; its pods are rolled by the mark that they carry
    enableSecretMutable: true,
  };
  const providers = [new kubernetes.Provider("kubernetes", args), new random.Provider("random")];
  // the namespace is kept on destroy, with the volumes: the next deployment finds it
  const namespaceProvider = new kubernetes.Provider("kubernetes-namespace", { ...args, upsertExistingObjects: true });
  const platform = new KubernetesPlatform(
    "platform",
    { settings: cluster, toolImage: images.greptimedb, namespaceProvider },
    { providers },
  );
  return { platform, providers };
}

/** @throws pulumi.RunError with every problem at once, before the first resource */
function checkedConfiguration(): Configuration {
  try {
    return configurationFrom(stackConfig(), { ...known, instance: `${pulumi.getProject()}-${pulumi.getStack()}` });
  } catch (error) {
    if (error instanceof SettingsError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/** The stack's configuration of this project as it is: every key, so that unknown ones can be refused. */
function stackConfig(): RawConfig {
  const prefix = `${pulumi.getProject()}:`;
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
  return {
    values: Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), parsed(value)])),
    encrypted: new Set(own.filter(([key]) => isEncrypted(key)).map(([key]) => key.slice(prefix.length))),
  };
}

/** Objects and lists arrive as JSON, everything else as text. */
function parsed(value: string): unknown {
  if (!/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** The runtime knows which keys are encrypted, but does not declare the function that says so. */
function isEncrypted(key: string): boolean {
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret?: (key: string) => boolean };
  return isConfigSecret === undefined || isConfigSecret(key);
}

const endpoint = ({ host, context }: Configuration["settings"]["docker"]): docker.ProviderArgs => ({
  ...(host === undefined ? {} : { host }),
  ...(context === undefined ? {} : { context }),
});
