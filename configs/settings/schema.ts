import { z } from "zod";

import { images } from "../images.ts";
import { choiceKind, numberKind, portKind, required, section, setting, sizeKind } from "./fields.ts";
import * as kind from "./kinds.ts";
import { collector } from "./schema-collector.ts";
import { alerts, dashboards } from "./schema-content.ts";
import { greptimedb } from "./schema-greptimedb.ts";
import { kubernetes } from "./schema-kubernetes.ts";

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
  proxy: image("proxy", "the proxy in front of a GreptimeDB cluster"),
  etcd: image("etcd", "the etcd of a GreptimeDB cluster"),
});

const grafana = section({
  memory: setting(sizeKind({ min: 256, max: 65_536 }), {
    description: "Memory limit of the container.",
    default: 1024,
  }),
  port: setting(portKind, { description: "Host port of Grafana.", default: 3001 }),
  publish: setting(choiceKind("api", "files"), {
    description:
      "How boards, rules and contact points come into Grafana: through its API from the machine that deploys, or as files and by a task inside. By default files on Kubernetes, api on Docker. To change it on a stack that runs: npm run down -- --forget-grafana, then npm run up.",
    example: "files",
  }),
  replicas: setting(numberKind({ min: 1, max: 20 }), {
    description: "How many Grafanas, on Kubernetes. More than one needs database.kind postgres.",
    default: 1,
    example: "2",
  }),
  disk: setting(sizeKind({ min: 512, max: tebibyte }), {
    description: "Disk of Grafana's own database, on Kubernetes.",
    default: 2048,
    example: "4GiB",
  }),
  database: section({
    kind: setting(choiceKind("volume", "postgres"), {
      description:
        "Where Grafana keeps users, preferences and alert states: a file on a volume, or a PostgreSQL that somebody else runs.",
      default: "volume",
    }),
    host: setting(kind.targetKind, {
      description: "The PostgreSQL server, as host:port. Needed when kind is postgres.",
      example: "postgres.example.com:5432",
    }),
    name: setting(kind.databaseKind, { description: "Name of the database.", default: "grafana" }),
    user: setting(kind.userKind, {
      description: "User at the server; its password is the secret grafanaDatabasePassword.",
      default: "grafana",
    }),
    sslMode: setting(choiceKind("disable", "require", "verify-full"), {
      description: "Whether to insist on TLS, and on a certificate that Grafana's image trusts.",
      default: "require",
    }),
  }),
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
  .record(
    z.string(),
    required(kind.attributeValueKind, "Attributes that are added to all telemetry that lacks them."),
    { error: () => "an object of attributes" },
  )
  .prefault({});

/** The sections of a stack's settings, by config key. */
export const schema = section({
  platform: setting(choiceKind("docker", "kubernetes"), { description: "Where the stack runs.", default: "docker" }),
  docker,
  kubernetes,
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
