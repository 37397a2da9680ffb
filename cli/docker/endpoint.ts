import { dockerCli, endpointOf } from "./docker-cli.ts";

/** Which Docker engine: the settings' own, else what DOCKER_HOST or the CLI's current context say. */

export interface EngineSettings {
  readonly host?: string | undefined;
  readonly context?: string | undefined;
}

/** Options that make the Docker CLI talk to the engine of the settings. */
export function endpointOptions({ host, context }: EngineSettings): string[] {
  if (host !== undefined) return ["--host", host];
  return context === undefined ? [] : ["--context", context];
}

/** The engine's endpoint, as far as it can be found out. */
export async function endpointFor(engine: EngineSettings, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (engine.host !== undefined) return engine.host;
  if (engine.context === undefined && environment["DOCKER_HOST"] !== undefined) return environment["DOCKER_HOST"];
  return endpointOf(dockerCli(endpointOptions(engine)));
}

/** Where the provider looks by itself. */
const usual = ["unix:///var/run/docker.sock", "npipe:////./pipe/docker_engine"];

/**
 * The provider knows DOCKER_HOST and the usual socket, but not the CLI's current context: what the CLI found is handed
 * on. Not where the provider would look anyway: the variable becomes an argument of the provider, and a run without
 * it would take that for a change.
 */
export function engineEnvironment(
  { host, context }: EngineSettings,
  endpoint: string | undefined,
): Record<string, string> {
  const found = host === undefined && context === undefined && endpoint !== undefined && !usual.includes(endpoint);
  return found ? { DOCKER_HOST: endpoint } : {};
}
