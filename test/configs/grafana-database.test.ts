import { describe, expect, it } from "vitest";

import { grafanaService } from "../../configs/grafana/server.ts";
import { neededSecrets } from "../../configs/settings/secrets.ts";
import { schema } from "../../configs/settings/schema.ts";
import { printable } from "../../configs/text.ts";
import { settingsOf } from "../support/settings.ts";
import { runScript } from "../support/shell.ts";

const postgres = { kind: "postgres", host: "db.example.com:5433" };
const onKubernetes = (grafana: Record<string, unknown>) =>
  settingsOf({ platform: "kubernetes", grafana, grafanaDatabasePassword: "pa$${x}ss=word" });
const service = (grafana: Record<string, unknown>) =>
  grafanaService(onKubernetes(grafana), "https://grafana.example.com");

describe("Grafana with PostgreSQL", () => {
  it("has no volume, and a place for what need not last", () => {
    const scratch = ["/tmp", "/var/lib/grafana"];
    expect(service({ database: postgres })).toMatchObject({ mounts: [], scratch });
    expect(service({})).toMatchObject({ kind: "stateful", mounts: [{ volume: "data" }], scratch: ["/tmp"] });
  });

  it("stops before the next one starts; only several replace each other one by one, by name", () => {
    expect(service({ database: postgres }).kind).toBe("stateful");
    expect(service({ database: postgres })).not.toHaveProperty("numbered");
    expect(service({ database: postgres, replicas: 2 })).toMatchObject({ kind: "stateless", numbered: true });
  });

  it("is told where its database is, and its secrets by name", () => {
    const { env } = service({ database: { ...postgres, name: "graf", user: "graf_user" } });
    const shown = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, printable(value)]));
    expect(shown).toMatchObject({
      GF_DATABASE_TYPE: "postgres",
      GF_DATABASE_HOST: "db.example.com:5433",
      GF_DATABASE_NAME: "graf",
      GF_DATABASE_USER: "graf_user",
      GF_DATABASE_SSL_MODE: "require",
      // Grafana expands the value of this once, and not what comes out of it
      GF_DATABASE_PASSWORD: "$__env{GRAFANA_DATABASE_PASSWORD}",
      GRAFANA_DATABASE_PASSWORD: "{secret:grafanaDatabasePassword}",
      GF_SECURITY_SECRET_KEY: "{secret:grafanaSecretKey}",
    });
    expect(shown).not.toHaveProperty("GF_DATABASE_WAL");
    expect(shown).not.toHaveProperty("GF_DATABASE_CA_CERT_PATH");
  });

  it("checks the certificate against the authorities of its image, if it is to check it", () => {
    const { env } = service({ database: { ...postgres, sslMode: "verify-full" } });
    expect(env).toMatchObject({
      GF_DATABASE_SSL_MODE: "verify-full",
      GF_DATABASE_CA_CERT_PATH: "/etc/ssl/certs/ca-certificates.crt",
    });
  });

  it("keeps its key on the volume where there is one, and nowhere in the environment", () => {
    const names = Object.keys(service({}).env);
    expect(names.filter((name) => /GF_DATABASE|SECRET_KEY/.test(name))).toEqual(["GF_DATABASE_WAL"]);
  });

  it("calls its database", () => {
    expect(service({ database: postgres }).calls).toContainEqual({ outside: "Grafana's PostgreSQL", ports: [5433] });
    expect(JSON.stringify(service({}).calls)).not.toContain("PostgreSQL");
  });

  it.each([
    [
      "the one that others made, with all that PostgreSQL's own tools make",
      'p=a%b#c;d"e$f{g}h&i?j/k@l:m,n<o>!${HOME}',
      true,
    ],
    ["one with a space, where the connection string ends a field", "pass word", false],
    ["one with a quote", "pass'word", false],
    ["one with a backslash", "pass\\word", false],
    ["one with a line break", "pass\nword", false],
    ["none", "", false],
  ])("takes a password: %s", (_, password, allowed) => {
    const needed = neededSecrets(schema.parse({ grafana: { database: postgres } }), new Set());
    const kind = needed.find(({ name }) => name === "grafanaDatabasePassword")?.kind;
    expect(kind?.allowed(password)).toBe(allowed);
  });
});

describe("several Grafanas", () => {
  const three = service({ database: postgres, replicas: 3 });

  it("know of each other, so that an alert is sent once", () => {
    expect(three.replicas).toBe(3);
    expect(three.env).toMatchObject({
      GF_UNIFIED_ALERTING_HA_LISTEN_ADDRESS: "0.0.0.0:9094",
      GF_UNIFIED_ALERTING_HA_PEERS: "grafana-0.grafana:9094,grafana-1.grafana:9094,grafana-2.grafana:9094",
    });
  });

  it("may talk to each other, and one alone does not", () => {
    const gossip = (["tcp", "udp"] as const).map((protocol) => ({ to: "grafana", port: 9094, protocol }));
    expect(three.calls).toEqual(expect.arrayContaining(gossip));
    expect(three.ports).toEqual([
      expect.objectContaining({ name: "http" }),
      { name: "gossip-tcp", port: 9094 },
      { name: "gossip-udp", port: 9094, protocol: "udp" },
    ]);
    const one = service({ database: postgres });
    expect(one.ports).toHaveLength(1);
    expect(one.calls).not.toContainEqual(gossip[0]);
    expect(Object.keys(one.env).filter((name) => name.includes("_HA_"))).toEqual([]);
  });
});

/** The start script, with a `grafana` that fails as often as told and, instead of the server, a word of its address. */
async function start(grafana: Record<string, unknown>, failures: number) {
  const script = printable(service(grafana).files.find(({ path }) => path.endsWith("start.sh"))!.text);
  // the last part of a pipe runs in a shell of its own: what was tried is counted in a file
  const commands = `
say() { printf '%s\\n' "$*"; }
sleep() { :; }
hostname() { say "10.1.2.3 10.9.9.9"; }
tried=$(mktemp)
grafana() {
  echo >>"$tried"
  [ "$(wc -l <"$tried")" -gt ${String(failures)} ] || { say "no lock"; return 1; }
  say "grafana $* $(cat)"
}
`;
  return runScript(
    commands + script.replace("exec /run.sh", 'say "started $GF_UNIFIED_ALERTING_HA_ADVERTISE_ADDRESS"'),
    {
      GF_SECURITY_ADMIN_PASSWORD: "the-password",
      GF_PATHS_HOME: "/home",
      GF_PATHS_CONFIG: "/config",
      GF_UNIFIED_ALERTING_HA_ADVERTISE_ADDRESS: "alone",
    },
  );
}

describe("the start on PostgreSQL", () => {
  const reset = "grafana cli --homepath /home --config /config admin reset-admin-password --password-from-stdin";

  it("sets the password in any case, by standard input, and then starts", async () => {
    const { code, output } = await start({ database: postgres }, 0);
    expect([code, output]).toEqual([0, `${reset} the-password\nstarted alone\n`]);
  });

  it("waits while another replica makes the tables", async () => {
    const { code, output } = await start({ database: postgres }, 2);
    expect([code, output]).toEqual([0, `no lock\nno lock\n${reset} the-password\nstarted alone\n`]);
  });

  it("gives up in the end, so that the container's restart shows that it cannot", async () => {
    const { code, output } = await start({ database: postgres }, 1000);
    expect([code, output.split("\n").length - 1]).toEqual([1, 30]);
  });

  it("tells the other replicas its own address", async () => {
    const { output } = await start({ database: postgres, replicas: 2 }, 0);
    expect(output).toContain("started 10.1.2.3:9094\n");
  });
});
