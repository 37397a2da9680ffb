import type { DockerCli } from "../../cli/docker/docker-cli.ts";
import type { Result } from "../../cli/program.ts";

const ok = (stdout: string): Result => ({ code: 0, stdout, stderr: "" });

export interface FakeContainer {
  readonly name: string;
  readonly running?: boolean;
  readonly health?: string;
  readonly exitCode?: number;
  readonly restart?: string;
  readonly hostPorts?: readonly number[];
  readonly startedAt?: string;
  readonly log?: string;
  readonly outOfMemory?: boolean;
}

export interface FakeEngine {
  readonly system?: string;
  readonly apiVersion?: string;
  readonly memoryMiB?: number;
  readonly containers?: readonly FakeContainer[];
  readonly volumes?: readonly string[];
  /** Images that are not there, by a part of their names. */
  readonly absentImages?: readonly string[];
}

/** A `docker` command that answers as Docker 20.10 and later do, from a list. */
export function fakeDocker({
  apiVersion = "1.41",
  memoryMiB = 8192,
  containers = [],
  volumes = [],
  system = "Test OS",
  absentImages = [],
}: FakeEngine = {}) {
  const calls: string[][] = [];
  const answers: [RegExp, (args: readonly string[]) => Result][] = [
    [/^version /, () => ok(JSON.stringify({ Version: "20.10.24", ApiVersion: apiVersion }))],
    [
      /^info /,
      () =>
        ok(
          JSON.stringify({
            MemTotal: memoryMiB * 1024 * 1024,
            OperatingSystem: system,
            DockerRootDir: "/var/lib/docker",
          }),
        ),
    ],
    [/^context inspect/, () => ok("unix:///var/run/docker.sock\n")],
    [/^ps /, () => ok(containers.map(({ name }) => `id-${name}\n`).join(""))],
    [
      /^inspect /,
      (args) => ok(JSON.stringify(containers.filter(({ name }) => args.includes(`id-${name}`)).map(inspected))),
    ],
    [
      /^image inspect/,
      (args) =>
        absentImages.some((part) => args.at(-1)?.includes(part))
          ? { code: 1, stdout: "[]\n", stderr: "Error: No such image" }
          : ok("sha256:1\n"),
    ],
    [/^logs /, (args) => ok(containers.find(({ name }) => name === args.at(-1))?.log ?? "")],
    [/^volume ls/, () => ok(volumes.map((name) => `${name}\n`).join(""))],
  ];
  const docker: DockerCli = (args) => {
    calls.push([...args]);
    const answer = answers.find(([pattern]) => pattern.test(`${args.join(" ")} `));
    return Promise.resolve(answer === undefined ? ok("") : answer[1](args));
  };
  return { docker, calls };
}

const inspected = ({
  name,
  running = true,
  health,
  exitCode = 0,
  restart = "unless-stopped",
  hostPorts = [],
  outOfMemory = false,
  startedAt = "2026-11-30T10:00:00.123456789Z",
}: FakeContainer) => ({
  Name: `/${name}`,
  State: {
    Running: running,
    ExitCode: exitCode,
    OOMKilled: outOfMemory,
    StartedAt: startedAt,
    ...(health === undefined ? {} : { Health: { Status: health } }),
  },
  HostConfig: {
    RestartPolicy: { Name: restart },
    PortBindings: Object.fromEntries(hostPorts.map((port) => [`${String(port)}/tcp`, [{ HostPort: String(port) }]])),
  },
});
