import { configurationFrom, type Configuration, type Settings } from "../../configs/settings/settings.ts";
import { known } from "../../dashboards/content.ts";

/** The configuration of a stack with these values, all secrets among them encrypted. */
export const configurationOf = (values: Record<string, unknown> = {}): Configuration =>
  configurationFrom({ values, encrypted: new Set(Object.keys(values)) }, { ...known, instance: "test" });

export const settingsOf = (values: Record<string, unknown> = {}): Settings => configurationOf(values).settings;

/** An external GreptimeDB, with everything that it needs. */
export const externalValues = {
  greptimedb: { topology: "external", external: { host: "db.example.com" } },
  greptimedbWriterPassword: 'wri$ter\'s "password"',
  greptimedbReaderPassword: "re{a}der=password",
};

/** A cluster with everything of its own. */
export const clusterValues = { greptimedb: { topology: "cluster" } };

/** A cluster that keeps nothing itself: PostgreSQL, object storage and Kafka are run by somebody else. */
export const elsewhereValues = {
  greptimedb: {
    topology: "cluster",
    ports: { postgres: 4003 },
    cluster: {
      frontend: { replicas: 2 },
      datanode: { replicas: 3, memory: "8GiB", disk: "100GiB" },
      metasrv: { replicas: 2 },
      flownode: { replicas: 1 },
      metadata: { kind: "postgres" },
      storage: { kind: "s3", s3: { bucket: "team-data", region: "eu-central-1" } },
      wal: {
        kind: "kafka",
        kafka: {
          brokers: ["kafka-0.example.com:9094", "kafka-1.example.com:9094"],
          tls: true,
          saslMechanism: "SCRAM-SHA-512",
          saslUser: "greptimedb",
        },
      },
      failover: true,
    },
  },
  greptimedbMetadataUrl: "postgres://greptime:the-metadata-password@db.example.com:5432/meta",
  greptimedbS3AccessKeyId: "0012345",
  greptimedbS3SecretAccessKey: "the+secret/key=",
  greptimedbKafkaPassword: 'the "kafka\\ password',
};
