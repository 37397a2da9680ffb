import type { Service } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import { joined, replicaName, text, type Text } from "../../text.ts";
import { serverUser } from "../config.ts";
import { hostsOf, replicasOf, rolePorts, roles } from "./roles.ts";

/** Not one that the image has: Docker gives a volume that is still empty to the owner of the directory it covers. */
const directory = "/etcd_data";

/** The stack's own etcd, with what the cluster knows of itself. */
export function etcdService(settings: Settings): Service {
  const { images, greptimedb } = settings;
  const { memory, disk } = greptimedb.cluster.metadata.etcd;
  const { etcd: members } = replicasOf(greptimedb.cluster);
  return {
    name: roles.etcd,
    kind: "stateful",
    image: images.etcd,
    // the image has a command, no entry point, and no shell
    entrypoint: ["/usr/local/bin/etcd"],
    args: etcdFlags(members, disk),
    // the garbage collector works harder before the limit is reached
    env: { GOMEMLIMIT: `${String(Math.floor(memory * 0.8))}MiB` },
    files: [],
    ports: [
      { name: "client", port: rolePorts.etcd },
      ...(members === 1 ? [] : [{ name: "peer", port: rolePorts.etcdPeer }]),
      { name: "metrics", port: rolePorts.etcdMetrics },
    ],
    mounts: [{ volume: "data", path: directory, sizeMiB: disk }],
    health: {
      http: { port: rolePorts.etcdMetrics, path: "/readyz" },
      alivePath: "/livez",
      command: [
        "/usr/local/bin/etcdctl",
        `--endpoints=http://127.0.0.1:${String(rolePorts.etcd)}`,
        "--command-timeout=4s",
        "endpoint",
        "health",
      ],
      startupSeconds: 120,
    },
    memoryMiB: memory,
    cpuMillis: 250,
    user: serverUser,
    replicas: members,
    numbered: true,
    stopGraceSeconds: 30,
    needs: [],
    calls: members === 1 ? [] : [{ to: roles.etcd, port: rolePorts.etcdPeer }],
  };
}

/** The members are told once, when the cluster is first formed, who they are; later etcd goes by what it has on disk. */
function etcdFlags(members: number, diskMiB: number): Text[] {
  const cluster = hostsOf("etcd", members).map(
    (host, index) => text`${roles.etcd}-${String(index)}=${url(host, "etcdPeer")}`,
  );
  const own = text`${replicaName}.${roles.etcd}`;
  return [
    text`--name=${replicaName}`,
    // below the volume's root, which others may read
    `--data-dir=${directory}/member`,
    text`--initial-cluster=${joined(cluster, ",")}`,
    "--initial-cluster-state=new",
    `--initial-cluster-token=${roles.etcd}`,
    text`--initial-advertise-peer-urls=${url(own, "etcdPeer")}`,
    text`--advertise-client-urls=${url(own, "etcd")}`,
    `--listen-peer-urls=http://${members === 1 ? "127.0.0.1" : "0.0.0.0"}:${String(rolePorts.etcdPeer)}`,
    `--listen-client-urls=http://0.0.0.0:${String(rolePorts.etcd)}`,
    `--listen-metrics-urls=http://0.0.0.0:${String(rolePorts.etcdMetrics)}`,
    // the file of the database never shrinks, a copy of it is written to defragment it, and the log takes its part;
    // beyond 8 GiB etcd is not what it is made for
    `--quota-backend-bytes=${String(Math.min(diskMiB / 4, 8192) * 1024 * 1024)}`,
    // nobody reads old revisions; without it they would fill the quota
    "--auto-compaction-mode=periodic",
    "--auto-compaction-retention=1h",
  ];
}

const url = (host: Text, port: "etcd" | "etcdPeer"): Text => text`http://${host}:${String(rolePorts[port])}`;
