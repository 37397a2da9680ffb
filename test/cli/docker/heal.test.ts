import { describe, expect, it } from "vitest";

import { noticeRemoved, startStopped, tookData } from "../../../cli/docker/heal.ts";
import type { DockerCli } from "../../../cli/docker/docker-cli.ts";
import type { Node } from "../../../graph/index.ts";
import { fakeDocker, type FakeContainer } from "../../support/docker.ts";

const start = async (containers: readonly FakeContainer[]) => {
  const { docker, calls } = fakeDocker({ containers });
  const said: string[] = [];
  await startStopped(docker, "l=x", (text) => said.push(text), 1);
  return {
    calls,
    started: calls.filter(([command]) => command === "start").map(([, name]) => name),
    said: said.join(""),
  };
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

  it("is removed if it cannot be started, so that it is made again", async () => {
    const stopped = { name: "x-collector", running: false, restart: "unless-stopped" };
    const { docker, calls } = fakeDocker({ containers: [stopped] });
    const broken: typeof docker = async (args) =>
      args[0] === "start" ? { code: 1, stdout: "", stderr: "network x not found" } : docker(args);
    await startStopped(broken, "l=x", () => undefined, 0);
    expect(calls).toContainEqual(["rm", "--force", "x-collector"]);
    expect((await start([stopped])).calls.map(([command]) => command)).not.toContain("rm");
  });

  it("is not waited for longer than it was said", async () => {
    const before = Date.now();
    await start([{ name: "x-grafana", running: false, health: "starting" }]);
    expect(Date.now() - before).toBeLessThan(3000);
  });
});

describe("what was removed", () => {
  const type = {
    container: "docker:index/container:Container",
    network: "docker:index/network:Network",
    image: "docker:index/remoteImage:RemoteImage",
    volume: "docker:index/volume:Volume",
    folder: "grafana:oss/folder:Folder",
  };
  const kept = (kind: keyof typeof type, name: string) => ({
    urn: `urn:pulumi:dev::p::${type[kind]}::${name}`,
    type: type[kind],
    id: `id-of-${name}`,
    inputs: { name },
  });
  const state = [
    kept("container", "a"),
    kept("container", "b"),
    kept("network", "n"),
    kept("image", "i:1"),
    kept("volume", "v"),
    kept("folder", "f"),
    kept("container", "of-another-program"),
  ];
  const declared = state.slice(0, -1).map(({ urn }) => ({ urn }) as Node);

  const notice = async (
    resources: readonly unknown[],
    there: readonly string[],
    stderr = "Error: No such object: x",
  ) => {
    const refreshed: unknown[] = [];
    const said: string[] = [];
    const stack = {
      exportStack: () => Promise.resolve({ version: 3, deployment: { resources } }),
      refresh: (options: { target?: string[] }) => {
        refreshed.push(options.target);
        return Promise.resolve({} as never);
      },
    } as unknown as Parameters<typeof noticeRemoved>[0];
    const docker: DockerCli = ([command, , , id = ""]) =>
      Promise.resolve(
        command === "inspect" && there.includes(id)
          ? { code: 0, stdout: "[{}]", stderr: "" }
          : { code: 1, stdout: "[]", stderr },
      );
    const removed = await noticeRemoved(stack, { nodes: declared, outputs: {} }, docker, (text) => said.push(text));
    return { removed, refreshed, said: said.join("") };
  };

  it("is looked at, whatever it is, and nothing else is", async () => {
    const { removed, refreshed, said } = await notice(state, ["id-of-a"]);
    expect(refreshed).toEqual([removed]);
    expect(removed.map((urn) => urn.replace(/.*::/, ""))).toEqual(["b", "n", "i:1", "v"]);
    expect(said).toContain("making again what was removed: container b; network n; image i:1; volume v\n");
  });

  it("is told in a line, however much it is", async () => {
    const containers = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...kept("container", `c${String(index)}`),
        urn: declared[0]?.urn ?? "",
      }));
    const said = async (count: number) => (await notice([...containers(count), kept("network", "n")], [])).said;
    expect(await said(2)).toContain("containers c0, c1; network n");
    expect(await said(40)).toContain("40 containers; network n");
  });

  it("is nothing while all is there: an image by name, everything else by id", async () => {
    const all = await notice(state, ["id-of-a", "id-of-b", "id-of-n", "i:1", "id-of-v"]);
    expect(all).toEqual({ removed: [], refreshed: [], said: "" });
  });

  it("took data with it if it was a volume", async () => {
    const without = async (...gone: string[]) =>
      tookData(
        (
          await notice(
            state,
            ["id-of-a", "id-of-b", "id-of-n", "i:1", "id-of-v"].filter((id) => !gone.includes(id)),
          )
        ).removed,
      );
    expect(await without("id-of-v")).toBe(true);
    expect(await without("id-of-a", "id-of-n", "i:1")).toBe(false);
  });

  it("is nothing when Docker does not answer", async () => {
    expect((await notice(state, [], "Cannot connect to the Docker daemon")).refreshed).toEqual([]);
  });

  it("is nothing on a first deployment, nor in an empty state", async () => {
    expect((await notice([], [])).refreshed).toEqual([]);
    expect((await notice([{}], [])).refreshed).toEqual([]);
  });
});
