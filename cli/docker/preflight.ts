import { statfs } from "node:fs/promises";
import { createServer } from "node:net";

import { publishedPorts } from "../../configs/settings/rules.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { nodeFinding, type Finding } from "../finding.ts";
import { readableSize, some } from "../terminal.ts";
import { containersOf, engineOf, type DockerCli, type Engine } from "./docker-cli.ts";

/** What a deployment to Docker needs of the machine and of the engine. */

export interface PreflightInput {
  readonly docker: DockerCli;
  /** The endpoint, where it is known: a remote one has other ports and addresses than this machine. */
  readonly endpoint: string | undefined;
  readonly settings: Settings;
  /** Sum of the memory limits, in MiB. */
  readonly memoryMiB: number;
  /** Label that marks this stack's own containers. */
  readonly label: string;
  readonly nodeVersion: string;
  /** Whether a port of this machine can be listened on. */
  readonly portFree: (port: number, address: string) => Promise<boolean>;
  /** Free bytes of the file system that a directory of this machine is on; undefined if it cannot be looked at. */
  readonly freeDisk: (directory: string) => Promise<number | undefined>;
}

/** The API of Docker 20.10, the oldest engine that this was tried on. */
const oldestApi = "1.41";

export async function preflight(input: PreflightInput): Promise<Finding[]> {
  const engine = await engineOf(input.docker);
  const node = nodeFinding(input.nodeVersion);
  if ("problem" in engine) {
    const remedy =
      "start Docker, or point to it: DOCKER_HOST, `docker context use`, or the setting docker.host or docker.context";
    return [node, { what: "Docker", level: "problem", detail: `cannot be reached: ${engine.problem}`, remedy }];
  }
  return [
    node,
    engineFinding(engine),
    memoryFinding(engine, input.memoryMiB),
    ...(await diskFindings(engine, input)),
    await imageFinding(input),
    ...(await addressFindings(input)),
  ];
}

function engineFinding({ version, apiVersion, system }: Engine): Finding {
  const detail = `${version} (API ${apiVersion}) on ${system}`;
  if (older(apiVersion, oldestApi)) {
    return {
      what: "Docker",
      level: "problem",
      detail,
      remedy: `upgrade Docker: API ${oldestApi} or later is needed (Docker 20.10)`,
    };
  }
  return { what: "Docker", level: "ok", detail };
}

const older = (version: string, than: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than.split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
};

/** Limits are upper bounds, so more than there is may work; one that is larger than all there is cannot. */
function memoryFinding(engine: Engine, wantedMiB: number): Finding {
  const haveMiB = Math.floor(engine.memory / (1024 * 1024));
  const detail = `${readableSize(wantedMiB)} at most, of ${readableSize(haveMiB)} that Docker has`;
  if (wantedMiB <= haveMiB) return { what: "Memory", level: "ok", detail };
  const remedy = "give Docker more memory, or lower greptimedb.memory, collector.memory and grafana.memory";
  return { what: "Memory", level: wantedMiB > haveMiB * 2 ? "problem" : "warning", detail, remedy };
}

/** Room for the images and for the first days of data; a GreptimeDB that cannot write stops taking data. */
const littleDiskMiB = 10 * 1024;

/** Of an engine that runs on this machine itself, not in a virtual one of it. */
async function diskFindings({ root, system }: Engine, { endpoint, freeDisk }: PreflightInput): Promise<Finding[]> {
  if (root === undefined || endpoint?.startsWith("unix:") !== true || system === "Docker Desktop") return [];
  const free = await freeDisk(root);
  if (free === undefined) return [];
  const freeMiB = Math.floor(free / (1024 * 1024));
  const detail = `${readableSize(freeMiB)} free where Docker keeps volumes (${root})`;
  if (freeMiB >= littleDiskMiB) return [{ what: "Disk", level: "ok", detail }];
  return [{ what: "Disk", level: "warning", detail, remedy: "docker system df shows what could go" }];
}

/** A deployment downloads what is not there, which takes its time, and a network. */
async function imageFinding({ docker, settings: { images, greptimedb } }: PreflightInput): Promise<Finding> {
  const needed = [
    ...(greptimedb.topology === "cluster" ? [images.etcd, images.proxy] : []),
    images.greptimedb,
    images.collector,
    images.grafana,
  ];
  const there = await Promise.all(
    needed.map(async (image) => (await docker(["image", "inspect", "--format", "{{.Id}}", image])).code === 0),
  );
  const absent = needed.filter((_, index) => there[index] !== true);
  const detail = absent.length === 0 ? `all ${String(needed.length)} are here` : `to be downloaded: ${some(absent)}`;
  return { what: "Images", level: "ok", detail };
}

/** As far as one is let look. */
export const freeDisk = (directory: string): Promise<number | undefined> =>
  statfs(directory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );

async function addressFindings(input: PreflightInput): Promise<Finding[]> {
  const { settings, endpoint } = input;
  if (endpoint !== undefined && /^(tcp|ssh|https?):/.test(endpoint) && !isHere(endpoint)) {
    return [remoteFinding(settings, endpoint)];
  }
  return portFindings(input);
}

const isHere = (endpoint: string): boolean =>
  /^\w+:\/\/(\w+@)?(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(endpoint);

/** On a remote engine "loopback" is the other machine's. */
function remoteFinding({ docker }: Settings, endpoint: string): Finding {
  const what = "Addresses";
  if (docker.bindAddress.startsWith("127.") || docker.advertisedHost === "localhost") {
    return {
      what,
      level: "problem",
      detail: `Docker is on another machine (${endpoint}), where ports on ${docker.bindAddress} cannot be reached from here`,
      remedy:
        "set docker.bindAddress to an address of that machine and docker.advertisedHost to its name, or forward the ports and use a local engine",
    };
  }
  return {
    what,
    level: "ok",
    detail: `published on ${docker.bindAddress} of another machine, reached as ${docker.advertisedHost}`,
  };
}

async function portFindings({ docker, settings, label, portFree }: PreflightInput): Promise<Finding[]> {
  const own = new Set(
    (await containersOf(docker, label)).filter(({ running }) => running).flatMap(({ hostPorts }) => hostPorts),
  );
  const ports = publishedPorts(settings);
  const findings = await Promise.all(
    ports
      .filter(({ port }) => !own.has(port))
      .map(async ({ key, port }): Promise<Finding[]> => {
        if (await portFree(port, settings.docker.bindAddress)) return [];
        const remedy = `stop what uses it, or choose another: npm run pulumi -- config set --path ${key} ${String(port + 1000)}`;
        return [
          {
            what: "Port",
            level: "problem",
            detail: `${String(port)} (${key}) is in use on ${settings.docker.bindAddress}`,
            remedy,
          },
        ];
      }),
  );
  const taken = findings.flat();
  if (taken.length > 0) return taken;
  return [
    { what: "Ports", level: "ok", detail: `${ports.map(({ port }) => port).join(", ")} are free or already ours` },
  ];
}

/** Whether this machine lets somebody listen there. An address that is not this machine's counts as free: Docker will say. */
export const portFree = (port: number, address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "EADDRINUSE");
    });
    server.listen(port, address, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
