import { exitCodes, UserError } from "../exit.ts";
import type { Removal, RemovalOptions, Say } from "../platform.ts";
import { npmCommandFor, type Session } from "../session.ts";
import { kubectlCommand } from "./kubectl.ts";
import { surroundings } from "./machine.ts";
import { claimNames, workloadsIn, type Workload } from "./objects.ts";
import { clusterFindings } from "./preflight.ts";

/** Removing from a cluster. Never data: whoever deletes that has to see on which cluster. */
export async function kubernetesRemoval(session: Session, environment: NodeJS.ProcessEnv): Promise<Removal> {
  return {
    environment: {},
    check: async ({ data }) => {
      if (data) throw new UserError(refusal(session));
      const [problem] = clusterFindings(surroundings(session, environment)).filter(({ level }) => level === "problem");
      if (problem !== undefined)
        throw new UserError(`${problem.what}: ${problem.detail}\n${problem.remedy ?? ""}`, exitCodes.notReady);
    },
    data: () => Promise.resolve(claimsOf(session)),
    revive: () => Promise.resolve(),
    finish: async (options, say) => {
      finish(session, options, say);
    },
    advice: (reasons) => Promise.resolve(advice(reasons, session)),
  };
}

const claimsOf = ({ recording }: Session): string[] => workloadsIn(recording.graph).flatMap(claimNames);

/** The commands that delete data, for a person to read before running them. */
function deletionCommands({ recording }: Session): string[] {
  const { kubernetes } = recording.configuration.settings;
  const { namespace, createNamespace } = kubernetes;
  const selector = `--selector app.kubernetes.io/instance=${namespace}`;
  return [
    kubectlCommand(kubernetes, namespace, `delete persistentvolumeclaims ${selector}`),
    ...(createNamespace
      ? [`${kubectlCommand(kubernetes, undefined, `delete namespace ${namespace}`)}   (with all that is in it)`]
      : []),
  ];
}

const refusal = (session: Session): string =>
  [
    "--data does not delete data on a cluster; nothing was removed. To delete it for good:",
    `  ${npmCommandFor(session.stack, "down")}`,
    ...deletionCommands(session).map((command) => `  ${command}`),
  ].join("\n");

function finish(session: Session, { forgetGrafana }: RemovalOptions, say: Say): void {
  const { kubernetes } = session.recording.configuration.settings;
  const { namespace, createNamespace } = kubernetes;
  const claims = claimsOf(session);
  say("Pods and all that belongs to them are gone.\n");
  if (forgetGrafana) say(grafanaCommand(session));
  const stays = [
    ...(createNamespace ? [`the namespace ${namespace}`] : []),
    ...claims.map((claim) => `claim ${claim}`),
  ];
  if (stays.length === 0) return;
  say(
    `These stay, and ${npmCommandFor(session.stack, "up")} goes on with them: ${stays.join(", ")}.\nTo delete the data for good:\n`,
  );
  for (const command of deletionCommands(session)) say(`  ${command}\n`);
}

/** What is in Grafana goes with its claim, if it has one. */
function grafanaCommand({ recording }: Session): string {
  const { kubernetes } = recording.configuration.settings;
  const isGrafana = ({ part }: Workload) => part === "grafana";
  const claims = workloadsIn(recording.graph).filter(isGrafana).flatMap(claimNames);
  if (claims.length === 0) return "";
  const command = kubectlCommand(kubernetes, kubernetes.namespace, `delete persistentvolumeclaims ${claims.join(" ")}`);
  return `What was in Grafana is no longer managed; delete it with Grafana's own data:\n  ${command}\n`;
}

function advice(reasons: string, { stack, recording }: Session): string | undefined {
  const { kubernetes } = recording.configuration.settings;
  if (/unreachable|no such host|i\/o timeout/i.test(reasons))
    return `The cluster does not answer. Look at ${kubectlCommand(kubernetes, undefined, "cluster-info")}, then run ${npmCommandFor(stack, "down")} again.`;
  return /grafana/i.test(reasons)
    ? `If Grafana cannot be reached any more: ${npmCommandFor(stack, "down", "--forget-grafana")}`
    : undefined;
}
