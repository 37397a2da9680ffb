import { folder } from "../../dashboards/content.ts";
import type { Deployment, Outputs, Symptom } from "../platform.ts";
import { npmCommandFor, pulumiCommandFor, type Session } from "../session.ts";
import { kubectlCommand } from "./kubectl.ts";
import { surroundings } from "./machine.ts";
import { workloadsIn } from "./objects.ts";
import { preflight } from "./preflight.ts";

/** Deploying to a cluster. */
export async function kubernetesDeployment(session: Session, environment: NodeJS.ProcessEnv): Promise<Deployment> {
  return {
    environment: {},
    preflight: () => preflight(surroundings(session, environment)),
    // the cluster does both by itself: pods are started again, and --refresh makes again what was removed
    revive: () => Promise.resolve(),
    noticeRemoved: () => Promise.resolve(false),
    places: (outputs) => places(outputs, session),
    symptoms: (failed) => Promise.resolve(symptoms(failed, session)),
    advice: (reasons) => advice(reasons, session),
  };
}

/** Where everything is, as far as anything can be reached. */
export function places(outputs: Outputs, { stack, recording }: Session): [string, string][] {
  const value = (name: string): string => {
    const output = outputs[name]?.value;
    return typeof output === "string" ? output : "";
  };
  const { kubernetes } = recording.configuration.settings;
  const person = `${value("grafanaUrl")}  (user ${value("grafanaUser")})`;
  const boards = Object.keys(outputs["dashboards"]?.value ?? {}).length;
  const outside = value("otlpHttpEndpoint");
  return [
    ...(kubernetes.ingress.grafana.host === undefined
      ? ([
          ["Grafana", value("grafanaForward")],
          ["", `and then ${person}`],
        ] as [string, string][])
      : ([["Grafana", person]] as [string, string][])),
    ["Password", pulumiCommandFor(stack, "stack output grafanaPassword --show-secrets")],
    ["Dashboards", `${value("grafanaUrl")}/dashboards/f/${folder.uid}  (${String(boards)} of them)`],
    ["From pods", `OTEL_EXPORTER_OTLP_ENDPOINT=${value("networkOtlpEndpoint")}`],
    ...(outside === "" ? [] : ([["From outside", `OTEL_EXPORTER_OTLP_ENDPOINT=${outside}`]] as [string, string][])),
    ["A .env file", pulumiCommandFor(stack, "stack output env --show-secrets")],
    ["What runs", kubectlCommand(kubernetes, kubernetes.namespace, "get pods")],
    ["Stop", `${npmCommandFor(stack, "down")}   (namespace and data stay)`],
  ];
}

/** How to look at what did not become ready. */
export function symptoms(failed: readonly string[], { recording }: Session): Symptom[] {
  const { kubernetes } = recording.configuration.settings;
  const sick = workloadsIn(recording.graph).filter(({ node }) => failed.includes(node.urn));
  const overview: Symptom = {
    what: "The pods",
    state: "and what happened to them lately:",
    lines: [
      kubectlCommand(kubernetes, kubernetes.namespace, "get pods"),
      kubectlCommand(kubernetes, kubernetes.namespace, "get events --sort-by .lastTimestamp"),
    ],
  };
  return [
    overview,
    ...sick.map(({ kind, part, namespace }): Symptom => {
      const selector = `--selector app.kubernetes.io/name=${part}`;
      return {
        what: part,
        state: `(${kind}) is not ready; why, is told by:`,
        lines: [
          kubectlCommand(kubernetes, namespace, `describe pods ${selector}`),
          kubectlCommand(kubernetes, namespace, `logs ${selector} --all-containers --prefix --tail 30`),
        ],
      };
    }),
  ];
}

function advice(reasons: string, { stack, recording }: Session): string | undefined {
  const { kubernetes } = recording.configuration.settings;
  if (/unreachable|connection refused|no such host|i\/o timeout/i.test(reasons))
    return `The cluster does not answer. Look at ${kubectlCommand(kubernetes, undefined, "cluster-info")}, then run ${npmCommandFor(stack, "up")} again.`;
  if (/conflict/i.test(reasons))
    return `Somebody changed, with another tool, a field that this stack sets. Put its value back, and run ${npmCommandFor(stack, "up")} again.`;
  if (/forbidden/i.test(reasons))
    return `Who deploys lacks a right. Look at ${kubectlCommand(kubernetes, kubernetes.namespace, "auth can-i --list")}.`;
  return undefined;
}
