/**
 * Stacks on a cluster that must all hold what is asserted of any: settings on top of Pulumi.kubernetes.yaml. The tests
 * of the graph record them, and CI validates their manifests against Kubernetes' own schemas.
 */

type Set = Readonly<Record<string, string>>;

/** Values of secrets that are given; none may show anywhere but in a Secret. */
const external = {
  "greptimedb.topology": "external",
  "greptimedb.external.host": "db.example.com",
  greptimedbWriterPassword: "the-external-writer-password",
  greptimedbReaderPassword: "the-external-reader-password",
} satisfies Set;

const s3 = {
  "greptimedb.cluster.storage.kind": "s3",
  "greptimedb.cluster.storage.s3.bucket": "team-greptimedb",
  "greptimedb.cluster.storage.s3.region": "eu-central-1",
  greptimedbS3AccessKeyId: "the-s3-access-key-id",
  greptimedbS3SecretAccessKey: "the-s3-secret-access-key",
} satisfies Set;

const ingress = {
  "kubernetes.ingress.className": "nginx",
  "kubernetes.ingress.annotations": '{"cert-manager.io/cluster-issuer":"letsencrypt"}',
  "kubernetes.ingress.grafana.host": "grafana.example.com",
  "kubernetes.ingress.grafana.tlsSecret": "grafana-tls",
  "kubernetes.ingress.otlp.host": "otlp.example.com",
  "kubernetes.ingress.otlp.tlsSecret": "otlp-tls",
  "kubernetes.ingress.requestsPerSecond": "50",
} satisfies Set;

const postgres = {
  "grafana.database.kind": "postgres",
  "grafana.database.host": "postgres.example.com:5432",
  grafanaDatabasePassword: "the-grafana-database-password",
  "grafana.replicas": "2",
} satisfies Set;

const told = {
  "alerts.contactPoints":
    '[{"name":"chat","type":"slack"},{"name":"pager","type":"pagerduty","severities":["critical"]},{"name":"team","type":"email","addresses":["team@example.com"]}]',
  "contactPointSecrets.chat": "https://hooks.example.com/the-slack-secret",
  "contactPointSecrets.pager": "the-pagerduty-key",
  "grafana.smtp.host": "smtp.example.com:587",
  "grafana.smtp.user": "grafana",
  smtpPassword: "the-smtp-password",
} satisfies Set;

const agent = { "collector.agent.enabled": "true", "collector.annotationScraping": "true" } satisfies Set;

const placement = {
  "kubernetes.storageClass": "fast",
  "kubernetes.imagePullSecrets": '["registry-credentials"]',
  "kubernetes.nodeSelector": '{"dedicated":"observability"}',
  "kubernetes.tolerations": '[{"key":"dedicated","operator":"Equal","value":"observability","effect":"NoSchedule"},{}]',
} satisfies Set;

const kafka = {
  "greptimedb.cluster.wal.kind": "kafka",
  "greptimedb.cluster.wal.kafka.brokers": '["kafka-0.example.com:9092","kafka-1.example.com:9092"]',
  "greptimedb.cluster.wal.kafka.saslMechanism": "SCRAM-SHA-512",
  "greptimedb.cluster.wal.kafka.saslUser": "greptimedb",
  greptimedbKafkaPassword: "the-kafka-password",
} satisfies Set;

const metadata = {
  "greptimedb.cluster.metadata.kind": "postgres",
  greptimedbMetadataUrl: "postgres://greptimedb:the-metadata-password@postgres.example.com:5432/greptimedb",
} satisfies Set;

export const variants = {
  "as it is": {},
  standalone: { "greptimedb.topology": "standalone" },
  external,
  "object storage": s3,
  "flownodes, Kafka and PostgreSQL for metadata": {
    ...kafka,
    ...metadata,
    "greptimedb.cluster.flownode.replicas": "1",
  },
  "node agents": agent,
  "ingress with TLS": ingress,
  "no network policies": { "kubernetes.network.policies": "false" },
  "a namespace of somebody else's": { "kubernetes.createNamespace": "false" },
  "Grafana on PostgreSQL": postgres,
  "chosen nodes and applications": { ...placement, "kubernetes.network.applicationNamespaces": '["agents","web"]' },
  "people are told": told,
  "rotation of users": { "greptimedb.users": '{"generation":2,"keepPrevious":true}' },
  everything: {
    ...s3,
    ...kafka,
    ...metadata,
    ...agent,
    ...ingress,
    ...postgres,
    ...told,
    ...placement,
    "greptimedb.cluster.failover": "true",
    "greptimedb.cluster.flownode.replicas": "2",
    "greptimedb.ports.postgres": "4003",
    "collector.replicas": "3",
    "collector.tlsSecret": "collector-tls",
    "collector.ledger.enabled": "true",
    "collector.scrape": '[{"job":"workers","targets":["workers.agents.svc:8000"]}]',
    "alerts.services": '["checkout"]',
    "kubernetes.network.applicationNamespaces": '["agents"]',
  },
} satisfies Readonly<Record<string, Set>>;

export type Variant = keyof typeof variants;

export const variantNames = Object.keys(variants) as Variant[];

/** Parts of given secrets by which they would be recognised. */
export const givenSecrets: readonly string[] = [
  ...new Set(
    Object.values(variants)
      .flatMap((set: Set) => Object.values(set))
      .flatMap((value) => /\bthe-[a-z0-9]+(-[a-z0-9]+)+/.exec(value)?.[0] ?? []),
  ),
];
