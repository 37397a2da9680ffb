import { createServer, type AddressInfo } from "node:net";

import { describe, expect, it } from "vitest";

import {
  containersOf,
  dockerCli,
  engineOf,
  logTail,
  volumesOf,
  type DockerCli,
} from "../../../cli/docker/docker-cli.ts";
import { freeDisk, portFree, preflight, type PreflightInput } from "../../../cli/docker/preflight.ts";
import type { Finding } from "../../../cli/finding.ts";
import { fakeDocker, type FakeEngine } from "../../support/docker.ts";
import { settingsOf } from "../../support/settings.ts";

const look = (engine: FakeEngine = {}, more: Partial<PreflightInput> = {}) =>
  preflight({
    docker: fakeDocker(engine).docker,
    endpoint: "unix:///var/run/docker.sock",
    settings: settingsOf(),
    memoryMiB: 3712,
    label: "l=x",
    nodeVersion: "24.21.0",
    portFree: () => Promise.resolve(true),
    freeDisk: () => Promise.resolve(40 * 2 ** 30),
    ...more,
  });

const wrong = (findings: readonly Finding[]) => findings.filter(({ level }) => level !== "ok");

describe("preflight", () => {
  it("finds nothing wrong with a machine that is ready", async () => {
    const findings = await look();
    expect(wrong(findings)).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual(["Node", "Docker", "Memory", "Disk", "Images", "Ports"]);
  });

  it("says which images are still to be downloaded", async () => {
    const images = async (engine: FakeEngine) => (await look(engine)).find(({ what }) => what === "Images");
    expect(await images({})).toMatchObject({ level: "ok", detail: "all 3 are here" });
    expect(await images({ absentImages: ["grafana/", "otel/"] })).toMatchObject({
      level: "ok",
      detail: "to be downloaded: otel/opentelemetry-collector-contrib:0.159.0 and grafana/grafana:13.2.3",
    });
  });

  it.each<[string, FakeEngine, Partial<PreflightInput>, RegExp, RegExp]>([
    ["an old Node", {}, { nodeVersion: "20.20.2" }, /Node.*20\.20\.2/, /npm run/],
    ["an old engine", { apiVersion: "1.40" }, {}, /Docker.*API 1\.40/, /1\.41 or later/],
    ["far too little memory", { memoryMiB: 1024 }, {}, /Memory.*1 GiB/, /lower greptimedb\.memory/],
    [
      "a port that is in use",
      {},
      { portFree: (port) => Promise.resolve(port !== 3001) },
      /Port.*3001 \(grafana\.port\)/,
      /--path grafana\.port 4001/,
    ],
    [
      "a remote engine and loopback",
      {},
      { endpoint: "tcp://10.0.0.5:2376" },
      /Addresses.*another machine/,
      /docker\.bindAddress/,
    ],
    ["a remote engine by SSH", {}, { endpoint: "ssh://me@box" }, /Addresses/, /docker\.advertisedHost/],
  ])("finds %s, and says what to do", async (_, engine, more, detail, remedy) => {
    const [finding] = wrong(await look(engine, more));
    expect(`${finding?.what ?? ""}: ${finding?.detail ?? ""}`).toMatch(detail);
    expect(finding?.remedy).toMatch(remedy);
    expect(finding?.level).toBe("problem");
  });

  it("only warns of limits that add up to more than there is", async () => {
    expect(wrong(await look({ memoryMiB: 3000 }))).toMatchObject([{ what: "Memory", level: "warning" }]);
  });

  it("warns of little disk, where it can look", async () => {
    const little = { freeDisk: () => Promise.resolve(3 * 2 ** 30) };
    expect(wrong(await look({}, little))).toEqual([
      {
        what: "Disk",
        level: "warning",
        detail: "3 GiB free where Docker keeps volumes (/var/lib/docker)",
        remedy: "docker system df shows what could go",
      },
    ]);
    const disks = async (engine: FakeEngine, more: Partial<PreflightInput>) =>
      (await look(engine, { ...little, ...more })).filter(({ what }) => what === "Disk");
    expect(await disks({ system: "Docker Desktop" }, {})).toEqual([]);
    expect(await disks({}, { endpoint: "tcp://127.0.0.1:2375" })).toEqual([]);
    expect(await disks({}, { endpoint: undefined })).toEqual([]);
    expect(await disks({}, { freeDisk: () => Promise.resolve(undefined) })).toEqual([]);
  });

  it("finds out how much disk is free, or that it cannot", async () => {
    expect(await freeDisk("/")).toBeGreaterThan(0);
    expect(await freeDisk("/no/such/directory")).toBeUndefined();
  });

  it("does not take its own containers' ports for somebody else's", async () => {
    const taken = { portFree: (port: number) => Promise.resolve(port !== 3001) };
    const grafana = { name: "x-grafana", hostPorts: [3001] };
    expect(wrong(await look({ containers: [grafana] }, taken))).toEqual([]);
    expect(wrong(await look({ containers: [{ ...grafana, running: false }] }, taken))).toHaveLength(1);
  });

  it("knows that a loopback endpoint is this machine", async () => {
    expect(wrong(await look({}, { endpoint: "tcp://127.0.0.1:2375" }))).toEqual([]);
    expect(wrong(await look({}, { endpoint: "ssh://me@localhost" }))).toEqual([]);
  });

  it("takes a remote engine whose addresses are set", async () => {
    const settings = settingsOf({ docker: { bindAddress: "10.0.0.5", advertisedHost: "box" } });
    expect(wrong(await look({}, { endpoint: "tcp://10.0.0.5:2376", settings }))).toEqual([]);
  });

  it.each([
    [{ code: 127, stdout: "", stderr: "" }, /no `docker` command/],
    [
      { code: 1, stdout: "", stderr: "Cannot connect to the Docker daemon at unix:///x. Is it running?\nmore" },
      /Cannot connect/,
    ],
  ])("stops at an engine that cannot be reached", async (answer, detail) => {
    const docker: DockerCli = () => Promise.resolve(answer);
    const findings = await look({}, { docker });
    expect(wrong(findings)).toMatchObject([
      { what: "Docker", level: "problem", detail: expect.stringMatching(detail) as string },
    ]);
    expect(wrong(findings)[0]?.detail).not.toContain("\n");
  });

  it("tells a free port from one in use", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await portFree(port, "127.0.0.1")).toBe(false);
    await new Promise<void>(
      (resolve) =>
        void server.close(() => {
          resolve();
        }),
    );
    expect(await portFree(port, "127.0.0.1")).toBe(true);
  });
});

describe("the Docker CLI", () => {
  it("lists what belongs to a stack", async () => {
    const { docker } = fakeDocker({
      containers: [
        { name: "b", health: "healthy", hostPorts: [1] },
        { name: "a", running: false, exitCode: 137, restart: "no", outOfMemory: true, log: "one\n\ntwo\nthree\n" },
      ],
      volumes: ["v2", "v1"],
    });
    expect(await containersOf(docker, "l=x")).toEqual([
      {
        name: "a",
        running: false,
        exitCode: 137,
        outOfMemory: true,
        health: undefined,
        restart: "no",
        hostPorts: [],
        startedAt: "2026-11-30T10:00:00.123456789Z",
      },
      {
        name: "b",
        running: true,
        exitCode: 0,
        outOfMemory: false,
        health: "healthy",
        restart: "unless-stopped",
        hostPorts: [1],
        startedAt: "2026-11-30T10:00:00.123456789Z",
      },
    ]);
    expect(await logTail(docker, "a", 2)).toEqual(["two", "three"]);
    expect(await volumesOf(docker, "l=x")).toEqual(["v1", "v2"]);
    expect(await engineOf(docker)).toMatchObject({ apiVersion: "1.41", system: "Test OS" });
  });

  it("that is not there is an answer, not a crash", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    const result = await dockerCli([])(["version"]);
    process.env["PATH"] = path;
    expect(result.code).toBe(127);
  });
});
