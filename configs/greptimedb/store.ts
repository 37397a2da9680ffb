import type { Settings } from "../settings/settings.ts";

/** Where GreptimeDB is and who may do what there: all that the other systems know of it. */
export interface Store {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
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

export function storeFrom({ greptimedb }: Settings): Store {
  const { topology, databases, external, users } = greptimedb;
  if (topology === "standalone") {
    return {
      scheme: "http",
      host: serviceName,
      port: ports.http,
      mysql: { host: serviceName, port: ports.mysql, tls: false },
      databases,
      users: {
        admin: { name: userName("admin", users.generation), password: "greptimedbAdminPassword" },
        writer: { name: userName("writer", users.generation), password: "greptimedbWriterPassword" },
        reader: { name: userName("reader", users.generation), password: "greptimedbReaderPassword" },
      },
    };
  }
  const readerPassword = external.users.reader === external.users.writer ? "Writer" : "Reader";
  return {
    scheme: external.tls ? "https" : "http",
    host: external.host,
    port: external.port,
    mysql: { host: external.mysqlHost, port: external.mysqlPort, tls: external.tls },
    databases,
    users: {
      admin: { name: external.users.admin, password: "greptimedbAdminPassword" },
      writer: { name: external.users.writer, password: "greptimedbWriterPassword" },
      reader: { name: external.users.reader, password: `greptimedb${readerPassword}Password` },
    },
  };
}

/** `writer`, and from the second generation on `writer_2`: a rotation can then accept old and new at once. */
export const userName = (role: "admin" | "writer" | "reader", generation: number): string =>
  generation === 1 ? role : `${role}_${String(generation)}`;

/** Base URL of the HTTP API, without trailing slash; the port is left out where it is the scheme's own. */
export function httpUrl({ scheme, host, port }: Pick<Store, "scheme" | "host" | "port">): string {
  const usual = scheme === "https" ? 443 : 80;
  return `${scheme}://${host}${port === usual ? "" : `:${String(port)}`}`;
}

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
