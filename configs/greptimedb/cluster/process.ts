import type { Call, File, Port, Service } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Text } from "../../text.ts";
import { directories, serverUser } from "../config.ts";
import { httpHealth } from "../health.ts";
import { logging } from "../parts.ts";
import { ports } from "../store.ts";
import { addressesOf, replicasOf, rolePorts, roles, type Role } from "./roles.ts";

/** What a role says of itself; the rest is the same for all. */
interface Process {
  readonly role: Exclude<Role, "etcd">;
  readonly config: Text;
  /** Arguments beside the file: what tells one replica from another. */
  readonly args: readonly Text[];
  readonly env?: Readonly<Record<string, Text>>;
  readonly files?: readonly File[];
  /** Ports beside that of HTTP. */
  readonly ports: readonly Port[];
  /** The port of HTTP, where others than the stack's own collector use it. */
  readonly http?: Port;
  readonly memoryMiB: number;
  readonly cpuMillis: number;
  readonly startupSeconds: number;
  readonly stopGraceSeconds: number;
  readonly needs: readonly string[];
  readonly calls: readonly Call[];
}

/** A process of a cluster. All are numbered: each is registered under an address of its own, which outlives it. */
export const processService = (settings: Settings, spec: Process): Service => ({
  name: roles[spec.role],
  kind: "stateless",
  image: settings.images.greptimedb,
  args: [spec.role, "start", "--config-file", directories.config, ...spec.args],
  env: spec.env ?? {},
  files: [{ path: directories.config, text: spec.config }, ...(spec.files ?? [])],
  ports: [spec.http ?? { name: "http", port: ports.http }, ...spec.ports],
  mounts: [],
  scratch: ["/tmp"],
  health: httpHealth(spec.startupSeconds),
  memoryMiB: spec.memoryMiB,
  cpuMillis: spec.cpuMillis,
  user: serverUser,
  replicas: replicasOf(settings.greptimedb.cluster)[spec.role],
  numbered: true,
  stopGraceSeconds: spec.stopGraceSeconds,
  needs: spec.needs,
  calls: spec.calls,
});

/** Log files of what has no volume; they cannot be switched off. */
export const scratchLogging = { dir: "/tmp/greptimedb/logs", ...logging };

/** Where the metasrvs are: each by its own address, so that whoever looks for their leader asks all at once. */
export const metaClient = ({ greptimedb: { cluster } }: Settings): { readonly metasrv_addrs: string[] } => ({
  metasrv_addrs: addressesOf("metasrv", cluster.metasrv.replicas, rolePorts.metasrv),
});

export const callsMetasrv: Call = { to: roles.metasrv, port: rolePorts.metasrv };
export const callsDatanodes: Call = { to: roles.datanode, port: rolePorts.datanode };

/** None where there are no flownodes. */
export const callsFlownodes = ({ greptimedb: { cluster } }: Settings): Call[] =>
  cluster.flownode.replicas === 0 ? [] : [{ to: roles.flownode, port: rolePorts.flownode }];
