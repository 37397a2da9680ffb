import type { Service, Task } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { bootstrapTask } from "./bootstrap.ts";
import { datanodeService } from "./cluster/datanode.ts";
import { etcdMembersTask } from "./cluster/etcd-members.ts";
import { etcdService } from "./cluster/etcd.ts";
import { flownodeService } from "./cluster/flownode.ts";
import { frontendService } from "./cluster/frontend.ts";
import { metasrvService } from "./cluster/metasrv.ts";
import { replicasOf } from "./cluster/roles.ts";
import { proxyService } from "./proxy.ts";
import { standaloneService } from "./standalone.ts";

/** What of GreptimeDB this stack runs, in the order in which it starts. */
export function greptimedbServices(settings: Settings): Service[] {
  switch (settings.greptimedb.topology) {
    case "external":
      return [];
    case "standalone":
      return [standaloneService(settings)];
    case "cluster":
      return [etcdService, metasrvService, datanodeService, frontendService, flownodeService, proxyService]
        .map((service) => service(settings))
        .filter(({ replicas }) => replicas > 0);
  }
}

/** The tasks that prove what it stands on, and make it ready for what writes. */
export const greptimedbTasks = (settings: Settings): Task[] => [
  ...(ownsEtcd(settings) ? [etcdMembersTask(settings)] : []),
  ...(bootstraps(settings) ? [bootstrapTask(settings)] : []),
];

const ownsEtcd = ({ greptimedb: { topology, cluster } }: Settings): boolean =>
  topology === "cluster" && replicasOf(cluster).etcd > 0;

/** Whether this stack creates databases; what writes must wait for that. */
export const bootstraps = ({ greptimedb }: Settings): boolean =>
  greptimedb.topology !== "external" || greptimedb.external.manageDatabases;
