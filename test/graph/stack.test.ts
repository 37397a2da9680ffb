import { describe, expect, it } from "vitest";

import {
  allBefore,
  childrenOf,
  madeUpPassword,
  nameOf,
  recordStack,
  revealed,
  Secret,
  type Graph,
  type Node,
} from "../../graph/index.ts";
import { container, names, ofType, strings } from "../support/graph.ts";

const contactPoints = {
  "alerts.contactPoints":
    '[{"name":"chat","type":"slack"},{"name":"pager","type":"pagerduty","severities":["critical"]}]',
  "contactPointSecrets.chat": "https://hooks.example.com/the-slack-secret",
  "contactPointSecrets.pager": "the-pagerduty-key",
};

const pem = (what: string, content: string) => `-----BEGIN ${what}-----\n${content}\n-----END ${what}-----`;

/** Stacks that must all hold what is asserted below. */
const stacks = {
  default: {},
  external: {
    "greptimedb.topology": "external",
    "greptimedb.external.host": "db.example.com",
    greptimedbWriterPassword: "the-external-writer-password",
    greptimedbReaderPassword: "the-external-reader-password",
  },
  given: {
    grafanaAdminPassword: "the-given-admin-password",
    greptimedbWriterPassword: "the-given-writer-password",
    "alerts.services": '["checkout"]',
    ...contactPoints,
  },
  rotation: { "greptimedb.users": '{"generation":2,"keepPrevious":true}' },
  watched: {
    "collector.ledger.enabled": "true",
    "collector.hostMetrics": "true",
    "collector.auth": "bearer",
    "collector.tlsCertificate": pem("CERTIFICATE", "VGhlIGNlcnRpZmljYXRl"),
    collectorTlsKey: pem("PRIVATE KEY", "VGhlIHByaXZhdGUga2V5"),
  },
} satisfies Record<string, Record<string, string>>;

type StackName = keyof typeof stacks;
const stackNames = Object.keys(stacks) as StackName[];
const both = stackNames.flatMap((name) => [false, true].map((preview) => ({ name, preview })));

const recordings = new Map<string, Promise<Graph>>();

/** Records each stack once; recordings follow one another, because the SDK keeps its state in globals. */
let last: Promise<unknown> = Promise.resolve();
function graphOf(name: StackName, preview = false): Promise<Graph> {
  const key = `${name} ${String(preview)}`;
  const known = recordings.get(key);
  if (known !== undefined) return known;
  const recording = last.then(async () => (await recordStack({ set: stacks[name], preview })).graph);
  last = recording;
  recordings.set(key, recording);
  return recording;
}

const secretsOf: Record<StackName, readonly string[]> = {
  default: ["grafana-admin", "greptimedb-admin-1", "greptimedb-writer-1", "greptimedb-reader-1"].map((name) =>
    madeUpPassword(`obs-${name}`),
  ),
  external: [madeUpPassword("obs-grafana-admin"), "the-external-writer-password", "the-external-reader-password"],
  given: [
    "the-given-admin-password",
    "the-given-writer-password",
    "the-slack-secret",
    "the-pagerduty-key",
    madeUpPassword("obs-greptimedb-reader-1"),
  ],
  rotation: ["greptimedb-writer-1", "greptimedb-writer-2", "greptimedb-reader-1", "greptimedb-reader-2"].map((name) =>
    madeUpPassword(`obs-${name}`),
  ),
  watched: ["VGhlIHByaXZhdGUga2V5", madeUpPassword("obs-collector-token-1"), madeUpPassword("obs-greptimedb-reader-1")],
};

describe.each(both)("the graph of $name (preview: $preview)", ({ name, preview }) => {
  it("has no resource without a parent, but the stack", async () => {
    const graph = await graphOf(name, preview);
    expect(graph.nodes.filter(({ parent }) => parent === undefined).map(({ type }) => type)).toEqual([
      "pulumi:pulumi:Stack",
    ]);
    const stack = ofType(graph, "pulumi:pulumi:Stack")[0]!;
    expect(
      childrenOf(graph, stack.urn)
        .map((node) => node.name)
        .sort(),
    ).toEqual(["docker", "obs", "platform", "random"]);
  });

  it("names a provider for everything that needs one", async () => {
    const graph = await graphOf(name, preview);
    const providers = new Set(
      graph.nodes.filter(({ type }) => type.startsWith("pulumi:providers:")).map(({ urn }) => urn),
    );
    const custom = graph.nodes.filter((node) => node.custom && !providers.has(node.urn));
    expect(custom.length).toBeGreaterThan(15);
    for (const node of custom) {
      expect(providers, node.urn).toContain(node.provider);
      expect(nameOf(node.provider), node.urn).toBe(
        node.type.startsWith("grafana:") ? "obs-grafana-api" : node.type.split(":")[0],
      );
    }
  });

  it("names every resource once", async () => {
    const { nodes } = await graphOf(name, preview);
    expect(new Set(nodes.map(({ urn }) => urn)).size).toBe(nodes.length);
  });

  it("holds no text that is a mistake", async () => {
    const { nodes, outputs } = await graphOf(name, preview);
    const all = [
      ...nodes.flatMap((node) => strings(revealed(node.inputs), node.urn)),
      ...strings(revealed(outputs), "outputs"),
    ];
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter(({ text }) => /undefined|\[object Object\]|NaN|Calling \[toString\]/.test(text))).toEqual([]);
  });

  it("shows no secret", async () => {
    const { nodes, outputs } = await graphOf(name, preview);
    const shown = JSON.stringify({ nodes, outputs });
    const encoded = secretsOf[name].flatMap((secret) => [
      secret,
      Buffer.from(`writer:${secret}`).toString("base64"),
      Buffer.from(`reader:${secret}`).toString("base64"),
    ]);
    expect(encoded.filter((secret) => shown.includes(secret))).toEqual([]);
  });

  it("gives every component outputs of its own", async () => {
    const { nodes } = await graphOf(name, preview);
    const components = nodes.filter(({ custom, type }) => !custom && type.startsWith("greptime-observability:"));
    expect(
      components
        .filter(({ outputs }) => outputs === undefined || Object.keys(outputs).length === 0)
        .map((node) => node.urn),
    ).toEqual([]);
  });

  it("pins every image", async () => {
    const images = ofType(await graphOf(name, preview), "docker:index/remoteImage:RemoteImage");
    expect(images.length).toBe(3);
    for (const { inputs } of images) {
      expect(inputs["name"]).toMatch(/:[^/]+$/);
      expect(inputs["name"]).not.toMatch(/latest/);
      expect(inputs["keepLocally"]).toBe(true);
    }
  });

  it("publishes on loopback only, each port once", async () => {
    const ports = ofType(await graphOf(name, preview), "docker:index/container:Container").flatMap(
      ({ inputs }) => (inputs["ports"] as { ip: string; external: number; protocol: string }[] | undefined) ?? [],
    );
    expect(ports.length).toBeGreaterThanOrEqual(3);
    expect(ports.every(({ ip, protocol }) => ip === "127.0.0.1" && protocol === "tcp")).toBe(true);
    expect(new Set(ports.map(({ external }) => external)).size).toBe(ports.length);
  });

  it("keeps volumes, and nothing else, on destroy", async () => {
    const { nodes } = await graphOf(name, preview);
    for (const node of nodes) expect(node.retainOnDelete, node.urn).toBe(node.type === "docker:index/volume:Volume");
  });

  it("secures every container", async () => {
    const graph = await graphOf(name, preview);
    for (const node of ofType(graph, "docker:index/container:Container")) {
      const { inputs } = node;
      const owner = node.name.endsWith("-owner");
      expect(inputs["securityOpts"], node.name).toEqual(["no-new-privileges:true"]);
      expect(inputs["capabilities"], node.name).toEqual(
        owner ? { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] } : { drops: ["ALL"] },
      );
      expect(inputs["memory"], node.name).toBeGreaterThan(0);
      expect(inputs["memorySwap"], node.name).toBe(inputs["memory"]);
      expect(inputs["user"], node.name).toMatch(owner ? /^0:0$/ : /^[1-9]\d*:\d+$/);
      expect(inputs["logOpts"], node.name).toEqual({ "max-file": "3", "max-size": "10m" });
      expect(inputs["privileged"], node.name).toBeUndefined();
      expect(inputs["mounts"], node.name).toBeUndefined();
      if (owner) expect(inputs["networkMode"], node.name).toBe("none");
    }
  });

  it("replaces containers in the order in which names and ports allow it", async () => {
    for (const node of ofType(await graphOf(name, preview), "docker:index/container:Container")) {
      expect(node.deleteBeforeReplace, node.name).toBe(true);
      expect(node.replaceOnChanges, node.name).toEqual(["healthcheck", "init", "tmpfs"]);
    }
    const networks = ofType(await graphOf(name, preview), "docker:index/network:Network");
    expect(networks.map(({ deleteBeforeReplace }) => deleteBeforeReplace)).toEqual([true]);
  });

  it("spells durations as the provider reads them back", async () => {
    const checks = ofType(await graphOf(name, preview), "docker:index/container:Container")
      .map(({ inputs }) => inputs["healthcheck"] as Record<string, string> | undefined)
      .filter((check) => check !== undefined);
    expect(checks.length).toBeGreaterThanOrEqual(2);
    for (const check of checks) {
      for (const duration of [check["interval"], check["timeout"], check["startPeriod"]])
        expect(duration).toMatch(/^(\d+h\d{1,2}m\d{1,2}s|\d{1,2}m\d{1,2}s|\d{1,2}s)$/);
    }
  });
});

describe.each(stackNames)("previews and updates of %s", (name) => {
  it("declare the same resources with the same options: structure hangs on no unknown value", async () => {
    const shape = ({ urn, parent, custom, dependencies, provider, protect, retainOnDelete }: Node) => ({
      urn,
      parent,
      custom,
      dependencies,
      provider,
      protect,
      retainOnDelete,
    });
    const [update, preview] = [await graphOf(name), await graphOf(name, true)];
    expect(preview.nodes.map(shape)).toEqual(update.nodes.map(shape));
  });

  it("are the same each time", async () => {
    const again = (await recordStack({ set: stacks[name] })).graph;
    expect(JSON.stringify(again)).toBe(JSON.stringify(await graphOf(name)));
  });
});

describe("what must exist before what", () => {
  const before = async (name: StackName, resource: string) => {
    const graph = await graphOf(name);
    const node = graph.nodes.find((candidate) => candidate.custom && candidate.name === resource);
    if (node === undefined) throw new Error(`no ${resource}`);
    return names(allBefore(graph, node));
  };

  it("the bootstrap waits for GreptimeDB, and GreptimeDB for its volume's owner", async () => {
    expect(await before("default", "obs-greptimedb")).toEqual(
      expect.arrayContaining(["obs-greptimedb-data", "obs-greptimedb-data-owner", "platform-network"]),
    );
    expect(await before("default", "obs-greptimedb-bootstrap")).toContain("obs-greptimedb");
  });

  it("a failed bootstrap holds back collector, proof, Grafana and everything in Grafana", async () => {
    const graph = await graphOf("default");
    const bootstrap = container(graph, "obs-greptimedb-bootstrap");
    const held = graph.nodes
      .filter((node) => node.custom && allBefore(graph, node).has(bootstrap.urn))
      .map(({ name }) => name);
    const content = graph.nodes.filter(({ type }) => type.startsWith("grafana:")).map(({ name }) => name);
    expect(content.length).toBeGreaterThanOrEqual(6);
    expect(held).toEqual(
      expect.arrayContaining(["obs-collector", "obs-collector-proof", "obs-grafana", "obs-grafana-api", ...content]),
    );
    expect(held).not.toContain("obs-greptimedb");
  });

  it("a dashboard that was saved by hand is replaced, not refused", async () => {
    const dashboards = ofType(await graphOf("default"), "grafana:oss/dashboard:Dashboard");
    expect(dashboards.length).toBeGreaterThan(2);
    for (const { inputs, name } of dashboards) expect(inputs["overwrite"], name).toBe(true);
  });

  it("what is in Grafana waits until Grafana is healthy", async () => {
    const graph = await graphOf("default");
    const server = container(graph, "obs-grafana");
    for (const node of graph.nodes.filter(({ type }) => type.startsWith("grafana:")))
      expect(allBefore(graph, node), node.name).toContain(server.urn);
  });

  it("rules wait for the folder and for whom they tell", async () => {
    expect(await before("given", "obs-content-rules-agents")).toEqual(
      expect.arrayContaining([
        "obs-content-folder",
        "obs-content-folder-agents",
        "obs-content-contact-critical",
        "obs-content-contact-warning",
      ]),
    );
  });

  it("with an external GreptimeDB the collector waits for nobody, and the proof for the collector", async () => {
    const graph = await graphOf("external");
    const containers = (urns: Set<string>) => names([...urns].filter((urn) => urn.includes("container:Container")));
    expect(containers(allBefore(graph, container(graph, "obs-collector")))).toEqual(["obs-collector-queue-owner"]);
    expect(await before("external", "obs-collector-proof")).toContain("obs-collector");
  });

  it("every service waits for what its data says it needs, until it is healthy", async () => {
    const graph = await graphOf("default");
    const waits = ofType(graph, "docker:index/container:Container").filter(({ inputs }) => inputs["wait"] === true);
    expect(names(waits.map(({ urn }) => urn))).toEqual([
      "obs-collector-proof",
      "obs-grafana",
      "obs-greptimedb",
      "obs-greptimedb-bootstrap",
    ]);
  });
});

describe("replacement", () => {
  const propertyDependencies = async (name: string) =>
    names(Object.values(container(await graphOf("default"), name).propertyDependencies).flat());

  it("a task runs again when what it acts on is replaced: it holds its target's id", async () => {
    expect(await propertyDependencies("obs-greptimedb-bootstrap")).toContain("obs-greptimedb");
    expect(await propertyDependencies("obs-collector-proof")).toEqual(
      expect.arrayContaining(["obs-collector", "obs-greptimedb"]),
    );
  });

  it("of one service does not replace another: none takes an argument from another's container", async () => {
    const containers = ofType(await graphOf("default"), "docker:index/container:Container").map(({ name }) => name);
    for (const service of ["obs-greptimedb", "obs-collector", "obs-grafana"]) {
      expect(
        (await propertyDependencies(service)).filter((name) => containers.includes(name)),
        service,
      ).toEqual([]);
    }
  });
});

describe("secrets", () => {
  it("reach the containers that need them, and only marked", async () => {
    const graph = await graphOf("default");
    const secretEnvs = (name: string) =>
      (container(graph, name).inputs["envs"] as unknown[])
        .filter((env): env is Secret => env instanceof Secret)
        .map((env) => String(env.value).split("=")[0])
        .sort();
    expect(secretEnvs("obs-collector")).toEqual(["GREPTIMEDB_AUTHORIZATION"]);
    expect(secretEnvs("obs-greptimedb-bootstrap")).toEqual(["ADMIN_AUTHORIZATION"]);
    expect(secretEnvs("obs-collector-proof")).toEqual(["READER_AUTHORIZATION"]);
    expect(secretEnvs("obs-grafana")).toEqual(["GF_SECURITY_ADMIN_PASSWORD", "GREPTIMEDB_READER_PASSWORD"]);
  });

  it("make a users file that GreptimeDB reads", async () => {
    const uploads = container(await graphOf("default"), "obs-greptimedb").inputs["uploads"] as {
      file: string;
      content: unknown;
    }[];
    const users = uploads.find(({ file }) => file.endsWith("/users"))!;
    expect(users.content).toBeInstanceOf(Secret);
    expect(revealed(users.content)).toBe(
      `admin:rw=${madeUpPassword("obs-greptimedb-admin-1")}\nwriter:wo=${madeUpPassword("obs-greptimedb-writer-1")}\nreader:ro=${madeUpPassword("obs-greptimedb-reader-1")}\n`,
    );
  });

  it("log in: each side holds the same password", async () => {
    const graph = await graphOf("default");
    const basic = (user: string) =>
      `Basic ${Buffer.from(`${user}:${madeUpPassword(`obs-greptimedb-${user}-1`)}`).toString("base64")}`;
    const envs = (name: string) => revealed(container(graph, name).inputs["envs"]) as string[];
    expect(envs("obs-collector")).toContain(`GREPTIMEDB_AUTHORIZATION=${basic("writer")}`);
    expect(envs("obs-greptimedb-bootstrap")).toContain(`ADMIN_AUTHORIZATION=${basic("admin")}`);
    const auth = ofType(graph, "pulumi:providers:grafana")[0]!.inputs["auth"];
    expect(auth).toBeInstanceOf(Secret);
    expect(revealed(auth)).toBe(`admin:${madeUpPassword("obs-grafana-admin")}`);
    expect(revealed(graph.outputs["grafanaPassword"])).toBe(madeUpPassword("obs-grafana-admin"));
  });

  it("are secret in the outputs too", async () => {
    const { outputs } = await graphOf("default");
    const secret = Object.entries(outputs)
      .filter(([, value]) => value instanceof Secret)
      .map(([name]) => name);
    expect(secret.sort()).toEqual(["env", "envDirect", "grafanaPassword"]);
    const { writer } = outputs["greptimedbUsers"] as { writer: { user: string; password: unknown } };
    expect(writer.user).toBe("writer");
    expect(writer.password).toBeInstanceOf(Secret);
  });

  it("are generated only where they are not given, and never twice", async () => {
    expect(
      ofType(await graphOf("given"), "random:index/randomPassword:RandomPassword").map(({ name }) => name),
    ).toEqual(["obs-greptimedb-admin-1", "obs-greptimedb-reader-1"]);
    expect(
      ofType(await graphOf("rotation"), "random:index/randomPassword:RandomPassword").map(({ name }) => name),
    ).toEqual([
      "obs-grafana-admin",
      "obs-greptimedb-admin-2",
      "obs-greptimedb-reader-1",
      "obs-greptimedb-reader-2",
      "obs-greptimedb-writer-1",
      "obs-greptimedb-writer-2",
    ]);
  });

  it("of contact points are marked, and reach the right receiver", async () => {
    const graph = await graphOf("given");
    const critical = graph.nodes.find(({ name }) => name === "obs-content-contact-critical")!;
    expect((critical.inputs["slacks"] as { url: unknown }[])[0]?.url).toBeInstanceOf(Secret);
    expect(revealed(critical.inputs)).toMatchObject({
      slacks: [{ url: "https://hooks.example.com/the-slack-secret" }],
      pagerduties: [{ integrationKey: "the-pagerduty-key" }],
    });
    const warning = graph.nodes.find(({ name }) => name === "obs-content-contact-warning")!;
    expect(warning.inputs).not.toHaveProperty("pagerduties");
  });
});

describe("an external GreptimeDB", () => {
  it("has no container, no volume and no bootstrap here", async () => {
    const graph = await graphOf("external");
    expect(graph.nodes.filter(({ name, custom }) => custom && name.startsWith("obs-greptimedb"))).toEqual([]);
    expect(ofType(graph, "docker:index/volume:Volume").map(({ name }) => name)).toEqual([
      "obs-collector-queue",
      "obs-grafana-data",
    ]);
  });

  it("gives the same outputs", async () => {
    const [local, external] = [await graphOf("default"), await graphOf("external")];
    expect(Object.keys(external.outputs).sort()).toEqual(Object.keys(local.outputs).sort());
    expect(external.outputs["greptimedbUrl"]).toBe("https://db.example.com");
    expect(external.outputs["prometheusUrl"]).toBe("https://db.example.com/v1/prometheus");
  });

  it("gets databases and retention only if this stack is told to manage them", async () => {
    const { graph } = await recordStack({
      set: {
        ...stacks.external,
        "greptimedb.external.manageDatabases": "true",
        greptimedbAdminPassword: "the-external-admin-password",
      },
    });
    const bootstrap = container(graph, "obs-greptimedb-bootstrap");
    expect(revealed(bootstrap.inputs["envs"])).toContain("GREPTIMEDB_URL=https://db.example.com");
    expect(names(allBefore(graph, container(graph, "obs-collector")))).toContain("obs-greptimedb-bootstrap");
  });
});

describe("identity", () => {
  it("of every resource is as committed; a change here would replace what runs", async () => {
    const graph = await graphOf("default");
    const lines = graph.nodes.map(({ urn }) => urn.split("::").slice(2).join("::"));
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../golden/identity.txt");
  });

  it("of containers, volumes and network is as committed", async () => {
    const graph = await graphOf("default");
    const physical = graph.nodes
      .filter(({ type }) => /container:|volume:|network:/.test(type))
      .map(({ inputs }) => String(inputs["name"]))
      .sort();
    await expect(`${physical.join("\n")}\n`).toMatchFileSnapshot("../golden/names.txt");
  });
});

describe("a stack with a certificate", () => {
  it("says https where OTLP is reached, and nowhere else", async () => {
    const graph = await graphOf("watched");
    const outputs = ofType(graph, "pulumi:pulumi:Stack")[0]!.outputs!;
    expect(outputs).toMatchObject({
      otlpHttpEndpoint: "https://localhost:4318",
      otlpGrpcEndpoint: "https://localhost:4317",
      networkOtlpEndpoint: "https://collector:4318",
      grafanaUrl: "http://localhost:3001",
    });
  });

  it("gives the collector alone the certificate and its key", async () => {
    const graph = await graphOf("watched");
    const holders = ofType(graph, "docker:index/container:Container")
      .filter(({ inputs }) => JSON.stringify(revealed(inputs)).includes("/etc/otelcol-tls/tls.key"))
      .filter(({ inputs }) =>
        (revealed(inputs["uploads"]) as { file: string }[]).some(({ file }) => file.endsWith("tls.key")),
      );
    expect(holders.map(({ name }) => name)).toEqual(["obs-collector"]);
    const uploads = revealed(holders[0]!.inputs["uploads"]) as { file: string; content: string }[];
    expect(uploads.filter(({ file }) => file.startsWith("/etc/otelcol-tls/"))).toEqual([
      { file: "/etc/otelcol-tls/tls.crt", content: `${stacks.watched["collector.tlsCertificate"]}\n` },
      { file: "/etc/otelcol-tls/tls.key", content: `${stacks.watched.collectorTlsKey}\n` },
    ]);
  });
});
