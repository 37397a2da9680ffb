import { exitCodes, UserError } from "../exit.ts";
import type { Removal, RemovalOptions, Say } from "../platform.ts";
import { npmCommandFor, type Session } from "../session.ts";
import { containersOf, volumesOf } from "./docker-cli.ts";
import { dockerEngine, type DockerEngine } from "./engine.ts";
import { startStopped } from "./heal.ts";

/** Removing from a Docker engine. */
export async function dockerRemoval(session: Session, environment: NodeJS.ProcessEnv): Promise<Removal> {
  const { settings } = session.recording.configuration;
  const engine = await dockerEngine(settings, environment);
  const { docker, label } = engine;
  return {
    environment: engine.environment,
    check: async () => {
      const reachable = await docker(["version", "--format", "{{.Server.Version}}"]);
      if (reachable.code !== 0)
        throw new UserError(`Docker cannot be reached: ${reachable.stderr.trim()}`, exitCodes.notReady);
    },
    data: () => volumesOf(docker, label),
    // dashboards and rules are deleted through Grafana, so it must answer
    revive: (say) => startStopped(docker, label, say, 120),
    finish: (options, say) => finish(engine, settings.docker.name, session.stack, options, say),
    advice: (reasons) => advice(engine, settings.docker.name, session.stack, reasons),
  };
}

async function finish(
  { docker, label }: DockerEngine,
  instance: string,
  stack: string,
  { data, forgetGrafana }: RemovalOptions,
  say: Say,
): Promise<void> {
  const all = await volumesOf(docker, label);
  const grafanaVolume = `${instance}-grafana-data`;
  const doomed = data ? all : forgetGrafana ? all.filter((name) => name === grafanaVolume) : [];
  for (const name of doomed) {
    const result = await docker(["volume", "rm", name]);
    say(result.code === 0 ? `  ✔ volume ${name} removed\n` : `  ✘ volume ${name}: ${result.stderr.trim()}\n`);
  }
  const kept = await volumesOf(docker, label);
  const running = await containersOf(docker, label);
  say(
    running.length === 0
      ? "Containers and network are gone.\n"
      : `Still there: ${running.map(({ name }) => name).join(", ")}\n`,
  );
  if (kept.length > 0) {
    say(
      `The data is kept in ${kept.join(", ")}; ${npmCommandFor(stack, "up")} goes on with it, ${npmCommandFor(stack, "down", "--data")} removes it.\n`,
    );
  }
}

async function advice(
  { docker }: DockerEngine,
  network: string,
  stack: string,
  reasons: string,
): Promise<string | undefined> {
  if (/active endpoints|platform-network.*state to become 'removed'/.test(reasons)) {
    const { stdout } = await docker([
      "network",
      "inspect",
      network,
      "--format",
      "{{range .Containers}}{{.Name}} {{end}}",
    ]);
    return `Other containers are still in the network ${network}: ${stdout.trim()}. Stop them, or docker network disconnect them, and run this again.`;
  }
  return /grafana|connection refused|EOF/i.test(reasons)
    ? `If Grafana cannot be started any more: ${npmCommandFor(stack, "down", "--forget-grafana")}`
    : undefined;
}
