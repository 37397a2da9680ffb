import { describe, expect, it } from "vitest";

import { contentFor } from "../../dashboards/content.ts";
import { schemaProblems } from "../support/grafana-schema.ts";
import { everything } from "../support/queries.ts";

interface PanelJson {
  readonly type: string;
  readonly title: string;
  readonly options?: unknown;
  readonly fieldConfig?: { readonly defaults: { readonly custom?: unknown } };
  readonly targets?: readonly { readonly datasource: { readonly type: string } }[];
}

const { dashboards } = contentFor(everything(), { grafanaUrl: "http://localhost:3001", contactPoints: {} });
const boards = dashboards.map(({ uid, json }) => ({ uid, board: JSON.parse(json) as { panels: PanelJson[] } }));

/** Targets are described by their datasources; the links of fields are not those that the schema takes them for. */
const panelProblems = ({ targets, ...panel }: PanelJson): string[] => [
  ...schemaProblems("dashboard", panel.type === "row" ? "RowPanel" : "Panel", withoutLinks(panel)),
  ...(panel.options === undefined ? [] : schemaProblems(packageOf(panel), "Options", panel.options)),
  ...customProblems(panel),
  ...(targets ?? [])
    .filter(({ datasource }) => datasource.type === "prometheus")
    .flatMap((target) => schemaProblems("prometheus", "Dataquery", target)),
];

const packageOf = ({ type }: PanelJson): string => type.toLowerCase();

const customProblems = (panel: PanelJson): string[] => {
  const custom = panel.fieldConfig?.defaults.custom;
  return custom === undefined ? [] : schemaProblems(packageOf(panel), "FieldConfig", custom);
};

const withoutLinks = ({ fieldConfig, ...panel }: PanelJson): unknown =>
  fieldConfig === undefined
    ? panel
    : { ...panel, fieldConfig: { ...fieldConfig, defaults: { ...fieldConfig.defaults, links: [] } } };

describe.each(boards)("the board $uid", ({ board }) => {
  it("is what Grafana's schema says a dashboard is", () => {
    expect(schemaProblems("dashboard", "Dashboard", { ...board, panels: [] })).toEqual([]);
  });

  it("has panels with the options of their types", () => {
    const problems = board.panels.flatMap((panel) => panelProblems(panel).map((text) => `${panel.title}: ${text}`));
    expect(problems).toEqual([]);
  });
});

describe("the check itself", () => {
  it.each([
    ["an option that there is not", { type: "stat", options: { colour: "red" } }],
    ["a value that there is not", { type: "stat", options: { colorMode: "rainbow" } }],
  ])("complains about %s", (_, { type, options }) => {
    const real = boards.flatMap(({ board }) => board.panels).find((panel) => panel.type === type)!;
    expect(schemaProblems(type, "Options", real.options)).toEqual([]);
    expect(schemaProblems(type, "Options", { ...(real.options as object), ...options })).not.toEqual([]);
  });
});
