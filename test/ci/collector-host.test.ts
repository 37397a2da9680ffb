import { expect, test, vi } from "vitest";

import { openTestbed } from "./support/testbed.ts";

/** The machine's own metrics, as a collector in a container sees them. */

test("the machine's metrics arrive under its name, without anything of it being mounted", async (context) => {
  const { store } = await openTestbed(context, {
    values: { collector: { hostMetrics: true } },
    change: (config) => {
      const interval = ["receivers", "host_metrics", "collection_interval"];
      expect(config.getIn(interval)).toBe("30s");
      expect(config.hasIn(["receivers", "host_metrics", "root_path"])).toBe(false);
      config.setIn(interval, "1s");
      // here the directory of the queue is not a mount, as it is in a container
      const mounts = ["receivers", "host_metrics", "scrapers", "filesystem", "include_mount_points", "mount_points"];
      expect(config.getIn([...mounts, 0])).toBe("/var/lib/otelcol");
      config.setIn([...mounts, 0], "/");
    },
  });
  const measured = ["system.cpu.time", "system.cpu.utilization", "system.memory.usage", "system.memory.utilization"];
  const disks = ["system.disk.io", "system.filesystem.usage", "system.filesystem.utilization"];
  const machine = () => store.points().filter(({ metric }) => metric.startsWith("system."));
  await vi.waitFor(
    () => {
      const names = new Set(machine().map(({ metric }) => metric));
      expect([...names]).toEqual(expect.arrayContaining([...measured, ...disks, "system.cpu.load_average.1m"]));
    },
    { timeout: 30_000, interval: 100 },
  );
  for (const { resource } of machine()) {
    expect(resource).toEqual({ "service.name": "docker-host", "service.instance.id": "docker-host" });
  }
  // every core has its own values, and only what is in use of the file systems is told of one
  const mounts = machine().filter(({ metric }) => metric === "system.filesystem.usage");
  expect(new Set(mounts.map(({ attributes }) => attributes["mountpoint"]))).toEqual(new Set(["/"]));
});
