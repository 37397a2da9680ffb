import type { ParsedSettings } from "./schema.ts";

/** Defaults that depend on where the stack runs: a laptop tries what a cluster runs. */

export const collectorAuth = ({ platform, collector }: ParsedSettings): "none" | "bearer" =>
  collector.auth ?? (platform === "kubernetes" ? "bearer" : "none");

export const grafanaPublish = ({ platform, grafana }: ParsedSettings): "api" | "files" =>
  grafana.publish ?? (platform === "kubernetes" ? "files" : "api");

/** Host port of GreptimeDB's HTTP API: on loopback of a laptop by default, nowhere in a cluster. */
export const databaseHttpPort = ({ platform, greptimedb }: ParsedSettings): number =>
  greptimedb.ports.http ?? (platform === "kubernetes" ? 0 : 4000);

/** Replicas of the roles of a GreptimeDB cluster that are not set. */
export function clusterReplicas({ platform, greptimedb: { cluster } }: ParsedSettings): {
  readonly frontend: number;
  readonly datanode: number;
  readonly metasrv: number;
  readonly flownode: number;
  readonly proxy: number;
  readonly etcd: number;
} {
  const of = (given: number | undefined, kubernetes: number, docker: number) =>
    given ?? (platform === "kubernetes" ? kubernetes : docker);
  return {
    frontend: of(cluster.frontend.replicas, 2, 1),
    datanode: of(cluster.datanode.replicas, 3, 2),
    metasrv: of(cluster.metasrv.replicas, 2, 1),
    flownode: cluster.flownode.replicas,
    proxy: of(cluster.proxy.replicas, 2, 1),
    etcd: of(cluster.metadata.etcd.members, 3, 1),
  };
}
