import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { File, Mount, Service, Task, User } from "../../configs/service.ts";
import type { Replica, Text } from "../../configs/text.ts";
import { filled } from "../text.ts";
import type { Secrets } from "./platform.ts";

/** How services and tasks become containers. */

export interface ContainerContext {
  /** Name of the resource. */
  readonly name: string;
  /** Name of the service or task: in the container's name, and its host name in the network. */
  readonly hostname: string;
  /** Which of a service's replicas it is; none where there is but one. */
  readonly replica?: Replica;
  readonly instance: string;
  readonly label: { readonly label: string; readonly value: string };
  readonly network: pulumi.Output<string>;
  readonly parent: pulumi.Resource;
  readonly secrets: Secrets;
}

interface Volume {
  readonly mount: Mount;
  readonly volume: docker.Volume;
  /** Gave the volume to the service's user. */
  readonly owner: docker.Container;
}

/** A container that runs a service, in place when it is healthy. */
export function serviceContainer(
  context: ContainerContext,
  spec: Service,
  on: {
    image: docker.RemoteImage;
    volumes: readonly Volume[];
    needs: readonly docker.Container[];
    bindAddress: string;
    hostGateway: string;
  },
): docker.Container {
  const { command, startupSeconds } = spec.health;
  return new docker.Container(
    context.name,
    {
      ...common(context, on.image, spec.memoryMiB, spec.user),
      ...(spec.entrypoint === undefined ? {} : { entrypoints: [...spec.entrypoint] }),
      ...(spec.args.length === 0
        ? {}
        : { command: spec.args.map((arg) => filled(arg, context.secrets, context.replica)) }),
      envs: environment(spec.env, context),
      uploads: uploads(spec.files, context.secrets),
      ports: firstReplica(context) ? publishedPorts(spec, on.bindAddress) : [],
      volumes: on.volumes.map(({ mount, volume }) => ({ volumeName: volume.name, containerPath: mount.path })),
      hosts: hostEntries(spec, on.hostGateway),
      restart: "unless-stopped",
      destroyGraceSeconds: spec.stopGraceSeconds,
      ...(command === undefined ? {} : healthGate(command, startupSeconds)),
    },
    options(context, [...on.needs, ...on.volumes.map(({ owner }) => owner)], startupSeconds),
  );
}

/**
 * A container that runs a task: it does its work, marks success, and sleeps. A failure leaves it unhealthy, which
 * fails the deployment, holds back what needs it, and makes the next deployment replace it and try again.
 */
export function taskContainer(
  context: ContainerContext,
  spec: Task,
  on: { image: docker.RemoteImage; needs: readonly docker.Container[]; targets: readonly docker.Container[] },
): docker.Container {
  // the script ends within its own time; the rest is for starting the container and asking it
  const wait = spec.timeoutSeconds + 30;
  return new docker.Container(
    context.name,
    {
      ...common(context, on.image, spec.memoryMiB, spec.user),
      entrypoints: ["sh", "-c", `rm -f ${doneFile}; sh ${scriptFile} && touch ${doneFile} && exec sleep infinity`],
      // a target's id changes when it is replaced, and the task runs again
      envs: environment(spec.env, context, on.targets.length === 0 ? [] : [targetsVariable(on.targets)]),
      uploads: uploads([{ path: scriptFile, text: spec.script }, ...(spec.files ?? [])], context.secrets),
      restart: "no",
      destroyGraceSeconds: 1,
      ...healthGate(["test", "-f", doneFile], wait),
    },
    options(context, on.needs, wait),
  );
}

const scriptFile = "/etc/task/run.sh";
const doneFile = "/tmp/done";

/**
 * A container that gives a fresh volume to the user of the service, once, and ends. Whether it succeeded is shown
 * by the health of the service, which cannot write otherwise.
 */
export function volumeOwner(
  context: ContainerContext,
  image: docker.RemoteImage,
  volume: docker.Volume,
  user: User,
): docker.Container {
  return new docker.Container(
    context.name,
    {
      name: `${context.instance}-${context.hostname}`,
      image: image.imageId,
      entrypoints: ["chown", "-R", `${String(user.uid)}:${String(user.gid)}`, "/volume"],
      user: "0:0",
      networkMode: "none",
      volumes: [{ volumeName: volume.name, containerPath: "/volume" }],
      attach: true,
      logs: true,
      mustRun: false,
      restart: "no",
      memory: 64,
      memorySwap: 64,
      capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
      ...hardened,
      labels: [context.label],
    },
    options(context, [], 300),
  );
}

const hardened = {
  init: true,
  securityOpts: ["no-new-privileges:true"],
  logDriver: "json-file",
  logOpts: { "max-file": "3", "max-size": "10m" },
};

const common = (context: ContainerContext, image: docker.RemoteImage, memoryMiB: number, user: User) => ({
  name: `${context.instance}-${context.hostname}`,
  image: image.imageId,
  user: `${String(user.uid)}:${String(user.gid)}`,
  networksAdvanced: [{ name: context.network, aliases: aliases(context) }],
  memory: memoryMiB,
  // no swap beyond the limit; unset, the engine would choose twice the limit, and each deployment see a difference
  memorySwap: memoryMiB,
  capabilities: { drops: ["ALL"] },
  ...hardened,
  labels: [context.label],
});

/** A replica answers to its service's name, as one of several, and to its own. */
const aliases = ({ hostname, replica }: ContainerContext): string[] => {
  if (replica === undefined) return [hostname];
  const service = hostname.slice(0, -replica.index.length - 1);
  return [hostname, service, `${hostname}.${service}`];
};

/** A port of the machine can be given to one container only. */
const firstReplica = ({ replica }: ContainerContext): boolean => replica === undefined || replica.index === "0";

/**
 * The engine asks every two seconds; the provider waits until the answer is yes. The durations are written as the
 * provider reads them back: another spelling would be taken for a change, and replace the container.
 */
const healthGate = (command: readonly string[], seconds: number) => ({
  healthcheck: {
    tests: ["CMD", ...command],
    interval: "2s",
    timeout: "5s",
    retries: 15,
    startPeriod: goDuration(seconds),
  },
  wait: true,
  waitTimeout: seconds,
});

/** A duration as Go prints it: `2s`, `1m0s`, `1h0m0s`. */
export function goDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${String(seconds % 60)}s`;
  if (hours > 0) return `${String(hours)}h${String(minutes)}m${rest}`;
  return minutes > 0 ? `${String(minutes)}m${rest}` : rest;
}

/**
 * A container's name and ports are its own: the old one must go first. The provider does that by itself only where
 * it knows that a change needs a new container; these three it neither applies nor replaces by itself.
 */
const options = (
  context: ContainerContext,
  dependsOn: readonly pulumi.Resource[],
  seconds: number,
): pulumi.CustomResourceOptions => ({
  parent: context.parent,
  dependsOn: [...dependsOn],
  deleteBeforeReplace: true,
  replaceOnChanges: ["healthcheck", "init", "tmpfs"],
  customTimeouts: { create: `${String(Math.ceil(seconds / 60) + 10)}m` },
});

function environment(
  env: Readonly<Record<string, Text>>,
  { secrets, replica }: ContainerContext,
  extra: readonly pulumi.Input<string>[] = [],
): pulumi.Input<string>[] {
  const own = Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => assignment(name, filled(value, secrets, replica)));
  return [...own, ...extra];
}

const assignment = (name: string, value: pulumi.Input<string>): pulumi.Input<string> =>
  typeof value === "string" ? `${name}=${value}` : pulumi.interpolate`${name}=${value}`;

const targetsVariable = (targets: readonly docker.Container[]): pulumi.Output<string> =>
  pulumi.interpolate`TASK_TARGETS=${pulumi.all(targets.map(({ id }) => id)).apply((ids) => ids.join(","))}`;

const uploads = (files: readonly File[], secrets: Secrets) =>
  [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, text }) => ({ file: path, content: filled(text, secrets) }));

/** In the order in which the engine lists them, so that it is not taken for a change. */
const publishedPorts = ({ ports }: Service, bindAddress: string) =>
  ports
    .flatMap(({ port, published }) =>
      published === undefined ? [] : [{ internal: port, external: published, ip: bindAddress, protocol: "tcp" }],
    )
    .sort((a, b) => a.internal - b.internal);

function hostEntries({ reachesHost }: Service, hostGateway: string) {
  if (reachesHost !== true || hostGateway === "off") return [];
  return [{ host: "host.docker.internal", ip: hostGateway === "auto" ? "host-gateway" : hostGateway }];
}
