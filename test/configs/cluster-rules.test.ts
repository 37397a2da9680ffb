import { describe, expect, it } from "vitest";

import { SettingsError, type Problem } from "../../configs/settings/problems.ts";
import { clusterValues, configurationOf, elsewhereValues, settingsOf } from "../support/settings.ts";

type Values = Record<string, unknown>;

function problems(values: Values): readonly Problem[] {
  try {
    configurationOf(values);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const cluster = (parts: Values, platform = "docker"): Values => ({
  platform,
  greptimedb: { topology: "cluster", cluster: parts },
  greptimedbMetadataUrl: parts["metadata"] ? `${urlScheme(parts)}://u:p@db.example.com/d` : undefined,
  greptimedbS3AccessKeyId: "key",
  greptimedbS3SecretAccessKey: "secret",
  greptimedbKafkaPassword: "password",
});
const urlScheme = (parts: Values) => (JSON.stringify(parts).includes("mysql") ? "mysql" : "postgres");

const s3 = (more: Values = {}) => ({ kind: "s3", s3: { bucket: "team-data", region: "eu-central-1", ...more } });
const kafka = (more: Values = {}) => ({ kind: "kafka", kafka: { brokers: ["kafka.example.com:9092"], ...more } });
const etcd = (settings: Values, platform?: string) => cluster({ metadata: { etcd: settings } }, platform);
const elsewhere = (topology: string, parts: Values): Values => ({
  greptimedb: { topology, ...(topology === "external" ? { external: { host: "db" } } : {}), cluster: parts },
  greptimedbWriterPassword: "writer-password",
  greptimedbReaderPassword: "reader-password",
});

const hostile: readonly (readonly [values: Values, key: string, expected: RegExp, remedy?: RegExp])[] = [
  // what would lose data
  [
    cluster({ failover: true, wal: kafka() }),
    "failover",
    /false with .*storage\.kind volume, because .*without their data/,
    /storage\.kind' s3/,
  ],
  [cluster({ failover: true, storage: s3() }), "failover", /false with .*wal\.kind local, because .*lost/, /kafka/],
  [
    cluster({ failover: true, storage: s3(), wal: kafka(), datanode: { replicas: 1 } }),
    "datanode.replicas",
    /at least 2 .*no other datanode/,
  ],
  [etcd({ members: 2 }), "metadata.etcd.members", /odd number; 2 members survive .* no more than 1/, /members' 3/],
  [etcd({ members: 4 }, "kubernetes"), "metadata.etcd.members", /odd number/, /members' 5/],
  [etcd({ members: 1 }, "kubernetes"), "metadata.etcd.members", /at least 3 on Kubernetes, because/],
  [elsewhere("standalone", { storage: s3() }), "storage.kind", /nothing, because greptimedb\.topology is standalone/],
  [elsewhere("standalone", { wal: kafka() }), "wal.kind", /topology is standalone/],
  [
    elsewhere("standalone", { failover: true }),
    "failover",
    /topology is standalone/,
    /topology' cluster, or .*failover/,
  ],
  [elsewhere("standalone", { metadata: { kind: "postgres" } }), "metadata.kind", /topology is standalone/],
  [elsewhere("standalone", { flownode: { replicas: 1 } }), "flownode.replicas", /topology is standalone/],
  [
    elsewhere("external", { metadata: { etcd: { endpoints: ["e:2379"] } } }),
    "metadata.etcd.endpoints",
    /topology is external/,
  ],
  [cluster({ storage: { s3: { bucket: "team-data" } } }), "storage.s3.bucket", /nothing would be written there/, /s3/],
  [cluster({ wal: { kafka: { brokers: ["k:9092"] } } }), "wal.kafka.brokers", /nothing would be written there/],
  // what cannot work
  [cluster({ storage: { kind: "s3", s3: { region: "r" } } }), "storage.s3.bucket", /the bucket, because/],
  [cluster({ storage: { kind: "s3", s3: { bucket: "team-data" } } }), "storage.s3.region", /the bucket's region/],
  [cluster({ storage: s3({ bucket: "No_Bucket" }) }), "storage.s3.bucket", /3 to 63 lower-case/],
  [cluster({ storage: s3({ root: "/a" }) }), "storage.s3.root", /a prefix/],
  [cluster({ storage: s3({ endpoint: "minio:9000" }) }), "storage.s3.endpoint", /http or https URL/],
  [cluster({ storage: s3({ endpoint: "http://localhost:9000" }) }), "storage.s3.endpoint", /the container itself/],
  [
    cluster({ storage: s3({ identityAnnotations: { a: "b" } }) }, "kubernetes"),
    "storage.s3.identityAnnotations",
    /credentials is secret/,
    /credentials' identity/,
  ],
  [
    cluster({ storage: s3({ credentials: "identity", identityAnnotations: { a: "b" } }) }),
    "storage.s3.identityAnnotations",
    /nothing on Docker/,
  ],
  [cluster({ wal: { kind: "kafka" } }), "wal.kafka.brokers", /the brokers, because/, /brokers\[0\]/],
  [cluster({ wal: kafka({ brokers: ["k:9092", "k:9092"] }) }), "wal.kafka.brokers[1]", /a broker named once/],
  [cluster({ wal: kafka({ brokers: ["127.0.0.1:9092"] }) }), "wal.kafka.brokers[0]", /the container itself/],
  [cluster({ wal: kafka({ brokers: ["kafka://k:9092"] }) }), "wal.kafka.brokers[0]", /host:port/],
  [cluster({ wal: kafka({ topicPrefix: ".a" }) }), "wal.kafka.topicPrefix", /not starting with a dot/],
  [cluster({ wal: kafka({ topics: 0 }) }), "wal.kafka.topics", /from 1/],
  [cluster({ wal: kafka({ saslMechanism: "PLAIN" }) }), "wal.kafka.saslUser", /the user that logs in with PLAIN/],
  [cluster({ wal: kafka({ saslMechanism: "GSSAPI" }) }), "wal.kafka.saslMechanism", /SCRAM-SHA-512/],
  [cluster({ wal: kafka({ saslUser: "u" }) }), "wal.kafka.saslUser", /nobody would log in/],
  [etcd({ endpoints: ["localhost:2379"] }), "metadata.etcd.endpoints[0]", /the container itself/],
  [etcd({ endpoints: ["e:2379", "f:2379", "e:2379"] }), "metadata.etcd.endpoints[2]", /named once/],
  [etcd({ endpoints: ["http://e:2379"] }), "metadata.etcd.endpoints[0]", /host:port/],
  [etcd({ endpoints: ["e:2379"], members: 3 }), "metadata.etcd.members", /etcd of somebody else/, /config rm/],
  [
    cluster({ metadata: { kind: "postgres", etcd: { endpoints: ["e:2379"] } } }),
    "metadata.etcd.endpoints",
    /metadata\.kind is postgres/,
  ],
  [cluster({ metadata: { kind: "mysql", etcd: { members: 3 } } }), "metadata.etcd.members", /metadata\.kind is mysql/],
  [cluster({ metadata: { keyPrefix: "a" } }), "metadata.keyPrefix", /shared with nobody/],
  [cluster({ metadata: { kind: "mysql", keyPrefix: "a".repeat(49) } }), "metadata.keyPrefix", /up to 48 letters/],
  [cluster({ datanode: { replicas: 0 } }), "datanode.replicas", /from 1 to 99/],
  [cluster({ frontend: { memory: "64MiB" } }), "frontend.memory", /from 256MiB/],
];

describe("settings of a cluster that cannot work or would lose data", () => {
  const rows = hostile.map(([values, key, expected, remedy = /./]) => ({ values, key, expected, remedy }));

  it.each(rows)("$values: refuses $key", ({ values, key, expected, remedy }) => {
    const found = problems(values);
    expect(found.map((problem) => problem.key)).toEqual([`greptimedb.cluster.${key}`]);
    expect(found[0]?.expected).toMatch(expected);
    expect(found[0]?.remedy).toMatch(remedy);
  });

  it("are told all at once", () => {
    const found = problems(
      cluster({ failover: true, metadata: { etcd: { members: 2 } }, wal: kafka({ brokers: [] }) }),
    );
    expect(found.map(({ key }) => key.replace("greptimedb.cluster.", ""))).toEqual([
      "failover",
      "metadata.etcd.members",
      "wal.kafka.brokers",
    ]);
  });

  it("hold for a cluster as for one process where they are about databases, ports and an endpoint elsewhere", () => {
    const keys = (greptimedb: Values) =>
      problems({ greptimedb: { topology: "cluster", ...greptimedb } }).map(({ key }) => key);
    expect(keys({ databases: { logs: "my-logs" } })).toEqual(["greptimedb.databases.logs"]);
    expect(keys({ databases: { logs: "metrics" } })).toEqual(["greptimedb.retention.logs"]);
    expect(keys({ external: { host: "db" } })).toEqual(["greptimedb.external.host"]);
    expect(keys({ ports: { mysql: 4318 } })).toEqual(["collector.ports.otlpHttp"]);
    expect(keys({ users: { keepPrevious: true } })).toEqual(["greptimedb.users.keepPrevious"]);
  });
});

describe("secrets of a cluster", () => {
  const { greptimedb } = elsewhereValues;

  it("are needed where somebody else runs a part, and only there", () => {
    const names = (values: Values) =>
      configurationOf(values)
        .secrets.filter(({ generated }) => generated === undefined)
        .map(({ name }) => name);
    expect(names(clusterValues)).toEqual([]);
    expect(names(elsewhereValues)).toEqual([
      "greptimedbMetadataUrl",
      "greptimedbS3AccessKeyId",
      "greptimedbS3SecretAccessKey",
      "greptimedbKafkaPassword",
    ]);
    expect(problems({ greptimedb }).map(({ key }) => key)).toEqual(names(elsewhereValues));
  });

  it.each([
    ["greptimedbKafkaPassword", "a'''b"],
    ["greptimedbS3SecretAccessKey", "a\nb"],
    ["greptimedbMetadataUrl", "mysql://u:p@db.example.com/d"],
    ["greptimedbMetadataUrl", "postgres://u:p'''@db.example.com/d"],
    ["greptimedbMetadataUrl", "postgres://u:p w@db.example.com/d"],
  ])("%s is refused as %j, without being shown", (name, value) => {
    const found = problems({ ...elsewhereValues, [name]: value });
    expect(found.map(({ key }) => key)).toEqual([name]);
    expect(JSON.stringify(found)).not.toContain(JSON.stringify(value).slice(1, -1));
  });
});

describe("good settings of a cluster", () => {
  it.each<[string, Values]>([
    ["the defaults on Docker", clusterValues],
    ["the defaults on Kubernetes", { platform: "kubernetes", ...clusterValues }],
    ["everything elsewhere", elsewhereValues],
    ["object storage with a log on volumes", cluster({ storage: s3() })],
    ["volumes with a log in Kafka", cluster({ wal: kafka() })],
    ["several frontends on one machine", cluster({ frontend: { replicas: 3 } })],
    ["more copies than bootstrap brokers are named", cluster({ wal: kafka({ replicationFactor: 3 }) })],
    ["an etcd of somebody else with an even list", etcd({ endpoints: ["e:2379", "f:2379"] }, "kubernetes")],
    ["five members", etcd({ members: 5 }, "kubernetes")],
    ["sizes of a cluster that is not used", elsewhere("standalone", { datanode: { replicas: 3, memory: "4GiB" } })],
  ])("%s", (_, values) => {
    expect(problems(values)).toEqual([]);
  });

  it("share nothing with another cluster by default", () => {
    const { metadata, storage, wal } = settingsOf(clusterValues).greptimedb.cluster;
    expect([metadata.keyPrefix, storage.s3.root, wal.kafka.topicPrefix]).toEqual(["test", "test", "test"]);
  });
});
