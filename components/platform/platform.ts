import type * as pulumi from "@pulumi/pulumi";

import type { Port, Service, Task } from "../../configs/service.ts";

/**
 * Where services and tasks run. The systems (components/<system>) know only this; a platform turns their plain
 * data into real resources.
 */
export interface Platform {
  /** Runs a service. What needs it (`needs`) is created only after it is healthy. */
  service(name: string, spec: Service, options: PlacementOptions): pulumi.ComponentResource;
  /** Runs a task. What needs it is created only after it succeeded; a failure fails the deployment. */
  task(name: string, spec: Task, options: PlacementOptions): pulumi.ComponentResource;
  /** Where people and applications outside reach a port, as `host:port`; undefined when it is not published. */
  publicAddress(port: Pick<Port, "published">): string | undefined;
  /** The same as seen from the machine that deploys. */
  deployerAddress(port: Pick<Port, "published">): string | undefined;
  /** How a container of somebody else's joins: the network's name. */
  readonly network: pulumi.Output<string>;
}

export interface PlacementOptions {
  readonly parent: pulumi.Resource;
  /** Values of the secrets that the data names. */
  readonly secrets: Secrets;
}

/** Values of secrets, by name. Always marked secret. */
export type Secrets = Readonly<Record<string, pulumi.Output<string>>>;
