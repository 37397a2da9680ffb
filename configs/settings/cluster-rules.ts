import { clusterReplicas } from "./platform-defaults.ts";
import { repeated, setCommand, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";

/** What must hold between the settings of a GreptimeDB cluster: what cannot work, and what would lose data. */

type Cluster = ParsedSettings["greptimedb"]["cluster"];

const base = "greptimedb.cluster";

export function clusterProblems(settings: ParsedSettings): Problem[] {
  const { topology, cluster } = settings.greptimedb;
  if (topology !== "cluster") return unusedProblems(topology, cluster);
  return [
    ...failoverProblems(settings),
    ...etcdProblems(settings),
    ...storageProblems(settings),
    ...walProblems(cluster),
    ...addressProblems(cluster),
  ];
}

/** Whoever asks for these believes that data is kept in a way in which it is not. */
function unusedProblems(topology: string, cluster: Cluster): Problem[] {
  const { metadata, storage, wal, failover, flownode } = cluster;
  const used: readonly (readonly [string, unknown, boolean])[] = [
    ["metadata.kind", metadata.kind, metadata.kind !== "etcd"],
    ["metadata.etcd.endpoints", metadata.etcd.endpoints, metadata.etcd.endpoints.length > 0],
    ["storage.kind", storage.kind, storage.kind !== "volume"],
    ["wal.kind", wal.kind, wal.kind !== "local"],
    ["failover", failover, failover],
    ["flownode.replicas", flownode.replicas, flownode.replicas > 0],
  ];
  return used
    .filter(([, , asked]) => asked)
    .map(([name, given]) => ({
      key: `${base}.${name}`,
      given,
      expected: `nothing, because greptimedb.topology is ${topology}`,
      remedy: `${setCommand("greptimedb.topology", "cluster")}, or ${unsetCommand(name)}`,
    }));
}

/** A region moves without its data unless both the data and the log of writes lie outside the datanode. */
function failoverProblems(settings: ParsedSettings): Problem[] {
  const { failover, storage, wal } = settings.greptimedb.cluster;
  if (!failover) return [];
  const datanodes = clusterReplicas(settings).datanode;
  return [
    ...(storage.kind === "s3"
      ? []
      : [
          {
            key: `${base}.failover`,
            given: true,
            expected:
              "false with greptimedb.cluster.storage.kind volume, because a datanode that is gone takes its volume along: its regions would move without their data",
            remedy: setCommand(`${base}.storage.kind`, "s3"),
          },
        ]),
    ...(wal.kind === "kafka"
      ? []
      : [
          {
            key: `${base}.failover`,
            given: true,
            expected:
              "false with greptimedb.cluster.wal.kind local, because what is only in the log of a datanode that is gone would be lost",
            remedy: setCommand(`${base}.wal.kind`, "kafka"),
          },
        ]),
    ...(datanodes >= 2
      ? []
      : [
          {
            key: `${base}.datanode.replicas`,
            given: datanodes,
            expected: "at least 2 with greptimedb.cluster.failover, or there is no other datanode to move regions to",
            remedy: setCommand(`${base}.datanode.replicas`, "3"),
          },
        ]),
  ];
}

function etcdProblems(settings: ParsedSettings): Problem[] {
  const { kind, etcd, keyPrefix } = settings.greptimedb.cluster.metadata;
  const given = [
    ...(etcd.endpoints.length > 0 ? [{ name: "endpoints", given: etcd.endpoints }] : []),
    ...(etcd.members === undefined ? [] : [{ name: "members", given: etcd.members }]),
  ];
  if (kind !== "etcd") {
    return given.map((setting) => unusedEtcd(setting, `greptimedb.cluster.metadata.kind is ${kind}`));
  }
  if (etcd.endpoints.length > 0) {
    return given
      .filter(({ name }) => name === "members")
      .map((setting) =>
        unusedEtcd(setting, "greptimedb.cluster.metadata.etcd.endpoints name an etcd of somebody else"),
      );
  }
  return [...memberProblems(settings), ...(keyPrefix === undefined ? [] : [unsharedPrefix(keyPrefix)])];
}

const unusedEtcd = ({ name, given }: { name: string; given: unknown }, reason: string): Problem => ({
  key: `${base}.metadata.etcd.${name}`,
  given,
  expected: `nothing, because ${reason}`,
  remedy: unsetCommand(`metadata.etcd.${name}`),
});

const unsharedPrefix = (given: string): Problem => ({
  key: `${base}.metadata.keyPrefix`,
  given,
  expected: "nothing, because the stack's own etcd is shared with nobody",
  remedy: unsetCommand("metadata.keyPrefix"),
});

function memberProblems(settings: ParsedSettings): Problem[] {
  const members = clusterReplicas(settings).etcd;
  const key = `${base}.metadata.etcd.members`;
  if (members % 2 === 0) {
    const expected = `an odd number; ${String(members)} members survive the loss of no more than ${String(members - 1)} do`;
    return [{ key, given: members, expected, remedy: setCommand(key, String(members + 1)) }];
  }
  if (members === 1 && settings.platform === "kubernetes") {
    const expected =
      "at least 3 on Kubernetes, because the cluster cannot start while its only member is moved, and is lost with that member's volume";
    return [{ key, given: members, expected, remedy: setCommand(key, "3") }];
  }
  return [];
}

function storageProblems({ platform, greptimedb: { cluster } }: ParsedSettings): Problem[] {
  const { kind, s3 } = cluster.storage;
  const key = (name: string) => `${base}.storage.s3.${name}`;
  if (kind === "volume") {
    return s3.bucket === undefined
      ? []
      : [
          {
            key: key("bucket"),
            given: s3.bucket,
            expected: "nothing, because greptimedb.cluster.storage.kind is volume: nothing would be written there",
            remedy: `${setCommand(`${base}.storage.kind`, "s3")}, or remove the bucket`,
          },
        ];
  }
  const annotated = Object.keys(s3.identityAnnotations).length > 0;
  return [
    ...missing(
      key("bucket"),
      s3.bucket,
      "the bucket, because greptimedb.cluster.storage.kind is s3",
      "team-greptimedb",
    ),
    ...missing(key("region"), s3.region, "the bucket's region, which is part of each signature", "eu-central-1"),
    ...(annotated && (s3.credentials === "secret" || platform === "docker")
      ? [
          {
            key: key("identityAnnotations"),
            given: s3.identityAnnotations,
            expected:
              platform === "docker"
                ? "nothing on Docker, where a container has no identity of its own"
                : `nothing, because ${key("credentials")} is secret: the keys would be used instead`,
            remedy: platform === "docker" ? "remove the annotations" : setCommand(key("credentials"), "identity"),
          },
        ]
      : []),
  ];
}

function walProblems({ wal: { kind, kafka } }: Cluster): Problem[] {
  const key = (name: string) => `${base}.wal.kafka.${name}`;
  if (kind === "local") {
    return kafka.brokers.length === 0
      ? []
      : [
          {
            key: key("brokers"),
            given: kafka.brokers,
            expected: "nothing, because greptimedb.cluster.wal.kind is local: nothing would be written there",
            remedy: `${setCommand(`${base}.wal.kind`, "kafka")}, or remove the brokers`,
          },
        ];
  }
  const named = kafka.saslUser !== undefined;
  return [
    ...(kafka.brokers.length > 0
      ? []
      : missing(
          key("brokers"),
          undefined,
          "the brokers, because greptimedb.cluster.wal.kind is kafka",
          "kafka-0.example.com:9092",
          "[0]",
        )),
    ...(kafka.saslMechanism !== "none" && !named
      ? missing(key("saslUser"), undefined, `the user that logs in with ${kafka.saslMechanism}`, "greptimedb")
      : []),
    ...(kafka.saslMechanism === "none" && named
      ? [
          {
            key: key("saslUser"),
            given: kafka.saslUser,
            expected: `nothing, because ${key("saslMechanism")} is none: nobody would log in`,
            remedy: setCommand(key("saslMechanism"), "SCRAM-SHA-512"),
          },
        ]
      : []),
  ];
}

/** Addresses of others: each once, and none that is the container itself. */
function addressProblems({ metadata, storage, wal }: Cluster): Problem[] {
  const lists = [
    { key: `${base}.metadata.etcd.endpoints`, addresses: metadata.etcd.endpoints, what: "an endpoint" },
    { key: `${base}.wal.kafka.brokers`, addresses: wal.kafka.brokers, what: "a broker" },
  ];
  const { endpoint } = storage.s3;
  return [
    ...lists.flatMap(({ key, addresses, what }) =>
      addresses.flatMap((address, index) => {
        const at = `${key}[${String(index)}]`;
        return [...repeated(addresses, index, at, what), ...loopback(at, address, address)];
      }),
    ),
    ...(endpoint === undefined
      ? []
      : loopback(`${base}.storage.s3.endpoint`, endpoint, endpoint.replace(/^https?:\/\//, ""))),
  ];
}

const loopback = (key: string, given: string, address: string): Problem[] =>
  /^(localhost|127\.[\d.]+|0\.0\.0\.0)(:|$)/.test(address)
    ? [
        {
          key,
          given,
          expected: "an address that containers can reach; from inside one this is the container itself",
          remedy: "name the host as the containers see it",
        },
      ]
    : [];

const missing = (key: string, given: unknown, expected: string, example: string, at = ""): Problem[] =>
  given === undefined ? [{ key, expected, remedy: setCommand(`${key}${at}`, example) }] : [];

const unsetCommand = (name: string): string => `pulumi config rm --path '${base}.${name}'`;
