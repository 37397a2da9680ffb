import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";

import { localProject, mergedStackFile } from "../../cli/local-project.ts";

const tracked = "config:\n  greptime-observability:grafana:\n    port: 3001\n";

function root(): string {
  const directory = mkdtempSync(join(tmpdir(), "project-"));
  writeFileSync(join(directory, "Pulumi.yaml"), readFileSync("Pulumi.yaml"));
  writeFileSync(join(directory, "Pulumi.dev.yaml"), tracked);
  return directory;
}

const stackFile = (directory: string) =>
  parse(readFileSync(join(directory, ".local", "Pulumi.dev.yaml"), "utf8")) as {
    config: Record<string, unknown>;
    encryptionsalt?: string;
  };
const grafana = "greptime-observability:grafana";

describe("the local project", () => {
  it("keeps state and passphrase in a folder of its own, for nobody else to read", () => {
    const directory = root();
    const { environment } = localProject(directory, "dev", { PATH: "/bin" });
    expect(environment["PULUMI_BACKEND_URL"]).toBe(`file://${directory}/.local/state`);
    const passphrase = environment["PULUMI_CONFIG_PASSPHRASE_FILE"]!;
    expect(readFileSync(passphrase, "utf8")).toMatch(/^[\w-]{43}$/);
    expect(statSync(passphrase).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, ".local", "state")).mode & 0o077).toBe(0);
    expect(environment["PATH"]).toBe(`${directory}/node_modules/.bin:/bin`);
  });

  it("leads back to the same program, with the same settings declared", () => {
    const directory = root();
    localProject(directory, "dev", {});
    const project = parse(readFileSync(join(directory, ".local", "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
    expect(project).toEqual({ ...(parse(readFileSync("Pulumi.yaml", "utf8")) as object), main: "../index.ts" });
  });

  it("never writes into the tracked stack file", () => {
    const directory = root();
    localProject(directory, "dev", {});
    expect(readFileSync(join(directory, "Pulumi.dev.yaml"), "utf8")).toBe(tracked);
  });

  it("keeps its passphrase, and refuses to make another one for state that needs the first", () => {
    const directory = root();
    const first = readFileSync(
      localProject(directory, "dev", {}).environment["PULUMI_CONFIG_PASSPHRASE_FILE"]!,
      "utf8",
    );
    const again = localProject(directory, "dev", {}).environment["PULUMI_CONFIG_PASSPHRASE_FILE"]!;
    expect(readFileSync(again, "utf8")).toBe(first);
    writeFileSync(join(directory, ".local", "state", "stacks.json"), "{}");
    rmSync(again);
    expect(() => localProject(directory, "dev", {})).toThrow(/passphrase is missing, but there is state/);
  });

  it("uses the backend and the passphrase that the environment names", () => {
    const { environment } = localProject(root(), "dev", {
      PULUMI_BACKEND_URL: "s3://bucket",
      PULUMI_CONFIG_PASSPHRASE: "",
    });
    expect(environment["PULUMI_BACKEND_URL"]).toBe("s3://bucket");
    expect(environment).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
  });

  it("needs a stack file", () => {
    expect(() => localProject(root(), "prod", {})).toThrow(/There is no Pulumi\.prod\.yaml/);
  });
});

describe("the copy of the stack file", () => {
  const change = (directory: string, file: string, edit: (content: { config: Record<string, unknown> }) => void) => {
    const path = join(directory, file);
    const content = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
    edit(content);
    writeFileSync(path, stringify(content));
  };

  it("keeps what was set there, and what the engine put there", () => {
    const directory = root();
    localProject(directory, "dev", {});
    change(directory, ".local/Pulumi.dev.yaml", (file) => {
      Object.assign(file, { encryptionsalt: "v1:salt" });
      file.config["greptime-observability:alerts"] = { interval: "30s" };
    });
    localProject(directory, "dev", {});
    expect(stackFile(directory)).toEqual({
      encryptionsalt: "v1:salt",
      config: { [grafana]: { port: 3001 }, "greptime-observability:alerts": { interval: "30s" } },
    });
  });

  it("quotes what the engine's reader would take for something else than a text", () => {
    const directory = root();
    change(directory, "Pulumi.dev.yaml", (file) => {
      file.config["greptime-observability:dashboards"] = { prices: [{ asOf: "2026-11-01", model: "1_000" }] };
    });
    localProject(directory, "dev", {});
    const copy = readFileSync(join(directory, ".local/Pulumi.dev.yaml"), "utf8");
    expect(copy).toContain('asOf: "2026-11-01"');
    expect(copy).toContain('model: "1_000"');
  });

  it("takes over what changes in the tracked file", () => {
    const directory = root();
    localProject(directory, "dev", {});
    change(directory, "Pulumi.dev.yaml", (file) => {
      file.config[grafana] = { port: 3002 };
      file.config["greptime-observability:collector"] = { debug: "basic" };
    });
    expect(localProject(directory, "dev", {}).conflicts).toEqual([]);
    expect(stackFile(directory).config).toEqual({
      [grafana]: { port: 3002 },
      "greptime-observability:collector": { debug: "basic" },
    });
    change(directory, "Pulumi.dev.yaml", (file) => {
      Reflect.deleteProperty(file.config, "greptime-observability:collector");
    });
    localProject(directory, "dev", {});
    expect(stackFile(directory).config).toEqual({ [grafana]: { port: 3002 } });
  });

  it("keeps its own value where both were changed, and says so", () => {
    const local = { config: { a: "mine", b: "same" } };
    expect(mergedStackFile({ config: { a: "was", b: "was" } }, { config: { a: "theirs", b: "same" } }, local)).toEqual({
      merged: local,
      conflicts: ["a"],
    });
  });
});
