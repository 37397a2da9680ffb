import { folder } from "../../dashboards/content.ts";
import type { Deployment, Outputs, Symptom } from "../platform.ts";
import { npmCommandFor, pulumiCommandFor, type Session } from "../session.ts";
import { containersOf, isSick, logTail, type Container } from "./docker-cli.ts";
import { dockerEngine, type DockerEngine } from "./engine.ts";
import { noticeRemoved, startStopped, tookData } from "./heal.ts";
import { memoryMiB } from "./plan.ts";
import { freeDisk, portFree, preflight } from "./preflight.ts";

/** Deploying to a Docker engine. */
export async function dockerDeployment(session: Session, environment: NodeJS.ProcessEnv): Promise<Deployment> {
  const { configuration, graph } = session.recording;
  const { settings } = configuration;
  const engine = await dockerEngine(settings, environment);
  const { docker, endpoint, label } = engine;
  return {
    environment: engine.environment,
    preflight: () =>
      preflight({
        docker,
        endpoint,
        label,
        settings,
        memoryMiB: memoryMiB(graph),
        nodeVersion: process.versions.node,
        portFree,
        freeDisk,
      }),
    revive: (say) => startStopped(docker, label, say, 120),
    noticeRemoved: async (stack, say) => tookData(await noticeRemoved(stack, graph, docker, say)),
    places: (outputs) => places(outputs, session.stack),
    symptoms: () => symptoms(engine),
    advice: (reasons) =>
      /port is already allocated|address already in use/.test(reasons)
        ? "A port is taken; see the settings of the ports in docs/settings.md."
        : undefined,
  };
}

function places(outputs: Outputs, stack: string): [string, string][] {
  const value = (name: string): string => {
    const output = outputs[name]?.value;
    return typeof output === "string" ? output : "";
  };
  const endpoint = value("otlpHttpEndpoint") || value("otlpGrpcEndpoint") || value("networkOtlpEndpoint");
  const boards = Object.keys(outputs["dashboards"]?.value ?? {}).length;
  return [
    ["Grafana", `${value("grafanaUrl")}  (user ${value("grafanaUser")})`],
    ["Password", pulumiCommandFor(stack, "stack output grafanaPassword --show-secrets")],
    ["Dashboards", `${value("grafanaUrl")}/dashboards/f/${folder.uid}  (${String(boards)} of them)`],
    ["Send telemetry", `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`],
    ["A .env file", pulumiCommandFor(stack, "stack output env --show-secrets")],
    ["From containers", `docker run --network ${value("network")} … with ${value("networkOtlpEndpoint")}`],
    ["Connect an app", "docs/connect-your-app.md"],
    ["Stop", `${npmCommandFor(stack, "down")}   (the data stays)`],
  ];
}

/** The last lines of the log of each container that is not well. */
async function symptoms({ docker, label }: DockerEngine): Promise<Symptom[]> {
  const sick = (await containersOf(docker, label)).filter(isSick);
  const logs = await Promise.all(sick.map(({ name }) => logTail(docker, name, 15)));
  return sick.map((container, index) => ({
    what: container.name,
    state: `${state(container)}; the end of its log:`,
    lines: logs[index] ?? [],
  }));
}

function state({ running, exitCode, outOfMemory, health }: Container): string {
  if (outOfMemory) return "was killed because it reached its memory limit";
  return running ? `is ${health ?? "running"}` : `ended with exit code ${String(exitCode)}`;
}
