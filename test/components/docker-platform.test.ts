import * as docker from "@pulumi/docker";
import * as random from "@pulumi/random";
import * as grafana from "@pulumiverse/grafana";
import { describe, expect, it } from "vitest";

import { Observability } from "../../components/observability.ts";
import { goDuration } from "../../components/platform/docker-container.ts";
import { DockerPlatform, type DockerPlatformArgs } from "../../components/platform/docker.ts";
import { images } from "../../configs/images.ts";
import type { Service, Task } from "../../configs/service.ts";
import { replicaIndex, replicaName, secret, text } from "../../configs/text.ts";
import { allBefore, recordProgram } from "../../graph/index.ts";
import { container, ofType } from "../support/graph.ts";
import { configurationOf } from "../support/settings.ts";

const service = (more: Partial<Service> = {}): Service => ({
  name: "web",
  kind: "stateless",
  image: "web:1",
  args: [],
  env: {},
  files: [],
  ports: [],
  mounts: [],
  health: { http: { port: 80, path: "/" }, command: ["true"], startupSeconds: 90 },
  memoryMiB: 64,
  user: { uid: 1000, gid: 1000 },
  replicas: 1,
  stopGraceSeconds: 7,
  needs: [],
  calls: [],
  ...more,
});

const task = (more: Partial<Task> = {}): Task => ({
  name: "prepare",
  image: "tools:1",
  script: "true",
  env: {},
  memoryMiB: 32,
  user: { uid: 1000, gid: 1000 },
  timeoutSeconds: 60,
  needs: [],
  targets: [],
  calls: [],
  ...more,
});

/** Records what a platform makes of services and tasks. */
const placed = (place: (platform: DockerPlatform) => void, args: Partial<DockerPlatformArgs> = {}) =>
  recordProgram(async () => {
    const provider = new docker.Provider("docker", {});
    place(
      new DockerPlatform("platform", { instance: "test", toolImage: "tools:1", ...args }, { providers: [provider] }),
    );
    return {};
  });

const on = (platform: DockerPlatform) => ({ parent: platform, secrets: {} });

describe("a service on Docker", () => {
  it("becomes a container with exactly what its data says", async () => {
    const spec = service({
      args: ["--port=80"],
      env: { B: "2", A: "1" },
      files: [
        { path: "/etc/b", text: "b" },
        { path: "/etc/a", text: "a" },
      ],
      ports: [
        { name: "b", port: 81, published: 8081 },
        { name: "a", port: 80, published: 8080 },
        { name: "inner", port: 90 },
      ],
    });
    const { inputs } = container(await placed((platform) => platform.service("web", spec, on(platform))), "web");
    expect(inputs).toEqual({
      name: "test-web",
      image: expect.stringMatching(/^sha256:/) as string,
      user: "1000:1000",
      command: ["--port=80"],
      envs: ["A=1", "B=2"],
      uploads: [
        { file: "/etc/a", content: "a" },
        { file: "/etc/b", content: "b" },
      ],
      ports: [
        { internal: 80, external: 8080, ip: "127.0.0.1", protocol: "tcp" },
        { internal: 81, external: 8081, ip: "127.0.0.1", protocol: "tcp" },
      ],
      networksAdvanced: [{ name: "test", aliases: ["web"] }],
      volumes: [],
      hosts: [],
      restart: "unless-stopped",
      destroyGraceSeconds: 7,
      memory: 64,
      memorySwap: 64,
      init: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      logDriver: "json-file",
      logOpts: { "max-file": "3", "max-size": "10m" },
      labels: [{ label: "greptime-observability.instance", value: "test" }],
      healthcheck: { tests: ["CMD", "true"], interval: "2s", timeout: "5s", retries: 15, startPeriod: "1m30s" },
      wait: true,
      waitTimeout: 90,
    });
  });

  it("without a command to be asked by is not waited for", async () => {
    const spec = service({ health: { http: { port: 80, path: "/" }, startupSeconds: 5 } });
    const { inputs } = container(await placed((platform) => platform.service("web", spec, on(platform))), "web");
    expect(inputs).not.toHaveProperty("healthcheck");
    expect(inputs).not.toHaveProperty("wait");
  });

  it.each([
    ["auto", [{ host: "host.docker.internal", ip: "host-gateway" }]],
    ["10.0.0.1", [{ host: "host.docker.internal", ip: "10.0.0.1" }]],
    ["off", []],
  ])("reaches this machine as the setting says: %s", async (hostGateway, hosts) => {
    const graph = await placed((platform) => platform.service("web", service({ reachesHost: true }), on(platform)), {
      hostGateway,
    });
    expect(container(graph, "web").inputs["hosts"]).toEqual(hosts);
  });

  it("publishes where it is told to", async () => {
    const spec = service({ ports: [{ name: "a", port: 80, published: 8080 }] });
    const graph = await placed((platform) => platform.service("web", spec, on(platform)), { bindAddress: "10.1.2.3" });
    expect(container(graph, "web").inputs["ports"]).toMatchObject([{ ip: "10.1.2.3" }]);
  });

  it("gets each volume from one that made it its own", async () => {
    const spec = service({
      mounts: [
        { volume: "data", path: "/data", sizeMiB: 1024 },
        { volume: "cache", path: "/cache", sizeMiB: 1024 },
      ],
    });
    const graph = await placed((platform) => platform.service("web", spec, on(platform)));
    expect(ofType(graph, "docker:index/volume:Volume").map(({ inputs }) => inputs["name"])).toEqual([
      "test-web-cache",
      "test-web-data",
    ]);
    for (const volume of ["data", "cache"]) {
      const owner = container(graph, `web-${volume}-owner`);
      expect(owner.inputs).toMatchObject({
        entrypoints: ["chown", "-R", "1000:1000", "/volume"],
        volumes: [{ volumeName: `test-web-${volume}` }],
        attach: true,
        mustRun: false,
        restart: "no",
      });
      expect(container(graph, "web").dependencies).toContain(owner.urn);
    }
  });

  it("that needs what is not there is a mistake in the program", async () => {
    await expect(
      placed((platform) => platform.service("web", service({ needs: ["db"] }), on(platform))),
    ).rejects.toThrow(/db is needed but was not placed/);
  });

  it("with a secret that nobody provides is a mistake in the program", async () => {
    const spec = service({ env: { PASSWORD: text`${secret("password")}` } });
    await expect(placed((platform) => platform.service("web", spec, on(platform)))).rejects.toThrow(
      /secret password is used but not provided/,
    );
  });
});

describe("a task on Docker", () => {
  it("is a container that succeeds by its health, and is not restarted", async () => {
    const { inputs } = container(await placed((platform) => platform.task("prepare", task(), on(platform))), "prepare");
    expect(inputs).toMatchObject({
      entrypoints: ["sh", "-c", "rm -f /tmp/done; sh /etc/task/run.sh && touch /tmp/done && exec sleep infinity"],
      uploads: [{ file: "/etc/task/run.sh", content: "true" }],
      healthcheck: { tests: ["CMD", "test", "-f", "/tmp/done"] },
      restart: "no",
      wait: true,
      // longer than the script may take
      waitTimeout: 90,
    });
  });

  it("holds the ids of what it acts on", async () => {
    const graph = await placed((platform) => {
      platform.service("web", service(), on(platform));
      platform.task("prepare", task({ needs: ["web"], targets: ["web"] }), on(platform));
    });
    expect(container(graph, "prepare").inputs["envs"]).toEqual(["TASK_TARGETS=web-id"]);
  });
});

describe.each(["service", "task"] as const)("a %s", (kind) => {
  it("waits for everything that it needs", async () => {
    const graph = await placed((platform) => {
      platform.service("web", service(), on(platform));
      platform.task("prepare", task(), on(platform));
      if (kind === "service")
        platform.service("late", service({ name: "late", needs: ["web", "prepare"] }), on(platform));
      else platform.task("late", task({ name: "late", needs: ["web", "prepare"] }), on(platform));
    });
    const { dependencies } = container(graph, "late");
    expect(dependencies).toEqual(
      expect.arrayContaining([container(graph, "web").urn, container(graph, "prepare").urn]),
    );
  });
});

describe("a platform", () => {
  it("pulls an image once, whoever uses it", async () => {
    const graph = await placed((platform) => {
      platform.service("a", service({ name: "a" }), on(platform));
      platform.service("b", service({ name: "b" }), on(platform));
    });
    expect(ofType(graph, "docker:index/remoteImage:RemoteImage").map(({ inputs }) => inputs["name"])).toEqual([
      "web:1",
    ]);
  });

  it("refuses two services of one name", async () => {
    const twice = placed((platform) => {
      platform.service("a", service(), on(platform));
      platform.service("b", service(), on(platform));
    });
    await expect(twice).rejects.toThrow(/web is already on this platform/);
  });

  it("spells durations as Go does", () => {
    expect([1, 59, 60, 90, 3600, 3661, 900].map(goDuration)).toEqual([
      "1s",
      "59s",
      "1m0s",
      "1m30s",
      "1h0m0s",
      "1h1m1s",
      "15m0s",
    ]);
  });
});

describe("Grafana's API through a provider of the caller's own", () => {
  it("is still used only once Grafana is healthy", async () => {
    const graph = await recordProgram(async () => {
      const providers = [new docker.Provider("docker", {}), new random.Provider("random")];
      const platform = new DockerPlatform("platform", { instance: "one", toolImage: images.greptimedb }, { providers });
      const grafanaProvider = new grafana.Provider("mine", { url: "http://127.0.0.1:3001", auth: "admin:password" });
      new Observability("one", { configuration: configurationOf({}), platform, grafanaProvider }, { providers });
      return {};
    });
    const server = container(graph, "one-grafana");
    const content = graph.nodes.filter(({ type }) => type.startsWith("grafana:"));
    expect(content.length).toBeGreaterThan(3);
    for (const node of content) {
      expect(node.provider, node.name).toContain("::mine");
      expect(allBefore(graph, node), node.name).toContain(server.urn);
    }
  });
});

describe("two observability backends in one program", () => {
  it("do not clash", async () => {
    const graph = await recordProgram(async () => {
      const providers = [new docker.Provider("docker", {}), new random.Provider("random")];
      for (const [name, shift] of [
        ["one", 0],
        ["two", 10_000],
      ] as const) {
        const ports = {
          grafana: { port: 3001 + shift },
          greptimedb: { ports: { http: 4000 + shift } },
          collector: { ports: { otlpGrpc: 4317 + shift, otlpHttp: 4318 + shift } },
        };
        const platform = new DockerPlatform(
          `${name}-platform`,
          { instance: name, toolImage: images.greptimedb },
          { providers },
        );
        new Observability(name, { configuration: configurationOf(ports), platform }, { providers });
      }
      return {};
    });
    const urns = graph.nodes.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
    const physical = graph.nodes
      .filter(({ type }) => /container:|volume:|network:/.test(type))
      .map(({ inputs }) => inputs["name"]);
    expect(new Set(physical).size).toBe(physical.length);
    expect(physical).toContain("two-greptimedb");
    const ports = ofType(graph, "docker:index/container:Container").flatMap(
      ({ inputs }) => (inputs["ports"] as { external: number }[] | undefined) ?? [],
    );
    expect(new Set(ports.map(({ external }) => external)).size).toBe(8);
  });
});

describe("replicas on Docker", () => {
  const etcd = service({
    name: "etcd",
    kind: "stateful",
    numbered: true,
    replicas: 2,
    args: [text`--name=${replicaName}`, "--quiet"],
    env: { NODE_ID: text`${replicaIndex}` },
    ports: [{ name: "client", port: 2379, published: 2379 }],
    mounts: [{ volume: "data", path: "/data", sizeMiB: 1024 }],
  });

  it("become numbered containers, each with its own name, number and volume", async () => {
    const graph = await placed((platform) => platform.service("etcd", etcd, on(platform)));
    for (const index of ["0", "1"]) {
      const { inputs } = container(graph, `etcd-${index}`);
      expect(inputs["name"]).toBe(`test-etcd-${index}`);
      expect(inputs["command"]).toEqual([`--name=etcd-${index}`, "--quiet"]);
      expect(inputs["envs"]).toEqual([`NODE_ID=${index}`]);
      expect(inputs["volumes"]).toEqual([{ volumeName: `test-etcd-${index}-data`, containerPath: "/data" }]);
      expect(inputs["networksAdvanced"]).toMatchObject([{ aliases: [`etcd-${index}`, "etcd", `etcd-${index}.etcd`] }]);
    }
  });

  it("share one port of the machine, which the first one gets", async () => {
    const graph = await placed((platform) => platform.service("etcd", etcd, on(platform)));
    expect(container(graph, "etcd-0").inputs["ports"]).toMatchObject([{ external: 2379 }]);
    expect(container(graph, "etcd-1").inputs["ports"]).toEqual([]);
  });

  it("must all be there before what needs their service", async () => {
    const graph = await placed((platform) => {
      platform.service("etcd", etcd, on(platform));
      platform.service("web", service({ needs: ["etcd"] }), on(platform));
    });
    const before = allBefore(graph, container(graph, "web"));
    expect(before).toContain(container(graph, "etcd-0").urn);
    expect(before).toContain(container(graph, "etcd-1").urn);
  });

  it("are not told apart where there is one of no number", async () => {
    const graph = await placed((platform) => platform.service("web", service(), on(platform)));
    expect(container(graph, "web").inputs["name"]).toBe("test-web");
  });

  it("are one for each node nowhere", async () => {
    const agent = service({ kind: "perNode" });
    await expect(placed((platform) => platform.service("agent", agent, on(platform)))).rejects.toThrow(/each node/);
  });
});
