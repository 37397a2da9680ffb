import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { describe, expect, it } from "vitest";

import { generatedPages } from "../../cli/docs.ts";
import { allSettings } from "../../cli/docs/settings.ts";
import { secretKeys } from "../../configs/settings/secrets.ts";
import { contentFor, known } from "../../dashboards/content.ts";
import { packs } from "../../dashboards/packs.ts";
import { runbooksUid } from "../../dashboards/runbooks.ts";
import { settingsOf } from "../support/settings.ts";

const pages = [
  "README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const text = (page: string) => readFileSync(page, "utf8");

/** The anchors of a page, as GitHub makes them. */
const anchors = (page: string) =>
  [...text(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

describe("generated pages", () => {
  it.each(Object.entries(generatedPages()))("docs/%s is up to date (npm run docs)", (path, expected) => {
    expect(text(join("docs", path))).toBe(expected);
  });

  it("list every setting once", () => {
    const keys = allSettings().map(({ key }) => key);
    expect(keys.length).toBeGreaterThan(50);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { key, info } of allSettings()) expect(info.description, key).toMatch(/\.$/);
  });
});

describe.each(pages)("%s", (page) => {
  it("links to what is there", () => {
    const links = [...text(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link!);
    for (const link of links) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : normalize(join(dirname(page), path));
      expect(existsSync(target), `${link} in ${page}`).toBe(true);
      if (anchor !== undefined) expect(anchors(target), `${link} in ${page}`).toContain(anchor);
    }
  });

  it("names commands that exist, and settings that exist", () => {
    const { scripts } = JSON.parse(text("package.json")) as { scripts: Record<string, string> };
    const run = [...text(page).matchAll(/npm run (?:-s |--silent )?([a-z]+)/g)].map(([, name]) => name!);
    for (const name of run) expect(Object.keys(scripts), `npm run ${name}`).toContain(name);
    const keys = new Set(allSettings().map(({ key }) => key.replaceAll("[]", "")));
    const set = [...text(page).matchAll(/config set (--secret )?(?:--path )?'?([\w.[\]]+)/g)];
    for (const [, secret, key] of set) {
      const plain = key!.replaceAll(/\[\d+\]/g, "");
      if (secret !== undefined) expect(Object.keys(secretKeys), key).toContain(plain.split(".")[0]);
      else expect(keys.has(plain) || isRuleSetting(plain), key).toBe(true);
    }
  });
});

const isRuleSetting = (key: string): boolean => {
  const [, name, field] = /^alerts\.rules\.(\w+)\.(enabled|threshold|for)$/.exec(key) ?? [];
  return field !== undefined && name !== undefined && name in known.rules;
};

describe("the README", () => {
  it("names every pack and every board of it", () => {
    const all = contentFor(settingsOf(), { grafanaUrl: "http://localhost:3001", contactPoints: {} });
    for (const { name } of packs) {
      const row = new RegExp(`^\\| \`${name}\` +\\|.*$`, "m").exec(text("README.md"))?.[0] ?? "";
      const own = all.dashboards.filter(({ folder }) => folder.endsWith(`-${name}`));
      const boards = own.filter(({ uid }) => uid !== runbooksUid(name));
      expect(boards.length).toBeGreaterThan(0);
      for (const { uid, title } of boards) expect(row).toContain(`[${title}](docs/dashboards/${uid}.md)`);
    }
  });
});

describe("what is said of defaults", () => {
  it("is what they are", () => {
    const of = (key: string) => allSettings().find((setting) => setting.key === key)?.info.default;
    expect(text("docs/operations.md")).toContain(
      `memory ${of("greptimedb.memory")!.replaceAll("`", "").replace("GiB", " GiB")}`,
    );
    expect(text("docs/security.md")).toContain(`${of("grafana.port")!} (Grafana)`);
    expect(text("README.md")).toContain(`localhost:${of("grafana.port")!}`);
  });
});
