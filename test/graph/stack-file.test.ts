import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { schema } from "../../configs/settings/schema.ts";
import { unwrapped } from "../../configs/settings/settings.ts";
import { recordStack } from "../../graph/index.ts";
import { encrypted, readStack, withSetting } from "../../graph/stack-file.ts";

function project(stackFile: string): string {
  const directory = mkdtempSync(join(tmpdir(), "stack-"));
  writeFileSync(join(directory, "Pulumi.yaml"), readFileSync("Pulumi.yaml"));
  writeFileSync(join(directory, "Pulumi.dev.yaml"), stackFile);
  return directory;
}

describe("a stack file", () => {
  it("gives what Pulumi would give the program: defaults, then the stack's own", () => {
    const { values } = readStack(project("config:\n  greptime-observability:grafana: { port: 3100 }\n"), "dev");
    expect(values).toMatchObject({
      "pulumi:disable-default-providers": ["*"],
      "greptime-observability:platform": "docker",
      "greptime-observability:grafana": { port: 3100 },
      "greptime-observability:alerts": {},
    });
  });

  it("may be empty", () => {
    expect(readStack(project(""), "dev").values["greptime-observability:docker"]).toEqual({});
  });

  it("that is not there is named", () => {
    expect(() => readStack(project(""), "prod")).toThrow(/Pulumi\.prod\.yaml: is not there/);
  });

  it("keeps its secrets: they are there, but nobody reads them", () => {
    const text = "encryptionsalt: v1:x\nconfig:\n  greptime-observability:grafanaAdminPassword:\n    secure: v1:abc\n";
    expect(readStack(project(text), "dev").values["greptime-observability:grafanaAdminPassword"]).toBe(encrypted);
  });
});

describe("a plan of a stack with encrypted secrets", () => {
  const text = [
    "config:",
    "  greptime-observability:grafanaAdminPassword:",
    "    secure: v1:abc",
    "  greptime-observability:alerts:",
    "    contactPoints: [{ name: chat, type: slack }, { name: pager, type: pagerduty }]",
    "  greptime-observability:contactPointSecrets:",
    "    chat: { secure: v1:def }",
    "",
  ].join("\n");

  it("stands in for what is encrypted, and names what is missing", async () => {
    const { graph, missingSecrets } = await recordStack({ directory: project(text), allowMissingSecrets: true });
    expect(missingSecrets).toEqual(["contactPointSecrets.pager"]);
    expect(graph.nodes.some(({ name }) => name === "obs-grafana-admin")).toBe(false);
    expect(graph.nodes.some(({ name }) => name === "obs-content-contact-critical")).toBe(true);
  });

  it("is refused where nothing may be missing", async () => {
    await expect(recordStack({ directory: project(text) })).rejects.toThrow(/contactPointSecrets\.pager\n.*not set/);
  });
});

describe("a setting on top", () => {
  const base = { project: "p", stack: "s", values: { "p:a": { b: { c: 1 }, list: [{ x: 1 }] } } };
  const set = (path: string, value: string) => withSetting(base, path, value).values["p:a"];

  it("goes where Pulumi would put it, as what Pulumi would take it for", () => {
    expect(set("a.b.c", "2")).toEqual({ b: { c: 2 }, list: [{ x: 1 }] });
    expect(set("a.b.d", "true")).toMatchObject({ b: { c: 1, d: true } });
    expect(set("a.list[0].x", "7d")).toMatchObject({ list: [{ x: "7d" }] });
    expect(set("a.list[1].x", "y")).toMatchObject({ list: [{ x: 1 }, { x: "y" }] });
    expect(set('a.b["k.l"]', "v")).toMatchObject({ b: { "k.l": "v" } });
    expect(set("a.b", '["x",1]')).toMatchObject({ b: ["x", 1] });
    expect(set("a.b.e", "007")).toMatchObject({ b: { e: "007" } });
    expect(set("a.b.e", "[not json")).toMatchObject({ b: { e: "[not json" } });
    expect(withSetting(base, "new.x", "1").values).toMatchObject({ "p:new": { x: 1 } });
  });

  it("leaves the rest as it was", () => {
    set("a.b.c", "2");
    expect(base.values["p:a"]).toEqual({ b: { c: 1 }, list: [{ x: 1 }] });
  });

  it.each(["", "[0]", "a..b", "a[x]", "a b", "a.b.c.d", "a.list[5].x", "a.list.x.y"])("refuses the path %j", (path) => {
    expect(() => withSetting(base, path, "1")).toThrow(/--set/);
  });
});

describe("Pulumi.yaml", () => {
  const declared = (
    parse(readFileSync("Pulumi.yaml", "utf8")) as {
      config: Record<string, { type?: string; default?: unknown; description?: string }>;
    }
  ).config;

  it("declares every section, with a type, a default and a description", () => {
    const sections = Object.keys(unwrapped(schema)?.shape ?? {});
    expect(sections.length).toBeGreaterThan(5);
    expect(Object.keys(declared).filter((key) => !key.includes(":"))).toEqual(sections);
    for (const section of sections) {
      expect(declared[section]?.description).toMatch(/\.$/);
      expect(declared[section]).toMatchObject(
        section === "platform" ? { type: "string", default: "docker" } : { type: "object", default: {} },
      );
    }
  });

  it("refuses default providers, in every stack", () => {
    expect(declared["pulumi:disable-default-providers"]).toEqual({ value: ["*"] });
  });
});
