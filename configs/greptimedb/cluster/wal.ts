import type { Call } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import { secretValue } from "../toml.ts";

/** The brokers of a log in Kafka, as metasrv and datanodes both need to know them. */
export function kafka({ greptimedb: { cluster } }: Settings): Record<string, unknown> {
  const { brokers, tls, saslMechanism, saslUser } = cluster.wal.kafka;
  return {
    provider: "kafka",
    broker_endpoints: [...brokers],
    // an empty table: with the authorities that the image trusts
    ...(tls ? { tls: {} } : {}),
    ...(saslMechanism === "none"
      ? {}
      : { sasl: { type: saslMechanism, username: saslUser, password: secretValue("greptimedbKafkaPassword") } }),
  };
}

/** None where the log is on the datanodes' own volumes. */
export const callsKafka = ({ greptimedb: { cluster } }: Settings): Call[] =>
  cluster.wal.kind === "local" ? [] : [{ outside: "the brokers of Kafka", ports: portsOf(cluster.wal.kafka.brokers) }];

/** The ports of addresses, each once. */
export const portsOf = (addresses: readonly string[]): number[] =>
  [...new Set(addresses.map((address) => Number(address.split(":").at(-1))))].sort((a, b) => a - b);
