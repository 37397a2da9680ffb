import { describe, expect, it } from "vitest";

import { SettingsError } from "../../configs/settings/problems.ts";
import program from "../../index.ts";
import { known } from "../../dashboards/content.ts";
import { recordProgram } from "../../graph/index.ts";
import { configurationOf, settingsOf } from "../support/settings.ts";

const project = "greptime-observability";

/** Runs the real program with a configuration, and says what it threw and what it had declared by then. */
async function refusal(values: Record<string, unknown>) {
  let thrown: unknown;
  const graph = await recordProgram(
    async () => {
      try {
        return await program();
      } catch (error) {
        thrown = error;
        return {};
      }
    },
    {
      config: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [
          `${project}:${key}`,
          typeof value === "string" ? value : JSON.stringify(value),
        ]),
      ),
      secretKeys: Object.keys(values).map((key) => `${project}:${key}`),
    },
  );
  return { thrown, declared: graph.nodes.filter(({ type }) => type !== "pulumi:pulumi:Stack") };
}

interface Hostile {
  readonly values: Record<string, unknown>;
  readonly key: string;
  readonly expected: RegExp;
  readonly remedy?: RegExp;
}

const price = { model: "large", input: 2.5, output: 10, asOf: "2026-11-01" };
const priced = (change: Record<string, unknown>) => ({ dashboards: { prices: [{ ...price, ...change }] } });

const hostile = (values: Record<string, unknown>, key: string, expected: RegExp, remedy?: RegExp): Hostile => ({
  values,
  key,
  expected,
  ...(remedy === undefined ? {} : { remedy }),
});

const scrape = (job: Record<string, unknown>) => ({ collector: { scrape: [job] } });
const contact = (point: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  alerts: { contactPoints: [point] },
  ...more,
});

const table: Hostile[] = [
  // unknown keys
  hostile({ greptimdb: {} }, "greptimdb", /one of platform, docker/, /did you mean greptimedb\?/),
  hostile({ nonsense: 1 }, "nonsense", /one of/, /pulumi config rm/),
  hostile({ "greptimedb.topology": "external" }, "greptimedb.topology", /no dot/, /--path 'greptimedb\.topology'/),
  hostile({ greptimedb: { retension: {} } }, "greptimedb.retension", /one of topology/, /greptimedb\.retention/),
  hostile({ greptimedb: { retention: { spans: "7d" } } }, "greptimedb.retention.spans", /metrics, traces, logs/),
  hostile({ greptimedb: { password: "hunter2hunter2" } }, "greptimedb.password", /one of/),
  hostile(
    scrape({ job: "w", targets: ["a:1"], intervall: "5s" }),
    "collector.scrape[0].intervall",
    /interval/,
    /interval\?/,
  ),
  hostile(
    { alerts: { rules: { ToolErrorRatioHihg: {} } } },
    "alerts.rules.ToolErrorRatioHihg",
    /ToolLatencyHigh/,
    /ToolErrorRatioHigh\?/,
  ),
  hostile({ alerts: { rules: { Watchdog: { enable: false } } } }, "alerts.rules.Watchdog.enable", /enabled/),
  // wrong shapes
  hostile({ greptimedb: "standalone" }, "greptimedb", /an object/),
  hostile({ greptimedb: [1] }, "greptimedb", /an object/),
  hostile({ collector: { scrape: {} } }, "collector.scrape", /a list/),
  hostile({ collector: { scrape: ["w"] } }, "collector.scrape[0]", /an object/),
  hostile({ collector: { cors: { origins: "http://localhost" } } }, "collector.cors.origins", /a list/),
  hostile({ alerts: { rules: [] } }, "alerts.rules", /an object of rule names/),
  hostile({ resourceAttributes: "a=b" }, "resourceAttributes", /an object of attributes/),
  hostile({ greptimedb: { ports: { http: { port: 1 } } } }, "greptimedb.ports.http", /a port/),
  hostile({ grafana: { port: null, memory: [] } }, "grafana.memory", /a size/),
  // platform, Docker
  hostile({ platform: "nomad" }, "platform", /docker, kubernetes/),
  hostile({ platform: "" }, "platform", /docker/),
  hostile({ docker: { bindAddress: "localhost" } }, "docker.bindAddress", /an IPv4 address/),
  hostile({ docker: { bindAddress: "127.0.0.256" } }, "docker.bindAddress", /an IPv4 address/),
  hostile({ docker: { advertisedHost: "http://box:80" } }, "docker.advertisedHost", /without scheme/),
  hostile({ docker: { hostGateway: "yes" } }, "docker.hostGateway", /auto, off/),
  hostile({ docker: { host: "/var/run/docker.sock" } }, "docker.host", /unix:\/\//),
  hostile({ docker: { host: "unix:///a.sock", context: "colima" } }, "docker.context", /not both/),
  hostile({ docker: { name: "My Stack" } }, "docker.name", /lower-case/),
  hostile({ docker: { name: "$(rm -rf /)" } }, "docker.name", /lower-case/),
  // images
  hostile({ images: { grafana: "grafana/grafana" } }, "images.grafana", /explicit tag/),
  hostile({ images: { grafana: "grafana/grafana:latest" } }, "images.grafana", /not latest/),
  hostile(
    { images: { greptimedb: "greptime/greptimedb:latest@sha256:" + "a".repeat(64) } },
    "images.greptimedb",
    /not latest/,
  ),
  hostile({ images: { collector: "otel/x:1 ; rm" } }, "images.collector", /explicit tag/),
  // ports
  hostile({ grafana: { port: 0 } }, "grafana.port", /1 to 65535/),
  hostile({ grafana: { port: 65536 } }, "grafana.port", /1 to 65535/),
  hostile({ grafana: { port: "30o1" } }, "grafana.port", /1 to 65535/),
  hostile({ grafana: { port: 3001.5 } }, "grafana.port", /1 to 65535/),
  hostile({ grafana: { port: 4000 } }, "grafana.port", /greptimedb\.ports\.http has this one/),
  hostile({ collector: { ports: { otlpGrpc: 4318 } } }, "collector.ports.otlpHttp", /otlpGrpc has this one/),
  // durations, sizes
  hostile({ greptimedb: { retention: { traces: "7x" } } }, "greptimedb.retention.traces", /or forever/, /traces' 30d/),
  hostile({ greptimedb: { retention: { traces: 7 } } }, "greptimedb.retention.traces", /hours, days/),
  hostile({ greptimedb: { retention: { traces: "30m" } } }, "greptimedb.retention.traces", /hours, days/),
  hostile({ greptimedb: { retention: { traces: "3M" } } }, "greptimedb.retention.traces", /hours, days/),
  hostile({ greptimedb: { retention: { traces: "0d" } } }, "greptimedb.retention.traces", /1h to 10y/),
  hostile({ greptimedb: { retention: { traces: "11y" } } }, "greptimedb.retention.traces", /1h to 10y/),
  hostile({ greptimedb: { retention: { traces: "-1d" } } }, "greptimedb.retention.traces", /hours, days/),
  hostile(
    { greptimedb: { retention: { traces: "1d'; DROP DATABASE x; --" } } },
    "greptimedb.retention.traces",
    /hours/,
  ),
  hostile({ greptimedb: { memory: "2GB" } }, "greptimedb.memory", /MiB, GiB, TiB/),
  hostile({ greptimedb: { memory: "256MiB" } }, "greptimedb.memory", /from 512MiB/),
  hostile({ greptimedb: { memory: 2048 } }, "greptimedb.memory", /a size with a unit/),
  hostile({ collector: { queue: { diskPerSignal: "1MiB" } } }, "collector.queue.diskPerSignal", /from 256MiB/),
  ...["/metrics?module=a", "/metrics#a", "/a%20b", "/a b", "metrics", "/\n?"].map((path) =>
    hostile(
      { collector: { scrape: [{ job: "a", targets: ["a:80"], path }] } },
      "collector.scrape[0].path",
      /without a query/,
    ),
  ),
  hostile({ collector: { exportInterval: "5m" } }, "collector.exportInterval", /from 1s to 75s/),
  hostile({ alerts: { interval: "15s" } }, "alerts.interval", /multiple of 10s/),
  // databases, users
  hostile(
    { greptimedb: { databases: { logs: "information_schema" } } },
    "greptimedb.databases.logs",
    /none of GreptimeDB's own/,
  ),
  hostile({ greptimedb: { databases: { logs: "my-logs" } } }, "greptimedb.databases.logs", /lower-case.*retention/),
  hostile({ greptimedb: { databases: { logs: "Logs" } } }, "greptimedb.databases.logs", /lower-case/),
  hostile({ greptimedb: { databases: { logs: 'x"; --' } } }, "greptimedb.databases.logs", /a database name/),
  hostile(
    { greptimedb: { databases: { logs: "traces" }, retention: { logs: "1d" } } },
    "greptimedb.retention.logs",
    /as for traces/,
  ),
  hostile({ greptimedb: { users: { generation: 0 } } }, "greptimedb.users.generation", /1 to 999/),
  hostile({ greptimedb: { users: { keepPrevious: true } } }, "greptimedb.users.keepPrevious", /generation 1/),
  hostile({ greptimedb: { users: { keepPrevious: "maybe" } } }, "greptimedb.users.keepPrevious", /true or false/),
  hostile(
    { greptimedb: { users: { generation: 2, keepPrevious: true } }, greptimedbWriterPassword: "x".repeat(16) },
    "greptimedbPreviousWriterPassword",
    /not set/,
    /--secret/,
  ),
  // external
  hostile({ greptimedb: { topology: "sharded" } }, "greptimedb.topology", /standalone, cluster, external/),
  hostile(
    { greptimedb: { topology: "external" } },
    "greptimedb.external.host",
    /because greptimedb\.topology is external/,
  ),
  hostile({ greptimedb: { external: { host: "db" } } }, "greptimedb.external.host", /standalone/),
  hostile(
    { greptimedb: { topology: "external", external: { host: "https://db" } } },
    "greptimedb.external.host",
    /without scheme/,
  ),
  hostile(
    { greptimedb: { topology: "external", external: { host: "db" } } },
    "greptimedbWriterPassword",
    /it is not set/,
    /--secret/,
  ),
  hostile(
    { greptimedb: { topology: "external", external: { host: "db" }, users: { generation: 2 } } },
    "greptimedb.users",
    /managed there/,
  ),
  hostile(
    { greptimedb: { topology: "external", external: { host: "db", users: { writer: "a:b" } } } },
    "greptimedb.external.users.writer",
    /a user name/,
  ),
  // scraping, CORS, attributes
  hostile(scrape({ targets: ["a:1"] }), "collector.scrape[0].job", /a job name/),
  ...["otelcol", "greptimedb", "grafana"].map((job) =>
    hostile(scrape({ job, targets: ["a:1"] }), "collector.scrape[0].job", /not otelcol, greptimedb, grafana/),
  ),
  hostile(scrape({ job: "w" }), "collector.scrape[0].targets", /at least one target/),
  hostile(scrape({ job: "w", targets: ["http://a:1"] }), "collector.scrape[0].targets[0]", /host:port/),
  hostile(scrape({ job: "w", targets: ["a:70000"] }), "collector.scrape[0].targets[0]", /host:port/),
  hostile(
    scrape({ job: "w", targets: ["localhost:8000"] }),
    "collector.scrape[0].targets[0]",
    /the collector itself/,
    /host\.docker\.internal:8000/,
  ),
  hostile(
    { ...scrape({ job: "w", targets: ["host.docker.internal:1"] }), docker: { hostGateway: "off" } },
    "collector.scrape[0].targets[0]",
    /hostGateway is off/,
  ),
  hostile(scrape({ job: "w", targets: ["a:1"], path: "metrics" }), "collector.scrape[0].path", /starts with \//),
  hostile(scrape({ job: "w", targets: ["a:1"], interval: "100ms" }), "collector.scrape[0].interval", /from 1s/),
  hostile(scrape({ job: "w", targets: ["a:1"], interval: "2m" }), "collector.scrape[0].interval", /to 75s/),
  hostile(
    {
      collector: {
        scrape: [
          { job: "w", targets: ["a:1"] },
          { job: "w", targets: ["b:1"] },
        ],
      },
    },
    "collector.scrape[1].job",
    /scrape\[0\] has this one/,
  ),
  hostile({ collector: { cors: { origins: ["*"] } } }, "collector.cors.origins[0]", /an origin/),
  hostile({ collector: { cors: { origins: ["https://*"] } } }, "collector.cors.origins[0]", /an origin/),
  hostile({ collector: { cors: { origins: ["http://localhost/"] } } }, "collector.cors.origins[0]", /an origin/),
  hostile({ collector: { cors: { origins: ["file://x"] } } }, "collector.cors.origins[0]", /an origin/),
  hostile({ collector: { debug: "on" } }, "collector.debug", /off, basic/),
  hostile({ collector: { resourceDetectors: ["docker"] } }, "collector.resourceDetectors[0]", /env, system/),
  hostile({ resourceAttributes: { "service.name": "x" } }, "resourceAttributes", /belong to the application/),
  hostile({ resourceAttributes: { "Deployment Env": "x" } }, "resourceAttributes", /lower case/),
  hostile({ resourceAttributes: { a: "line\nbreak" } }, "resourceAttributes.a", /one line/),
  hostile({ resourceAttributes: { a: "x".repeat(257) } }, "resourceAttributes.a", /256 characters/),
  hostile(
    { resourceAttributes: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`a${String(i)}`, "x"])) },
    "resourceAttributes",
    /at most 50/,
  ),
  // alerts
  hostile(
    { alerts: { rules: { ToolErrorRatioHigh: { threshold: 20 } } } },
    "alerts.rules.ToolErrorRatioHigh.threshold",
    /from 0 to 1/,
  ),
  hostile(
    { alerts: { rules: { ToolErrorRatioHigh: { threshold: "20%" } } } },
    "alerts.rules.ToolErrorRatioHigh.threshold",
    /a number/,
  ),
  hostile({ alerts: { rules: { Watchdog: { threshold: 1 } } } }, "alerts.rules.Watchdog.threshold", /no threshold/),
  hostile(
    { alerts: { rules: { ToolErrorRatioHigh: { for: "5" } } } },
    "alerts.rules.ToolErrorRatioHigh.for",
    /a duration/,
  ),
  hostile({ alerts: { services: ["api", { service: "api" }] } }, "alerts.services[1].service", /named once/),
  hostile(
    { alerts: { services: [{ service: "api", metric: "http_request_total" }] } },
    "alerts.services[0].metric",
    /the name of a metric/,
    /http_requests_total\?/,
  ),
  hostile({ alerts: { services: ['a"b'] } }, "alerts.services[0].service", /without/),
  hostile(
    contact({ name: "a", type: "webhook" }),
    "contactPointSecrets.a",
    /an http or https URL, without quotes and backslashes; it is not set/,
  ),
  hostile(
    contact({ name: "a", type: "webhook" }, { contactPointSecrets: { a: "ftp://x" } }),
    "contactPointSecrets.a",
    /an http or https URL/,
  ),
  hostile(
    contact({ name: "a", type: "email", addresses: ["x@y.zz"] }),
    "grafana.smtp.host",
    /because contact point a sends e-mail/,
  ),
  hostile(
    contact({ name: "a", type: "email" }, { grafana: { smtp: { host: "m:25" } } }),
    "alerts.contactPoints[0].addresses",
    /at least one address/,
  ),
  hostile(
    contact({ name: "a", type: "slack", severities: [] }, { contactPointSecrets: { a: "https://x.yz" } }),
    "alerts.contactPoints[0].severities",
    /at least one/,
  ),
  hostile(contact({ name: "A B", type: "slack" }), "alerts.contactPoints[0].name", /lower-case/),
  hostile(contact({ name: "a", type: "teams" }), "alerts.contactPoints[0].type", /webhook, slack/),
  hostile({ grafana: { smtp: { host: "mail" } } }, "grafana.smtp.host", /host:port/),
  hostile({ grafana: { smtp: { host: "mail:25", user: "u" } } }, "smtpPassword", /not set/),
  // dashboards
  hostile({ dashboards: { packs: ["agent"] } }, "dashboards.packs[0]", /agents/, /did you mean agents\?/),
  hostile({ dashboards: { packs: ["agents", "agents"] } }, "dashboards.packs[1]", /named once/),
  hostile({ dashboards: { packs: ["Agents!"] } }, "dashboards.packs[0]", /name of a pack/),
  hostile(
    { dashboards: { packs: ["agents"] }, alerts: { services: ["api"] } },
    "dashboards.packs",
    /stack among the packs/,
    /dashboards\.packs\[1\]' stack/,
  ),
  hostile(priced({ model: "a{b}" }), "dashboards.prices[0].model", /model's name/),
  hostile(priced({ model: "$m" }), "dashboards.prices[0].model", /model's name/),
  hostile(priced({ input: -1 }), "dashboards.prices[0].input", /from 0/),
  hostile(priced({ output: "free" }), "dashboards.prices[0].output", /from 0/),
  hostile(priced({ asOf: "2026-02-30" }), "dashboards.prices[0].asOf", /a day/),
  hostile(priced({ asOf: undefined }), "dashboards.prices[0].asOf", /a day/),
  hostile({ dashboards: { prices: [price, price] } }, "dashboards.prices[1].model", /named once/),
  hostile(
    { dashboards: { prices: Array.from({ length: 70 }, (_, index) => ({ ...price, model: `m${String(index)}` })) } },
    "dashboards.prices",
    /at most 4500 letters/,
    /remove/,
  ),
  // secrets
  hostile({ grafanaAdminPassword: "short" }, "grafanaAdminPassword", /12 to 128/),
  hostile({ grafanaAdminPassword: "with=equals:and$dollar" }, "grafanaAdminPassword", /letters, digits/),
  hostile({ greptimedbReaderPassword: "line\nbreakbreakbreak" }, "greptimedbReaderPassword", /letters, digits/),
  hostile({ grafanaAdminPassword: { a: "b" } }, "grafanaAdminPassword", /one value/),
];

describe("hostile settings", () => {
  it("are many", () => {
    expect(table.length).toBeGreaterThanOrEqual(60);
  });

  it.each(table.map((row) => ({ ...row, name: JSON.stringify(row.values).slice(0, 100) })))(
    "are refused before any resource: $name",
    async ({ values, key, expected, remedy }) => {
      const { thrown, declared } = await refusal(values);
      expect(declared).toEqual([]);
      expect(thrown).toBeInstanceOf(Error);
      const { message } = thrown as Error;
      const paragraph = message.split("\n\n").find((text) => text.trimStart().startsWith(key));
      expect(paragraph, message).toBeDefined();
      expect(paragraph).toMatch(expected);
      expect(paragraph).toMatch(remedy ?? /remedy: {3}\S/);
      expect(message).not.toMatch(/undefined|\[object Object\]|Invalid input/);
    },
  );
});

describe("a message", () => {
  const problems = (values: Record<string, unknown>) => {
    try {
      configurationOf(values);
      return [];
    } catch (error) {
      return (error as SettingsError).problems;
    }
  };

  it("names every problem at once, invalid values and contradictions together", () => {
    const found = problems({
      grafana: { port: "x" },
      greptimedb: { memory: 1, users: { keepPrevious: true } },
      collector: { scrape: [{ job: "w", targets: ["localhost:1"] }] },
      alerts: { contactPoints: [{ name: "a", type: "slack" }] },
      grafanaAdminPassword: "short",
    });
    expect(found.map(({ key }) => key).sort()).toEqual([
      "collector.scrape[0].targets[0]",
      "contactPointSecrets.a",
      "grafana.port",
      "grafanaAdminPassword",
      "greptimedb.memory",
      "greptimedb.users.keepPrevious",
    ]);
  });

  it("never shows a secret, nor what stands under an unknown key", () => {
    const thrown = () =>
      configurationOf({
        grafanaAdminPassword: "tiny-secret",
        greptimedb: { pasword: "misplaced-secret" },
        smtpPasswort: "typed-secret",
      });
    expect(thrown).toThrow(SettingsError);
    expect(thrown).not.toThrow(/tiny-secret|misplaced-secret|typed-secret/);
  });

  it("stays readable with huge values", () => {
    const [problem] = problems({ platform: "x".repeat(100_000) });
    expect(problem?.key).toBe("platform");
    expect(() => configurationOf({ platform: "x".repeat(100_000) })).toThrow(/^.{0,1000}$/s);
  });
});

describe("secrets in plain text", () => {
  it("are refused, because the stack file would keep them", async () => {
    const graph = recordProgram(program, {
      config: { [`${project}:grafanaAdminPassword`]: "a-good-password-1" },
      secretKeys: [],
    });
    await expect(graph).rejects.toThrow(/grafanaAdminPassword\n.*plain text\n.*pulumi config set --secret/);
  });

  it("are accepted encrypted", () => {
    const { given } = configurationOf({ grafanaAdminPassword: "a-good-password-1", contactPointSecrets: {} });
    expect(given).toEqual({ grafanaAdminPassword: "a-good-password-1" });
  });
});

describe("good settings", () => {
  it("need nothing", () => {
    const { secrets, given } = configurationOf();
    expect(given).toEqual({});
    expect(secrets.map(({ name }) => name)).toEqual([
      "grafanaAdminPassword",
      "greptimedbAdminPassword",
      "greptimedbWriterPassword",
      "greptimedbReaderPassword",
    ]);
    expect(secrets.every(({ generated }) => generated !== undefined)).toBe(true);
  });

  it("take numbers as numbers or as text, booleans likewise, and a bare YAML off", () => {
    const settings = settingsOf({
      grafana: { port: "3100" },
      greptimedb: { ports: { http: false, mysql: 4002 } },
      collector: { debug: false },
      alerts: { rules: { Watchdog: { enabled: "false" } } },
    });
    expect(settings.grafana.port).toBe(3100);
    expect(settings.greptimedb.ports).toMatchObject({ http: 0, mysql: 4002 });
    expect(settings.collector.debug).toBe("off");
    expect(settings.alerts.rules["Watchdog"]?.enabled).toBe(false);
  });

  it("take a list in one piece, as `pulumi config set` delivers it", () => {
    const settings = settingsOf({ collector: { cors: { origins: '["http://a.example", "http://b.example:*"]' } } });
    expect(settings.collector.cors.origins).toEqual(["http://a.example", "http://b.example:*"]);
    expect(() => settingsOf({ collector: { cors: { origins: "[oops" } } })).toThrow(
      /collector\.cors\.origins = .*\n.*a list/,
    );
  });

  it("come out frozen, to the last leaf", () => {
    const settings = settingsOf({ collector: { scrape: [{ job: "w", targets: ["a:1"] }] } });
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.isFrozen(settings.collector.scrape[0]?.targets)).toBe(true);
  });

  it("fill in what depends on others", () => {
    const secrets = { greptimedbWriterPassword: "w", greptimedbReaderPassword: "r" };
    const external = (more: object) =>
      settingsOf({ ...secrets, greptimedb: { topology: "external", external: { host: "db", ...more } } }).greptimedb
        .external;
    expect(external({})).toMatchObject({ port: 443, mysqlHost: "db", mysqlPort: 4002 });
    expect(external({ tls: false })).toMatchObject({ port: 4000 });
    expect(external({ mysqlHost: "sql", port: 8443 })).toMatchObject({ port: 8443, mysqlHost: "sql" });
  });

  it("need one password less when reader and writer are one user", () => {
    const { secrets } = configurationOf({
      greptimedb: { topology: "external", external: { host: "db", users: { writer: "u", reader: "u" } } },
      greptimedbWriterPassword: "w",
    });
    expect(secrets.map(({ name }) => name)).toEqual(["grafanaAdminPassword", "greptimedbWriterPassword"]);
  });
});

describe("packs and prices", () => {
  it("are all packs and no price by default", () => {
    expect(settingsOf().dashboards).toEqual({ packs: known.packs, prices: [] });
  });

  it("are in the packs' own order, whatever theirs is", () => {
    const { packs } = settingsOf({ dashboards: { packs: [...known.packs].reverse() } }).dashboards;
    expect(packs).toEqual(known.packs);
  });

  it.each(["2024-02-29", "2026-12-31", "2026-02-28"])("take the day %s", (asOf) => {
    expect(settingsOf(priced({ asOf })).dashboards.prices[0]?.asOf).toBe(asOf);
  });

  it("take a day that the engine took for a time", () => {
    const { prices } = settingsOf(priced({ asOf: "2026-11-01 00:00:00 +0000 UTC" })).dashboards;
    expect(prices[0]?.asOf).toBe("2026-11-01");
  });

  it.each(["2026-02-29", "2026-13-01", "2026-04-31", "1999-01-01", "2026-1-1"])("refuse the day %s", (asOf) => {
    expect(() => settingsOf(priced({ asOf }))).toThrow(/asOf/);
  });
});
