import { createHash } from "node:crypto";

import { datasources } from "../../configs/grafana/datasources.ts";
import { stableJson } from "../../configs/json.ts";
import { formatDuration } from "../../configs/settings/units.ts";
import type { Query } from "../promql.ts";
import { kebab, ruleTitle, type Rule, type Severity } from "../rule.ts";
import { runbookPanelId } from "../runbooks.ts";

/**
 * Alert rules in the shape of the Grafana provider.
 *
 * A is the instant query, without a comparison: the value stays visible in the notification, and the rule resolves
 * when it falls, not when its series vanishes. C is the threshold, or the combination with the guard B and with D,
 * which confirms A.
 */
export interface GrafanaRule {
  readonly uid: string;
  readonly name: string;
  readonly condition: "C";
  readonly for: string;
  readonly keepFiringFor?: string;
  readonly noDataState: "OK" | "Alerting";
  readonly execErrState: "KeepLast" | "Alerting";
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly datas: GrafanaQuery[];
  readonly notificationSettings?: { readonly contactPoint: string; readonly groupBies: string[] };
}

export interface GrafanaQuery {
  readonly refId: string;
  readonly datasourceUid: string;
  readonly relativeTimeRange: { readonly from: number; readonly to: number };
  /** JSON. */
  readonly model: string;
}

export interface ContentContext {
  /** Where people reach Grafana, without trailing slash. */
  readonly grafanaUrl: string;
  /** Who is told, by severity. */
  readonly contactPoints: Readonly<Partial<Record<Severity, string>>>;
}

/** @param runbooks uid of the board on which the rule's runbook is */
export function grafanaRule(rule: Rule, runbooks: string, { grafanaUrl, contactPoints }: ContentContext): GrafanaRule {
  const contactPoint = contactPoints[rule.severity];
  return {
    uid: ruleUid(rule),
    name: ruleTitle(rule),
    condition: "C",
    for: formatDuration(rule.for),
    ...(rule.keepFiringFor === 0 ? {} : { keepFiringFor: formatDuration(rule.keepFiringFor) }),
    noDataState: rule.noData,
    execErrState: rule.executionError,
    labels: { severity: rule.severity },
    annotations: {
      __dashboardUid__: rule.panel.board,
      __panelId__: String(rule.panel.id),
      description: rule.description,
      runbook_url: `${grafanaUrl}/d/${runbooks}?viewPanel=${String(runbookPanelId(rule.name))}`,
      summary: rule.summary,
    },
    datas: [
      promQuery("A", rule.query),
      ...(rule.guard === undefined ? [] : [promQuery("B", rule.guard.query)]),
      ...(rule.confirm === undefined ? [] : [promQuery("D", rule.confirm.query)]),
      rule.guard === undefined && rule.confirm === undefined ? threshold(rule) : combined(rule),
    ],
    ...(contactPoint === undefined
      ? {}
      : { notificationSettings: { contactPoint, groupBies: ["alertname", "grafana_folder"] } }),
  };
}

/** @throws Error when it is longer than Grafana allows: 40 characters, nine of which tell instances apart */
export function ruleUid({ name, instance }: Pick<Rule, "name" | "instance">): string {
  const suffix = instance === undefined ? "" : `-${createHash("sha256").update(instance).digest("hex").slice(0, 8)}`;
  const uid = `${kebab(name)}${suffix}`;
  if (uid.length > 40) throw new Error(`the name of rule ${name} is too long: Grafana refuses the uid ${uid}`);
  return uid;
}

const promQuery = (refId: string, query: Query): GrafanaQuery => ({
  refId,
  datasourceUid: datasources.metrics.uid,
  relativeTimeRange: { from: 600, to: 0 },
  model: stableJson({ refId, editorMode: "code", expr: query.expr, instant: true, range: false }),
});

const expression = (model: Readonly<Record<string, unknown>>): GrafanaQuery => ({
  refId: "C",
  datasourceUid: "__expr__",
  relativeTimeRange: { from: 0, to: 0 },
  model: stableJson({ refId: "C", datasource: { type: "__expr__", uid: "__expr__" }, ...model }),
});

const threshold = ({ threshold: { fires, value } }: Rule): GrafanaQuery =>
  expression({
    type: "threshold",
    expression: "A",
    conditions: [{ evaluator: { type: fires === "above" ? "gt" : "lt", params: [value] } }],
  });

function combined({ threshold: { fires, value }, guard, confirm }: Rule): GrafanaQuery {
  const beyond = `${fires === "above" ? ">" : "<"} ${String(value)}`;
  const parts = [
    `$A ${beyond}`,
    ...(confirm === undefined ? [] : [`$D ${beyond}`]),
    ...(guard === undefined ? [] : [`$B >= ${String(guard.atLeast)}`]),
  ];
  return expression({ type: "math", expression: parts.join(" && ") });
}
