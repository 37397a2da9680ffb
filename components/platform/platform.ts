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
  /** Where people and applications outside reach a service's port over HTTP; undefined when it is not published. */
  publicUrl(service: string, port: Pick<Port, "name" | "published" | "tls">): string | undefined;
  /** The same as seen from the machine that deploys. */
  deployerUrl(service: string, port: Pick<Port, "name" | "published">): string | undefined;
  /** Host name of a service for programs that are near it but not of this stack: in its network, in its cluster. */
  neighbourHost(service: string): string;
  /**
   * The command by which a person reaches a service that is not published, at a port of the own machine; undefined
   * where there is none.
   */
  forwardCommand(service: string, port: number, local: number): string | undefined;
  /** To be called when everything is placed: only then it is known who calls whom. */
  complete(): void;
  /** How a program of somebody else's joins: the name of the Docker network, or of the namespace. */
  readonly network: pulumi.Output<string>;
}

export interface PlacementOptions {
  readonly parent: pulumi.Resource;
  /** Values of the secrets that the data names. */
  readonly secrets: Secrets;
}

/** Values of secrets, by name. Always marked secret. */
export type Secrets = Readonly<Record<string, pulumi.Output<string>>>;
