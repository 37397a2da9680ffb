import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { Graph } from "../graph/index.ts";
import { containersOf, type Container, type DockerCli } from "./docker.ts";

/** What a deployment by itself would not see: containers that somebody stopped or removed. */

/** Starts this stack's services that are stopped, and waits until they are healthy. */
export async function startStopped(
  docker: DockerCli,
  label: string,
  say: (text: string) => void,
  patienceSeconds: number,
): Promise<void> {
  const stopped = (await containersOf(docker, label)).filter(isStoppedService).map(({ name }) => name);
  for (const name of stopped) {
    say(`  … starting ${name}, which was stopped\n`);
    await docker(["start", name]);
  }
  const deadline = Date.now() + patienceSeconds * 1000;
  while (Date.now() < deadline && (await anyUnwell(docker, label, stopped))) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Tasks end or sleep and are not restarted; what should always run has this policy. */
const isStoppedService = ({ running, restart }: Container): boolean => !running && restart === "unless-stopped";

async function anyUnwell(docker: DockerCli, label: string, names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return false;
  const containers = await containersOf(docker, label);
  return containers.some(({ name, health }) => names.includes(name) && health !== undefined && health !== "healthy");
}

/**
 * Lets the engine look at containers that it believes to be there and that are not, so that it makes them again. Only
 * at these: looking at everything would ask Grafana, which may be one of them.
 */
export async function noticeRemoved(
  stack: Pick<Stack, "exportStack" | "refresh">,
  graph: Graph,
  present: readonly Container[],
  say: (text: string) => void,
): Promise<void> {
  const names = new Set(present.map(({ name }) => name));
  const missing = graph.nodes.filter(
    ({ type, inputs }) => type === containerType && !names.has(String(inputs["name"])),
  );
  if (missing.length === 0) return;
  const known = urnsOf((await stack.exportStack()).deployment);
  const removed = missing.filter(({ urn }) => known.has(urn));
  if (removed.length === 0) return;
  say(`  … ${removed.map(({ inputs }) => String(inputs["name"])).join(", ")} was removed, and is made again\n`);
  await stack.refresh({ target: removed.map(({ urn }) => urn), color: "never" });
}

const containerType = "docker:index/container:Container";

const urnsOf = (deployment: unknown): Set<string> => {
  const { resources = [] } = deployment as { resources?: readonly { readonly urn: string }[] };
  return new Set(resources.map(({ urn }) => urn));
};
