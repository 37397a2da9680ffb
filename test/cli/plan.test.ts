import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { describe, expect, it } from "vitest";

import { UserError } from "../../cli/exit.ts";
import { plan as planCommand } from "../../cli/plan.ts";
import { contentFor, folder as root } from "../../dashboards/content.ts";
import { madeUpPassword } from "../../graph/index.ts";
import { settingsOf } from "../support/settings.ts";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as npm would, with Node's own checks against Outputs that become text. */
function run(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["cli/plan.ts", ...args],
      { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      },
    );
  });
}

const runs = new Map<string, Promise<Run>>();

/** What the command says, run once for all who want to know. */
function plan(...args: string[]): Promise<Run> {
  const key = args.join("\0");
  const known = runs.get(key) ?? run(...args);
  runs.set(key, known);
  return known;
}

interface PlanJson {
  stack: string;
  resources: {
    urn: string;
    type: string;
    name: string;
    parent: string | null;
    custom: boolean;
    inputs: Record<string, unknown>;
    dependencies: string[];
    provider: string;
    protect: boolean;
    retainOnDelete: boolean;
  }[];
  outputs: Record<string, unknown>;
  notes: string[];
}

/** What the default settings put into Grafana. */
const content = contentFor(settingsOf(), { grafanaUrl: "", contactPoints: {} });
const rules = content.ruleGroups.flatMap((group) => group.rules);

const json = async (...args: string[]) => JSON.parse((await plan("--json", ...args)).stdout) as PlanJson;

const generated = ["grafana-admin", "greptimedb-admin-1", "greptimedb-writer-1", "greptimedb-reader-1"].map((name) =>
  madeUpPassword(`obs-${name}`),
);

describe("npm run plan", () => {
  it("shows the tree, the facts and the notes, and nothing on stderr", async () => {
    const { code, stdout, stderr } = await plan();
    expect([code, stderr]).toEqual([0, ""]);
    const counts = `${String(content.dashboards.length)} dashboards, ${String(rules.length)} alert rules`;
    expect(stdout).toMatch(
      new RegExp(
        `^Plan of stack dev\\n\\d+ resources, 5 containers, 3 volumes, ${counts}, 3\\.6 GiB memory at most\\n`,
      ),
    );
    expect(stdout).toMatch(
      /greptime\/greptimedb:v1\.1\.4 · 2 GiB memory · user 10001:10001 · 127\.0\.0\.1:4000 → 4000/,
    );
    expect(stdout).toContain("after obs-collector-queue-owner, obs-greptimedb-bootstrap");
    expect(stdout).toMatch(/Ports 3001, 4000, 4317, 4318 are published on 127\.0\.0\.1/);
    expect(stdout).toMatch(/Generated, because they are not set: grafanaAdminPassword/);
    expect(stdout).toMatch(/survive destroy/);
  });

  it("fits into a terminal of a hundred columns, without colours in a pipe", async () => {
    const { stdout } = await plan();
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line.length > 100 && !line.includes("volume "))).toEqual([]);
    expect(stdout).not.toContain("\u001b");
  });

  it("is the same each time", async () => {
    const [first, second] = await Promise.all([plan("--json"), run("--json")]);
    expect(second.stdout).toBe(first.stdout);
  });

  it("as JSON has what a reviewer's script needs, and no secret", async () => {
    const { stdout } = await plan("--json");
    const { stack, resources, outputs, notes } = JSON.parse(stdout) as PlanJson;
    expect(stack).toBe("dev");
    expect(Object.keys(resources[0]!)).toEqual([
      "urn",
      "type",
      "name",
      "parent",
      "custom",
      "inputs",
      "dependencies",
      "provider",
      "protect",
      "retainOnDelete",
    ]);
    const custom = resources.filter(({ custom: real, type }) => real && !type.startsWith("pulumi:providers:"));
    expect(custom.every(({ provider }) => provider.startsWith("urn:pulumi:dev::greptime-observability::"))).toBe(true);
    expect(resources.filter(({ parent }) => parent === null).map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
    expect(outputs["grafanaPassword"]).toBe("[secret]");
    expect(notes.length).toBeGreaterThan(3);
    for (const secret of generated) expect(stdout).not.toContain(secret);
    expect(stdout).not.toMatch(/undefined|\[object Object\]|latest/);
  });

  it("counts boards and rules also where they are files", async () => {
    const counts = `${String(content.dashboards.length)} dashboards, ${String(rules.length)} alert rules`;
    expect((await plan("--set", "grafana.publish=files")).stdout).toContain(counts);
  });

  it("takes settings on top of the stack file", async () => {
    const { resources } = await json("--set", "grafana.port=3100", "--set", "greptimedb.memory=4GiB");
    const text = JSON.stringify(resources);
    expect(text).toContain('"external":3100');
    expect(text).toContain('"memory":4096');
  });

  it("of an external GreptimeDB has no container of it; what is missing is noted, not refused", async () => {
    const { resources, notes } = await json(
      "--set",
      "greptimedb.topology=external",
      "--set",
      "greptimedb.external.host=db.example.com",
    );
    expect(resources.filter(({ name, custom }) => custom && name.startsWith("obs-greptimedb"))).toEqual([]);
    const text = JSON.stringify(resources);
    expect(text).toContain("endpoint: https://db.example.com/v1/otlp");
    expect(text).toContain("url: https://db.example.com/v1/prometheus");
    expect(text).toContain("basicAuthUser: reader");
    expect(notes.filter((note) => note.includes("is not set, and the deployment will refuse"))).toHaveLength(2);
    expect(notes.join()).toContain("pulumi config set --secret --path 'greptimedbWriterPassword'");
  });

  it("warns of what is open to the network", async () => {
    const { notes } = await json("--set", "docker.bindAddress=0.0.0.0");
    expect(notes[0]).toMatch(/the network reaches them.*docs\/security\.md/);
  });

  it.each([
    [["--set", "grafana.prot=1"], /grafana\.prot\n.*did you mean grafana\.port\?/s],
    [["--jsn"], /Unknown option --jsn\. Did you mean --json\?/],
  ])("refuses %j with exit code 2, on stderr alone", async (args, message) => {
    const { code, stdout, stderr } = await plan(...args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    [["--set", "grafana.port"], /write --set section\.field=value/],
    [["--set", "=1"], /write --set section\.field=value/],
    [["--set", "a..b=1"], /not a path/],
    [["--stack", "nowhere"], /Pulumi\.nowhere\.yaml: is not there/],
    [["--stack", "../../etc/passwd"], /letters, digits/],
    [["stray"], /Unexpected argument 'stray'/],
  ])("refuses %j as bad arguments, and writes nothing", async (args, message) => {
    const written: unknown[] = [];
    const stdout = { write: (text: unknown) => written.push(text) } as unknown as NodeJS.WriteStream;
    const refused = await planCommand(args, stdout).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    expect(refused).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) as string });
    expect(written).toEqual([]);
  });

  it("of a cluster has the same shape as JSON, and is the same each time", async () => {
    const [first, second] = await Promise.all([
      plan("--json", "--stack", "kubernetes"),
      run("--json", "--stack", "kubernetes"),
    ]);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(second.stdout).toBe(first.stdout);
    const [cluster, docker] = [JSON.parse(first.stdout) as PlanJson, await json()];
    expect(Object.keys(cluster)).toEqual(Object.keys(docker));
    expect(Object.keys(cluster.resources[0]!)).toEqual(Object.keys(docker.resources[0]!));
    expect(cluster.stack).toBe("kubernetes");
    for (const secret of generated) expect(first.stdout).not.toContain(secret);
  });

  it("of a cluster is a text as well, with manifests where it is told to write", async () => {
    const read = async () => {
      const directory = mkdtempSync(join(tmpdir(), "plan-"));
      const { code, stdout } = await run("--stack", "kubernetes", "--out", directory);
      const manifests = readdirSync(join(directory, "manifests")).sort();
      const texts = manifests.map((name) => readFileSync(join(directory, "manifests", name), "utf8"));
      return {
        code,
        stdout: stdout.replaceAll(directory, "DIR"),
        manifests,
        texts,
        all: readdirSync(directory).sort(),
      };
    };
    const first = await read();
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      /^Plan of stack kubernetes\n\d+ objects, \d+ pods of \d+ services, \d+ jobs, .* disk\n/s,
    );
    expect(first.stdout).toMatch(/\n\d+ files written to DIR\n$/);
    // names of resources, and of what a workload waits for, are one word each
    const broken = first.stdout.split("\n").filter((line) => !/[├└]─ |^[│ ]*after /.test(line));
    expect(broken.filter((line) => line.length > 100)).toEqual([]);
    expect(first.all).toEqual(expect.arrayContaining(["collector", "grafana", "manifests", "tasks"]));
    expect(first.manifests[0]).toBe("001-namespace-observability.yaml");
    expect(await read()).toEqual(first);
  });

  it("explains itself", async () => {
    const { code, stdout } = await plan("--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Exit codes/);
  });

  it("writes what the systems are configured with, the same bytes each time, secrets by name", async () => {
    const read = async (...args: string[]) => {
      const directory = mkdtempSync(join(tmpdir(), "plan-"));
      await run("--out", directory, ...args);
      const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      return Object.fromEntries(
        files.map(({ parentPath, name }) => [
          relative(directory, join(parentPath, name)),
          readFileSync(join(parentPath, name), "utf8"),
        ]),
      );
    };
    const files = await read();
    expect(Object.keys(files).sort()).toEqual([
      "collector/environment",
      "collector/etc/otelcol/config.yaml",
      ...content.dashboards.map(({ uid }) => `grafana/dashboards/${uid}.json`).sort(),
      "grafana/environment",
      "grafana/etc/grafana-start/start.sh",
      "grafana/etc/grafana/provisioning/datasources/greptimedb.yaml",
      ...content.ruleGroups.map(({ name }) => `grafana/rules/${name}.json`).sort(),
      "greptimedb/environment",
      "greptimedb/etc/greptimedb/config.toml",
      "greptimedb/etc/greptimedb/users",
      "tasks/greptimedb-bootstrap.environment",
      "tasks/greptimedb-bootstrap.sh",
      "tasks/pipeline-proof.environment",
      "tasks/pipeline-proof.sh",
    ]);
    expect(files["greptimedb/etc/greptimedb/users"]).toContain("writer:wo={secret:greptimedbWriterPassword}");
    for (const text of Object.values(files)) for (const secret of generated) expect(text).not.toContain(secret);
    expect(await read()).toEqual(files);
    const published = await read("--set", "grafana.publish=files");
    const byFiles = Object.keys(published).filter((path) => files[path] === undefined);
    expect(byFiles.sort()).toEqual(
      [
        ...content.dashboards.map(
          ({ uid, folder }) => `grafana/etc/grafana-boards/${folder.replace(`${root.uid}-`, "")}/${uid}.json`,
        ),
        "grafana/etc/grafana/provisioning/dashboards/greptime-observability.yaml",
        ...content.folders.map(({ uid }) => `tasks/grafana-content/etc/grafana-content/folders/${uid}.json`),
        ...content.ruleGroups.map(
          ({ folder, name }) => `tasks/grafana-content/etc/grafana-content/rule-groups/${folder}.${name}.json`,
        ),
        "tasks/grafana-content.environment",
        "tasks/grafana-content.sh",
      ].sort(),
    );
  });
});
