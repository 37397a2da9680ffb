import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { Graph } from "../../graph/index.ts";
import { containersOf, type Container, type DockerCli } from "./docker-cli.ts";

/** What a deployment by itself would not see: what somebody stopped or removed. */

/**
 * Starts this stack's services that are stopped, and waits until they are healthy. One that cannot be started, since
 * its network was removed for instance, is removed, so that it is made again: what it keeps is in its volumes.
 */
export async function startStopped(
  docker: DockerCli,
  label: string,
  say: (text: string) => void,
  patienceSeconds: number,
): Promise<void> {
  const stopped = (await containersOf(docker, label)).filter(isStoppedService).map(({ name }) => name);
  for (const name of stopped) {
    say(`  … starting ${name}, which was stopped\n`);
    if ((await docker(["start", name])).code !== 0) await docker(["rm", "--force", name]);
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
 * Lets the engine look at what it believes to be there and what Docker does not have, so that it makes it again. Only
 * at that: looking at everything would ask Grafana, which may be part of it.
 * @returns the URNs of what is missing
 */
export async function noticeRemoved(
  stack: Pick<Stack, "exportStack" | "refresh">,
  graph: Graph,
  docker: DockerCli,
  say: (text: string) => void,
): Promise<string[]> {
  const wanted = new Set(graph.nodes.map(({ urn }) => urn));
  const known = resourcesOf((await stack.exportStack()).deployment).filter(({ urn }) => wanted.has(urn));
  const missing = await Promise.all(known.map((resource) => isMissing(docker, resource)));
  const removed = known.filter((_, index) => missing[index]);
  if (removed.length === 0) return [];
  say(`  … making again what was removed: ${listed(removed)}\n`);
  const target = removed.map(({ urn }) => urn);
  await stack.refresh({ target, color: "never" });
  return target;
}

/** Whether data went with what was removed: the engine still believes in dashboards that were in Grafana's volume. */
export const tookData = (removed: readonly string[]): boolean => removed.some((urn) => urn.includes(`${volumeType}::`));

/** A few by name, many by number: `network obs, 8 containers`. */
function listed(resources: readonly Kept[]): string {
  const groups = Map.groupBy(resources, ({ type }) => kinds[type] ?? type);
  return [...groups]
    .map(([kind, group]) => {
      const names = group.map(({ inputs }) => String(inputs["name"]));
      if (names.length > 3) return `${String(names.length)} ${kind}s`;
      return `${kind}${names.length > 1 ? "s" : ""} ${names.join(", ")}`;
    })
    .join("; ");
}

const volumeType = "docker:index/volume:Volume";

/** Resource types that Docker can be asked about, with its names for them. */
const kinds: Readonly<Record<string, string>> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
  "docker:index/remoteImage:RemoteImage": "image",
  [volumeType]: "volume",
};

/** A resource as the engine keeps it. */
interface Kept {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const resourcesOf = (deployment: unknown): Kept[] => {
  const { resources = [] } = deployment as { resources?: Partial<Kept>[] };
  return resources.map(({ urn = "", type = "", id = "", inputs = {} }) => ({ urn, type, id, inputs }));
};

/** By id, which another network of the same name would not have; an image's id in the state is not Docker's. */
async function isMissing(docker: DockerCli, { type, id, inputs }: Kept): Promise<boolean> {
  const kind = kinds[type];
  if (kind === undefined) return false;
  const { code, stderr } = await docker(["inspect", "--type", kind, kind === "image" ? String(inputs["name"]) : id]);
  return code !== 0 && /no such|not found/i.test(stderr);
}
