import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";

import { standaloneConfig } from "../../configs/greptimedb/config.ts";
import { standaloneService } from "../../configs/greptimedb/standalone.ts";
import { httpUrl, storeFrom } from "../../configs/greptimedb/store.ts";
import { usersFile } from "../../configs/greptimedb/users.ts";
import { parseSize } from "../../configs/settings/units.ts";
import { printable, revealed } from "../../configs/text.ts";
import { externalValues, settingsOf } from "../support/settings.ts";

interface Toml {
  enable_telemetry: boolean;
  user_provider: string;
  http: { addr: string; enable_cors: boolean; timeout: string };
  postgres: { enable: boolean };
  storage: { data_home: string };
  region_engine: { mito: Record<string, string> }[];
}

const config = (values: Record<string, unknown> = {}) => parse(standaloneConfig(settingsOf(values))) as unknown as Toml;

describe("the configuration", () => {
  it("is TOML that GreptimeDB can be given, the same each time", async () => {
    const text = standaloneConfig(settingsOf());
    await expect(text).toMatchFileSnapshot("../golden/greptimedb.toml");
    expect(standaloneConfig(settingsOf())).toBe(text);
  });

  it("asks for a password, tells nobody, and lets no web page in", () => {
    expect(config()).toMatchObject({
      enable_telemetry: false,
      user_provider: "static_user_provider:file:/etc/greptimedb/users",
      http: { enable_cors: false },
    });
  });

  it("never answers 408, at which a client would drop its data", () => {
    expect(config().http.timeout).toBe("0s");
  });

  it.each(["512MiB", "2GiB", "64GiB", "1TiB"])("shares out %s without promising more than there is", (memory) => {
    const limit = parseSize(memory) ?? 0;
    const { mito } = config({ greptimedb: { memory } }).region_engine[0]!;
    const resident = [
      "global_write_buffer_size",
      "page_cache_size",
      "sst_meta_cache_size",
      "vector_cache_size",
      "selector_result_cache_size",
      "range_result_cache_size",
      "prefilter_result_cache_size",
      "manifest_cache_size",
    ];
    const total = resident.reduce((sum, key) => sum + (parseSize(mito[key]) ?? Number.NaN), 0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(limit / 2);
    expect(parseSize(mito["global_write_buffer_reject_size"])).toBe(
      2 * (parseSize(mito["global_write_buffer_size"]) ?? 0),
    );
  });

  it("speaks PostgreSQL only when asked", () => {
    expect(config().postgres.enable).toBe(false);
    expect(config({ greptimedb: { ports: { postgres: 4003 } } }).postgres.enable).toBe(true);
    const names = (values: Record<string, unknown>) =>
      standaloneService(settingsOf(values)).ports.map(({ name }) => name);
    expect(names({})).toEqual(["http", "grpc", "mysql"]);
    expect(names({ greptimedb: { ports: { postgres: 4003 } } })).toContain("postgres");
  });
});

describe("the users file", () => {
  it("gives each user the least rights that work", () => {
    expect(printable(usersFile(settingsOf()))).toBe(
      "admin:rw={secret:greptimedbAdminPassword}\nwriter:wo={secret:greptimedbWriterPassword}\nreader:ro={secret:greptimedbReaderPassword}\n",
    );
  });

  it("accepts the generation before as well during a rotation, with its own passwords", () => {
    const file = usersFile(settingsOf({ greptimedb: { users: { generation: 3, keepPrevious: true } } }));
    expect(revealed(file, (name) => name).split("\n")).toEqual([
      "admin_3:rw=greptimedbAdminPassword",
      "writer_3:wo=greptimedbWriterPassword",
      "reader_3:ro=greptimedbReaderPassword",
      "writer_2:wo=greptimedbPreviousWriterPassword",
      "reader_2:ro=greptimedbPreviousReaderPassword",
      "",
    ]);
  });
});

describe("where GreptimeDB is", () => {
  it("is the service, over plain HTTP inside the network", () => {
    const store = storeFrom(settingsOf());
    expect(httpUrl(store)).toBe("http://greptimedb:4000");
    expect(store.mysql).toEqual({ host: "greptimedb", port: 4002, tls: false });
  });

  it("is somebody else's endpoint, with TLS", () => {
    const store = storeFrom(settingsOf(externalValues));
    expect(httpUrl(store)).toBe("https://db.example.com");
    expect(store.mysql).toEqual({ host: "db.example.com", port: 4002, tls: true });
    expect(store.users.reader).toEqual({ name: "reader", password: "greptimedbReaderPassword" });
  });

  it("takes the writer's password for both when they are one user", () => {
    const users = { reader: "u", writer: "u" };
    const store = storeFrom(
      settingsOf({
        greptimedb: { topology: "external", external: { host: "db", users } },
        greptimedbWriterPassword: "w",
      }),
    );
    expect(store.users.reader).toEqual(store.users.writer);
  });
});

describe("the service", () => {
  it("runs without root, asks for nothing but its volume, and gets time to stop", () => {
    const service = standaloneService(settingsOf());
    expect(service).toMatchObject({
      user: { uid: 10001 },
      mounts: [{ path: "/greptimedb_data" }],
      needs: [],
      stopGraceSeconds: 60,
    });
    expect(config().storage.data_home).toBe("/greptimedb_data");
    expect(service.health.startupSeconds).toBeGreaterThanOrEqual(600);
  });

  it("publishes HTTP, and the rest only if asked", () => {
    const published = (values: Record<string, unknown>) =>
      standaloneService(settingsOf(values)).ports.flatMap(({ name, published: host }) =>
        host === undefined ? [] : [[name, host]],
      );
    expect(published({})).toEqual([["http", 4000]]);
    expect(published({ greptimedb: { ports: { http: "off", mysql: 14002 } } })).toEqual([["mysql", 14002]]);
  });
});
