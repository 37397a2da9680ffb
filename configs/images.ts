/**
 * The one place where container images are pinned.
 *
 * A stack can replace any of them with the setting `images.<name>`; a digest may follow the tag
 * (`repository:tag@sha256:…`). The tasks that prepare volumes and databases run in the GreptimeDB
 * image, which has `sh`, `chown` and `curl`, so that nothing else is pulled; so does the delivery
 * ledger, which also needs `awk`, `find` and GNU `date`.
 */
export const images = {
  /** Ubuntu flavour; `/v1/otlp` with the metric translation header needs 1.1 or later. */
  greptimedb: "greptime/greptimedb:v1.1.4",
  /** Contrib distribution: file storage and resource detection are not in the core one. */
  collector: "otel/opentelemetry-collector-contrib:0.159.0",
  /** Alpine flavour, with a shell: the start script resets the administrator's password. */
  grafana: "grafana/grafana:13.2.3",
  /** In front of a GreptimeDB cluster; a line with long-term support. */
  proxy: "haproxy:3.2.22-alpine",
  /** Metadata store of a GreptimeDB cluster. No shell. */
  etcd: "quay.io/coreos/etcd:v3.6.16",
} as const;

export type ImageName = keyof typeof images;
