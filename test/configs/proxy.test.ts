import { describe, expect, it } from "vitest";

import { proxyConfig, proxyName, proxyPort, proxyService } from "../../configs/greptimedb/proxy.ts";
import { printable } from "../../configs/text.ts";
import { settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";

const cluster = (values: Record<string, unknown> = {}) =>
  settingsOf({ greptimedb: { topology: "cluster" }, ...values });

const lines = (of: string) =>
  proxyConfig({ memoryMiB: 128, frontends: 3 })
    .split("\n")
    .filter((line) => line.includes(of));

describe("the proxy's configuration", () => {
  it("is as reviewed", async () => {
    await expect(proxyConfig({ memoryMiB: 128, frontends: 2 })).toMatchFileSnapshot("../golden/haproxy.cfg");
  });

  it("makes of what the collector would drop something that it tries again, but not of requests that are wrong", () => {
    const [rule] = lines("set-status");
    const statuses = /set-status 503 if \{ status ([\d ]+) \}/.exec(rule!)?.[1]?.split(" ");
    expect(statuses).toEqual(["401", "403", "404", "408", "500"]);
  });

  it("has room for twice the frontends, which a rollout needs, and takes memory into account", () => {
    expect(lines("server-template")[0]).toContain("server-template frontend 1-6 ");
    expect(lines("maxconn ")).toEqual(["    maxconn 512"]);
  });

  it("waits longer than the exporter, which gives up after 30 s", () => {
    for (const line of [...lines("timeout client"), ...lines("timeout server")]) {
      expect(Number(/(\d+)s$/.exec(line)?.[1])).toBeGreaterThan(30);
    }
  });

  it("writes no header and no body into its log", () => {
    const [format] = lines("log-format");
    expect(format).not.toMatch(/%h[rs]|hdr|capture|body|%r\b/);
  });
});

describe("the proxy's service", () => {
  it("is one that the collector finds, and reaches the frontends alone", () => {
    const service = proxyService(cluster());
    expect(service).toMatchObject({ name: proxyName, kind: "stateless", replicas: 1, memoryMiB: 128, mounts: [] });
    expect(service.ports[0]).toEqual({ name: "otlp", port: proxyPort });
    expect(service.needs).toEqual(["greptimedb-frontend"]);
    expect(service.calls).toEqual([{ to: "greptimedb-frontend", port: 4000 }]);
    expect(service.files[0]?.text).toBe(proxyConfig({ memoryMiB: 128, frontends: 1 }));
  });

  it("follows the settings", () => {
    const settings = settingsOf({
      platform: "kubernetes",
      greptimedb: {
        topology: "cluster",
        cluster: { frontend: { replicas: 5 }, proxy: { replicas: 3, memory: "256MiB" } },
      },
      images: { proxy: "registry.example.com/haproxy:3.2" },
    });
    expect(proxyService(settings)).toMatchObject({
      image: "registry.example.com/haproxy:3.2",
      replicas: 3,
      memoryMiB: 256,
      files: [{ text: proxyConfig({ memoryMiB: 256, frontends: 5 }) }],
    });
  });

  it("has time for what is under way when it stops", () => {
    const seconds = Number(/hard-stop-after (\d+)s/.exec(lines("hard-stop-after")[0]!)?.[1]);
    expect(proxyService(cluster()).stopGraceSeconds).toBeGreaterThan(seconds);
  });

  const looksUp = async (resolvConf: string) => {
    const { entrypoint, args } = proxyService(cluster({ platform: "kubernetes" }));
    expect(entrypoint).toEqual(["sh", "-c"]);
    const script = printable(args[0]!);
    expect(script.split("\n").at(-1)).toBe("exec haproxy -W -db -f /usr/local/etc/haproxy/haproxy.cfg");
    const tried = script
      .replace(/exec haproxy.*/, () => 'echo "$FRONTENDS"; rm "$file"')
      .replace("/etc/resolv.conf", () => '"$file"');
    const { output } = await runScript(`file=$(mktemp); printf %s "$RESOLV_CONF" >"$file"\n${tried}`, {
      RESOLV_CONF: resolvConf,
    });
    return output.trim();
  };

  it.each([
    [
      "nameserver 10.96.0.10\nsearch obs.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n",
      "greptimedb-frontend.obs.svc.cluster.local",
    ],
    [
      "search obs.svc.k8s.example.com svc.k8s.example.com\nnameserver 10.0.0.10\n",
      "greptimedb-frontend.obs.svc.k8s.example.com",
    ],
    ["nameserver 10.0.0.10\n", "greptimedb-frontend"],
  ])("finds the frontends in a cluster, whatever its domain: %j", async (resolvConf, expected) => {
    expect(await looksUp(resolvConf)).toBe(expected);
  });

  it("asks Docker for the name as it is: the search domains there are the machine's", () => {
    const service = proxyService(cluster());
    expect(service).toMatchObject({ args: ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"] });
    expect(service.env).toEqual({ FRONTENDS: "greptimedb-frontend" });
    expect(service).not.toHaveProperty("entrypoint");
  });
});
