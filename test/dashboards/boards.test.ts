import { describe, expect, it } from "vitest";

import { boardsFor, contentFor, folderOf, rulesFor } from "../../dashboards/content.ts";
import { placed } from "../../dashboards/grafana/layout.ts";
import { panelJson } from "../../dashboards/grafana/panel.ts";
import { ruleUid } from "../../dashboards/grafana/rules.ts";
import { sqlLink, traceLink } from "../../dashboards/links.ts";
import { belowThreshold, fromThreshold, type Panel, type Step } from "../../dashboards/panel.ts";
import { constant } from "../../dashboards/constants.ts";
import { packs } from "../../dashboards/packs.ts";
import { everything } from "../support/queries.ts";
import { externalValues, settingsOf } from "../support/settings.ts";

interface Grid {
  x: number;
  y: number;
  w: number;
  h: number;
}

interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: Grid;
  datasource?: { type: string; uid: string };
  targets?: { refId: string; datasource: { uid: string }; expr?: string; rawSql?: string; instant?: boolean }[];
  fieldConfig?: {
    defaults: {
      unit?: string;
      noValue?: string;
      thresholds?: { steps: { value: number | null }[] };
      links?: { url: string }[];
    };
    overrides: { properties: { id: string; value: unknown }[] }[];
  };
  panels?: unknown[];
}

interface BoardJson {
  uid: string;
  title: string;
  schemaVersion: number;
  panels: PanelJson[];
  templating: {
    list: {
      name: string;
      type: string;
      query: unknown;
      refresh?: number;
      multi?: boolean;
      allValue?: string;
      datasource?: { uid: string };
    }[];
  };
  links: { tags: string[] }[];
  tags: string[];
}

const context = { grafanaUrl: "http://localhost:3001", contactPoints: {} };
const boards = contentFor(everything(), context).dashboards.map(({ json }) => JSON.parse(json) as BoardJson);
const uids = boards.map(({ uid }) => uid);

describe("the boards", () => {
  it("are as committed: a uid is a bookmark, and never changes", async () => {
    const { folders, dashboards, ruleGroups } = contentFor(everything(), context);
    const lines = folders.flatMap(({ uid, title }) => [
      `${title} (${uid})`,
      ...dashboards.filter(({ folder }) => folder === uid).map((board) => `  board ${board.uid}: ${board.title}`),
      ...ruleGroups
        .filter(({ folder }) => folder === uid)
        .flatMap(({ name, rules }) => rules.map((rule) => `  rule ${name}/${rule.uid}: ${rule.name}`)),
    ]);
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../golden/content.txt");
  });

  it("have names and uids of their own", () => {
    const titles = boards.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(new Set(uids).size).toBe(uids.length);
  });

  it("and rules and folders have none that is longer than Grafana takes", () => {
    expect(folderOf({ name: "a".repeat(17), title: "t" }).uid).toHaveLength(40);
    expect(() => folderOf({ name: "a".repeat(18), title: "t" })).toThrow(/pack a+ is too long/);
    const name = `A${"b".repeat(30)}`;
    expect(ruleUid({ name, instance: "x" })).toHaveLength(40);
    expect(() => ruleUid({ name: `${name}b`, instance: "x" })).toThrow(/is too long: Grafana refuses the uid/);
  });

  it.each(packs)("of the pack $name alone are whole: what they link to is there", ({ name }) => {
    const { dashboards, ruleGroups } = contentFor(settingsOf({ dashboards: { packs: [name] } }), context);
    const there = dashboards.map(({ uid }) => uid);
    for (const { json } of dashboards)
      for (const [, uid] of json.matchAll(/"\/d\/([\w-]+)/g)) expect(there).toContain(uid);
    for (const { annotations } of ruleGroups.flatMap(({ rules }) => rules))
      expect(there).toContain(annotations["__dashboardUid__"]);
  });

  it("and rules about GreptimeDB itself are not there when somebody else runs it", () => {
    const standalone = contentFor(settingsOf(), context);
    const external = contentFor(settingsOf(externalValues), context);
    const text = JSON.stringify(external);
    expect(JSON.stringify(standalone)).toMatch(/greptime_\w+\{job/);
    expect(text).not.toMatch(/greptime_\w+\{job|job=\\*"greptimedb|stack-database|GreptimeDbQuerySlow/);
    const there = external.dashboards.map(({ uid }) => uid);
    for (const { annotations } of external.ruleGroups.flatMap(({ rules }) => rules))
      expect(there).toContain(annotations["__dashboardUid__"]);
    for (const board of boardsFor(settingsOf(externalValues)))
      for (const { position, panels } of placed(board.rows).flatMap(({ row, panels }) => [{ ...row, panels }]))
        expect(panels.reduce((sum, panel) => sum + panel.position.w, 0) % position.w, board.uid).toBe(0);
  });

  it("do not change when another pack is added", () => {
    const all = contentFor(settingsOf(), context);
    for (const { name } of packs) {
      const alone = contentFor(settingsOf({ dashboards: { packs: [name] } }), context);
      const uid = `greptime-observability-${name}`;
      const mine = ({ folder }: { folder: string }) => folder === uid;
      expect(alone.dashboards.filter(mine).map((board) => board.uid)).toEqual(
        all.dashboards.filter(mine).map((board) => board.uid),
      );
      expect(alone.ruleGroups.filter(mine)).toEqual(all.ruleGroups.filter(mine));
      expect(alone.folders).toEqual(all.folders.filter((folder) => folder.uid === uid || folder.parent === undefined));
    }
  });

  it("are the same bytes each time, and small enough for Grafana's own limits", () => {
    const again = contentFor(settingsOf(), context).dashboards;
    const first = contentFor(settingsOf(), context).dashboards;
    expect(again).toEqual(first);
    for (const { json } of first) expect(Buffer.byteLength(json)).toBeLessThan(100_000);
  });
});

describe.each(boards)("the board $uid", (board) => {
  const all = board.panels;
  const content = all.filter(({ type }) => type !== "row");

  it("is in the last classic schema, tagged, and links to the others", () => {
    expect(board.schemaVersion).toBe(42);
    expect(board.tags).toEqual(["greptime-observability"]);
    expect(board.links.every(({ tags }) => tags.includes("greptime-observability"))).toBe(true);
    expect(board.uid).toMatch(/^[a-z0-9-]{1,40}$/);
  });

  it("gives every panel and row an id of its own", () => {
    const ids = all.map(({ id }) => id);
    expect(ids.every((id) => Number.isInteger(id) && id > 0 && id < 2 ** 31)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("fills the grid without overlap and without hole", () => {
    const cells = new Map<string, string>();
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of all) {
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          const cell = `${String(column)},${String(row)}`;
          expect(cells.get(cell), `${title} over ${cells.get(cell) ?? ""}`).toBeUndefined();
          cells.set(cell, title);
        }
    }
    const height = Math.max(...all.map(({ gridPos }) => gridPos.y + gridPos.h));
    expect(cells.size).toBe(24 * height);
  });

  it("says of every panel what it shows, in which unit, and what it shows when there is nothing", () => {
    for (const panel of content) {
      expect(panel.title, `panel ${String(panel.id)}`).not.toBe("");
      expect(panel.description, panel.title).toMatch(/\.$/);
      if (["stat", "timeseries", "bargauge"].includes(panel.type)) {
        expect(panel.fieldConfig?.defaults.unit, panel.title).toMatch(
          /^(short|none|percentunit|s|ms|reqps|ops|cps|bytes|Bps|currencyUSD)$/,
        );
        expect(panel.fieldConfig?.defaults.noValue, panel.title).not.toBe("");
      }
    }
  });

  it("takes metrics from the datasource chosen at the top, everything else by its fixed uid", () => {
    expect(board.templating.list[0]).toMatchObject({ name: "datasource", type: "datasource", query: "prometheus" });
    for (const panel of content.filter(({ targets }) => targets !== undefined)) {
      for (const target of panel.targets ?? []) {
        expect(target.datasource.uid, panel.title).toBe(
          target.rawSql === undefined ? "${datasource}" : "greptimedb-sql",
        );
        expect(panel.datasource?.uid).toBe(target.datasource.uid);
      }
      expect(new Set(panel.targets?.map(({ refId }) => refId)).size).toBe(panel.targets?.length);
    }
  });

  it("asks for variables in the only ways that GreptimeDB answers", () => {
    for (const variable of board.templating.list.slice(1)) {
      switch (variable.type) {
        case "query":
          expect(variable.refresh).toBe(2);
          if (variable.datasource?.uid === "greptimedb-sql") {
            expect(variable.query).toMatch(/^SELECT DISTINCT \S+ FROM .* WHERE \$__timeFilter\(timestamp\)/);
            // a text, as SQL needs it; Grafana puts it in as it stands
            expect(variable.allValue).toBe("''");
          } else {
            expect((variable.query as { query: string }).query).toMatch(/^label_values\(\w+, \w+\)$/);
            expect(variable).toMatchObject({ allValue: ".+", datasource: { uid: "${datasource}" } });
          }
          break;
        case "custom":
          expect(variable.query).toMatch(/^[\w .:]+(,[\w .:]+)*$/);
          expect(variable.allValue).toBe(variable.multi === true ? "''" : undefined);
          break;
        case "textbox":
          expect(variable.query).toBe("");
          break;
        default:
          expect.unreachable(`a variable of type ${variable.type}`);
      }
    }
  });

  it("uses what is typed, and what SQL chooses from, in SQL only, where it is quoted", () => {
    const inSql = board.templating.list
      .slice(1)
      .filter(({ type, datasource }) => type !== "query" || datasource?.uid === "greptimedb-sql");
    const expressions = content.flatMap(({ targets }) => targets ?? []).flatMap(({ expr }) => expr ?? []);
    for (const { name } of inSql)
      for (const expr of expressions) expect(expr).not.toMatch(new RegExp(`\\$\\{?${name}\\b`));
  });

  it("uses every variable that it has, and has every variable that it uses", () => {
    const own = (names: readonly string[]) =>
      new Set(names.filter((name) => !name.startsWith("__") && name !== "datasource"));
    const usedIn = (value: unknown) => own([...JSON.stringify(value).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!));
    const declared = own(board.templating.list.map(({ name }) => name));
    expect(usedIn(content)).toEqual(declared);
    for (const name of usedIn(board.templating.list)) expect(declared).toContain(name);
  });

  it("links only to boards that there are", () => {
    const links = [...JSON.stringify(board).matchAll(/"\/d\/([\w-]+)/g)].map(([, uid]) => uid);
    for (const uid of links) expect(uids).toContain(uid);
  });

  it("has no null threshold, which Grafana would read back as another", () => {
    for (const { fieldConfig } of content) {
      for (const { value } of fieldConfig?.defaults.thresholds?.steps ?? []) expect(value).not.toBeNull();
    }
  });
});

describe("thresholds", () => {
  const steps = (values: Record<string, unknown>, id: number) => {
    const { json } = contentFor(settingsOf(values), context).dashboards.find(({ uid }) => uid === "agent-performance")!;
    return (JSON.parse(json) as BoardJson).panels.find((panel) => panel.id === id)?.fieldConfig?.defaults.thresholds
      ?.steps;
  };

  it("of panels are those of the rules, and follow the settings", () => {
    expect(steps({}, 3)?.[1]).toMatchObject({ value: 0.05, color: "red" });
    expect(steps({ alerts: { rules: { RequestErrorRatioHigh: { threshold: 0.01 } } } }, 3)?.[1]).toMatchObject({
      value: 0.01,
    });
    expect(steps({ alerts: { rules: { RequestErrorRatioHigh: { enabled: false } } } }, 3)?.[1]).toMatchObject({
      value: 0.05,
    });
  });

  it("are red from a rule's threshold on, or below it where the rule fires below", () => {
    const drawn = (steps: readonly Step[]) =>
      (panelJson({ ...stat, steps }, { x: 0, y: 0, w: 4, h: 4 }) as unknown as PanelJson).fieldConfig?.defaults
        .thresholds?.steps;
    const stat = {
      kind: "stat",
      id: 1,
      title: "t",
      description: ".",
      width: 4,
      height: 4,
      unit: "percentunit",
      target: { query: constant(1), legend: "l" },
      empty: "–",
    } as const;
    const context = {
      thresholds: { R: 0.5 },
      databases: { traces: "t", logs: "l" },
      packs: [],
      prices: [],
      parts: [],
    };
    expect(drawn(fromThreshold(context, "R"))).toEqual([
      { color: "green", value: 0 },
      { color: "red", value: 0.5 },
    ]);
    expect(drawn(belowThreshold(context, "R"))).toEqual([
      { color: "red", value: 0 },
      { color: "green", value: 0.5 },
    ]);
    for (const steps of [fromThreshold, belowThreshold])
      expect(() => steps(context, "S")).toThrow(/no rule is called S/);
  });

  it("stand on the panel that the rule links to, or near it", () => {
    const panels = new Map(
      boardsFor(everything()).flatMap(({ uid, rows }) =>
        rows.flatMap((row) => row.panels.map((panel): [string, Panel] => [`${uid}/${String(panel.id)}`, panel])),
      ),
    );
    for (const rule of [...rulesFor(everything()).values()].flat()) {
      const panel = panels.get(`${rule.panel.board}/${String(rule.panel.id)}`);
      expect(panel, rule.name).toBeDefined();
      if (rule.threshold.settable === undefined || rule.threshold.unit === "number") continue;
      const { fires, value } = rule.threshold;
      const steps =
        fires === "above"
          ? [{ from: value, color: "red" }]
          : [
              { from: 0, color: "red" },
              { from: value, color: "green" },
            ];
      const measured = panel?.kind === "table" ? panel.columns : [panel];
      expect(measured, rule.name).toContainEqual(expect.objectContaining({ steps }));
    }
  });
});

describe("lines over time", () => {
  const drawn = (stacked: boolean | "percent" | undefined) => {
    const lines = {
      kind: "timeseries",
      id: 1,
      title: "t",
      description: ".",
      width: 4,
      height: 4,
      unit: "ops",
      targets: [],
      empty: "0",
      ...(stacked === undefined ? {} : { stacked }),
    } as const;
    const { fieldConfig } = panelJson(lines, { x: 0, y: 0, w: 4, h: 4 }) as unknown as {
      fieldConfig: { defaults: { custom: { fillOpacity: number; stacking: { mode: string } } } };
    };
    const { fillOpacity, stacking } = fieldConfig.defaults.custom;
    return [stacking.mode, fillOpacity];
  };

  it.each([
    [undefined, ["none", 10]],
    [false, ["none", 10]],
    [true, ["normal", 30]],
    ["percent", ["percent", 30]],
  ] as const)("stacked %j are drawn as %j", (stacked, expected) => {
    expect(drawn(stacked)).toEqual(expected);
  });
});

describe("links", () => {
  const pane = (url: string) =>
    JSON.parse(new URL(url, "http://x").searchParams.get("panes") ?? "") as {
      a: { datasource: string; queries: Record<string, unknown>[]; range: unknown };
    };

  it("open Explore with a query that Grafana can read, variables left for it to fill in", () => {
    const { url } = sqlLink(
      "t",
      "SELECT 1 FROM `traces`.x WHERE $__timeFilter(timestamp) AND a = '${__field.labels.tool}'",
    );
    expect(url).toContain("${__from}");
    expect(url).toContain("${__field.labels.tool}");
    const { a } = pane(url);
    expect(a.datasource).toBe("greptimedb-sql");
    expect(a.queries[0]?.["rawSql"]).toBe(
      "SELECT 1 FROM `traces`.x WHERE $__timeFilter(timestamp) AND a = '${__field.labels.tool}'",
    );
  });

  it("open a trace by the id in a cell", () => {
    const filled = traceLink.url.replaceAll("${__value.raw}", "4bf92f3577b34da6a3ce929d0e0e4736");
    expect(pane(filled).a.queries[0]).toMatchObject({
      query: "4bf92f3577b34da6a3ce929d0e0e4736",
      datasource: { type: "jaeger", uid: "greptimedb-traces" },
    });
  });
});

describe("lines of services", () => {
  const linksOf = (values: Record<string, unknown>, uid: string, id: number) => {
    const { json } = contentFor(settingsOf(values), context).dashboards.find((board) => board.uid === uid)!;
    const panel = (JSON.parse(json) as BoardJson).panels.find((candidate) => candidate.id === id);
    return (panel?.fieldConfig?.defaults.links ?? []).map(({ url }) => url);
  };
  const range = "?${__url_time_range}";

  it("lead to spans and log records of the service that was clicked, in the same time", () => {
    expect(linksOf({}, "agent-performance", 50)).toEqual([
      `/d/tracing${range}&var-service=\${__field.labels.service_name}`,
      `/d/log-search${range}&var-service=\${__field.labels.service_name}`,
    ]);
  });

  it("or of those chosen at the top, where a line is something else", () => {
    expect(linksOf({}, "agent-performance", 51)).toEqual([
      `/d/tracing${range}&\${service:queryparam}`,
      `/d/log-search${range}&\${service:queryparam}`,
    ]);
  });

  it("lead nowhere that there is not", () => {
    expect(linksOf({ dashboards: { packs: ["agents"] } }, "agent-performance", 50)).toEqual([]);
    expect(linksOf({ dashboards: { packs: ["agents", "logs"] } }, "agent-performance", 51)).toHaveLength(1);
  });

  it("choose by a variable that the boards of spans and log records have", () => {
    for (const uid of ["tracing", "log-search"])
      expect(boards.find((board) => board.uid === uid)?.templating.list.map(({ name }) => name)).toContain("service");
  });
});

describe("the layout", () => {
  const panel = (width: number, height = 4): Panel => ({
    kind: "text",
    id: 1,
    title: `w${String(width)}`,
    description: ".",
    width,
    height,
    markdown: "",
  });

  it("starts a new line when one is full", () => {
    const [row] = placed([{ title: "r", panels: [panel(12), panel(12), panel(24)] }]);
    expect(row?.panels.map(({ position }) => position)).toEqual([
      { x: 0, y: 1, w: 12, h: 4 },
      { x: 12, y: 1, w: 12, h: 4 },
      { x: 0, y: 5, w: 24, h: 4 },
    ]);
  });

  it("refuses what would overflow or leave a hole", () => {
    expect(() => placed([{ title: "r", panels: [panel(25)] }])).toThrow(/wider than the grid/);
    expect(() => placed([{ title: "r", panels: [panel(12, 4), panel(12, 8)] }])).toThrow(/differ in height/);
  });
});
