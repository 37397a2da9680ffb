import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";

import { greptimedbServices, greptimedbTasks } from "../../configs/greptimedb/services.ts";
import { proxyName, proxyPort, roles, type Role } from "../../configs/greptimedb/cluster/roles.ts";
import { proxyService } from "../../configs/greptimedb/proxy.ts";
import { httpUrl, ingestCalls, mysqlCalls, storeCalls, storeFrom } from "../../configs/greptimedb/store.ts";
import { metricsTargets } from "../../configs/greptimedb/scraping.ts";
import { startOrder, type Service } from "../../configs/service.ts";
import { parseSize } from "../../configs/settings/units.ts";
import { printable, revealed, secretsIn } from "../../configs/text.ts";
import { flags, keysOf, type DocumentedRole } from "../support/greptimedb-options.ts";
import { clusterValues, elsewhereValues, settingsOf } from "../support/settings.ts";

type Values = Record<string, unknown>;
type Toml = Record<string, Record<string, unknown>>;

const cluster = (parts: Values, rest: Values = {}): Values => ({
  greptimedb: { topology: "cluster", cluster: parts },
  ...rest,
});

const servicesOf = (values: Values): Service[] => greptimedbServices(settingsOf(values));

function serviceOf(role: Role, values: Values = clusterValues): Service {
  const found = servicesOf(values).find(({ name }) => name === roles[role]);
  if (found === undefined) throw new Error(`no ${role}`);
  return found;
}

const processes = ["metasrv", "datanode", "frontend", "flownode"] as const satisfies readonly DocumentedRole[];
const configText = (service: Service) => service.files.find(({ path }) => path.endsWith(".toml"))?.text ?? "";
const configOf = (role: Role, values?: Values) =>
  parse(revealed(configText(serviceOf(role, values)), (name) => `<${name}>`)) as unknown as Toml;
const withFlownode = cluster({ flownode: { replicas: 1 } });

describe.each(processes)("the configuration of a %s", (role) => {
  it.each([
    ["own", role === "flownode" ? withFlownode : clusterValues],
    ["elsewhere", elsewhereValues],
  ])("is TOML, the same each time, with the secrets' places (%s)", async (name, values) => {
    const text = printable(configText(serviceOf(role, values)));
    await expect(text).toMatchFileSnapshot(`../golden/cluster-${role}-${name}.toml`);
    expect(printable(configText(serviceOf(role, values)))).toBe(text);
  });

  it.each([["own", withFlownode] as const, ["elsewhere", elsewhereValues] as const])(
    "has no key and no flag that GreptimeDB does not document (%s)",
    (_, values) => {
      const known = keysOf(role);
      const unknown = leaves(configOf(role, values)).filter((key) => !known.has(key));
      expect(unknown).toEqual([]);
      const { args } = serviceOf(role, values);
      expect(args.slice(0, 4)).toEqual([role, "start", "--config-file", "/etc/greptimedb/config.toml"]);
      const given = args.map(printable).filter((arg) => arg.startsWith("--"));
      expect(given.filter((flag) => !flags[role].includes(flag.slice(2)))).toEqual([]);
    },
  );

  it("tells nobody, and answers neither 408 nor pages of other origins", () => {
    const config = configOf(role, withFlownode);
    expect(config["http"]).toMatchObject({ addr: "0.0.0.0:4000", timeout: "0s", enable_cors: false });
    if (role === "metasrv" || role === "datanode") expect(config["enable_telemetry"]).toBe(false);
  });

  it("advertises an address of the replica's own, which outlives it", () => {
    const { args, numbered } = serviceOf(role, withFlownode);
    expect(numbered).toBe(true);
    const port = { metasrv: 3002, datanode: 3001, frontend: 4001, flownode: 6800 }[role];
    const at = args.indexOf("--grpc-server-addr");
    expect(printable(args[at + 1] ?? "")).toBe(`{replica:name}.greptimedb-${role}:${String(port)}`);
    expect(configOf(role, withFlownode)["grpc"]).toEqual({ bind_addr: `0.0.0.0:${String(port)}` });
  });
});

/** Keys with the sections before them; tables without keys are the key of their section. */
function leaves(value: unknown, at = ""): string[] {
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) {
    return value.flatMap((item) => leaves(item, at));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [at];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, at === "" ? key : `${at}.${key}`));
}

describe("which services there are", () => {
  const bundled = ["etcd", "metasrv", "datanode", "frontend", "proxy"];
  it.each<[string, Values, string[]]>([
    ["by default", {}, bundled],
    ["with flownodes", { flownode: { replicas: 2 } }, ["etcd", "metasrv", "datanode", "frontend", "flownode", "proxy"]],
    [
      "with an etcd of somebody else",
      { metadata: { etcd: { endpoints: ["etcd.example.com:2379"] } } },
      bundled.slice(1),
    ],
  ])("%s", (_, parts, expected) => {
    const names = servicesOf(cluster(parts)).map(({ name }) => name);
    expect(names).toEqual(expected.map((role) => `greptimedb-${role}`));
    expect(storeFrom(settingsOf(cluster(parts))).services).toEqual(names);
  });

  it("with a database for the metadata, none for that", () => {
    expect(servicesOf(elsewhereValues).map(({ name }) => name)).not.toContain(roles.etcd);
    expect(greptimedbTasks(settingsOf(elsewhereValues)).map(({ name }) => name)).toEqual(["greptimedb-bootstrap"]);
  });

  it.each([
    ["docker", { etcd: 1, metasrv: 1, datanode: 2, frontend: 1, proxy: 1 }],
    ["kubernetes", { etcd: 3, metasrv: 2, datanode: 3, frontend: 2, proxy: 2 }],
  ])("on %s, so many of each", (platform, expected) => {
    const counted = servicesOf({ platform, ...clusterValues }).map(({ name, replicas }) => [name.slice(11), replicas]);
    expect(Object.fromEntries(counted)).toEqual(expected);
  });

  it("starts each after what it cannot do without", () => {
    const settings = settingsOf(withFlownode);
    const order = startOrder([...greptimedbServices(settings), ...greptimedbTasks(settings)]).map(({ name }) => name);
    expect(order).toEqual(
      ["etcd", "etcd-members", "metasrv", "datanode", "frontend", "flownode", "proxy", "bootstrap"].map(
        (part) => `greptimedb-${part}`,
      ),
    );
  });
});

describe("the start order", () => {
  const part = (name: string, ...needs: string[]) => ({ ...serviceOf("frontend"), name, needs });

  it("leaves alone what is in order, and ignores what is not among the parts", () => {
    const parts = [part("a", "elsewhere"), part("b"), part("c", "a")];
    expect(startOrder(parts)).toEqual(parts);
    expect(startOrder([...parts].reverse()).map(({ name }) => name)).toEqual(["b", "a", "c"]);
  });

  it("refuses a circle", () => {
    expect(() => startOrder([part("a", "b"), part("b", "a"), part("c")])).toThrow("a, b need each other");
  });
});

describe("etcd", () => {
  const flag = (service: Service, name: string) =>
    service.args
      .map(printable)
      .find((arg) => arg.startsWith(`--${name}=`))
      ?.split(/=(.*)/s)[1];

  it("is formed of members that know each other by names which last", () => {
    const three = serviceOf("etcd", cluster({ metadata: { etcd: { members: 3 } } }));
    expect(flag(three, "initial-cluster")).toBe(
      [0, 1, 2]
        .map((i) => `greptimedb-etcd-${String(i)}=http://greptimedb-etcd-${String(i)}.greptimedb-etcd:2380`)
        .join(),
    );
    expect(flag(three, "name")).toBe("{replica:name}");
    expect(flag(three, "initial-advertise-peer-urls")).toBe("http://{replica:name}.greptimedb-etcd:2380");
    expect(flag(three, "advertise-client-urls")).toBe("http://{replica:name}.greptimedb-etcd:2379");
    expect(three).toMatchObject({ replicas: 3, numbered: true, kind: "stateful" });
    expect(three.calls).toEqual([{ to: "greptimedb-etcd", port: 2380 }]);
  });

  it("alone lets no peer in", () => {
    const alone = serviceOf("etcd");
    expect(flag(alone, "listen-peer-urls")).toBe("http://127.0.0.1:2380");
    expect(alone.ports.map(({ port }) => port)).toEqual([2379, 2381]);
    expect(alone.calls).toEqual([]);
  });

  it.each([
    ["1GiB", 256],
    ["8GiB", 2048],
    ["1TiB", 8192],
  ])("of a disk of %s takes a quarter, and no more than it is made for", (disk, mebibytes) => {
    const service = serviceOf("etcd", cluster({ metadata: { etcd: { disk } } }));
    expect(flag(service, "quota-backend-bytes")).toBe(String(mebibytes * 1024 * 1024));
  });

  it("is asked without a shell, and keeps its data below its volume", () => {
    const service = serviceOf("etcd");
    expect(service.entrypoint).toEqual(["/usr/local/bin/etcd"]);
    expect(service.health.command?.[0]).toBe("/usr/local/bin/etcdctl");
    expect(service.health).toMatchObject({ http: { port: 2381, path: "/readyz" }, alivePath: "/livez" });
    expect(flag(service, "data-dir")).toBe(`${service.mounts[0]?.path ?? ""}/member`);
  });
});

describe("a metasrv", () => {
  it("finds the stack's own etcd by the members' names, and needs the proof that it is one", () => {
    const values = cluster({ metadata: { etcd: { members: 3 } } });
    expect(configOf("metasrv", values)).toMatchObject({
      backend: "etcd_store",
      store_addrs: [0, 1, 2].map((i) => `greptimedb-etcd-${String(i)}.greptimedb-etcd:2379`),
    });
    expect(configOf("metasrv", values)).not.toHaveProperty("store_key_prefix");
    expect(serviceOf("metasrv", values).needs).toEqual(["greptimedb-etcd", "greptimedb-etcd-members"]);
  });

  it.each([
    ["etcd", { etcd: { endpoints: ["a:2379", "b:2380"] } }, { store_key_prefix: "test/" }, [2379, 2380]],
    ["mysql", { kind: "mysql" }, { backend: "mysql_store", meta_table_name: "test" }, []],
    ["postgres", { kind: "postgres" }, { backend: "postgres_store", meta_table_name: "test" }, []],
  ])("shares a %s with nobody unless told", (kind, metadata, expected, ports) => {
    const url = `${kind}://u:p@db.example.com/meta`;
    const values = cluster({ metadata }, kind === "etcd" ? {} : { greptimedbMetadataUrl: url });
    expect(configOf("metasrv", values)).toMatchObject(expected);
    const named = cluster({ metadata: { ...metadata, keyPrefix: "team_a" } }, { greptimedbMetadataUrl: url });
    expect(printable(configText(serviceOf("metasrv", named)))).toMatch(/= "team_a\/?"/);
    expect(serviceOf("metasrv", values).calls[0]).toMatchObject({ ports });
    expect(serviceOf("metasrv", values).needs).toEqual([]);
  });

  it("waits for the lock of its own cluster, not of another in the same PostgreSQL", () => {
    const lock = (keyPrefix: string) =>
      configOf(
        "metasrv",
        cluster({ metadata: { kind: "postgres", keyPrefix } }, { greptimedbMetadataUrl: "postgres://u:p@h/d" }),
      )["meta_election_lock_id"];
    const locks = ["a", "b", "team_a", "team_b"].map(lock);
    expect(new Set(locks).size).toBe(4);
    expect(lock("a")).toBe(lock("a"));
    for (const id of locks) expect(id).toSatisfy((n: number) => Number.isInteger(n) && n > 0 && n <= 2 ** 31);
  });

  it("makes the topics of the log, under names of the cluster's own", () => {
    expect(configOf("metasrv", elsewhereValues)["wal"]).toMatchObject({
      provider: "kafka",
      topic_name_prefix: "test",
      num_topics: 64,
      replication_factor: 3,
    });
    expect(configOf("metasrv")["wal"]).toEqual({ provider: "raft_engine" });
  });

  it("moves regions only when told to", () => {
    expect(configOf("metasrv")["enable_region_failover"]).toBe(false);
    expect(configOf("metasrv", elsewhereValues)["enable_region_failover"]).toBe(true);
  });
});

describe("a datanode", () => {
  it("is registered under its number, and has a volume", () => {
    const service = serviceOf("datanode");
    expect(printable(service.env["GREPTIMEDB_DATANODE__NODE_ID"] ?? "")).toBe("{replica:index}");
    expect(service).toMatchObject({ kind: "stateful", mounts: [{ path: "/greptimedb_data", sizeMiB: 51_200 }] });
    expect(configOf("datanode")["storage"]).toEqual({ data_home: "/greptimedb_data", type: "File" });
  });

  it.each(["256MiB", "2GiB", "64GiB"])("shares out %s as the standalone process does", (memory) => {
    const mito = (values: Values, role: Role) => configOf(role, values)["region_engine"] as unknown as [{ mito: Toml }];
    const [{ mito: shares }] = mito(cluster({ datanode: { memory } }), "datanode");
    const resident = Object.entries(shares).filter(([key]) => /(write_buffer|cache)_size$/.test(key));
    const total = resident.reduce((sum, [, size]) => sum + (parseSize(size) ?? Number.NaN), 0);
    expect(resident).toHaveLength(8);
    expect(total).toBeLessThan((parseSize(memory) ?? 0) / 2);
  });

  it.each(["1GiB", "50GiB", "1TiB"])("with object storage takes less than its disk of %s", (disk) => {
    const { greptimedb } = elsewhereValues;
    const values = {
      ...elsewhereValues,
      greptimedb: { ...greptimedb, cluster: { ...greptimedb.cluster, datanode: { replicas: 3, disk } } },
    };
    const [{ mito }] = configOf("datanode", values)["region_engine"] as unknown as [
      { mito: { write_cache_size: string; index: { staging_size: string } } },
    ];
    const used = [mito.write_cache_size, mito.index.staging_size].map((size) => parseSize(size) ?? Number.NaN);
    expect(used.reduce((sum, size) => sum + size, 0)).toBeLessThan((parseSize(disk) ?? 0) * 0.6);
  });

  it("uses the identity that it has, and no keys, when told to", () => {
    const s3 = {
      bucket: "team-data",
      region: "eu-central-1",
      credentials: "identity",
      identityAnnotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/greptimedb" },
    };
    const values = { platform: "kubernetes", ...cluster({ storage: { kind: "s3", s3 } }) };
    const service = serviceOf("datanode", values);
    expect(service.identityAnnotations).toEqual(s3.identityAnnotations);
    expect(configOf("datanode", values)["storage"]).not.toHaveProperty("access_key_id");
    expect(service.calls).toContainEqual({ outside: "the cloud's service for identities", ports: [80, 443] });
    expect(serviceOf("frontend", values)).not.toHaveProperty("identityAnnotations");
  });

  it.each([
    [undefined, 443],
    ["https://minio.example.com:9000", 9000],
    ["http://minio", 80],
  ])("reaches object storage at %s", (endpoint, port) => {
    const s3 = { bucket: "team-data", region: "r", ...(endpoint === undefined ? {} : { endpoint }) };
    const keys = { greptimedbS3AccessKeyId: "k", greptimedbS3SecretAccessKey: "s" };
    const service = serviceOf("datanode", cluster({ storage: { kind: "s3", s3 } }, keys));
    expect(service.calls).toContainEqual({ outside: "the object storage", ports: [port] });
  });
});

describe("a frontend", () => {
  it("asks for passwords at every door of its own, and has no other", () => {
    expect(configOf("frontend")["user_provider"]).toBe("static_user_provider:file:/etc/greptimedb/users");
    expect(configOf("frontend")).not.toHaveProperty("internal_grpc");
    expect(serviceOf("frontend").args.map(printable)).not.toContain("--internal-grpc-server-addr");
    expect(serviceOf("frontend").ports.map(({ port }) => port)).toEqual([4000, 4001, 4002]);
  });

  it.each([
    ["flownodes", withFlownode],
    ["failover", elsewhereValues],
  ])("has a door without password for %s, and tells them of that one", (_, values) => {
    const service = serviceOf("frontend", values);
    expect(configOf("frontend", values)["internal_grpc"]).toEqual({ bind_addr: "0.0.0.0:4010" });
    const args = service.args.map(printable);
    expect(args[args.indexOf("--internal-grpc-server-addr") + 1]).toBe("{replica:name}.greptimedb-frontend:4010");
    expect(service.ports).toContainEqual({ name: "internal", port: 4010 });
  });

  it("publishes and opens only what is asked for, on Kubernetes nothing by default", () => {
    const open = (values: Values) =>
      serviceOf("frontend", values).ports.filter((port) => port.published !== undefined || port.open !== undefined);
    expect(open({ platform: "kubernetes", ...clusterValues })).toEqual([]);
    expect(open(clusterValues)).toEqual([{ name: "http", port: 4000, published: 4000, open: ["applications"] }]);
    expect(open({ greptimedb: { topology: "cluster", ports: { http: "off", mysql: 14002 } } })).toEqual([
      { name: "mysql", port: 4002, published: 14_002, open: ["applications"] },
    ]);
  });
});

describe("secrets", () => {
  it("are in files alone, and read as they are", () => {
    const secrets: Record<string, string> = Object.fromEntries(
      Object.entries(elsewhereValues).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
    const read = (role: Role) =>
      parse(revealed(configText(serviceOf(role, elsewhereValues)), (name) => secrets[name] ?? "")) as unknown as Toml;
    expect(read("metasrv")["store_addrs"]).toEqual([secrets["greptimedbMetadataUrl"]]);
    expect(read("datanode")["storage"]).toMatchObject({
      access_key_id: secrets["greptimedbS3AccessKeyId"],
      secret_access_key: secrets["greptimedbS3SecretAccessKey"],
    });
    for (const role of ["metasrv", "datanode"] as const) {
      expect(read(role)["wal"]?.["sasl"]).toMatchObject({ password: secrets["greptimedbKafkaPassword"] });
    }
    for (const { args, env } of servicesOf(elsewhereValues)) {
      expect([...args, ...Object.values(env)].flatMap(secretsIn)).toEqual([]);
    }
  });

  it("are told to no role that does not need them", () => {
    const told = (role: Role) => [
      ...new Set(serviceOf(role, elsewhereValues).files.flatMap(({ text }) => secretsIn(text))),
    ];
    expect(told("metasrv")).toEqual(["greptimedbMetadataUrl", "greptimedbKafkaPassword"]);
    expect(told("datanode")).toEqual([
      "greptimedbS3AccessKeyId",
      "greptimedbS3SecretAccessKey",
      "greptimedbKafkaPassword",
    ]);
    expect(told("frontend")).toEqual([
      "greptimedbAdminPassword",
      "greptimedbWriterPassword",
      "greptimedbReaderPassword",
    ]);
    expect(told("flownode")).toEqual([]);
  });
});

describe("where the others find the cluster", () => {
  it("reads are asked of the frontends, telemetry goes through the proxy", () => {
    const settings = settingsOf(clusterValues);
    const store = storeFrom(settings);
    expect(httpUrl(store)).toBe("http://greptimedb-frontend:4000");
    expect(httpUrl(store.ingest)).toBe("http://greptimedb-proxy:4000");
    expect(storeCalls(store)).toEqual([{ to: "greptimedb-frontend", port: 4000 }]);
    expect(ingestCalls(store)).toEqual([{ to: "greptimedb-proxy", port: 4000 }]);
    expect(mysqlCalls(store)).toEqual([{ to: "greptimedb-frontend", port: 4002 }]);
    expect(proxyService(settings)).toMatchObject({ name: proxyName, ports: [{ port: proxyPort }, {}] });
  });

  it("every replica is a target of its own for its metrics", () => {
    const replica = (role: string, index: number) => `greptimedb-${role}-${String(index)}.greptimedb-${role}:4000`;
    expect(metricsTargets(settingsOf(elsewhereValues))).toEqual([
      replica("metasrv", 0),
      replica("metasrv", 1),
      replica("datanode", 0),
      replica("datanode", 1),
      replica("datanode", 2),
      replica("frontend", 0),
      replica("frontend", 1),
      replica("flownode", 0),
    ]);
  });
});
