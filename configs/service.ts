import type { Text } from "./text.ts";

/**
 * What runs, as plain data: the contract between the systems (configs/<system>) and the platforms
 * (components/platform). Nothing here knows whether it becomes a container or a pod.
 */

/** A user inside the container; the uid is never 0. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface File {
  /** Absolute path in the container. */
  readonly path: string;
  readonly text: Text;
}

export interface Port {
  readonly name: string;
  /** Port on which the service listens, on all of the container's addresses. */
  readonly port: number;
  /** Port on the host. @default - not published */
  readonly published?: number;
}

export interface Mount {
  /** Name of the volume; the platform prefixes it. */
  readonly volume: string;
  readonly path: string;
}

/** How a platform finds out that a service works. */
export interface Health {
  /** Answers 200 when the service works. */
  readonly http: { readonly port: number; readonly path: string };
  /**
   * A command inside the image that exits with 0 when the service works; Docker has no other way to ask.
   * @default - the image has none, and Docker does not ask: a task must prove readiness
   */
  readonly command?: readonly string[];
  /** Seconds within which the service must have become healthy after its start. */
  readonly startupSeconds: number;
}

/** A program that keeps running. */
export interface Service {
  /** Name within the stack, and host name for the other services. */
  readonly name: string;
  /** `stateful`: has volumes of its own. `perNode`: one on each machine of a cluster. */
  readonly kind: "stateless" | "stateful" | "perNode";
  readonly image: string;
  /** Replaces the image's entry point. @default - the image's own */
  readonly entrypoint?: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, Text>>;
  readonly files: readonly File[];
  readonly ports: readonly Port[];
  readonly mounts: readonly Mount[];
  readonly health: Health;
  readonly memoryMiB: number;
  readonly user: User;
  readonly replicas: number;
  /** Seconds between the request to stop and the kill. */
  readonly stopGraceSeconds: number;
  /** Services and tasks that must be ready before this one starts. */
  readonly needs: readonly string[];
  /** May call programs on the machine itself, as `host.docker.internal`. @default false */
  readonly reachesHost?: boolean;
}

/** A script that must have succeeded before what needs it starts; runs again when its inputs or its targets change. */
export interface Task {
  readonly name: string;
  /** An image with `sh`. */
  readonly image: string;
  /** POSIX shell. Must be safe to run again, and must bound its own waiting. */
  readonly script: string;
  readonly env: Readonly<Record<string, Text>>;
  readonly memoryMiB: number;
  readonly user: User;
  /** Seconds within which the script ends, one way or the other. */
  readonly timeoutSeconds: number;
  /** Services and tasks that must be ready before the script runs. */
  readonly needs: readonly string[];
  /** Services on which it acts: when one of them is replaced, the script runs again. */
  readonly targets: readonly string[];
}
