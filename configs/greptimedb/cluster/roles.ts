import type { Settings } from "../../settings/settings.ts";
import { replicaName, text, type Text } from "../../text.ts";

/** The roles of a cluster: their names, which are host names for the others, and where each listens. */

export const roles = {
  etcd: "greptimedb-etcd",
  metasrv: "greptimedb-metasrv",
  datanode: "greptimedb-datanode",
  frontend: "greptimedb-frontend",
  flownode: "greptimedb-flownode",
} as const;

export type Role = keyof typeof roles;

/**
 * Ports on which roles talk to each other; GreptimeDB's own defaults. Datanodes keep to 3001, which is no port of a
 * frontend: requests to an address that changed hands must be refused, not answered by somebody else.
 */
export const rolePorts = {
  etcd: 2379,
  etcdPeer: 2380,
  etcdMetrics: 2381,
  metasrv: 3002,
  datanode: 3001,
  /** A frontend's door for the other roles, where nobody asks for a password. */
  frontendInternal: 4010,
  flownode: 6800,
} as const;

/** The proxy through which telemetry is written: its name, and its port, which is that of the frontends. */
export const proxyName = "greptimedb-proxy";
export const proxyPort = 4000;

/** Host names of all replicas of a role, from 0. */
export const hostsOf = (role: Role, replicas: number): string[] =>
  Array.from({ length: replicas }, (_, index) => `${roles[role]}-${String(index)}.${roles[role]}`);

/** Addresses of all replicas of a role. */
export const addressesOf = (role: Role, replicas: number, port: number): string[] =>
  hostsOf(role, replicas).map((host) => `${host}:${String(port)}`);

/** The address of the replica itself, by which the others reach it and no other. */
export const ownAddress = (role: Role, port: number): Text => text`${replicaName}.${roles[role]}:${String(port)}`;

type Cluster = Settings["greptimedb"]["cluster"];

/** How many of each role there are, in the order in which they start. */
export const replicasOf = ({ metadata, metasrv, datanode, frontend, flownode }: Cluster): Record<Role, number> => ({
  etcd: metadata.kind === "etcd" && metadata.etcd.endpoints.length === 0 ? metadata.etcd.members : 0,
  metasrv: metasrv.replicas,
  datanode: datanode.replicas,
  frontend: frontend.replicas,
  flownode: flownode.replicas,
});

/** Names of the roles that there are, in the order in which they start. */
export const presentRoles = (cluster: Cluster): string[] =>
  Object.entries(replicasOf(cluster))
    .filter(([, replicas]) => replicas > 0)
    .map(([role]) => roles[role as Role]);

/**
 * Whether frontends have a door without password for other roles: flownodes query through it, and metasrv writes
 * down there which regions it moved. Both would be refused at the other one.
 */
export const hasInternalDoor = ({ flownode, failover }: Cluster): boolean => flownode.replicas > 0 || failover;

/** The port at which frontends tell the other roles to find them. */
export const frontendPeerPort = (cluster: Cluster, clientPort: number): number =>
  hasInternalDoor(cluster) ? rolePorts.frontendInternal : clientPort;
