import type { Metric } from "../metric.ts";
import { constant } from "../constants.ts";
import { absent, is } from "../promql.ts";
import { rule, type Rule } from "../rule.ts";
import { collectorRules } from "./collector-alerts.ts";
import { ledgerRules } from "./ledger-alerts.ts";
import { databaseRules } from "./database-alerts.ts";
import { grafanaRules } from "./grafana-alerts.ts";
import { stackHealth } from "./ids.ts";

/** A service that is expected to send telemetry, and the metric that it exports even when idle. */
export interface ExpectedService {
  readonly service: string;
  readonly metric: Metric;
}

const onHealth = (id: number) => ({ board: stackHealth.uid, id });

/** The stack's own rules. */
export const rules: readonly Rule[] = [
  rule({
    name: "MetricsDatasourceDown",
    severity: "critical",
    summary: "Grafana gets no answer from GreptimeDB",
    description: "The simplest query fails. Until this is resolved no other rule can tell anything.",
    query: constant(1),
    threshold: {
      fires: "below",
      value: 1,
      unit: "number",
      words: "when GreptimeDB does not answer",
      why: "The query returns the constant 1; no answer is the failure, not a value.",
    },
    for: 180,
    keepFiringFor: 0,
    noData: "Alerting",
    executionError: "Alerting",
    panel: onHealth(stackHealth.panels.targets),
    runbook: {
      meaning: "A query for a constant, which reads no data, got no answer from GreptimeDB for three minutes.",
      impact:
        "Dashboards are empty, and every other rule keeps its last state. Telemetry waits in the collector's queues.",
      diagnosis: [
        "Is GreptimeDB running? `docker ps --filter name=greptimedb`, then `docker logs`.",
        "In Grafana, open *Connections, Data sources, GreptimeDB metrics* and press *Save & test*: 401 means a wrong password, a timeout means no connection.",
        "Killed by its memory limit? `docker inspect` shows `OOMKilled`.",
      ],
      mitigation: ["`npm run up` starts what has stopped.", "Raise `greptimedb.memory` if it was killed for memory."],
    },
  }),
  rule({
    name: "Watchdog",
    severity: "watchdog",
    summary: "Alerting works",
    description:
      "This rule always fires. Send it to a dead man's switch outside this machine (a contact point with severity `watchdog`), which tells you when it stops; without one it is of no use.",
    query: constant(1),
    threshold: { fires: "above", value: 0, unit: "number", words: "always", why: "It must always fire." },
    for: 0,
    keepFiringFor: 0,
    noData: "Alerting",
    executionError: "KeepLast",
    panel: onHealth(stackHealth.panels.alerts),
    runbook: {
      meaning: "Grafana evaluates rules and sends notifications.",
      impact: "None while it fires. When it stops, nothing else will tell you of trouble.",
      diagnosis: ["If your dead man's switch reports silence: is Grafana running, and can it reach the contact point?"],
      mitigation: [
        "`npm run up` starts what has stopped.",
        "Give a contact point the severity `watchdog` if none has it.",
      ],
    },
  }),
  ...collectorRules,
  ...ledgerRules,
  ...databaseRules,
  ...grafanaRules,
];

/** The pack that they belong to. */
export const silencePack = "stack";

export const silenceRuleName = "ServiceTelemetryAbsent";

/** One rule for each service whose silence is an alert. */
export const silenceRules = (services: readonly ExpectedService[]): Rule[] =>
  services.map(({ service, metric }) =>
    rule({
      name: silenceRuleName,
      instance: service,
      severity: "critical",
      summary: "{{ $labels.service_name }} is silent",
      description: "{{ $labels.service_name }} sends no metrics. It is down, or it cannot reach the collector.",
      query: absent(metric, { service_name: is(service) }),
      threshold: {
        fires: "above",
        value: 0,
        unit: "number",
        words: "while the metric is missing",
        why: "The query has a result only while the metric is missing.",
      },
      for: 600,
      keepFiringFor: 0,
      noData: "OK",
      executionError: "KeepLast",
      panel: onHealth(stackHealth.panels.spanServices),
      runbook: silence,
    }),
  );

const silence = {
  meaning:
    "A metric that the service exports even when idle has been missing for ten minutes, on top of the five minutes for which a query still finds the last value.",
  impact: "The service may be down. If it runs, it runs unobserved: its other rules see no data and stay silent.",
  diagnosis: [
    "Does the service run, and does it answer?",
    "Does its log show export errors? Then look at `OTEL_EXPORTER_OTLP_ENDPOINT` and at the collector (`docker logs`).",
    "Does anything else arrive? *Stack health* lists the services that send spans and log records.",
    "After a rename, `alerts.services` still expects the old `service.name`.",
  ],
  mitigation: ["Restart the service or mend its exporter.", "Remove a service that is gone from `alerts.services`."],
};
