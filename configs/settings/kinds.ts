import { ownJobs } from "../collector/own-jobs.ts";
import { textKind } from "./fields.ts";

/** The texts that settings accept, each with its pattern and the words for it. */

export const hostKind = textKind(
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  "a host name or IPv4 address, without scheme, port or path",
  "db.example.com",
);

const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
export const ipv4Kind = textKind(new RegExp(`^${octet}(\\.${octet}){3}$`), "an IPv4 address", "127.0.0.1");

export const hostGatewayKind = textKind(
  new RegExp(`^(auto|off|${octet}(\\.${octet}){3})$`),
  "auto, off, or the IPv4 address under which containers reach this machine",
  "auto",
);

export const dockerHostKind = textKind(
  /^(unix|npipe|tcp|ssh|http|https):\/\/[!-~]{1,250}$/,
  "a Docker endpoint such as unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host",
  "unix:///var/run/docker.sock",
);

export const contextKind = textKind(/^[A-Za-z0-9][A-Za-z0-9_.+-]{0,100}$/, "the name of a Docker context", "colima");

export const instanceKind = textKind(
  /^[a-z0-9][a-z0-9_.-]{0,40}$/,
  "up to 41 lower-case letters, digits, dots, dashes and underscores, starting with a letter or digit",
  "observability",
);

/** A tag or a digest must be there, and the tag must not be `latest`. */
export const imageKind = textKind(
  /^(?!.*:latest(@|$))[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:\d{1,5}(?=\/))?(\/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(@sha256:[a-f0-9]{64})?|@sha256:[a-f0-9]{64})$/,
  "an image with an explicit tag (not latest), a digest (@sha256:…), or both",
  "grafana/grafana:13.2.3",
);

/** `information_schema`, `pg_catalog` and `greptime_private` belong to GreptimeDB. */
export const databaseKind = textKind(
  /^(?!(information_schema|pg_catalog|greptime_private)$)[A-Za-z_][A-Za-z0-9_-]{0,62}$/,
  "a database name: up to 63 letters, digits, underscores and dashes, not starting with a digit, none of GreptimeDB's own",
  "metrics",
);

export const userKind = textKind(
  /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/,
  "a user name: up to 64 letters, digits and _ . @ -",
  "writer",
);

const reservedJobs = Object.values(ownJobs);

export const jobKind = textKind(
  new RegExp(`^(?!(${reservedJobs.join("|")})$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$`),
  `a job name: up to 63 letters, digits and _ . -, and not ${reservedJobs.join(", ")}, which are the stack's own`,
  "pythia-workers",
);

const portNumber = "([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";

export const targetKind = textKind(
  new RegExp(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?:${portNumber}$`),
  "host:port, without scheme or path",
  "host.docker.internal:8000",
);

export const pathKind = textKind(
  // the collector would escape these: a query in a path never arrives as one
  /^\/[!"$&->@-~]{0,250}$/,
  "a path that starts with /, without a query, a fragment, percent-encoding or spaces",
  "/metrics",
);

/** `*` alone would let any page on the web send telemetry here; with credentials browsers refuse it anyway. */
export const originKind = textKind(
  new RegExp(`^https?://(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:(${portNumber}|\\*))?$`),
  "an origin: http(s)://host[:port], with * only as the first label (https://*.example.com) or as the port (http://localhost:*)",
  "http://localhost:5173",
);

export const attributeKeyKind = textKind(
  /^(?!(service\.name|service\.instance\.id|telemetry\..*)$)[a-z][a-z0-9_]{0,60}(\.[a-z0-9_]{1,60}){0,6}$/,
  "a resource attribute in lower case with dots, other than service.name, service.instance.id and telemetry.*, which belong to the application",
  "deployment.environment.name",
);

export const attributeValueKind = textKind(/^[^\p{Cc}]{1,256}$/u, "1 to 256 characters on one line", "production");

export const attributeNameKind = textKind(
  /^[A-Za-z_][A-Za-z0-9_.-]{0,100}$/,
  "an attribute name: up to 101 letters, digits and _ . -",
  "correlation_id",
);

export const contactPointNameKind = textKind(
  /^[a-z0-9][a-z0-9-]{0,40}$/,
  "up to 41 lower-case letters, digits and dashes",
  "oncall",
);

export const packKind = textKind(
  /^[a-z][a-z0-9-]{0,30}$/,
  "the name of a pack: up to 31 lower-case letters, digits and dashes",
  "agents",
);

export const modelKind = textKind(
  /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/,
  "a model's name as telemetry has it: up to 128 letters, digits and . _ : / @ + -",
  "gpt-4o",
);

/** A day that there is: 30 February is none. */
const plainDayKind = textKind(
  /^20\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])|02-29(?<=20(?:[02468][048]|[13579][26])-02-29))$/,
  "a day, as YYYY-MM-DD",
  "2026-11-01",
);

/** The engine reads a day without quotes as a time, and hands it over as Go prints one. */
export const dayKind = {
  ...plainDayKind,
  parse: (given: unknown): string | undefined =>
    plainDayKind.parse(typeof given === "string" ? given.replace(/ 00:00:00 \+0000 UTC$/, "") : given),
};

export const emailKind = textKind(/^[^\s@,;<>"]{1,64}@[A-Za-z0-9.-]{1,250}$/, "an e-mail address", "team@example.com");

export const mailServerKind = textKind(
  new RegExp(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?:${portNumber}$`),
  "the mail server as host:port",
  "smtp.example.com:587",
);

export const serviceNameKind = textKind(
  /^[^\p{Cc}"\\]{1,100}$/u,
  'a service.name: 1 to 100 characters, without " and \\',
  "checkout",
);

export const objectNameKind = textKind(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  "a name in the cluster: up to 63 lower-case letters, digits and dashes, starting and ending with a letter or digit",
  "observability",
);

export const clusterContextKind = textKind(
  /^[^\p{Cc}\s]{1,253}$/u,
  "the name of a context in the kubeconfig, without spaces",
  "kind-kind",
);

export const filePathKind = textKind(/^[^\p{Cc}]{1,1024}$/u, "the path of a file", "/home/me/.kube/config");

const dnsSubdomain = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

export const labelKeyKind = textKind(
  new RegExp(`^(${dnsSubdomain}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`),
  "a label key such as node-role.kubernetes.io/observability",
  "dedicated",
);

export const labelValueKind = textKind(
  /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
  "a label value: up to 63 letters, digits and . _ -, starting and ending with a letter or digit",
  "observability",
);

export const annotationValueKind = textKind(/^[^\p{Cc}]{0,1024}$/u, "up to 1024 characters on one line", "true");

export const bucketKind = textKind(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  "a bucket name: 3 to 63 lower-case letters, digits, dots and dashes",
  "team-greptimedb",
);

export const objectKeyKind = textKind(
  /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+){0,10}$/,
  "a prefix of letters, digits and . _ -, with slashes between",
  "greptimedb",
);

/** It becomes the name of a table, which MySQL allows 64 characters, and of another one with a suffix. */
export const keyPrefixKind = textKind(
  /^[A-Za-z_][A-Za-z0-9_]{0,47}$/,
  "up to 48 letters, digits and underscores, not starting with a digit",
  "team_a",
);

export const topicPrefixKind = textKind(
  /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}$/,
  "the beginning of a Kafka topic's name: up to 101 letters, digits and . _ -, not starting with a dot",
  "greptimedb-wal",
);

export const regionKind = textKind(/^[a-z0-9][a-z0-9-]{0,30}$/, "a region such as eu-central-1", "eu-central-1");

export const httpUrlKind = textKind(
  new RegExp(`^https?://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:${portNumber})?$`),
  "an http or https URL of a host, without path",
  "https://minio.example.com:9000",
);

const pemBlock = (what: string): string =>
  `-----BEGIN ${what}-----\\r?\\n[A-Za-z0-9+/=\\r\\n]{1,20000}-----END ${what}-----\\s*`;

export const certificateKind = textKind(
  new RegExp(`^(${pemBlock("CERTIFICATE")}){1,10}$`),
  "a certificate in PEM, with those that lead to its authority after it",
  "$(cat certificate.pem)",
);

/** Without a passphrase, which nobody could type. */
export const privateKeyPattern = new RegExp(`^${pemBlock("(RSA |EC )?PRIVATE KEY")}$`);

export const otlpUrlKind = textKind(
  new RegExp(`^https?://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:${portNumber})?(/[A-Za-z0-9._~-]{1,100}){0,8}$`),
  "an http or https URL without query, and without a slash at its end",
  "https://otlp.example.com/otlp",
);
