import { instanceLabelName } from "../../configs/instance.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { dockerCli, type DockerCli } from "./docker-cli.ts";
import { endpointFor, endpointOptions, engineEnvironment } from "./endpoint.ts";

/** The Docker engine of a stack. */
export interface DockerEngine {
  readonly docker: DockerCli;
  /** Where it is, as far as that can be found out. */
  readonly endpoint: string | undefined;
  /** Label of this stack's containers and volumes. */
  readonly label: string;
  /** What leads the provider to the engine that the Docker CLI found. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Finds the engine; touches nothing. */
export async function dockerEngine(
  { docker: engine }: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<DockerEngine> {
  const endpoint = await endpointFor(engine, environment);
  return {
    docker: dockerCli(endpointOptions(engine)),
    endpoint,
    label: `${instanceLabelName}=${engine.name}`,
    environment: engineEnvironment(engine, endpoint),
  };
}
