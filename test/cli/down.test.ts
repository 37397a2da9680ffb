import { execFile } from "node:child_process";

import { describe, expect, it } from "vitest";

import { withoutGrafana } from "../../cli/down.ts";

describe("forgetting what is in Grafana", () => {
  it("takes its objects and its provider out of the state, and nothing else", () => {
    const resources = [
      { type: "docker:index/container:Container", urn: "a" },
      { type: "grafana:oss/dashboard:Dashboard", urn: "b" },
      { type: "pulumi:providers:grafana", urn: "c" },
      { type: "greptime-observability:grafana:Grafana", urn: "d" },
    ];
    const { deployment, forgotten } = withoutGrafana({ version: 3, deployment: { manifest: {}, resources } });
    expect(forgotten).toBe(2);
    expect(deployment).toEqual({ version: 3, deployment: { manifest: {}, resources: [resources[0], resources[3]] } });
  });

  it("takes an empty state as it is", () => {
    expect(withoutGrafana({ version: 3, deployment: {} })).toMatchObject({ forgotten: 0 });
  });
});

describe.each(["up", "down"])("npm run %s", (command) => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [`cli/${command}.ts`, ...args], { encoding: "utf8" }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });

  it("explains itself", async () => {
    expect(await run("--help")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Exit codes/) as string,
      stderr: "",
    });
  });

  it("refuses unknown options before it does anything", async () => {
    expect(await run("--refersh")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/Unknown option --refersh/) as string,
    });
  });
});
