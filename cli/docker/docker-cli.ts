import { firstLine, run, type Result } from "../program.ts";

/** The Docker CLI, as far as the commands need it. It knows the user's contexts, certificates and SSH keys. */

/** Runs `docker` with these arguments. */
export type DockerCli = (args: readonly string[]) => Promise<Result>;

/** The real one. `endpoint` are options such as `--context colima`. */
export const dockerCli =
  (endpoint: readonly string[], timeoutSeconds = 60): DockerCli =>
  (args) =>
    run("docker", [...endpoint, ...args], timeoutSeconds);

export interface Engine {
  readonly version: string;
  readonly apiVersion: string;
  /** Bytes of memory that containers can have. */
  readonly memory: number;
  /** What it runs on: `Docker Desktop`, `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string;
  /** Where it keeps images and volumes, on its own machine; undefined where it does not say. */
  readonly root: string | undefined;
}

/** The engine behind the CLI, or why it cannot be reached. */
export async function engineOf(docker: DockerCli): Promise<Engine | { readonly problem: string }> {
  const version = await docker(["version", "--format", "{{json .Server}}"]);
  if (version.code === 127) return { problem: "there is no `docker` command on the path" };
  if (version.code !== 0) return { problem: firstLine(version.stderr) };
  const info = await docker(["info", "--format", "{{json .}}"]);
  if (info.code !== 0) return { problem: firstLine(info.stderr) };
  const server = JSON.parse(version.stdout) as { Version: string; ApiVersion: string };
  const { MemTotal, OperatingSystem, DockerRootDir } = JSON.parse(info.stdout) as {
    MemTotal: number;
    OperatingSystem: string;
    DockerRootDir?: string;
  };
  return {
    version: server.Version,
    apiVersion: server.ApiVersion,
    memory: MemTotal,
    system: OperatingSystem,
    root: DockerRootDir,
  };
}

/** The endpoint that the CLI talks to, which follows the current context. */
export async function endpointOf(docker: DockerCli): Promise<string | undefined> {
  const answer = await docker(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]);
  const endpoint = answer.stdout.trim();
  return answer.code === 0 && endpoint !== "" ? endpoint : undefined;
}

export interface Container {
  readonly name: string;
  readonly running: boolean;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** `healthy`, `unhealthy`, `starting`; none if it has no health check. */
  readonly health: string | undefined;
  readonly restart: string;
  /** When it was started last, in RFC 3339. */
  readonly startedAt: string;
  /** Ports on the host that it holds while it runs. */
  readonly hostPorts: readonly number[];
}

interface Inspected {
  Name: string;
  State: { Running: boolean; ExitCode: number; OOMKilled: boolean; StartedAt: string; Health?: { Status: string } };
  HostConfig: { RestartPolicy: { Name: string }; PortBindings: Record<string, { HostPort: string }[] | null> | null };
}

/** Containers with a label, in order of name. */
export async function containersOf(docker: DockerCli, label: string): Promise<Container[]> {
  const list = await docker(["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${label}`]);
  const ids = list.stdout.split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const details = await docker(["inspect", "--type", "container", ...ids]);
  return (JSON.parse(details.stdout) as Inspected[]).map(containerFrom).sort((a, b) => (a.name < b.name ? -1 : 1));
}

const containerFrom = ({ Name, State, HostConfig }: Inspected): Container => ({
  name: Name.replace(/^\//, ""),
  running: State.Running,
  exitCode: State.ExitCode,
  outOfMemory: State.OOMKilled,
  health: State.Health?.Status,
  restart: HostConfig.RestartPolicy.Name,
  startedAt: State.StartedAt,
  hostPorts: Object.values(HostConfig.PortBindings ?? {}).flatMap((bindings) =>
    (bindings ?? []).map(({ HostPort }) => Number(HostPort)),
  ),
});

/** Whether it should be looked at: it does not work, or ended in failure. */
export const isSick = ({ running, exitCode, health }: Container): boolean =>
  running ? health !== undefined && health !== "healthy" : exitCode !== 0;

/** The last lines of a container's log. */
export async function logTail(docker: DockerCli, name: string, lines: number): Promise<string[]> {
  const { stdout, stderr } = await docker(["logs", "--tail", String(lines), name]);
  return `${stdout}${stderr}`
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-lines);
}

/** Volumes with a label. */
export async function volumesOf(docker: DockerCli, label: string): Promise<string[]> {
  const { stdout } = await docker(["volume", "ls", "--quiet", "--filter", `label=${label}`]);
  return stdout
    .split("\n")
    .filter((name) => name !== "")
    .sort();
}
