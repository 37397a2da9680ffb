import { counted, increase, sum } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { evaluationFailures, notificationsFailed } from "./grafana-metrics.ts";
import { stackGrafana } from "./ids.ts";
import { ofGrafana } from "./own.ts";

const { panels: id } = stackGrafana;
const onGrafana = (panel: number) => ({ board: stackGrafana.uid, id: panel });

/** Grafana itself: are rules evaluated, and is anybody told? */
export const grafanaRules: readonly Rule[] = [
  rule({
    name: "GrafanaRuleEvaluationFailing",
    severity: "warning",
    summary: "{{ with $values.A }}{{ humanize .Value }}{{ end }} evaluations of alert rules failed in 5 minutes",
    description: "A rule gets no answer to its query, and so cannot fire. Its state stays what it was.",
    query: sum(increase(evaluationFailures, "5m", ofGrafana)),
    threshold: {
      fires: "above",
      value: 0,
      unit: "number",
      words: "while evaluations of rules fail",
      why: "An evaluation counts as failed when it was tried again and failed again. Ten minutes are longer than a restart of GreptimeDB leaves traces in the window.",
    },
    for: 600,
    keepFiringFor: 0,
    ...quiet,
    panel: onGrafana(id.evaluationsOverTime),
    runbook: {
      meaning:
        "For ten minutes the evaluation of at least one rule has failed: GreptimeDB refused its query or took too long. While GreptimeDB is away altogether, MetricsDatasourceDown fires instead.",
      impact: "Rules that fail to be evaluated are silent, whatever happens.",
      diagnosis: [
        "In Grafana, *Alerting, Alert rules*: rules in error say why. Filter by *health: error*.",
        "All of them, or one? One: try its query in Explore. All: is GreptimeDB slow? *Grafana*, panel *Latency p95 by data source*; where this stack runs it, the board *GreptimeDB* says more.",
      ],
      mitigation: [
        "Mend or remove the query of a rule of your own.",
        "A query that takes too long: a shorter window, or more memory for GreptimeDB.",
      ],
    },
  }),
  rule({
    name: "GrafanaNotificationsFailing",
    severity: "critical",
    summary:
      "{{ with $values.A }}{{ humanize .Value }}{{ end }} notifications by {{ $labels.integration }} failed in 15 minutes",
    description:
      "Grafana cannot tell anybody by {{ $labels.integration }}. If that is your only contact point, this alert reaches nobody either.",
    query: counted(["integration"], notificationsFailed, "15m", ofGrafana),
    threshold: {
      fires: "above",
      value: 0,
      unit: "number",
      words: "when a notification could not be sent",
      why: "A notification counts as failed after Grafana has tried again. Every one that fails is an alert that somebody does not know of.",
    },
    for: 0,
    keepFiringFor: 0,
    ...quiet,
    panel: onGrafana(id.notificationFailures),
    runbook: {
      meaning: "Within a quarter of an hour at least one notification could not be sent.",
      impact: "Somebody who should be told is not. Alerts are in Grafana only.",
      diagnosis: [
        "`docker logs` of Grafana: lines with *Notify for alerts failed* name contact point and reason.",
        "In Grafana, *Alerting, Contact points*: the last attempt and its error stand there; *Test* tries again.",
      ],
      mitigation: [
        "Renew the URL or key in `contactPointSecrets`, then `npm run up`.",
        "Let a second contact point of another kind have the severity `critical`, and one outside this machine the severity `watchdog`.",
      ],
    },
  }),
];
