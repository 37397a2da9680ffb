import { describe, expect, it } from "vitest";

import { noticeRemoved, startStopped } from "../../cli/heal.ts";
import type { Graph, Node } from "../../graph/index.ts";
import { fakeDocker, type FakeContainer } from "../support/docker.ts";

const start = async (containers: readonly FakeContainer[]) => {
  const { docker, calls } = fakeDocker({ containers });
  const said: string[] = [];
  await startStopped(docker, "l=x", (text) => said.push(text), 1);
  return { started: calls.filter(([command]) => command === "start").map(([, name]) => name), said: said.join("") };
};

describe("what is stopped", () => {
  it("is started if it should always run, and nothing else is", async () => {
    const { started, said } = await start([
      { name: "x-collector", running: false, exitCode: 137 },
      { name: "x-grafana", running: true, health: "healthy" },
      { name: "x-bootstrap", running: false, restart: "no" },
      { name: "x-owner", running: false, restart: "no" },
    ]);
    expect(started).toEqual(["x-collector"]);
    expect(said).toMatch(/starting x-collector, which was stopped/);
  });

  it("is not waited for longer than it was said", async () => {
    const before = Date.now();
    await start([{ name: "x-grafana", running: false, health: "starting" }]);
    expect(Date.now() - before).toBeLessThan(3000);
  });
});

describe("what was removed", () => {
  const node = (name: string): Node =>
    ({ urn: `urn:${name}`, type: "docker:index/container:Container", inputs: { name } }) as unknown as Node;
  const graph: Graph = { nodes: [node("x-a"), node("x-b"), node("x-c")], outputs: {} };
  const present = [{ name: "x-a" }] as unknown as Parameters<typeof noticeRemoved>[2];

  const notice = async (inState: readonly string[]) => {
    const refreshed: unknown[] = [];
    const stack = {
      exportStack: () =>
        Promise.resolve({ version: 3, deployment: { resources: inState.map((name) => ({ urn: `urn:${name}` })) } }),
      refresh: (options: { target?: string[] }) => {
        refreshed.push(options.target);
        return Promise.resolve({} as never);
      },
    } as unknown as Parameters<typeof noticeRemoved>[0];
    await noticeRemoved(stack, graph, present, () => undefined);
    return refreshed;
  };

  it("is looked at, if the state has it", async () => {
    expect(await notice(["x-a", "x-b"])).toEqual([["urn:x-b"]]);
  });

  it("is nothing on a first deployment", async () => {
    expect(await notice([])).toEqual([]);
  });
});
