import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { describe, expect, it } from "vitest";

import { stableJson } from "../../configs/json.ts";
import { allBefore, childrenOf, recordProgram, revealed, Secret, Unknown, type Graph } from "../../graph/index.ts";

const node = (graph: Graph, name: string) => {
  const found = graph.nodes.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

/** A program with one of everything that a recording should see. */
async function program() {
  const provider = new docker.Provider("engine", { host: "unix:///x.sock" });
  const passwords = new random.Provider("passwords");
  const group = new (class extends pulumi.ComponentResource {
    constructor() {
      super("test:index:Group", "group", { size: 1 }, { providers: [provider, passwords] });
      this.registerOutputs({ done: true });
    }
  })();
  const password = new random.RandomPassword("password", { length: 8 }, { parent: group });
  const volume = new docker.Volume("volume", { name: "v" }, { parent: group, retainOnDelete: true, protect: true });
  const container = new docker.Container(
    "container",
    {
      name: "c",
      image: "x:1",
      envs: [pulumi.interpolate`PASSWORD=${pulumi.secret(password.result)}`],
      volumes: [{ volumeName: volume.name, containerPath: "/v" }],
    },
    { parent: group, deleteBeforeReplace: true, ignoreChanges: ["envs"], customTimeouts: { create: "5m" } },
  );
  new docker.Container("orphan", { name: "o", image: "x:1" }, { dependsOn: [container] });
  return { id: container.id, password: pulumi.secret(password.result) };
}

describe("a recording", () => {
  it("has parents, dependencies by argument, providers and options", async () => {
    const graph = await recordProgram(program);
    const container = node(graph, "container");
    expect(container).toMatchObject({
      parent: node(graph, "group").urn,
      provider: node(graph, "engine").urn,
      deleteBeforeReplace: true,
      ignoreChanges: ["envs"],
      timeouts: { create: "5m" },
      propertyDependencies: { envs: [node(graph, "password").urn], volumes: [node(graph, "volume").urn], name: [] },
    });
    expect(node(graph, "volume")).toMatchObject({ protect: true, retainOnDelete: true });
    expect(node(graph, "group")).toMatchObject({ custom: false, outputs: { done: true } });
    expect(childrenOf(graph, node(graph, "group").urn).map(({ name }) => name)).toEqual([
      "container",
      "volume",
      "password",
    ]);
  });

  it("shows what falls back to a default provider", async () => {
    expect(node(await recordProgram(program), "orphan").provider).toBe("");
  });

  it("makes URNs as the engine does", async () => {
    expect(node(await recordProgram(program, { project: "p", stack: "s" }), "volume").urn).toBe(
      "urn:pulumi:s::p::test:index:Group$docker:index/volume:Volume::volume",
    );
  });

  it("marks secrets, prints them as such, and lets a test look inside", async () => {
    const graph = await recordProgram(program);
    const [env] = node(graph, "container").inputs["envs"] as unknown[];
    expect(env).toBeInstanceOf(Secret);
    expect(JSON.stringify(graph)).toContain('"[secret]"');
    expect(String(revealed(env))).toMatch(/^PASSWORD=[0-9a-f]{32}$/);
    expect(graph.outputs["password"]).toBeInstanceOf(Secret);
    const shown = [
      String(env),
      JSON.stringify(env),
      JSON.stringify(Object.entries(env as Secret)),
      stableJson({ env }),
      Object.values(env as Secret).join(),
    ];
    expect(shown.join()).not.toMatch(/[0-9a-f]{32}/);
  });

  it("leaves unknown in a preview what only exists once a resource does", async () => {
    const graph = await recordProgram(program, { preview: true });
    const [env] = node(graph, "container").inputs["envs"] as unknown[];
    expect((env as Secret).value ?? env).toBeInstanceOf(Unknown);
    expect(graph.outputs["id"]).toBeInstanceOf(Unknown);
    expect((await recordProgram(program)).outputs["id"]).toBe("container-id");
  });

  it("throws what the program throws, and can be used again", async () => {
    const failing = recordProgram(() => {
      new random.Provider("passwords");
      throw new Error("no such thing");
    });
    await expect(failing).rejects.toThrow("no such thing");
    expect((await recordProgram(program)).nodes).toHaveLength(8);
  });

  it("takes configuration, and forgets it the next time", async () => {
    const read = () => ({ colour: new pulumi.Config("paint").get("colour") });
    expect((await recordProgram(read, { config: { "paint:colour": "red" } })).outputs).toEqual({ colour: "red" });
    expect((await recordProgram(read)).outputs).toEqual({});
  });

  it("finds everything before a resource, through others and through providers", async () => {
    const graph = await recordProgram(program);
    const before = [...allBefore(graph, node(graph, "orphan"))];
    expect(before).toEqual(
      expect.arrayContaining(
        ["container", "volume", "password", "engine", "passwords"].map((name) => node(graph, name).urn),
      ),
    );
    expect(before).not.toContain(node(graph, "orphan").urn);
  });

  it("finds what comes before a resource through its parents", async () => {
    const graph = await recordProgram(async () => {
      const first = new random.RandomPassword("first", { length: 8 });
      const group = new pulumi.ComponentResource("test:index:Group", "group", {}, { dependsOn: [first] });
      new random.RandomPassword("child", { length: 8 }, { parent: group });
      return {};
    });
    expect(allBefore(graph, node(graph, "child"))).toContain(node(graph, "first").urn);
    expect(allBefore(graph, node(graph, "first"))).not.toContain(node(graph, "child").urn);
  });
});
