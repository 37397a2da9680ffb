import type { Settings } from "../../configs/settings/settings.ts";
import { containersOf, isSick, type Container } from "../docker/docker-cli.ts";
import type { DockerEngine } from "../docker/engine.ts";
import { kubectlCli, type Kubectl } from "../kubernetes/kubectl.ts";
import { firstLine } from "../program.ts";
import { jsonOf } from "./http.ts";

/** What runs of a stack, as its platform says. */

export interface RunningPart {
  readonly name: string;
  /** In words: `healthy`, `ended with exit code 137`. */
  readonly state: string;
  readonly well: boolean;
  /** Since when, in RFC 3339; undefined where it does not run. */
  readonly since?: string;
}

/** The parts, or why nobody can say. */
export type Parts = readonly RunningPart[] | { readonly problem: string };

/** A stack's containers; tasks sleep once they are done, and those that prepared a volume have ended. */
export const dockerParts = async ({ docker, label }: DockerEngine): Promise<Parts> => {
  const version = await docker(["version", "--format", "{{.Server.Version}}"]);
  if (version.code !== 0)
    return { problem: version.code === 127 ? "there is no `docker` command on the path" : firstLine(version.stderr) };
  return (await containersOf(docker, label)).filter((one) => one.running || one.exitCode !== 0).map(ofContainer);
};

function ofContainer(container: Container): RunningPart {
  const { name, running, exitCode, outOfMemory, health, startedAt } = container;
  if (outOfMemory) return { name, state: "was killed: it reached its memory limit", well: false };
  if (!running) return { name, state: `ended with exit code ${String(exitCode)}`, well: false };
  return { name, state: health ?? "running", well: !isSick(container), since: startedAt };
}

interface Pod {
  readonly metadata?: { readonly name?: string; readonly ownerReferences?: readonly { readonly kind?: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly startTime?: string;
    readonly containerStatuses?: readonly {
      readonly ready?: boolean;
      readonly restartCount?: number;
      readonly state?: {
        readonly waiting?: { readonly reason?: string };
        readonly running?: { readonly startedAt?: string };
      };
    }[];
  };
}

/** A stack's pods; those of tasks that are done are left out. */
export async function kubernetesParts(
  settings: Settings["kubernetes"],
  kubectl: Kubectl = kubectlCli(settings),
): Promise<Parts> {
  const namespaces = [...new Set([settings.namespace, settings.agentNamespace])];
  const pods: Pod[] = [];
  for (const namespace of namespaces) {
    const { code, stdout, stderr } = await kubectl(["--namespace", namespace, "get", "pods", "--output", "json"]);
    if (code !== 0) return { problem: code === 127 ? "there is no `kubectl` on the path" : firstLine(stderr) };
    pods.push(...((jsonOf(stdout) as { items?: Pod[] } | undefined)?.items ?? []));
  }
  return pods.filter(({ status }) => status?.phase !== "Succeeded").map(ofPod);
}

function ofPod({ metadata, status = {} }: Pod): RunningPart {
  const containers = status.containerStatuses ?? [];
  const well = containers.length > 0 && containers.every(({ ready }) => ready === true);
  const restarts = Math.max(0, ...containers.map(({ restartCount = 0 }) => restartCount));
  const words = well ? "ready" : unready(status);
  const since = startOf(status);
  return {
    name: metadata?.name ?? "",
    state: restarts === 0 ? words : `${words}, started again ${String(restarts)} times`,
    well,
    ...(since === undefined ? {} : { since }),
  };
}

const startOf = ({ containerStatuses = [], startTime }: NonNullable<Pod["status"]>): string | undefined =>
  containerStatuses[0]?.state?.running?.startedAt ?? startTime;

/** `CrashLoopBackOff` and the like, where Kubernetes says why. */
function unready({ containerStatuses = [], phase = "unknown" }: NonNullable<Pod["status"]>): string {
  const waiting = containerStatuses.map(({ state }) => state?.waiting?.reason).find((why) => why !== undefined);
  return waiting ?? phase.toLowerCase();
}
