import type { Settings } from "../settings/settings.ts";
import { queueDirectory } from "./exporters.ts";
import type { Component } from "./model.ts";

/** What a machine says of itself: processor, memory, load, disks, file systems. */

/** Where an agent sees the root of its node. */
export const hostRoot = "/hostfs";

/** `service.name` of the metrics of the machine on which Docker runs. */
export const dockerHostService = "docker-host";

/** Without the network: from inside a container, it would be the container's own. */
const scraping = (filesystem: Readonly<Record<string, unknown>>, root: Readonly<Record<string, string>> = {}) => ({
  collection_interval: "30s",
  ...root,
  scrapers: {
    cpu: { metrics: { "system.cpu.utilization": { enabled: true } } },
    disk: {},
    filesystem: { ...filesystem, metrics: { "system.filesystem.utilization": { enabled: true } } },
    load: {},
    memory: { metrics: { "system.memory.utilization": { enabled: true } } },
  },
});

/** File systems that are no disks. */
const notDisks = [
  "autofs",
  "binfmt_misc",
  "bpf",
  "cgroup",
  "cgroup2",
  "configfs",
  "debugfs",
  "devpts",
  "devtmpfs",
  "fusectl",
  "hugetlbfs",
  "mqueue",
  "nsfs",
  "overlay",
  "proc",
  "pstore",
  "securityfs",
  "squashfs",
  "sysfs",
  "tmpfs",
  "tracefs",
];

/** A node of a cluster, whose root its agent sees. */
export const nodeMetrics: Component = {
  id: "host_metrics",
  config: scraping(
    {
      exclude_fs_types: { match_type: "strict", fs_types: notDisks },
      // volumes of pods: a mount each, many of them of the same file system
      exclude_mount_points: { match_type: "regexp", mount_points: ["/var/lib/kubelet/pods/.*", "/run/.*"] },
    },
    { root_path: hostRoot },
  ),
};

/**
 * The machine on which Docker runs, seen from inside the collector's container: what the kernel says to everybody, and
 * the disk on which Docker keeps volumes, by the one that is mounted here. None if the setting is off.
 */
export const dockerHostMetrics = ({ collector }: Settings): Component[] =>
  collector.hostMetrics
    ? [
        {
          id: "host_metrics",
          config: scraping({ include_mount_points: { match_type: "strict", mount_points: [queueDirectory] } }),
          why: "nothing of the machine is mounted: a container sees all of this but the other disks",
        },
      ]
    : [];

/** GreptimeDB makes `job` and `instance` of the service's name and instance. */
export const dockerHostAttributes: Component = {
  id: "resource/host",
  config: {
    attributes: [
      { key: "service.instance.id", value: dockerHostService, action: "upsert" },
      { key: "service.name", value: dockerHostService, action: "upsert" },
    ],
  },
};
