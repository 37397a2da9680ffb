import {
  booleanKind,
  choiceKind,
  durationKind,
  hostPortKind,
  listOf,
  numberKind,
  required,
  section,
  setting,
  sizeKind,
} from "./fields.ts";
import * as kind from "./kinds.ts";
import { deltaToCumulative, histograms, sampling, secondDestination, spanMetrics } from "./schema-collector-flow.ts";
import { content, filter, limits, redaction } from "./schema-collector-privacy.ts";

/** The settings of the OpenTelemetry Collector. */

const tebibyte = 1024 * 1024;

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

export const collector = section({
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
  replicas: setting(numberKind({ min: 1, max: 50 }), {
    description: "How many gateways, on Kubernetes. With more than one, a collector of its own does the scraping.",
    default: 1,
    example: "2",
  }),
  auth: setting(choiceKind("none", "bearer"), {
    description:
      "What applications must show to send OTLP: nothing, or the secret collectorToken as a bearer token. By default bearer on Kubernetes, none on Docker.",
    example: "bearer",
  }),
  token: section({
    generation: setting(numberKind({ min: 1, max: 999 }), {
      description: "Raise by one to rotate: applications get a new token (docs/operations.md).",
      default: 1,
      example: "2",
    }),
    keepPrevious: setting(booleanKind, {
      description: "Also accept the token of the generation before, for the time of a rotation.",
      default: false,
    }),
  }),
  tlsSecret: setting(kind.objectNameKind, {
    description:
      "Secret of type kubernetes.io/tls in the namespace, with whose certificate the gateways serve OTLP. By default OTLP inside the cluster is not encrypted.",
    example: "collector-tls",
  }),
  tlsCertificate: setting(kind.certificateKind, {
    description:
      "On Docker: the certificate with which the collector serves OTLP, in PEM; its key is the secret collectorTlsKey. By default OTLP on loopback is not encrypted.",
  }),
  annotationScraping: setting(booleanKind, {
    description:
      "On Kubernetes: scrape the pods of all namespaces that are annotated with prometheus.io/scrape, prometheus.io/port and prometheus.io/path.",
    default: false,
  }),
  agent: section({
    enabled: setting(booleanKind, {
      description: "On Kubernetes: a collector on each node that reads container logs and the node's own metrics.",
      default: false,
    }),
    memory: setting(sizeKind({ min: 128, max: 65_536 }), { description: "Memory limit of each agent.", default: 256 }),
    logs: setting(booleanKind, { description: "Read the logs of all containers of the node.", default: true }),
    hostMetrics: setting(booleanKind, {
      description: "Measure processor, memory, disks and file systems of the node.",
      default: true,
    }),
  }),
  hostMetrics: setting(booleanKind, {
    description:
      "On Docker: measure processor, memory, load and disks of the machine, as far as a container sees them, every 30 s.",
    default: false,
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
  redaction,
  content,
  limits,
  filter,
  sampling,
  spanMetrics,
  histograms,
  deltaToCumulative,
  secondDestination,
  ledger: section({
    enabled: setting(booleanKind, {
      description:
        "Count without end what arrives: a service sends a numbered record of each signal every 15 s and looks for it in GreptimeDB (docs/delivery.md).",
      default: false,
    }),
  }),
  debug: setting(choiceKind("off", "basic", "normal", "detailed"), {
    description: "Print received telemetry to the collector's log. The log then holds what your applications send.",
    default: "off",
    example: "detailed",
  }),
});
