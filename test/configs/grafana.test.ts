import { mkdtempSync, readFileSync, writeFileSync, chmodSync, existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { datasources, datasourcesFile } from "../../configs/grafana/datasources.ts";
import { grafanaService } from "../../configs/grafana/server.ts";
import { printable, secretsIn } from "../../configs/text.ts";
import { externalValues, settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";

interface Source {
  name: string;
  uid: string;
  type: string;
  url: string;
  user?: string;
  basicAuthUser?: string;
  jsonData: Record<string, unknown>;
  secureJsonData: Record<string, string>;
  correlations?: { description: string; targetUID: string; config: { target: Record<string, unknown> } }[];
}

function sources(values: Record<string, unknown> = {}): Record<keyof typeof datasources, Source> {
  const file = parse(datasourcesFile(settingsOf(values))) as { datasources: Source[] };
  const byUid = (uid: string) => file.datasources.find((source) => source.uid === uid)!;
  return {
    metrics: byUid(datasources.metrics.uid),
    traces: byUid(datasources.traces.uid),
    sql: byUid(datasources.sql.uid),
  };
}

describe("the datasources", () => {
  it.each([
    ["default", {}],
    ["external", externalValues],
  ])("are as reviewed: %s", async (name, values) => {
    await expect(datasourcesFile(settingsOf(values))).toMatchFileSnapshot(`../golden/datasources-${name}.yaml`);
  });

  it("look into the database of their signal", () => {
    const { greptimedb, ...secrets } = externalValues;
    const databases = { metrics: "m", traces: "t", logs: "l-1" };
    const { metrics, traces, sql } = sources({ ...secrets, greptimedb: { ...greptimedb, databases } });
    for (const source of [metrics, traces]) expect(source.jsonData["httpHeaderName1"]).toBe("x-greptime-db-name");
    expect(metrics.secureJsonData["httpHeaderValue1"]).toBe("m");
    expect(traces.secureJsonData["httpHeaderValue1"]).toBe("t");
    expect(sql.jsonData["database"]).toBe("l-1");
    expect(traces.correlations?.[0]?.config.target["rawSql"]).toContain("FROM `l-1`.opentelemetry_logs");
  });

  it("read as the reader, whose password comes from the environment", () => {
    const { metrics, traces, sql } = sources();
    expect([metrics.basicAuthUser, traces.basicAuthUser, sql.user]).toEqual(["reader", "reader", "reader"]);
    // no braces: Grafana would expand the password again
    expect(metrics.secureJsonData["basicAuthPassword"]).toBe("$GREPTIMEDB_READER_PASSWORD");
    expect(traces.secureJsonData["basicAuthPassword"]).toBe("$GREPTIMEDB_READER_PASSWORD");
    expect(sql.secureJsonData["password"]).toBe("$GREPTIMEDB_READER_PASSWORD");
  });

  it("ask GreptimeDB for what it answers", () => {
    const { metrics, traces, sql } = sources();
    expect(metrics.jsonData).toMatchObject({
      httpMethod: "POST",
      prometheusType: "Prometheus",
      manageAlerts: false,
      disableRecordingRules: true,
    });
    expect(metrics.url).toBe("http://greptimedb:4000/v1/prometheus");
    expect(traces.jsonData["traceIdTimeParams"]).toEqual({ enabled: false });
    expect(sql.jsonData).not.toHaveProperty("timezone");
  });

  it("draw with the interval at which applications export", () => {
    expect(sources().metrics.jsonData["timeInterval"]).toBe("1m");
    expect(sources({ collector: { exportInterval: "15s" } }).metrics.jsonData["timeInterval"]).toBe("15s");
  });

  it("hold no expression that Grafana would expand, but the password and the authorities", () => {
    const text = datasourcesFile(settingsOf(externalValues)).replaceAll("$$", "");
    expect(new Set(text.match(/\$\S+/g))).toEqual(
      new Set(["$GREPTIMEDB_READER_PASSWORD", "$__file{/etc/ssl/certs/ca-certificates.crt}"]),
    );
  });

  it("describe every correlation, without which Grafana's reader of the file crashes", () => {
    const all = Object.values(sources()).flatMap(({ correlations }) => correlations ?? []);
    expect(all).toHaveLength(2);
    for (const { description } of all) expect(description).not.toBe("");
  });

  it("reach an external GreptimeDB by TLS, its MySQL protocol too", () => {
    const { metrics, traces, sql } = sources(externalValues);
    expect(metrics.url).toBe("https://db.example.com/v1/prometheus");
    expect(traces.url).toBe("https://db.example.com/v1/jaeger");
    expect(sql.url).toBe("db.example.com:4002");
    expect(sql.jsonData["tlsAuthWithCACert"]).toBe(true);
    expect(sources().sql.jsonData).not.toHaveProperty("tlsAuthWithCACert");
  });
});

describe("the server", () => {
  const service = (values: Record<string, unknown> = {}) => grafanaService(settingsOf(values), "http://localhost:3001");

  it("is closed: no anonymous user, no sign-up, nothing shared", () => {
    expect(service().env).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: "false",
      GF_USERS_ALLOW_SIGN_UP: "false",
      GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
      GF_PUBLIC_DASHBOARDS_ENABLED: "false",
    });
  });

  it("tells nobody that it exists, and fetches nothing", () => {
    const { env } = service();
    for (const name of [
      "ANALYTICS_REPORTING_ENABLED",
      "ANALYTICS_CHECK_FOR_UPDATES",
      "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
      "NEWS_NEWS_FEED_ENABLED",
      "PLUGINS_PREINSTALL_AUTO_UPDATE",
    ]) {
      expect(env[`GF_${name}`]).toBe("false");
    }
    expect(env["GF_PLUGINS_PREINSTALL_DISABLED"]).toBe("true");
  });

  it("has what would lock a laptop out switched off", () => {
    const names = Object.keys(service().env);
    expect(
      names.filter((name) =>
        /ENFORCE_DOMAIN|COOKIE_SECURE|STRICT_TRANSPORT|DISABLE_INITIAL_ADMIN|AUTH_BASIC/.test(name),
      ),
    ).toEqual([]);
  });

  it("gets its secrets by name", () => {
    const secrets = Object.entries(service().env).flatMap(([name, value]) =>
      secretsIn(value).map((secret) => [name, secret]),
    );
    expect(secrets).toEqual([
      ["GF_SECURITY_ADMIN_PASSWORD", "grafanaAdminPassword"],
      ["GREPTIMEDB_READER_PASSWORD", "greptimedbReaderPassword"],
    ]);
  });

  it("sends mail only when there is a mail server", () => {
    expect(Object.keys(service().env).filter((name) => name.startsWith("GF_SMTP"))).toEqual([]);
    const { env } = service({ grafana: { smtp: { host: "mail:587", user: "u", from: "a@b.cc" } }, smtpPassword: "p" });
    expect(env).toMatchObject({
      GF_SMTP_ENABLED: "true",
      GF_SMTP_HOST: "mail:587",
      GF_SMTP_STARTTLS_POLICY: "MandatoryStartTLS",
    });
    expect(printable(env["GF_SMTP_PASSWORD"]!)).toBe("{secret:smtpPassword}");
  });

  it("waits until telemetry has been through the pipeline", () => {
    expect(service().needs).toEqual(["pipeline-proof"]);
  });
});

/** The start script in a real shell, with a `grafana` and a `/run.sh` that write down what they get. */
async function start(prepare: (data: string) => void = () => undefined) {
  const root = mkdtempSync(join(tmpdir(), "grafana-start-"));
  const data = join(root, "data");
  mkdirSync(data);
  prepare(data);
  const command = (name: string, script: string) => {
    writeFileSync(join(root, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, name), 0o755);
  };
  command("grafana", `echo "$*" >${root}/arguments; cat >${root}/stdin`);
  command("run.sh", `printf '%s' "$GF_SECURITY_SECRET_KEY" >${root}/key; echo started`);
  const script = printable(
    grafanaService(settingsOf(), "http://x").files.find(({ path }) => path.endsWith("start.sh"))!.text,
  )
    .replaceAll("/var/lib/grafana", data)
    .replace("exec /run.sh", `exec ${root}/run.sh`);
  const env = {
    GF_SECURITY_ADMIN_PASSWORD: "the-password",
    GF_PATHS_HOME: "/usr/share/grafana",
    GF_PATHS_CONFIG: "/etc/grafana/grafana.ini",
  };
  const run = () => runScript(`PATH=${root}:$PATH; ${script}`, env);
  const read = (name: string) => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : undefined);
  return { ...(await run()), again: run, read, data };
}

describe("the start", () => {
  it("makes a key on the first start, and takes the same on the next", async () => {
    const { code, output, read, data, again } = await start();
    expect([code, output]).toEqual([0, "started\n"]);
    const key = read("key");
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(data, "secret_key"), "utf8")).toBe(key);
    await again();
    expect(read("key")).toBe(key);
  });

  it("leaves a new database alone: there Grafana takes the password itself", async () => {
    const { read } = await start();
    expect(read("arguments")).toBeUndefined();
  });

  it("sets the password of a database that was there before, by standard input", async () => {
    const { read, commandLines, code } = await start((data) => {
      writeFileSync(join(data, "grafana.db"), "");
    });
    expect(code).toBe(0);
    expect(read("arguments")).toBe(
      "cli --homepath /usr/share/grafana --config /etc/grafana/grafana.ini admin reset-admin-password --password-from-stdin\n",
    );
    expect(read("stdin")).toBe("the-password");
    expect(commandLines.join("\n")).not.toContain("the-password");
  });
});
