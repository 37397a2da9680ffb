import { z } from "zod";

import { images } from "../images.ts";
import {
  booleanKind,
  choiceKind,
  durationKind,
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
import { alerts, dashboards } from "./schema-content.ts";

/**
 * Every setting of a stack: the sections are the keys of `Pulumi.<stack>.yaml`, the fields what
 * `pulumi config set --path <section>.<field> <value>` sets. docs/settings.md is generated from here.
 */

const tebibyte = 1024 * 1024;

const docker = section({
  name: setting(kind.instanceKind, {
    description: "First part of the names of containers, volumes and the network. By default project and stack.",
    example: "observability",
  }),
  host: setting(kind.dockerHostKind, {
    description:
      "Docker endpoint. By default DOCKER_HOST, else the local socket (`npm run up` also follows the current Docker context).",
  }),
  context: setting(kind.contextKind, { description: "Docker context to use instead of an endpoint." }),
  bindAddress: setting(kind.ipv4Kind, {
    description: "Address on which ports are published. Anything but loopback opens them to the network, without TLS.",
    default: "127.0.0.1",
  }),
  advertisedHost: setting(kind.hostKind, {
    description: "Host name under which you and your applications reach the published ports; used in the outputs.",
    default: "localhost",
  }),
  hostGateway: setting(kind.hostGatewayKind, {
    description:
      "How containers reach programs on this machine as host.docker.internal: Docker's own gateway, not at all, or a given address.",
    default: "auto",
  }),
});

const image = (name: keyof typeof images, what: string) =>
  setting(kind.imageKind, { description: `Image of ${what}.`, default: images[name] });

const imageSection = section({
  greptimedb: image("greptimedb", "GreptimeDB and of the tasks"),
  collector: image("collector", "the OpenTelemetry Collector (contrib distribution)"),
  grafana: image("grafana", "Grafana"),
});

const database = (signal: string) =>
  setting(kind.databaseKind, { description: `Database of the ${signal}.`, default: signal });

const retention = (signal: string, days: number) =>
  setting(retentionKind, { description: `How long ${signal} are kept.`, default: days * 86_400 });

const port = (what: string, off = true) =>
  setting(hostPortKind, { description: `Host port of GreptimeDB's ${what}.`, default: off ? 0 : 4000 });

const greptimedb = section({
  topology: setting(choiceKind("standalone", "external"), {
    description: "One container with one volume, or an endpoint that somebody else runs.",
    default: "standalone",
  }),
  memory: setting(sizeKind({ min: 512, max: tebibyte }), {
    description: "Memory limit of the container; caches and buffers are sized to it.",
    default: 2048,
    example: "4GiB",
  }),
  ports: section({
    http: port("HTTP API (OTLP, PromQL, SQL, Jaeger, dashboard)", false),
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

const scrapeJob = section({
  job: required(
    kind.jobKind,
    "Name of the job: the labels job and service_name, unless the target names its service itself with target_info.",
  ),
  targets: listOf(required(kind.targetKind), { description: "Where to scrape.", example: "host.docker.internal:8000" }),
  path: setting(kind.pathKind, { description: "Path of the metrics.", default: "/metrics" }),
  interval: setting(durationKind({ min: 1, max: 75 }), {
    description: "How often to scrape.",
    default: 15,
    example: "5s",
  }),
});

const collector = section({
  memory: setting(sizeKind({ min: 192, max: 65_536 }), { description: "Memory limit of the container.", default: 512 }),
  ports: section({
    otlpGrpc: setting(hostPortKind, { description: "Host port of OTLP over gRPC.", default: 4317 }),
    otlpHttp: setting(hostPortKind, { description: "Host port of OTLP over HTTP.", default: 4318 }),
    prometheus: setting(hostPortKind, {
      description: "Host port of the Prometheus exporter, which is off unless this is set (8889 by convention).",
      default: 0,
      example: "8889",
    }),
  }),
  cors: section({
    origins: listOf(required(kind.originKind), {
      description: "Browser origins that may send OTLP over HTTP.",
      example: "http://localhost:5173",
    }),
  }),
  scrape: listOf(scrapeJob, {
    description: "Prometheus endpoints to scrape.",
    example: "pythia-workers",
  }),
  exportInterval: setting(durationKind({ min: 1, max: 75 }), {
    description:
      "Longest interval at which your applications export metrics; graphs are drawn with it. Alert windows of 5m need four of them.",
    default: 60,
  }),
  queue: section({
    // a third of it holds data, and the largest request of 64 MiB must fit into that
    diskPerSignal: setting(sizeKind({ min: 256, max: tebibyte }), {
      description:
        "Disk that the queue of one exporter may take while GreptimeDB is away; there are four. A third of it holds data, the rest is what the file format needs.",
      default: 1024,
    }),
  }),
  resourceDetectors: listOf(required(choiceKind("env", "system")), {
    description: "Detectors that add attributes of the collector's own surroundings to telemetry that lacks them.",
    example: "system",
    default: ["env"],
  }),
  logColumns: listOf(required(kind.attributeNameKind), {
    description: "Log attributes that become columns of their own, beside service.name.",
    example: "session_id",
    default: ["correlation_id"],
  }),
  debug: setting(choiceKind("off", "basic", "normal", "detailed"), {
    description: "Print received telemetry to the collector's log. The log then holds what your applications send.",
    default: "off",
    example: "detailed",
  }),
});

const grafana = section({
  memory: setting(sizeKind({ min: 256, max: 65_536 }), {
    description: "Memory limit of the container.",
    default: 1024,
  }),
  port: setting(portKind, { description: "Host port of Grafana.", default: 3001 }),
  smtp: section({
    host: setting(kind.mailServerKind, { description: "Mail server, as host:port. Needed for e-mail contact points." }),
    from: setting(kind.emailKind, { description: "Sender address.", default: "grafana@localhost.localdomain" }),
    user: setting(kind.userKind, { description: "User at the mail server; its password is the secret smtpPassword." }),
    startTls: setting(choiceKind("mandatory", "opportunistic", "never"), {
      description: "Whether to insist on STARTTLS.",
      default: "mandatory",
    }),
  }),
});

const resourceAttributes = z
  .record(z.string(), required(kind.attributeValueKind), { error: () => "an object of attributes" })
  .prefault({});

/** The sections of a stack's settings, by config key. */
export const schema = section({
  platform: setting(choiceKind("docker"), { description: "Where the stack runs.", default: "docker" }),
  docker,
  images: imageSection,
  greptimedb,
  collector,
  grafana,
  dashboards,
  alerts,
  resourceAttributes,
});

/** What {@link schema} makes of a stack's configuration. */
export type ParsedSettings = z.output<typeof schema>;
