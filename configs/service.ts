import type { Text } from "./text.ts";

/**
 * What runs, as plain data: the contract between the systems (configs/<system>) and the platforms
 * (components/platform). Nothing here knows whether it becomes a container or a pod.
 */

/** A user inside the container; the uid is never 0, except for what reads the files of its machine. */
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
  /**
   * Who outside the stack may connect, where a platform can tell them apart: the team's applications, or people
   * and applications outside the cluster through its ingress.
   * @default - nobody; only services and tasks that call it
   */
  readonly open?: readonly ("applications" | "ingress")[];
  /** @default "tcp" */
  readonly protocol?: "tcp" | "udp";
  /** Whether it speaks TLS, and nothing else. @default false */
  readonly tls?: boolean;
}

export interface Mount {
  /** Name of the volume; the platform prefixes it. */
  readonly volume: string;
  readonly path: string;
  /** Disk to reserve, in MiB, where a platform reserves any. */
  readonly sizeMiB: number;
}

/** A connection that a service or task opens to a service of the stack. */
export interface InsideCall {
  readonly to: string;
  readonly port: number;
  /** @default "tcp" */
  readonly protocol?: "tcp" | "udp";
}

/** Connections that a service or task opens to programs outside the stack. */
export interface OutsideCall {
  /** What it is, in words. */
  readonly outside: string;
  /** Empty where nothing in the settings says which. */
  readonly ports: readonly number[];
}

export type Call = InsideCall | OutsideCall;

/** How a platform finds out that a service works. */
export type Health = HttpHealth | CommandHealth;

export interface HttpHealth {
  /** Answers 200 when the service works. */
  readonly http: { readonly port: number; readonly path: string };
  /** Path at the same port whose failure means that a restart would help. @default - that of `http` */
  readonly alivePath?: string;
  /**
   * A command inside the image that exits with 0 when the service works; Docker has no other way to ask.
   * @default - the image has none, and Docker does not ask: a task must prove readiness
   */
  readonly command?: readonly string[];
  /** Seconds within which the service must have become healthy after its start. */
  readonly startupSeconds: number;
}

/** Of a service that nobody connects to, and that nothing may need therefore. */
export interface CommandHealth {
  readonly http?: never;
  /** Exits with 0 when the service works. */
  readonly command: readonly string[];
  /** Seconds within which the service must have become healthy after its start. */
  readonly startupSeconds: number;
}

/** A rule of a role: what may be done with which resources of the cluster's API. */
export interface ApiRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly ("get" | "list" | "watch")[];
}

/** A directory of the machine that a service of kind `perNode` sees. */
export interface NodeDirectory {
  readonly path: string;
  readonly mountPath: string;
  /** Whether it writes there; the directory is then made. @default false */
  readonly writable?: boolean;
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
  readonly args: readonly Text[];
  readonly env: Readonly<Record<string, Text>>;
  readonly files: readonly File[];
  readonly ports: readonly Port[];
  readonly mounts: readonly Mount[];
  /** Directories in which it writes what need not last. @default [] */
  readonly scratch?: readonly string[];
  readonly health: Health;
  readonly memoryMiB: number;
  /** Processor time to reserve, in thousandths of a core, where a platform reserves any. @default 100 */
  readonly cpuMillis?: number;
  readonly user: User;
  readonly replicas: number;
  /**
   * Whether each replica is somebody of its own: it keeps its number, its volumes and its name, `<name>-<number>`, at
   * which others reach it as `<name>-<number>.<name>`. See `replicaName` and `replicaIndex` (configs/text.ts).
   * @default false
   */
  readonly numbered?: boolean;
  /** Seconds between the request to stop and the kill. */
  readonly stopGraceSeconds: number;
  /** Services and tasks that must be ready before this one starts. */
  readonly needs: readonly string[];
  /** The connections that it opens; a platform with a firewall admits these and no others. */
  readonly calls: readonly Call[];
  /** May call programs on the machine itself, as `host.docker.internal`. @default false */
  readonly reachesHost?: boolean;
  /** A certificate and key that the cluster keeps under this name, as `tls.crt` and `tls.key` in a directory. @default - none */
  readonly certificate?: { readonly secretName: string; readonly directory: string };
  /** What it may read of the cluster's API. @default - nothing */
  readonly apiRules?: readonly ApiRule[];
  /** Annotations of its identity in the cluster, by which a cloud gives it rights. @default {} */
  readonly identityAnnotations?: Readonly<Record<string, string>>;
  /** Directories of the machine; only for kind `perNode`. @default [] */
  readonly nodeDirectories?: readonly NodeDirectory[];
}

/** A script that must have succeeded before what needs it starts; runs again when its inputs or its targets change. */
export interface Task {
  readonly name: string;
  /** An image with `sh`. */
  readonly image: string;
  /** POSIX shell. Must be safe to run again, and must bound its own waiting. */
  readonly script: string;
  readonly env: Readonly<Record<string, Text>>;
  /** @default [] */
  readonly files?: readonly File[];
  readonly memoryMiB: number;
  readonly user: User;
  /** Seconds within which the script ends, one way or the other. */
  readonly timeoutSeconds: number;
  /** Services and tasks that must be ready before the script runs. */
  readonly needs: readonly string[];
  /** Services on which it acts: when one of them is replaced, the script runs again. */
  readonly targets: readonly string[];
  /** The connections that it opens. */
  readonly calls: readonly Call[];
  /**
   * A POSIX script that ends with 0 once the task's work is done: where nobody keeps the order, what needs the task
   * asks in this way before it starts. @default - what needs it does not wait
   */
  readonly check?: {
    readonly script: string;
    readonly env: Readonly<Record<string, Text>>;
    readonly calls: readonly Call[];
  };
}

/**
 * Services and tasks such that each comes after those of them that it needs; otherwise as they came.
 * @throws Error when some need each other
 */
export function startOrder<Part extends Service | Task>(parts: readonly Part[]): Part[] {
  const ordered: Part[] = [];
  let waiting = [...parts];
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name));
    const next = waiting.find(({ needs }) => !needs.some((need) => names.has(need)));
    if (next === undefined) throw new Error(`${[...names].join(", ")} need each other`);
    ordered.push(next);
    waiting = waiting.filter((part) => part !== next);
  }
  return ordered;
}

export const isTask = (part: Service | Task): part is Task => "script" in part;

/** Calls, each once. */
export const distinctCalls = (calls: readonly Call[]): Call[] => [
  ...new Map(calls.map((call) => [JSON.stringify(call), call])).values(),
];

export const isInside = (call: Call): call is InsideCall => "to" in call;
