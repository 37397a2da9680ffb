import { privateKeyPattern } from "./kinds.ts";
import type { Problem } from "./problems.ts";
import { setSecretCommand } from "./problems.ts";
import { collectorAuth } from "./platform-defaults.ts";
import type { ParsedSettings } from "./schema.ts";

/**
 * The secrets of a stack: config keys of their own, always encrypted, never part of the settings.
 * Each is referred to by its key wherever it is used (see configs/text.ts).
 */

interface SecretKind {
  readonly description: string;
  readonly expected: string;
  readonly allowed: (value: string) => boolean;
  /** An allowed value that is nobody's secret: for plans of stacks whose secrets are missing or encrypted. */
  readonly standIn: string;
}

/**
 * Passwords that this stack itself configures. The alphabet leaves out what the users file (`=`, `:`), Grafana's
 * and the collector's interpolation (`$`, braces) or a shell would read as something else.
 */
const ownPassword = (description: string): SecretKind => ({
  description,
  expected: "12 to 128 letters, digits and . _ ~ ! * ^ + -",
  allowed: (value) => /^[A-Za-z0-9._~!*^+-]{12,128}$/.test(value),
  standIn: "standing-in-for-a-password",
});

/** Passwords that somebody else chose. */
const foreignPassword = (description: string): SecretKind => ({
  description,
  expected: "1 to 512 characters on one line",
  allowed: (value) => /^[^\p{Cc}]{1,512}$/u.test(value),
  standIn: "standing-in-for-a-password",
});

/** Secrets that are written into GreptimeDB's configuration, between three quotes on each side. */
const inConfiguration = ({ expected, allowed, ...kind }: SecretKind): SecretKind => ({
  ...kind,
  expected: `${expected}, without '''`,
  allowed: (value) => allowed(value) && !value.includes("'''"),
});

/** For a connection string, in which spaces part the fields and quotes and backslashes are read differently. */
const databasePassword = (description: string): SecretKind => ({
  ...foreignPassword(description),
  expected: "1 to 512 characters on one line, without spaces, single quotes and backslashes",
  allowed: (value) => /^[^\p{Cc}\s'\\]{1,512}$/u.test(value),
});

/** Printable, and the same inside a JSON text. */
const visible = "[!#-[\\]-~]";

const secretUrl: SecretKind = {
  description: "URL to which a webhook or Slack contact point posts.",
  expected: "an http or https URL, without quotes and backslashes",
  allowed: (value) => new RegExp(`^https?://${visible}{3,2000}$`).test(value) && URL.canParse(value),
  standIn: "https://standing-in-for-a-url.invalid/",
};

/** What the collector's own interpolation leaves alone. */
const authorizationHeader: SecretKind = {
  description: "Authorization header of the second destination.",
  expected: "a scheme such as Bearer, a space, and up to 4096 letters, digits and . _ ~ + / = -",
  allowed: (value) => /^[A-Za-z]{3,20} [A-Za-z0-9._~+/=-]{1,4096}$/.test(value),
  standIn: "Bearer standing-in-for-a-token",
};

const privateKey: SecretKind = {
  description: "Key of collector.tlsCertificate.",
  expected: "a private key in PEM, without a passphrase",
  allowed: (value) => privateKeyPattern.test(value),
  standIn: "-----BEGIN PRIVATE KEY-----\nc3RhbmRpbmctaW4=\n-----END PRIVATE KEY-----",
};

const integrationKey: SecretKind = {
  description: "Integration key of a PagerDuty contact point.",
  expected: "8 to 256 characters without spaces, quotes and backslashes",
  allowed: (value) => new RegExp(`^${visible}{8,256}$`).test(value),
  standIn: "standing-in-for-a-key",
};

const databaseUrl = (scheme: "postgres" | "mysql"): SecretKind => ({
  description: secretKeys.greptimedbMetadataUrl,
  expected: `a URL such as ${scheme}://user:password@host:port/database`,
  allowed: (value) =>
    new RegExp(`^${scheme === "postgres" ? "postgres(ql)?" : scheme}://[!-~]{3,1000}$`).test(value) &&
    URL.canParse(value),
  standIn: `${scheme}://standing-in:for-a-password@database.invalid/greptimedb`,
});

/** Top-level config keys that hold secrets, with what docs/settings.md says of them. */
export const secretKeys = {
  grafanaAdminPassword: "Password of Grafana's user `admin`. Generated if not set.",
  greptimedbAdminPassword: "Password of GreptimeDB's administrator. Generated if not set.",
  greptimedbWriterPassword:
    "Password of the user that writes. Generated if not set; needed for an external GreptimeDB.",
  greptimedbReaderPassword: "Password of the user that reads. Generated if not set; needed for an external GreptimeDB.",
  greptimedbPreviousWriterPassword: "The writer's password before a rotation, if you set the password yourself.",
  greptimedbPreviousReaderPassword: "The reader's password before a rotation, if you set the password yourself.",
  greptimedbMetadataUrl:
    "URL of the cluster's metadata store when greptimedb.cluster.metadata.kind is postgres or mysql, with user, password and database.",
  greptimedbS3AccessKeyId: "Access key of the bucket, with greptimedb.cluster.storage.s3.credentials secret.",
  greptimedbS3SecretAccessKey: "Its secret key.",
  greptimedbKafkaPassword: "Password of greptimedb.cluster.wal.kafka.saslUser.",
  collectorToken: "What applications send as a bearer token when collector.auth is bearer. Generated if not set.",
  collectorPreviousToken: "The token before a rotation, if you set the token yourself.",
  collectorTlsKey: "Private key of collector.tlsCertificate, in PEM.",
  secondDestinationAuthorization:
    "Authorization header for collector.secondDestination, when its auth is secret: Bearer and a token, or Basic and user and password in base64.",
  grafanaDatabasePassword: "Password of grafana.database.user.",
  grafanaSecretKey:
    "Key with which Grafana encrypts what it keeps in PostgreSQL. Generated if not set; keep it as long as that database.",
  smtpPassword: "Password of grafana.smtp.user.",
  contactPointSecrets: "By contact point: the URL of a webhook or of Slack, the integration key of PagerDuty.",
} as const;

export type SecretKey = keyof typeof secretKeys;

/** A secret that this stack needs, and where its value comes from. */
export interface NeededSecret {
  /** The config key, `contactPointSecrets.<name>` for contact points. Also its name in {@link Text}. */
  readonly name: string;
  readonly kind: SecretKind;
  /** Name of the random password that stands in when the key is not set; none if it must be given. */
  readonly generated?: string;
}

/** Every secret that these settings need, in a fixed order. */
export function neededSecrets(settings: ParsedSettings, given: ReadonlySet<string>): NeededSecret[] {
  const { greptimedb, grafana, alerts } = settings;
  return [
    { name: "grafanaAdminPassword", kind: ownPassword(secretKeys.grafanaAdminPassword), generated: "grafana-admin" },
    ...(greptimedb.topology === "external" ? externalUsers(greptimedb.external) : ownUsers(greptimedb.users, given)),
    ...(greptimedb.topology === "cluster" ? clusterSecrets(greptimedb.cluster) : []),
    ...(collectorAuth(settings) === "bearer" ? tokens(settings.collector.token, given) : []),
    ...(settings.platform !== "docker" || settings.collector.tlsCertificate === undefined
      ? []
      : [{ name: "collectorTlsKey", kind: privateKey }]),
    ...(settings.collector.secondDestination.auth === "secret"
      ? [{ name: "secondDestinationAuthorization", kind: authorizationHeader }]
      : []),
    ...(grafana.database.kind === "postgres"
      ? [
          { name: "grafanaDatabasePassword", kind: databasePassword(secretKeys.grafanaDatabasePassword) },
          { name: "grafanaSecretKey", kind: ownPassword(secretKeys.grafanaSecretKey), generated: "grafana-secret-key" },
        ]
      : []),
    ...(grafana.smtp.user === undefined
      ? []
      : [{ name: "smtpPassword", kind: foreignPassword(secretKeys.smtpPassword) }]),
    ...alerts.contactPoints.flatMap(({ name, type }) =>
      type === "email"
        ? []
        : [{ name: `contactPointSecrets.${name}`, kind: type === "pagerduty" ? integrationKey : secretUrl }],
    ),
  ];
}

function tokens(
  { generation, keepPrevious }: ParsedSettings["collector"]["token"],
  given: ReadonlySet<string>,
): NeededSecret[] {
  const token = (name: SecretKey) => ({ name, kind: ownPassword(secretKeys[name]) });
  const generated = (of: number) => ({ generated: `collector-token-${String(of)}` });
  const current = { ...token("collectorToken"), ...generated(generation) };
  if (!keepPrevious) return [current];
  // a token that was chosen, not generated, can only be named by whoever chose it
  return [
    current,
    { ...token("collectorPreviousToken"), ...(given.has("collectorToken") ? {} : generated(generation - 1)) },
  ];
}

/** What a cluster needs to reach the systems that somebody else runs. */
function clusterSecrets({ metadata, storage, wal }: ParsedSettings["greptimedb"]["cluster"]): NeededSecret[] {
  const foreign = (name: SecretKey): NeededSecret => ({
    name,
    kind: inConfiguration(foreignPassword(secretKeys[name])),
  });
  return [
    ...(metadata.kind === "etcd"
      ? []
      : [{ name: "greptimedbMetadataUrl", kind: inConfiguration(databaseUrl(metadata.kind)) }]),
    ...(storage.kind === "s3" && storage.s3.credentials === "secret"
      ? [foreign("greptimedbS3AccessKeyId"), foreign("greptimedbS3SecretAccessKey")]
      : []),
    ...(wal.kind === "kafka" && wal.kafka.saslMechanism !== "none" ? [foreign("greptimedbKafkaPassword")] : []),
  ];
}

function ownUsers(users: ParsedSettings["greptimedb"]["users"], given: ReadonlySet<string>): NeededSecret[] {
  const { generation, keepPrevious } = users;
  const current = (["Admin", "Writer", "Reader"] as const).map((role) => ({
    name: `greptimedb${role}Password`,
    kind: ownPassword(secretKeys[`greptimedb${role}Password`]),
    generated: `greptimedb-${role.toLowerCase()}-${String(generation)}`,
  }));
  if (!keepPrevious) return current;
  const previous = (["Writer", "Reader"] as const).map((role) => ({
    name: `greptimedbPrevious${role}Password`,
    kind: ownPassword(secretKeys[`greptimedbPrevious${role}Password`]),
    // a password that was chosen, not generated, can only be named by whoever chose it
    ...(given.has(`greptimedb${role}Password`)
      ? {}
      : { generated: `greptimedb-${role.toLowerCase()}-${String(generation - 1)}` }),
  }));
  return [...current, ...previous];
}

function externalUsers({ users, manageDatabases }: ParsedSettings["greptimedb"]["external"]): NeededSecret[] {
  const roles = [
    ...(manageDatabases ? (["Admin"] as const) : []),
    "Writer" as const,
    ...(users.reader === users.writer ? [] : (["Reader"] as const)),
  ];
  return roles.map((role) => ({
    name: `greptimedb${role}Password`,
    kind: foreignPassword(secretKeys[`greptimedb${role}Password`]),
  }));
}

/** What is wrong with the secrets that were given. The values themselves are never shown. */
export function secretProblems(
  needed: readonly NeededSecret[],
  given: Readonly<Record<string, string>>,
  plain: ReadonlySet<string>,
): Problem[] {
  return [
    ...Object.keys(given)
      .filter((name) => plain.has(name.split(".")[0] ?? name))
      .map((name) => ({
        key: name,
        expected: "a secret, encrypted in the stack file; it is there in plain text",
        remedy: `replace it: ${setSecretCommand(name)}`,
      })),
    ...needed.flatMap(({ name, kind, generated }) => {
      const value = given[name];
      if (value === undefined ? generated !== undefined : kind.allowed(value)) return [];
      const expected =
        value === undefined ? `${kind.expected}; it is not set` : `${kind.expected} (the value is not shown)`;
      return [{ key: name, expected, remedy: setSecretCommand(name) }];
    }),
  ];
}
