import { kebab, type Rule } from "../../../dashboards/rule.ts";
import type { Alert, DrilledRule, DrillGrafana } from "./grafana.ts";
import { drillLabel } from "./grafana.ts";

/** What is wrong with the alert of a rule that fires, in words; nothing if all is as it should be. */
export async function verdict(
  rule: Rule,
  expected: Readonly<Record<string, string>>,
  { own, rules }: { readonly own: DrilledRule | undefined; readonly rules: readonly DrilledRule[] },
  grafana: Pick<DrillGrafana, "hasPanel">,
): Promise<string[]> {
  const fired = rules.filter((one) => one !== own && one.state === "firing").map(({ title }) => title);
  const [alert, ...more] = own?.alerts ?? [];
  if (alert === undefined) return ["it fires without an alert"];
  return [
    ...(more.length === 0 ? [] : [`it fires for ${String(more.length + 1)} things instead of one`]),
    ...labelTrouble(alert, { ...expected, severity: rule.severity }),
    // where the query cannot be answered there is no value
    ...(alert.value === "" && rule.executionError !== "Alerting" ? ["the alert has no value"] : []),
    ...textTrouble(alert),
    ...(await linkTrouble(alert, rule, grafana)),
    ...(fired.length === 0 ? [] : [`${fired.join(", ")} fired, too`]),
  ];
}

/** Labels that Grafana adds to each alert. */
const grafanas = new Set(["alertname", "grafana_folder", "ref_id", "datasource_uid", "rulename", drillLabel]);

function labelTrouble({ labels }: Alert, expected: Readonly<Record<string, string>>): string[] {
  const own = Object.entries(labels).filter(([name]) => !grafanas.has(name) && !name.startsWith("__"));
  const text = (entries: readonly (readonly [string, string])[]) =>
    entries
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(", ");
  const [is, should] = [text(own), text(Object.entries(expected))];
  return is === should ? [] : [`its labels are ${is} instead of ${should}`];
}

function textTrouble({ annotations }: Alert): string[] {
  return ["summary", "description"].flatMap((name) => {
    const text = annotations[name] ?? "";
    if (text === "") return [`the alert has no ${name}`];
    return /\{\{|<no value>|\[no value\]|%!/.test(text) ? [`its ${name} is not filled in: ${text}`] : [];
  });
}

/** The panel, and the panel with the runbook. */
async function linkTrouble(
  { annotations }: Alert,
  rule: Rule,
  grafana: Pick<DrillGrafana, "hasPanel">,
): Promise<string[]> {
  // Grafana may keep annotations that it understands itself to itself
  const { __dashboardUid__: shownOn = rule.panel.board, __panelId__: shownBy = String(rule.panel.id) } = annotations;
  const links: [string, string, number][] = [["panel", shownOn, Number(shownBy)]];
  const [, board = "", panel = ""] = /\/d\/([^/?]+)\?viewPanel=(\d+)$/.exec(annotations["runbook_url"] ?? "") ?? [];
  links.push([`runbook of ${kebab(rule.name)}`, board, Number(panel)]);
  const wrong: string[] = [];
  for (const [what, uid, id] of links) {
    if (uid === "" || !(await grafana.hasPanel(uid, id))) wrong.push(`the link to the ${what} leads nowhere`);
  }
  return wrong;
}
