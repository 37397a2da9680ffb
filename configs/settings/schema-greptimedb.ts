import { z } from "zod";

import {
  booleanKind,
  choiceKind,
  hostPortKind,
  listOf,
  numberKind,
  portKind,
  required,
  retentionKind,
  section,
  setting,
  sizeKind,
} from "./fields.ts";
import * as kind from "./kinds.ts";

/** The settings of GreptimeDB: one process, a cluster of them, or somebody else's. */

const tebibyte = 1024 * 1024;

const database = (signal: string) =>
  setting(kind.databaseKind, { description: `Database of the ${signal}.`, default: signal });

const retention = (signal: string, days: number) =>
  setting(retentionKind, { description: `How long ${signal} are kept.`, default: days * 86_400 });

const portDescription = (what: string) =>
  `Host port of GreptimeDB's ${what}. On Kubernetes, a port opens it to the applications in the cluster.`;

const port = (what: string) => setting(hostPortKind, { description: portDescription(what), default: 0 });

const memory = (what: string, mebibytes: number) =>
  setting(sizeKind({ min: 256, max: tebibyte }), { description: `Memory limit of each ${what}.`, default: mebibytes });

const disk = (what: string, mebibytes: number) =>
  setting(sizeKind({ min: 1024, max: 64 * tebibyte }), { description: what, default: mebibytes });

/** Replicas differ by platform: a laptop tries a cluster, a cluster runs one. */
const replicas = (what: string, kubernetes: number, docker: number, min = 1) =>
  setting(numberKind({ min, max: 99 }), {
    description: `How many ${what}. By default ${String(kubernetes)} on Kubernetes, ${String(docker)} on Docker.`,
    example: String(kubernetes + 1),
  });

const etcd = section({
  endpoints: listOf(required(kind.targetKind), {
    description:
      "Clients' addresses of an etcd that somebody else runs, as host:port. By default this stack runs its own.",
    example: "etcd-0.example.com:2379",
  }),
  members: replicas("members of the stack's own etcd: an odd number, which stays as it was first deployed", 3, 1),
  memory: memory("etcd member", 512),
  disk: disk("Disk of each etcd member.", 8192),
});

const metadata = section({
  kind: setting(choiceKind("etcd", "postgres", "mysql"), {
    description:
      "Where the cluster keeps what it knows of itself. PostgreSQL or MySQL, run by somebody else, is GreptimeDB's own advice for production; its URL is the secret greptimedbMetadataUrl.",
    default: "etcd",
  }),
  etcd,
  keyPrefix: setting(kind.keyPrefixKind, {
    description:
      "Prefix of the keys, or name of the table, in a metadata store that somebody else runs: its own for each cluster that shares it. By default project and stack.",
    example: "team_a",
  }),
});

const storage = section({
  kind: setting(choiceKind("volume", "s3"), {
    description: "Where the data lies: on the volume of each datanode, or in S3-compatible object storage.",
    default: "volume",
  }),
  s3: section({
    bucket: setting(kind.bucketKind, { description: "The bucket. Needed when kind is s3." }),
    root: setting(kind.objectKeyKind, {
      description:
        "Prefix of everything in the bucket: its own for each cluster that shares it. By default project and stack.",
      example: "team-a/greptimedb",
    }),
    region: setting(kind.regionKind, { description: "Region of the bucket. Needed when kind is s3." }),
    endpoint: setting(kind.httpUrlKind, {
      description: "URL of an S3-compatible service. By default that of AWS in the region.",
      example: "https://minio.example.com:9000",
    }),
    virtualHostStyle: setting(booleanKind, {
      description: "Put the bucket into the host name rather than into the path.",
      default: false,
    }),
    credentials: setting(choiceKind("secret", "identity"), {
      description:
        "Access keys from the secrets greptimedbS3AccessKeyId and greptimedbS3SecretAccessKey, or the identity that the machine or the service account has.",
      default: "secret",
    }),
    identityAnnotations: z
      .record(
        z.string(),
        required(
          kind.annotationValueKind,
          "Annotations of the datanodes' service account, by which the cloud gives it rights.",
        ),
        {
          error: () => "an object of annotations",
        },
      )
      .prefault({}),
  }),
});

const wal = section({
  kind: setting(choiceKind("local", "kafka"), {
    description: "Where writes are logged first: on the volume of each datanode, or in Kafka.",
    default: "local",
  }),
  kafka: section({
    brokers: listOf(required(kind.targetKind), {
      description:
        "Addresses of the brokers. Needed when kind is kafka. Topics are made by GreptimeDB and must not have retention by size.",
      example: "kafka-0.example.com:9092",
    }),
    topicPrefix: setting(kind.topicPrefixKind, {
      description:
        "First part of the names of the topics: its own for each cluster that shares the brokers. By default project and stack.",
      example: "team-a-wal",
    }),
    topics: setting(numberKind({ min: 1, max: 1024 }), { description: "How many topics.", default: 64 }),
    replicationFactor: setting(numberKind({ min: 1, max: 9 }), { description: "Copies of each topic.", default: 3 }),
    tls: setting(booleanKind, { description: "Whether the brokers use TLS.", default: false }),
    saslMechanism: setting(choiceKind("none", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"), {
      description: "How to log in to the brokers.",
      default: "none",
      example: "SCRAM-SHA-512",
    }),
    saslUser: setting(kind.userKind, {
      description: "User at the brokers; its password is the secret greptimedbKafkaPassword.",
    }),
  }),
});

const cluster = section({
  frontend: section({ replicas: replicas("frontends", 2, 1), memory: memory("frontend", 1024) }),
  datanode: section({
    replicas: replicas("datanodes", 3, 2),
    memory: memory("datanode; caches and buffers are sized to it", 2048),
    disk: disk("Disk of each datanode: its data, or with object storage its cache; and its write-ahead log.", 51_200),
  }),
  metasrv: section({ replicas: replicas("metasrvs", 2, 1), memory: memory("metasrv", 512) }),
  flownode: section({
    replicas: setting(numberKind({ min: 0, max: 99 }), {
      description: "How many flownodes, which continuous aggregation needs.",
      default: 0,
    }),
    memory: memory("flownode", 1024),
  }),
  metadata,
  storage,
  wal,
  failover: setting(booleanKind, {
    description: "Move the regions of a datanode that is gone to the others. Needs object storage and Kafka.",
    default: false,
  }),
  proxy: section({
    replicas: replicas("proxies between collector and frontends", 2, 1),
    memory: setting(sizeKind({ min: 64, max: 8192 }), { description: "Memory limit of each proxy.", default: 128 }),
  }),
});

export const greptimedb = section({
  topology: setting(choiceKind("standalone", "cluster", "external"), {
    description: "One process with one volume, a cluster of processes, or an endpoint that somebody else runs.",
    default: "standalone",
  }),
  memory: setting(sizeKind({ min: 512, max: tebibyte }), {
    description: "Memory limit of the standalone process; caches and buffers are sized to it.",
    default: 2048,
    example: "4GiB",
  }),
  disk: disk("Disk of the standalone process, on Kubernetes.", 20_480),
  ports: section({
    http: setting(hostPortKind, {
      description: `${portDescription("HTTP API (OTLP, PromQL, SQL, Jaeger, dashboard)")} By default 4000 on Docker, off on Kubernetes.`,
    }),
    grpc: port("gRPC API"),
    mysql: port("MySQL protocol"),
    postgres: port("PostgreSQL protocol"),
  }),
  databases: section({ metrics: database("metrics"), traces: database("traces"), logs: database("logs") }),
  retention: section({
    metrics: retention("metrics", 30),
    traces: retention("traces", 14),
    logs: retention("logs", 14),
  }),
  users: section({
    generation: setting(numberKind({ min: 1, max: 999 }), {
      description: "Raise by one to rotate: users get new names and new passwords (docs/operations.md).",
      default: 1,
      example: "2",
    }),
    keepPrevious: setting(booleanKind, {
      description: "Also accept the users of the generation before, for the time of a rotation.",
      default: false,
    }),
  }),
  cluster,
  external: section({
    host: setting(kind.hostKind, {
      description: "Host of the external GreptimeDB's HTTP API. Needed when topology is external.",
    }),
    port: setting(portKind, {
      description: "Port of its HTTP API. By default 443 with TLS, 4000 without.",
      example: "443",
    }),
    tls: setting(booleanKind, { description: "Whether its HTTP API and its MySQL protocol use TLS.", default: true }),
    mysqlHost: setting(kind.hostKind, { description: "Host of its MySQL protocol, if another than `host`." }),
    mysqlPort: setting(portKind, { description: "Port of its MySQL protocol.", default: 4002 }),
    users: section({
      admin: setting(kind.userKind, {
        description: "User that may create databases; only used with manageDatabases.",
        default: "admin",
      }),
      writer: setting(kind.userKind, { description: "User that the collector writes with.", default: "writer" }),
      reader: setting(kind.userKind, {
        description: "User that Grafana reads with. May be the writer; then its password is the writer's.",
        default: "reader",
      }),
    }),
    manageDatabases: setting(booleanKind, {
      description: "Create the databases there and set their retention.",
      default: false,
    }),
  }),
});
