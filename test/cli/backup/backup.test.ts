import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { backup } from "../../../cli/backup.ts";
import { readManifest, verify } from "../../../cli/backup/manifest.ts";
import { mustBeEmpty, placeFrom, type Place } from "../../../cli/backup/places.ts";
import { take } from "../../../cli/backup/run.ts";
import { backupSteps, partsOf, restoreSteps, type Part } from "../../../cli/backup/steps.ts";
import { makeBackup } from "../../../cli/backup/whole.ts";
import { restore } from "../../../cli/restore.ts";
import type { Settings } from "../../../configs/settings/settings.ts";
import { output } from "../../support/output.ts";
import { configurationOf, externalValues, settingsOf } from "../../support/settings.ts";
import { Machine } from "./machine.ts";

const password = "the-admin-password";
const all: readonly Part[] = ["greptimedb", "grafana"];
const madeAt = new Date("2026-12-01T12:00:00Z");
const databases = { metrics: "m1\nm2\n", traces: "a span\n", logs: "x".repeat(300_000) };
const grafana = {
  secret_key: "k1",
  "grafana.db": "boards",
  "grafana.db-wal": "the last boards",
  "plugins.txt": "not the database",
};

const named = (name: string) => configurationOf({ docker: { name } });

async function backedUp(place: Place, parts = all, told: string[] = []) {
  const configuration = named("old");
  return makeBackup(
    configuration,
    backupSteps(configuration.settings, parts),
    { stack: "dev", madeAt },
    {
      place,
      password,
      tell: ({ what }, { problem }) => told.push(problem === undefined ? what : `${what}: ${problem}`),
    },
  );
}

async function putBack(place: Place, { parts = all, force = false } = {}): Promise<string[]> {
  const told: string[] = [];
  const manifest = await readManifest(place);
  await verify(place, manifest, parts);
  await take(restoreSteps(named("new").settings, parts, manifest.madeAt, force), {
    place,
    password,
    tell: ({ what }, { problem }) => told.push(problem === undefined ? what : `${what}: ${problem}`),
  });
  return told;
}

describe.each<[string, (machine: Machine) => Place]>([
  ["a directory", ({ root }) => ({ kind: "directory", at: join(root, "monday") })],
  ["S3", () => ({ kind: "s3", at: "s3://bucket/monday", endpoint: "https://s3.example.com" })],
])("the round trip through %s", (_, placeOn) => {
  it("brings an empty stack to what the other held, and leaves nothing else", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    machine.deploy(
      "new",
      { metrics: "", traces: "", logs: "" },
      { secret_key: "k2", "grafana.db": "fresh", "grafana.db-shm": "fresh" },
    );
    const place = placeOn(machine);
    const manifest = await backedUp(place);
    expect(Object.keys(manifest.files).sort()).toEqual(["grafana.tar", "greptimedb.tar"]);
    expect(machine.state("old-grafana")).toBe("running");
    await putBack(place);
    expect(machine.filesIn("new-greptimedb", "databases")).toEqual(databases);
    expect(machine.filesIn("new-grafana", "data")).toEqual({
      secret_key: "k1",
      "grafana.db": "boards",
      "grafana.db-wal": "the last boards",
    });
    for (const name of ["old", "new"]) {
      expect(existsSync(join(machine.data(`${name}-greptimedb`), "data/copy/backup"))).toBe(false);
      for (const service of ["greptimedb", "collector", "grafana"]) {
        expect(machine.state(`${name}-${service}`)).toBe("running");
      }
    }
  });

  it("has the password on no command line, in no file and in no message", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    const place = placeOn(machine);
    const told: string[] = [];
    machine.trouble("sh -c rm -rf", `no room for ${password}`, 1);
    await expect(backedUp(place, all, told)).rejects.toThrow("no room for …");
    expect(machine.commandLines.length).toBeGreaterThan(3);
    expect([...machine.commandLines, ...told].filter((line) => line.includes(password))).toEqual([]);
  });

  it("is no backup until it is whole", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    const place = placeOn(machine);
    machine.trouble("docker run", "no such image", 125);
    const told: string[] = [];
    await expect(backedUp(place, all, told)).rejects.toThrow(
      "Grafana's database and its key are copied: ended with 125: no such image",
    );
    // Grafana is not left behind
    expect(told.at(-1)).toBe("Grafana starts again");
    expect(machine.state("old-grafana")).toBe("running");
    await expect(readManifest(place)).rejects.toThrow(`There is no whole backup at ${place.at}`);
  });
});

describe("a backup", () => {
  const directory = (machine: Machine): Place => ({ kind: "directory", at: join(machine.root, "b") });

  it("is for its owner's eyes, and names the secrets that are not in it", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    const place = directory(machine);
    const manifest = await backedUp(place);
    expect(manifest.secrets).toContain("greptimedbAdminPassword");
    expect(manifest.secrets).toContain("grafanaAdminPassword");
    expect(statSync(place.at).mode & 0o777).toBe(0o700);
    expect(statSync(join(place.at, "greptimedb.tar")).mode & 0o777).toBe(0o600);
    const text = readFileSync(join(place.at, "manifest.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({ format: 1, madeAt: "2026-12-01T12:00:00.000Z", stack: "dev" });
  });

  it("goes nowhere where something is already", () => {
    const machine = new Machine();
    mkdirSync(join(machine.root, "full"));
    writeFileSync(join(machine.root, "full", "mine"), "");
    expect(() => {
      mustBeEmpty({ kind: "directory", at: join(machine.root, "full") });
    }).toThrow("is not empty");
  });

  it("fails when GreptimeDB's tool ends well and says that half of it did not work", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    writeFileSync(join(machine.root, "half"), "");
    await expect(backedUp(directory(machine))).rejects.toThrow('it says "Success 2/3"');
  });

  it("fails when a database is not among what was written", async () => {
    const machine = new Machine();
    machine.deploy("old", { metrics: "m", logs: "l" }, grafana);
    await expect(backedUp(directory(machine))).rejects.toThrow("GreptimeDB writes its databases to files");
  });

  it("fails when whoever asks is not let in", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    const configuration = named("old");
    const run = { place: directory(machine), password: "another", tell: () => undefined };
    await expect(
      makeBackup(configuration, backupSteps(configuration.settings, all), { stack: "dev", madeAt }, run),
    ).rejects.toThrow("401 Unauthorized");
  });

  it("of one part touches the other in no way", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    await backedUp(directory(machine), ["greptimedb"]);
    expect(machine.commandLines.filter((line) => line.includes("grafana"))).toEqual([]);
  });
});

describe("a restore", () => {
  async function prepared(): Promise<{ machine: Machine; place: Place }> {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    machine.deploy("new", { metrics: "", traces: "", logs: "" }, { "grafana.db": "fresh" });
    const place: Place = { kind: "directory", at: join(machine.root, "b") };
    await backedUp(place);
    return { machine, place };
  }

  const untouched = (machine: Machine) => {
    expect(machine.filesIn("new-greptimedb", "databases")).toEqual({ metrics: "", traces: "", logs: "" });
    expect(machine.filesIn("new-grafana", "data")).toEqual({ "grafana.db": "fresh" });
  };

  it.each([
    [
      "is cut short",
      (file: string) => {
        writeFileSync(file, readFileSync(file).subarray(0, 1000));
      },
      "is not what was written",
    ],
    [
      "was changed",
      (file: string) => {
        writeFileSync(file, readFileSync(file).fill(1, 600, 601));
      },
      "is not what was written",
    ],
    [
      "is gone",
      (file: string) => {
        writeFileSync(`${file}.moved`, "");
        writeFileSync(file, "");
      },
      "0 bytes instead of",
    ],
  ])("from a file that %s touches nothing", async (_, spoil, words) => {
    const { machine, place } = await prepared();
    spoil(join(place.at, "greptimedb.tar"));
    await expect(putBack(place)).rejects.toThrow(words);
    untouched(machine);
  });

  it.each([
    ["{}", "format: "],
    ["no JSON", "is no manifest of a backup"],
    ['{"format":1,"madeAt":"x\'; DROP","stack":"dev","images":{},"secrets":[],"files":{}}', "madeAt: "],
  ])("from a manifest that reads %j touches nothing", async (text, words) => {
    const { machine, place } = await prepared();
    writeFileSync(join(place.at, "manifest.json"), text);
    await expect(putBack(place)).rejects.toThrow(words);
    untouched(machine);
  });

  it("into a GreptimeDB that has older spans is refused, but for force", async () => {
    const { machine, place } = await prepared();
    writeFileSync(join(machine.data("new-greptimedb"), "databases/traces"), "an old span\n");
    await expect(putBack(place)).rejects.toThrow("GreptimeDB has nothing from before the backup: it says");
    expect(machine.state("new-collector")).toBe("running");
    await putBack(place, { force: true });
    expect(machine.filesIn("new-greptimedb", "databases")["traces"]).toBe("an old span\na span\n");
  });

  it("starts the collector again, whatever goes wrong", async () => {
    const { machine, place } = await prepared();
    machine.trouble("greptime cli data import", "no space left on device", 1);
    await expect(putBack(place)).rejects.toThrow("no space left on device");
    expect(machine.state("new-collector")).toBe("running");
    expect(existsSync(join(machine.data("new-greptimedb"), "data/copy/backup"))).toBe(false);
  });

  it("asks for no password on a command line", async () => {
    const { machine, place } = await prepared();
    await putBack(place);
    expect(machine.commandLines.filter((line) => line.includes(password))).toEqual([]);
    // it came through the pipe
    expect(readFileSync(join(machine.data("new-greptimedb"), "curl"), "utf8")).toBe(`user = "admin:${password}"\n`);
  });
});

describe("what cannot be backed up", () => {
  it.each<[string, Record<string, unknown>, string | undefined, string]>([
    ["an external GreptimeDB", externalValues, undefined, "whoever runs it backs it up"],
    ["a cluster", { greptimedb: { topology: "cluster" } }, "greptimedb", "back up its object storage"],
    [
      "a Grafana in PostgreSQL",
      {
        grafana: { database: { kind: "postgres", host: "db:5432" } },
        grafanaDatabasePassword: "the-postgres-password",
      },
      undefined,
      "pg_dump",
    ],
    ["anything else", {}, "everything", "--only everything: greptimedb or grafana"],
  ])("is said so: %s", (_, values, only, words) => {
    expect(() => partsOf(settingsOf(values), only)).toThrow(words);
  });

  it("leaves what can be", () => {
    expect(partsOf(settingsOf(externalValues), "grafana")).toEqual(["grafana"]);
  });
});

describe("the place", () => {
  it.each([
    [undefined, undefined, "--to is missing"],
    ["gs://bucket/x", undefined, "write a directory, or s3://bucket/prefix"],
    ["s3://", undefined, "write s3://bucket/prefix"],
    ["s3://b;rm -rf/x", undefined, "write s3://bucket/prefix"],
    ["here", "https://s3.example.com", "--s3-endpoint is for s3://… only"],
  ])("%s is refused", (text, endpoint, words) => {
    expect(() => placeFrom("to", text, endpoint)).toThrow(words);
  });
});

async function said(command: typeof backup | typeof restore, args: readonly string[]): Promise<string> {
  const { stream, text } = output();
  await command(args, { stdout: stream, stderr: stream as never, env: {} });
  return text();
}

const kubernetes = (): Settings => settingsOf({ platform: "kubernetes", greptimedb: { topology: "standalone" } });

describe("--dry-run", () => {
  it("shows the commands of a backup, ready to paste, and runs none", async () => {
    const machine = new Machine();
    const text = await said(backup, ["--to", join(machine.root, "b"), "--dry-run"]);
    expect(machine.commandLines).toEqual([]);
    expect(existsSync(join(machine.root, "b"))).toBe(false);
    const lines = text.split("\n").filter((line) => /^(docker|printf)/.test(line));
    expect(lines).toHaveLength(6);
    expect(text).toContain(
      "PASSWORD=$(npm run -s pulumi -- stack output greptimedbUsers --show-secrets --json | jq -r .admin.password)",
    );
    expect(lines[0]).toMatch(
      /^printf '%s\\n' "\$PASSWORD" \| docker exec --interactive \S+-greptimedb sh -c 'set -eu; read -r password;/,
    );
    expect(lines[1]).toContain(` > ${join(machine.root, "b")}/greptimedb.tar`);
    expect(lines[5]).toMatch(/^docker start \S+-grafana$/);
  });

  it("shows those of a restore of a backup that is there", async () => {
    const machine = new Machine();
    machine.deploy("old", databases, grafana);
    const place: Place = { kind: "directory", at: join(machine.root, "b") };
    await backedUp(place);
    const before = machine.commandLines.length;
    const text = await said(restore, ["--from", place.at, "--dry-run"]);
    expect(machine.commandLines).toHaveLength(before);
    expect(text).toContain(`timestamp < '\\''2026-12-01T12:00:00.000Z'\\''`);
    const steps = JSON.parse(await said(restore, ["--from", place.at, "--dry-run", "--json"])) as {
      command: string;
      always: boolean;
    }[];
    expect(steps.length).toBeGreaterThan(7);
    expect(steps.filter(({ always }) => always).map(({ command }) => command)).toContainEqual(
      expect.stringMatching(/^docker start \S+-collector$/),
    );
  });

  it("is what a shell would do: the commands themselves, pasted, make the same backup", async () => {
    const machine = new Machine();
    machine.deploy("greptime-observability-dev", databases, grafana);
    const at = join(machine.root, "pasted");
    const text = await said(backup, ["--to", at, "--dry-run"]);
    const script = text.replace(/^PASSWORD=.*$/m, `PASSWORD=${password}`);
    const { execFileSync } = await import("node:child_process");
    execFileSync("sh", ["-eu", "-c", script], { env: process.env });
    const listed = execFileSync("tar", ["-tf", join(at, "greptimedb.tar")], { encoding: "utf8" });
    expect(listed).toContain("./greptime/traces/rows.parquet");
    expect(machine.state("greptime-observability-dev-grafana")).toBe("running");
  });

  it("on Kubernetes reaches the pods, and puts a closed one on Grafana's volume", () => {
    const steps = backupSteps(kubernetes(), all);
    expect(steps.every(({ command }) => command[0] === "kubectl" && command.includes("--namespace"))).toBe(true);
    const pod = steps.flatMap(({ input }) => (input !== undefined && "text" in input ? [input.text] : []));
    expect(JSON.parse(pod[0]!)).toMatchObject({
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 472, seccompProfile: { type: "RuntimeDefault" } },
        containers: [{ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } }],
        volumes: [{ persistentVolumeClaim: { claimName: "data-grafana-0" } }],
      },
    });
    const always = steps.filter((step) => step.always).map(({ command }) => command.join(" "));
    expect(always.some((command) => command.includes("delete pod grafana-backup"))).toBe(true);
    expect(always.at(-1)).toMatch(/scale statefulset\/grafana --replicas 1$/);
    const restored = restoreSteps(kubernetes(), ["greptimedb"], "2026-12-01T12:00:00.000Z", false);
    expect(restored.at(-1)!.command.join(" ")).toMatch(/scale statefulset\/collector --replicas 1$/);
  });
});
