import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { instanceLabelName } from "../../configs/instance.ts";
import type { Port, Service, Task } from "../../configs/service.ts";
import type { Replica } from "../../configs/text.ts";
import { serviceContainer, taskContainer, volumeOwner, type ContainerContext } from "./docker-container.ts";
import type { PlacementOptions, Platform } from "./platform.ts";

/** Arguments of {@link DockerPlatform}. */
export interface DockerPlatformArgs {
  /** First part of the names of containers, volumes and the network. Must differ between stacks on one machine. */
  readonly instance: string;
  /**
   * Address on which ports are published.
   * @default "127.0.0.1"
   */
  readonly bindAddress?: string;
  /**
   * Host name under which published ports are reached.
   * @default "localhost"
   */
  readonly advertisedHost?: string;
  /**
   * How containers reach this machine as `host.docker.internal`: `auto`, `off`, or an address.
   * @default "auto"
   */
  readonly hostGateway?: string;
  /** Image of the containers that give volumes to their users; needs `sh` and `chown`. */
  readonly toolImage: string;
}

/**
 * One Docker engine: a network, images, volumes that outlive the stack, and containers.
 *
 * Needs the providers `docker` among its options. Publishes nothing but what services ask for, on loopback.
 */
export class DockerPlatform extends pulumi.ComponentResource implements Platform {
  readonly network: pulumi.Output<string>;

  readonly #args: Required<DockerPlatformArgs>;
  readonly #network: docker.Network;
  readonly #images = new Map<string, docker.RemoteImage>();
  readonly #placed = new Map<string, readonly docker.Container[]>();

  constructor(name: string, args: DockerPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greptime-observability:docker:Platform", name, args, opts);
    this.#args = { bindAddress: "127.0.0.1", advertisedHost: "localhost", hostGateway: "auto", ...args };
    this.#network = new docker.Network(
      `${name}-network`,
      { name: args.instance, labels: [instanceLabel(args.instance)] },
      { parent: this, deleteBeforeReplace: true },
    );
    this.network = this.#network.name;
    this.registerOutputs({ network: this.network });
  }

  service(name: string, spec: Service, { parent, secrets }: PlacementOptions): pulumi.ComponentResource {
    if (spec.kind === "perNode") throw new Error(`${spec.name} runs once on each node of a cluster; Docker has none`);
    const component = new DockerService(name, spec, { parent });
    const containers = replicasOf(spec).map((replica) => {
      const suffix = replica === undefined ? "" : `-${replica.index}`;
      const context = this.#context(`${name}${suffix}`, `${spec.name}${suffix}`, component, secrets);
      return this.#replica(replica === undefined ? context : { ...context, replica }, spec, component);
    });
    this.#place(spec.name, containers);
    component.finish(containers);
    return component;
  }

  #replica(context: ContainerContext, spec: Service, component: DockerService): docker.Container {
    const { name, hostname } = context;
    const volumes = spec.mounts.map((mount) => {
      const volume = this.#volume(`${name}-${mount.volume}`, `${hostname}-${mount.volume}`, component);
      const owner = volumeOwner(
        { ...context, name: `${name}-${mount.volume}-owner`, hostname: `${hostname}-${mount.volume}-owner` },
        this.#image(this.#args.toolImage),
        volume,
        spec.user,
      );
      return { mount, volume, owner };
    });
    return serviceContainer(context, spec, {
      image: this.#image(spec.image),
      volumes,
      needs: spec.needs.flatMap((need) => this.#placement(need)),
      bindAddress: this.#args.bindAddress,
      hostGateway: this.#args.hostGateway,
    });
  }

  task(name: string, spec: Task, { parent, secrets }: PlacementOptions): pulumi.ComponentResource {
    const component = new DockerTask(name, spec, { parent });
    const container = taskContainer(this.#context(name, spec.name, component, secrets), spec, {
      image: this.#image(spec.image),
      needs: spec.needs.flatMap((need) => this.#placement(need)),
      targets: spec.targets.flatMap((target) => this.#placement(target)),
    });
    this.#place(spec.name, [container]);
    component.finish(container);
    return component;
  }

  publicUrl(_: string, { published, tls = false }: Pick<Port, "published" | "tls">): string | undefined {
    const scheme = tls ? "https" : "http";
    return published === undefined ? undefined : `${scheme}://${this.#args.advertisedHost}:${String(published)}`;
  }

  /** `localhost` may mean ::1, on which nothing is published. */
  deployerUrl(_: string, { published }: Pick<Port, "published">): string | undefined {
    const host = this.#args.advertisedHost === "localhost" ? "127.0.0.1" : this.#args.advertisedHost;
    return published === undefined ? undefined : `http://${host}:${String(published)}`;
  }

  neighbourHost(service: string): string {
    return service;
  }

  forwardCommand(): undefined {
    return undefined;
  }

  /** Nothing is left to do: containers of one network reach each other. */
  complete(): void {
    return;
  }

  #context(
    name: string,
    hostname: string,
    parent: pulumi.Resource,
    secrets: PlacementOptions["secrets"],
  ): ContainerContext {
    const { instance } = this.#args;
    return { name, hostname, instance, label: instanceLabel(instance), network: this.#network.name, parent, secrets };
  }

  /** Kept on destroy: it is shared with whatever else runs on the machine, and pulling it again costs time. */
  #image(reference: string): docker.RemoteImage {
    const known = this.#images.get(reference);
    if (known !== undefined) return known;
    const logicalName = `${this.#args.instance}-${reference.replaceAll(/[^A-Za-z0-9.-]+/g, "-")}`;
    const image = new docker.RemoteImage(
      logicalName,
      { name: reference, keepLocally: true },
      { parent: this, customTimeouts: { create: "30m" } },
    );
    this.#images.set(reference, image);
    return image;
  }

  /** Kept on destroy, and found again by its name. Any change of its arguments would mean a new, empty volume. */
  #volume(name: string, physicalName: string, parent: pulumi.Resource): docker.Volume {
    const { instance } = this.#args;
    return new docker.Volume(
      name,
      { name: `${instance}-${physicalName}`, labels: [instanceLabel(instance)] },
      { parent, retainOnDelete: true },
    );
  }

  #placement(name: string): readonly docker.Container[] {
    const placed = this.#placed.get(name);
    if (placed === undefined) throw new Error(`${name} is needed but was not placed before`);
    return placed;
  }

  #place(name: string, containers: readonly docker.Container[]): void {
    if (this.#placed.has(name)) {
      throw new Error(
        `${name} is already on this platform; give the second one a platform of its own, with another instance name`,
      );
    }
    this.#placed.set(name, containers);
  }
}

const instanceLabel = (instance: string) => ({ label: instanceLabelName, value: instance });

/** One container without a number where there is one replica and nobody cares which; else numbered ones. */
const replicasOf = ({ name, replicas, numbered }: Service): (Replica | undefined)[] =>
  replicas === 1 && numbered !== true
    ? [undefined]
    : Array.from({ length: replicas }, (_, index) => ({ name: `${name}-${String(index)}`, index: String(index) }));

/** A service on Docker: its volumes and its containers. */
class DockerService extends pulumi.ComponentResource {
  constructor(name: string, spec: Service, opts: pulumi.ComponentResourceOptions) {
    super("greptime-observability:docker:Service", name, { name: spec.name, image: spec.image }, opts);
  }

  finish(containers: readonly docker.Container[]): void {
    const [only, ...more] = containers.map(({ name }) => name);
    this.registerOutputs(more.length === 0 ? { container: only } : { containers: [only, ...more] });
  }
}

/** A task on Docker: a container that does its work, says so by its health, and sleeps. */
class DockerTask extends pulumi.ComponentResource {
  constructor(name: string, spec: Task, opts: pulumi.ComponentResourceOptions) {
    super("greptime-observability:docker:Task", name, { name: spec.name, image: spec.image }, opts);
  }

  finish(container: docker.Container): void {
    this.registerOutputs({ container: container.name });
  }
}
