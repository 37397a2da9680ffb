import type { Call } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { presentRoles, proxyName, proxyPort, roles } from "./cluster/roles.ts";

/** An HTTP API. */
export interface Endpoint {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
}

/** Where GreptimeDB is and who may do what there: all that the other systems know of it. */
export interface Store extends Endpoint {
  /** Where telemetry is written. In a cluster that is its proxy, whose answers the collector understands. */
  readonly ingest: Endpoint;
  /** The services of this stack that it consists of, in the order in which they start; none if it is external. */
  readonly services: readonly string[];
  readonly mysql: { readonly host: string; readonly port: number; readonly tls: boolean };
  readonly databases: { readonly metrics: string; readonly traces: string; readonly logs: string };
  readonly users: { readonly admin: StoreUser; readonly writer: StoreUser; readonly reader: StoreUser };
}

export interface StoreUser {
  readonly name: string;
  /** Name of the secret that holds the password. */
  readonly password: string;
}

/** Ports on which GreptimeDB listens; its own defaults. */
export const ports = { http: 4000, grpc: 4001, mysql: 4002, postgres: 4003 } as const;

/** Name of the service, and host name for the others. */
export const serviceName = "greptimedb";

/** The tables that GreptimeDB makes of OTLP traces and logs unless told otherwise. */
export const tables = { traces: "opentelemetry_traces", logs: "opentelemetry_logs" } as const;

export function storeFrom(settings: Settings): Store {
  const { topology, databases, external } = settings.greptimedb;
  if (topology !== "external") return ownStore(settings);
  const readerPassword = external.users.reader === external.users.writer ? "Writer" : "Reader";
  const endpoint: Endpoint = { scheme: external.tls ? "https" : "http", host: external.host, port: external.port };
  return {
    ...endpoint,
    ingest: endpoint,
    services: [],
    mysql: { host: external.mysqlHost, port: external.mysqlPort, tls: external.tls },
    databases,
    users: {
      admin: { name: external.users.admin, password: "greptimedbAdminPassword" },
      writer: { name: external.users.writer, password: "greptimedbWriterPassword" },
      reader: { name: external.users.reader, password: `greptimedb${readerPassword}Password` },
    },
  };
}

function ownStore({ greptimedb: { topology, databases, users, cluster } }: Settings): Store {
  const clustered = topology === "cluster";
  const host = clustered ? roles.frontend : serviceName;
  const endpoint: Endpoint = { scheme: "http", host, port: ports.http };
  return {
    ...endpoint,
    ingest: clustered ? { scheme: "http", host: proxyName, port: proxyPort } : endpoint,
    services: clustered ? [...presentRoles(cluster), proxyName] : [serviceName],
    mysql: { host, port: ports.mysql, tls: false },
    databases,
    users: {
      admin: { name: userName("admin", users.generation), password: "greptimedbAdminPassword" },
      writer: { name: userName("writer", users.generation), password: "greptimedbWriterPassword" },
      reader: { name: userName("reader", users.generation), password: "greptimedbReaderPassword" },
    },
  };
}

/** `writer`, and from the second generation on `writer_2`: a rotation can then accept old and new at once. */
export const userName = (role: "admin" | "writer" | "reader", generation: number): string =>
  generation === 1 ? role : `${role}_${String(generation)}`;

/** Base URL of the HTTP API, without trailing slash; the port is left out where it is the scheme's own. */
export function httpUrl({ scheme, host, port }: Endpoint): string {
  const usual = scheme === "https" ? 443 : 80;
  return `${scheme}://${host}${port === usual ? "" : `:${String(port)}`}`;
}

/** The connection to the HTTP API, for all but telemetry. */
export const storeCalls = (store: Store): Call[] => [callTo(store, store, "the external GreptimeDB")];

/** The connection over which telemetry is written. */
export const ingestCalls = (store: Store): Call[] => [callTo(store, store.ingest, "the external GreptimeDB")];

/** The connection of the MySQL protocol. */
export const mysqlCalls = (store: Store): Call[] => [
  callTo(store, store.mysql, "the external GreptimeDB's MySQL protocol"),
];

const callTo = ({ services }: Store, { host, port }: Pick<Endpoint, "host" | "port">, outside: string): Call =>
  services.length > 0 ? { to: host, port } : { outside, ports: [port] };

/** What each protocol's path is below {@link httpUrl}. */
export const paths = {
  otlp: "/v1/otlp",
  prometheus: "/v1/prometheus",
  jaeger: "/v1/jaeger",
  sql: "/v1/sql",
} as const;

/** Header that chooses the database of a request. */
export const databaseHeader = "x-greptime-db-name";

/** Headers of OTLP traces: the pipeline is mandatory (400 without it). */
export const traceHeaders = { "x-greptime-pipeline-name": "greptime_trace_v1" } as const;
