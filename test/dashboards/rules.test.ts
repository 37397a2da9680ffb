import { existsSync, readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { contentFor, known, rulesFor } from "../../dashboards/content.ts";
import { packs } from "../../dashboards/packs.ts";
import { grafanaRule, ruleUid, type GrafanaRule } from "../../dashboards/grafana/rules.ts";
import { kebab, rule, ruleTitle, type Rule } from "../../dashboards/rule.ts";
import { runbookFile, runbookPage, runbooks } from "../../dashboards/runbooks.ts";
import { settingsOf } from "../support/settings.ts";

const context = { grafanaUrl: "http://localhost:3001", contactPoints: {} };
const settings = settingsOf({
  alerts: { services: ["checkout", "Ümläut/Söhne & Co"] },
  collector: { ledger: { enabled: true } },
});
const rules = [...rulesFor(settings).values()].flat();
const declared = packs.flatMap((pack) => pack.rules);

const content = contentFor(settings, context);

/** The rule as it gets into Grafana. */
const inGrafana = (of: Rule): GrafanaRule =>
  content.ruleGroups.flatMap((group) => group.rules).find(({ uid }) => uid === ruleUid(of))!;

const modelOf = (of: Rule, refId: string) => {
  const data = grafanaRule(of, "runbooks-agents", context).datas.find((query) => query.refId === refId)!;
  return JSON.parse(data.model) as Record<string, unknown>;
};

describe.each(rules.map((of) => ({ title: ruleTitle(of), of })))("the rule $title", ({ of }) => {
  const grafana = inGrafana(of);

  it("says what is wrong, why then, and what to do", () => {
    expect(of.name).toMatch(/^([A-Z][a-z]+)+$/);
    expect(of.summary.length).toBeGreaterThan(10);
    expect(of.description).toMatch(/\.$/);
    expect(of.threshold.why).toMatch(/\.$/);
    expect(of.guard?.why ?? ".").toMatch(/\.$/);
    expect(of.runbook.diagnosis.length).toBeGreaterThan(0);
    expect(of.runbook.mitigation.length).toBeGreaterThan(0);
  });

  it("shows its value in the summary, and only labels that its result has", () => {
    const texts = `${of.summary} ${of.description}`;
    const labels = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name!);
    for (const label of labels) expect(of.query.by).toContain(label);
    if (of.threshold.settable !== undefined) expect(of.summary).toMatch(/\{\{ with \$values\.A \}\}.*\{\{ end \}\}/);
    // a value in a label would make a new alert of every value
    expect(JSON.stringify(grafana.labels)).not.toContain("$");
  });

  it("states everything that Grafana would otherwise choose", () => {
    expect(grafana.noDataState).toMatch(/^(OK|Alerting)$/);
    expect(grafana.execErrState).toMatch(/^(KeepLast|Alerting)$/);
    expect(grafana.for).toMatch(/^\d+[smhd]$/);
    expect(grafana.labels).toEqual({ severity: of.severity });
    expect(grafana.uid).toMatch(/^[a-z0-9-]{1,40}$/);
  });

  it("compares in an expression, never in PromQL, and asks for one instant", () => {
    expect(grafana.condition).toBe("C");
    expect(modelOf(of, "A")).toMatchObject({ instant: true, range: false });
    expect(modelOf(of, "A")["expr"]).not.toMatch(/[<>]/);
    expect(modelOf(of, "C")["type"]).toMatch(/^(threshold|math)$/);
    for (const { datasourceUid } of grafana.datas) expect(["greptimedb-metrics", "__expr__"]).toContain(datasourceUid);
  });

  it("writes models as the provider reads them back: sorted, without defaults", () => {
    for (const { model } of grafana.datas) {
      const keys = Object.keys(JSON.parse(model) as object);
      expect(keys).toEqual([...keys].sort());
      expect(keys).not.toContain("intervalMs");
      expect(keys).not.toContain("maxDataPoints");
    }
  });

  it("links to its panel and to its runbook in Grafana", () => {
    const dashboards = content.dashboards.map(
      ({ uid, json }) => [uid, JSON.parse(json) as { panels: { id: number; title: string }[] }] as const,
    );
    const panelOf = (uid: string, id: string) =>
      dashboards.find(([known]) => known === uid)?.[1].panels.find((panel) => String(panel.id) === id);
    expect(panelOf(grafana.annotations["__dashboardUid__"]!, grafana.annotations["__panelId__"]!)).toBeDefined();
    const [, uid, id] =
      /^http:\/\/localhost:3001\/d\/(.+)\?viewPanel=(\d+)$/.exec(grafana.annotations["runbook_url"]!) ?? [];
    expect(panelOf(uid!, id!)?.title).toBe(of.name);
  });

  it("has a page among the runbooks, and it is up to date", () => {
    // the page has the expected service of the example
    const example = rules.filter(({ instance }) => instance !== "Ümläut/Söhne & Co");
    const page = runbooks(example).find(([{ name }]) => name === of.name)!;
    expect(readFileSync(`docs/runbooks/${runbookFile(of)}`, "utf8")).toBe(runbookPage(page));
  });
});

describe("rules", () => {
  it("have names, titles and uids of their own", () => {
    for (const values of [rules.map(ruleTitle), rules.map(ruleUid)]) expect(new Set(values).size).toBe(values.length);
  });

  it("watch the database with exactly one of them; the others keep their state when it is away", () => {
    expect(rules.filter(({ executionError }) => executionError === "Alerting").map(({ name }) => name)).toEqual([
      "MetricsDatasourceDown",
    ]);
    expect(rules.filter(({ noData }) => noData === "Alerting").map(({ name }) => name)).toEqual([
      "MetricsDatasourceDown",
      "Watchdog",
    ]);
  });

  it("have no page too many", () => {
    const pages = new Set([...declared, ...rules].map(runbookFile));
    expect(new Set(readdirSync("docs/runbooks").filter((name) => name !== "README.md"))).toEqual(pages);
    expect(existsSync("docs/runbooks")).toBe(true);
  });

  it("can all be named in settings", () => {
    expect(new Set(Object.keys(known.rules))).toEqual(new Set(rules.map(({ name }) => name)));
  });

  it("refuse a guard that could never meet the query", () => {
    const [broken] = declared.filter(({ guard }) => guard !== undefined);
    expect(() =>
      rule({ ...broken!, guard: { ...broken!.guard!, query: { ...broken!.guard!.query, by: ["model"] } } }),
    ).toThrow(/never meet/);
  });

  it("are kebab in their uids", () => {
    expect(kebab("LlmTokenBudgetExceeded")).toBe("llm-token-budget-exceeded");
  });
});

describe("settings of rules", () => {
  const named = (values: Record<string, unknown>, name: string) =>
    [...rulesFor(settingsOf({ alerts: values })).values()].flat().filter((of) => of.name === name);

  it("switch them off, and change threshold and duration", () => {
    expect(named({ rules: { ToolLatencyHigh: { enabled: false } } }, "ToolLatencyHigh")).toEqual([]);
    const [changed] = named({ rules: { ToolErrorRatioHigh: { threshold: 0.5, for: "1m" } } }, "ToolErrorRatioHigh");
    expect(modelOf(changed!, "C")["expression"]).toBe("$A > 0.5 && $B >= 10");
    expect(grafanaRule(changed!, "runbooks-agents", context).for).toBe("1m");
    const [simple] = named({ rules: { LlmTokenBudgetExceeded: { threshold: 5 } } }, "LlmTokenBudgetExceeded");
    expect(modelOf(simple!, "C")["conditions"]).toEqual([{ evaluator: { type: "gt", params: [5] } }]);
  });

  it("expect services, each with a rule that says which", () => {
    const absent = named(
      { services: ["checkout", { service: "billing", metric: "state_elements_count" }] },
      "ServiceTelemetryAbsent",
    );
    expect(absent.map((of) => [ruleTitle(of), of.query.expr])).toEqual([
      ["ServiceTelemetryAbsent (checkout)", 'absent(http_requests_total{service_name="checkout"})'],
      ["ServiceTelemetryAbsent (billing)", 'absent(state_elements_count{service_name="billing"})'],
    ]);
    expect(named({}, "ServiceTelemetryAbsent")).toEqual([]);
  });

  it("tell by severity, without touching the organisation's policies", () => {
    const told = grafanaRule(
      declared.find(({ severity }) => severity === "critical")!,
      "runbooks-agents",
      { ...context, contactPoints: { critical: "the pager" } },
    );
    expect(told.notificationSettings).toEqual({
      contactPoint: "the pager",
      groupBies: ["alertname", "grafana_folder"],
    });
    expect(
      grafanaRule(
        declared.find(({ severity }) => severity === "warning")!,
        "runbooks-agents",
        { ...context, contactPoints: { critical: "x" } },
      ),
    ).not.toHaveProperty("notificationSettings");
  });
});
