import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { agentConfig } from "../../configs/collector/agent-config.ts";
import { collectorConfig, scraperConfig } from "../../configs/collector/config.ts";
import { agentsJob } from "../../configs/collector/scraping.ts";
import { collectorServices } from "../../configs/collector/service.ts";
import { headersFor } from "../../configs/collector/exporters.ts";
import type { Service } from "../../configs/service.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { printable } from "../../configs/text.ts";
import { settingsOf } from "../support/settings.ts";

/** The collectors of a cluster: gateways, the one that scrapes, and one on each node. */

const inCluster = (collector: Record<string, unknown> = {}, kubernetes: Record<string, unknown> = {}): Settings =>
  settingsOf({ platform: "kubernetes", collector, kubernetes: { namespace: "obs", ...kubernetes } });

const everything = {
  replicas: 3,
  annotationScraping: true,
  agent: { enabled: true },
  tlsSecret: "collector-tls",
  token: { generation: 2, keepPrevious: true },
  cors: { origins: ["https://app.example.com"] },
  scrape: [{ job: "workers", targets: ["workers.agents.svc:8000"] }],
};

interface Config {
  receivers: Record<string, { protocols?: Record<"grpc" | "http", Record<string, unknown>> } & Record<string, unknown>>;
  processors: Record<string, Record<string, unknown>>;
  exporters: Record<string, { endpoint: string } & Record<string, unknown>>;
  extensions: Record<string, Record<string, unknown>>;
  service: {
    extensions: string[];
    telemetry: { resource: { attributes: { name: string; value: string }[] } };
    pipelines: Record<string, { receivers: string[]; processors: string[]; exporters: string[] }>;
  };
}

const read = (text: string) => parse(text) as Config;

const service = (settings: Settings, name: string): Service =>
  collectorServices(settings).find((found) => found.name === name) ?? expect.fail(`no service ${name}`);
const names = (settings: Settings) => collectorServices(settings).map(({ name }) => name);

const variables = ({ env }: Service) =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, printable(value)]));

describe.each([
  ["gateway", collectorConfig],
  ["scraper", scraperConfig],
  ["agent", agentConfig],
])("the configuration of the %s", (name, render) => {
  const text = render(inCluster(everything));

  it("is as reviewed", async () => {
    await expect(text).toMatchFileSnapshot(`../golden/collector-${name}.yaml`);
  });

  it("uses what it defines, defines what it uses, and limits memory first", () => {
    const { receivers, processors, exporters, extensions, service } = read(text);
    const used = (kind: "receivers" | "processors" | "exporters") =>
      new Set(Object.values(service.pipelines).flatMap((pipeline) => pipeline[kind]));
    expect(used("receivers")).toEqual(new Set(Object.keys(receivers)));
    expect(used("processors")).toEqual(new Set(Object.keys(processors)));
    expect(used("exporters")).toEqual(new Set(Object.keys(exporters)));
    expect(service.extensions).toEqual(Object.keys(extensions));
    for (const pipeline of Object.values(service.pipelines)) expect(pipeline.processors[0]).toBe("memory_limiter");
  });

  it("holds no secret, and is the same twice", () => {
    expect(text).not.toMatch(/Bearer [^$[]|Basic [^[]/);
    expect(render(inCluster(everything))).toBe(text);
  });

  it("takes from the environment what the service puts there, and what a node's pods have", () => {
    const settings = inCluster(everything);
    const of = { gateway: "collector", scraper: "collector-scraper", agent: "collector-agent" }[name]!;
    const known = [...Object.keys(service(settings, of).env), ...(name === "agent" ? ["NODE_NAME"] : [])];
    for (const [, variable] of text.matchAll(/\$\{env:(\w+)\}/g)) expect(known).toContain(variable);
  });
});

describe("tokens", () => {
  const otlp = (settings: Settings) => read(collectorConfig(settings)).receivers["otlp"]!.protocols!;
  const authenticator = (settings: Settings) => read(collectorConfig(settings)).extensions["bearertokenauth/otlp"];

  it("are asked for in a cluster, on both protocols, unless nobody wants them", () => {
    for (const protocol of Object.values(otlp(inCluster()))) {
      expect(protocol["auth"]).toEqual({ authenticator: "bearertokenauth/otlp" });
    }
    for (const settings of [inCluster({ auth: "none" }), settingsOf()]) {
      for (const protocol of Object.values(otlp(settings))) expect(protocol).not.toHaveProperty("auth");
      expect(authenticator(settings)).toBeUndefined();
    }
    expect(otlp(settingsOf({ collector: { auth: "bearer" } })).http["auth"]).toBeDefined();
  });

  it("reach the gateways through their environment, as the whole header", () => {
    expect(authenticator(inCluster())).toEqual({ scheme: "", tokens: ["${env:COLLECTOR_AUTHORIZATION}"] });
    expect(variables(service(inCluster(), "collector"))).toMatchObject({
      COLLECTOR_AUTHORIZATION: "Bearer {secret:collectorToken}",
    });
  });

  it("are two for the time of a rotation", () => {
    const settings = inCluster({ token: { generation: 2, keepPrevious: true } });
    expect(authenticator(settings)?.["tokens"]).toHaveLength(2);
    expect(variables(service(settings, "collector"))).toMatchObject({
      COLLECTOR_AUTHORIZATION: "Bearer {secret:collectorToken}",
      COLLECTOR_PREVIOUS_AUTHORIZATION: "Bearer {secret:collectorPreviousToken}",
    });
    // who sends sends the new one
    expect(variables(service(inCluster(everything), "collector-agent"))).not.toHaveProperty(
      "COLLECTOR_PREVIOUS_AUTHORIZATION",
    );
  });
});

describe("a certificate", () => {
  it("protects both protocols, and is mounted where the configuration looks for it", () => {
    const settings = inCluster({ tlsSecret: "collector-tls" });
    const { certificate } = service(settings, "collector");
    expect(certificate).toEqual({ secretName: "collector-tls", directory: "/etc/otelcol-tls" });
    const { grpc, http } = read(collectorConfig(settings)).receivers["otlp"]!.protocols!;
    for (const { tls } of [grpc, http]) {
      expect(tls).toMatchObject({ cert_file: "/etc/otelcol-tls/tls.crt", key_file: "/etc/otelcol-tls/tls.key" });
    }
    // a mount inside the directory of the configuration, which is read-only, could not be made
    const [configuration] = service(settings, "collector").files;
    expect(`${certificate!.directory}/`.startsWith(configuration!.path.replace(/[^/]+$/, ""))).toBe(false);
  });

  it("is not there unless it is named", () => {
    expect(service(inCluster(), "collector")).not.toHaveProperty("certificate");
    expect(read(collectorConfig(inCluster())).receivers["otlp"]!.protocols!.http).not.toHaveProperty("tls");
  });
});

describe("who scrapes", () => {
  const jobs = (text: string) =>
    (read(text).receivers["prometheus"]!["config"] as { scrape_configs: { job_name: string }[] }).scrape_configs.map(
      ({ job_name }) => job_name,
    );
  const everyJob = ["otelcol", "greptimedb", "grafana", "workers"];

  it("is the only gateway where there is one", () => {
    const settings = inCluster({ scrape: everything.scrape });
    expect(names(settings)).toEqual(["collector"]);
    expect(jobs(collectorConfig(settings))).toEqual(everyJob);
    expect(service(settings, "collector")).not.toHaveProperty("apiRules");
  });

  it.each([{ replicas: 2 }, { annotationScraping: true }, { agent: { enabled: true } }])(
    "is a collector of its own with %j; a gateway then scrapes itself, and reads nothing of the cluster",
    (change) => {
      const settings = inCluster({ scrape: everything.scrape, ...change });
      expect(names(settings)).toContain("collector-scraper");
      expect(jobs(collectorConfig(settings))).toEqual(["otelcol"]);
      expect(jobs(scraperConfig(settings)).slice(0, 4)).toEqual(everyJob);
      expect(service(settings, "collector")).not.toHaveProperty("apiRules");
      const outside = (name: string) => service(settings, name).calls.filter((call) => "outside" in call);
      expect(outside("collector")).toEqual([]);
      expect(outside("collector-scraper")).toContainEqual({
        outside: "targets of the scrape job workers",
        ports: [8000],
      });
    },
  );

  it("is one, however many gateways there are, with a queue and nobody to listen to", () => {
    const scraper = service(inCluster(everything), "collector-scraper");
    expect(scraper).toMatchObject({ kind: "stateful", replicas: 1 });
    expect(scraper.mounts).toEqual([{ volume: "queue", path: "/var/lib/otelcol", sizeMiB: 1127 }]);
    expect(scraper.ports.map(({ port }) => port)).toEqual([8888, 13133]);
    expect(scraper).not.toHaveProperty("certificate");
    expect(Object.keys(scraper.env).sort()).toEqual(["COLLECTOR_INSTANCE", "GOMEMLIMIT", "GREPTIMEDB_AUTHORIZATION"]);
  });

  it("reads pods of the cluster when targets are discovered, and only then", () => {
    const rules = (change: Record<string, unknown>) => service(inCluster(change), "collector-scraper").apiRules;
    const pods = [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }];
    expect(rules({ replicas: 2 })).toEqual([]);
    expect(rules({ annotationScraping: true })).toEqual(pods);
    expect(rules({ agent: { enabled: true } })).toEqual(pods);
  });

  it("discovers what is asked for, under names that no job of the settings can have", () => {
    const discovered = (change: Record<string, unknown>) => jobs(scraperConfig(inCluster(change))).slice(3);
    expect(discovered({ replicas: 2 })).toEqual([]);
    expect(discovered({ annotationScraping: true })).toEqual(["pods/annotated"]);
    expect(discovered({ agent: { enabled: true } })).toEqual([agentsJob]);
    for (const job of [agentsJob, "pods/annotated"]) {
      expect(() => settingsOf({ collector: { scrape: [{ job, targets: ["a:1"] }] } })).toThrow(/a job name/);
    }
  });

  it("may call any port of annotated pods, and that of the agents", () => {
    const { calls } = service(inCluster(everything), "collector-scraper");
    expect(calls).toContainEqual({ outside: "annotated pods", ports: [] });
    expect(calls).toContainEqual({ to: "collector-agent", port: 8888 });
  });
});

describe("several gateways", () => {
  it("have a queue each, and a name each by which their series are told apart", () => {
    const gateway = service(inCluster({ replicas: 3 }), "collector");
    expect(gateway).toMatchObject({ kind: "stateful", replicas: 3 });
    expect(gateway.mounts).toHaveLength(1);
    expect(variables(gateway)).toMatchObject({ COLLECTOR_INSTANCE: "{replica:name}" });
    const { attributes } = read(collectorConfig(inCluster({ replicas: 3 }))).service.telemetry.resource;
    expect(attributes).toContainEqual({ name: "service.instance.id", value: "${env:COLLECTOR_INSTANCE}" });
  });

  it("let go of gRPC clients from time to time, which would otherwise stay with one of them", () => {
    const grpc = (replicas: number) =>
      read(collectorConfig(inCluster({ replicas }))).receivers["otlp"]!.protocols!.grpc;
    expect(grpc(1)).not.toHaveProperty("keepalive");
    expect(grpc(2)["keepalive"]).toHaveProperty("server_parameters.max_connection_age", "2m");
  });
});

describe("the agent", () => {
  const agent = (change: Record<string, unknown> = {}, kubernetes: Record<string, unknown> = {}) => {
    const settings = inCluster({ agent: { enabled: true, ...change } }, kubernetes);
    return { service: service(settings, "collector-agent"), config: read(agentConfig(settings)) };
  };

  it("is not there unless asked for", () => {
    expect(names(inCluster())).toEqual(["collector"]);
  });

  it("is root, for it reads files that only root can, and alone in that", () => {
    const users = collectorServices(inCluster(everything)).map(({ name, user }) => [name, user.uid]);
    expect(users).toEqual([
      ["collector", 10001],
      ["collector-scraper", 10001],
      ["collector-agent", 0],
    ]);
  });

  it("sees of its node what it reads, and writes in one place", () => {
    const directories = (change: Record<string, unknown>) =>
      agent(change).service.nodeDirectories?.map(({ path, writable }) => `${path}${writable === true ? " (w)" : ""}`);
    const own = "/var/lib/greptime-observability/obs (w)";
    expect(directories({})).toEqual([own, "/var/log/pods", "/"]);
    expect(directories({ hostMetrics: false })).toEqual([own, "/var/log/pods"]);
    expect(directories({ logs: false })).toEqual([own, "/"]);
  });

  it("keeps queue and offsets where it may write", () => {
    const { service, config } = agent();
    const writable = service.nodeDirectories?.find(({ writable }) => writable)?.mountPath;
    for (const [id, { directory }] of Object.entries(config.extensions)) {
      if (id.startsWith("file_storage/")) expect(String(directory).startsWith(`${String(writable)}/`)).toBe(true);
    }
    expect(config.receivers["file_log/pods"]).toMatchObject({
      storage: "file_storage/offsets",
      start_at: "beginning",
      retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
    });
    expect(config.exporters["otlp_http/gateway"]).toMatchObject({
      sending_queue: { storage: "file_storage/queue" },
      retry_on_failure: { max_elapsed_time: "0s" },
    });
  });

  it("reads who the pods of its node are when it reads their logs", () => {
    expect(agent().service.apiRules).toEqual([{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }]);
    expect(agent({ logs: false }).service).not.toHaveProperty("apiRules");
    expect(agent().config.processors["k8s_attributes"]).toMatchObject({ filter: { node_from_env_var: "NODE_NAME" } });
  });

  it("does not read what collectors write, which might be about what it sends", () => {
    const { exclude } = agent({}, { agentNamespace: "obs-nodes" }).config.receivers["file_log/pods"]!;
    expect(exclude).toEqual(["/var/log/pods/obs_collector-*_*/*/*", "/var/log/pods/obs-nodes_collector-agent-*_*/*/*"]);
  });

  it("does what it is asked to", () => {
    const pipelines = (change: Record<string, unknown>) => Object.keys(agent(change).config.service.pipelines);
    expect(pipelines({})).toEqual(["logs", "metrics"]);
    expect(pipelines({ hostMetrics: false })).toEqual(["logs"]);
    expect(pipelines({ logs: false })).toEqual(["metrics"]);
  });

  it("sends to the gateways, in their namespace, as they want it", () => {
    const exporter = (collector: Record<string, unknown>) =>
      read(agentConfig(inCluster({ agent: { enabled: true }, ...collector }))).exporters["otlp_http/gateway"]!;
    expect(exporter({})).toMatchObject({
      endpoint: "http://collector.obs.svc:4318",
      headers: { Authorization: "${env:COLLECTOR_AUTHORIZATION}" },
    });
    expect(exporter({})).not.toHaveProperty("tls");
    expect(exporter({ auth: "none" })).not.toHaveProperty("headers");
    expect(exporter({ tlsSecret: "t" })).toMatchObject({
      endpoint: "https://collector.obs.svc:4318",
      tls: { insecure_skip_verify: true },
    });
    expect(agent().service.calls).toEqual([{ to: "collector", port: 4318 }]);
  });

  it("takes no more of a node's disk than a gateway of its volume, and 1 GiB a queue at most", () => {
    const size = (diskPerSignal: string) =>
      read(agentConfig(inCluster({ agent: { enabled: true }, queue: { diskPerSignal } }))).extensions[
        "file_storage/queue"
      ]!["max_size"];
    expect(size("256MiB")).toBe(256 * 1024 ** 2);
    expect(size("100GiB")).toBe(1024 ** 3);
  });

  it("divides records so that as many as a gateway sends at once are no more than GreptimeDB takes", () => {
    const { max_log_size, operators } = agent().config.receivers["file_log/pods"] as unknown as {
      max_log_size: string;
      operators: { max_log_size: string }[];
    };
    expect(operators[0]?.max_log_size).toBe(max_log_size);
    const kibibytes = Number(/^(\d+)KiB$/.exec(max_log_size)?.[1]);
    const { sending_queue } = read(collectorConfig(inCluster())).exporters["otlp_http/logs"] as unknown as {
      sending_queue: { batch: { max_size: number } };
    };
    expect(kibibytes * 1024 * sending_queue.batch.max_size).toBeLessThan(64_000_000);
  });

  it("is told apart by its node", () => {
    const { attributes } = agent().config.processors["resource/node"] as {
      attributes: { key: string; value: string }[];
    };
    expect(Object.fromEntries(attributes.map(({ key, value }) => [key, value]))).toEqual({
      "host.name": "${env:NODE_NAME}",
      "k8s.node.name": "${env:NODE_NAME}",
      "service.instance.id": "${env:NODE_NAME}",
      "service.name": "k8s-node",
    });
  });
});

describe("what gateways send to GreptimeDB", () => {
  it("has no hint for a single node in front of a cluster", () => {
    const settings = settingsOf({ platform: "kubernetes", greptimedb: { topology: "cluster" } });
    expect(headersFor(settings, "traces")).not.toHaveProperty("x-greptime-hints");
  });
});
