import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** docs/add-a-pack.md, followed to the letter on a copy of the project. */

const files = [...readFileSync("docs/add-a-pack.md", "utf8").matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g)].map(
  ([, path, code]) => ({ path: path!, code: code! }),
);

const run = promisify(execFile);
let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "add-a-pack-"));
  const parts = ["cli", "components", "configs", "dashboards", "graph", "index.ts", "package.json", "tsconfig.json"];
  for (const part of [...parts, "Pulumi.yaml", "Pulumi.dev.yaml"]) cpSync(part, join(copy, part), { recursive: true });
  symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
  for (const { path, code } of files) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), code);
  }
  const list = join(copy, "dashboards/packs.ts");
  const changed = readFileSync(list, "utf8")
    .replace(/^/, 'import { billing } from "./billing/pack.ts";\n')
    .replace(/\[([^\]]*?),?\s*\];\s*$/, "[$1, billing];\n");
  writeFileSync(list, changed);
});

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

interface Plan {
  readonly resources: readonly { type: string; name: string; inputs: Record<string, unknown> }[];
}

describe("a pack of one's own", () => {
  it("is four files", () => {
    expect(files.map(({ path }) => path)).toEqual(
      ["metrics", "alerts", "board", "pack"].map((name) => `dashboards/billing/${name}.ts`),
    );
  });

  it("compiles", { timeout: 60_000 }, async () => {
    await expect(run("npx", ["tsc", "--noEmit", "-p", "."], { cwd: copy })).resolves.toBeDefined();
  });

  it("is in the plan: a folder, a board, a rule", async () => {
    const { stdout } = await run(process.execPath, ["cli/plan.ts", "--json"], { cwd: copy, maxBuffer: 64 * 2 ** 20 });
    const { resources } = JSON.parse(stdout) as Plan;
    const of = (name: string) => resources.find((resource) => resource.name === name)?.inputs;
    expect(of("obs-content-folder-billing")).toMatchObject({ uid: "greptime-observability-billing", title: "Billing" });
    expect(JSON.parse(of("obs-content-billing")?.["configJson"] as string)).toMatchObject({ uid: "billing" });
    expect(of("obs-content-rules-billing")).toMatchObject({
      rules: [{ uid: "invoice-bounce-ratio-high", annotations: { __dashboardUid__: "billing", __panelId__: "2" } }],
    });
  });
});
