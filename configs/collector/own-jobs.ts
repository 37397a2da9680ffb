import type { Settings } from "../settings/settings.ts";

/**
 * The scrape jobs of the stack's own parts. The stack's boards and rules go by these names, so no job of the settings
 * may have one.
 */
export const ownJobs = { collector: "otelcol", database: "greptimedb", grafana: "grafana" } as const;

export type OwnJob = (typeof ownJobs)[keyof typeof ownJobs];

/** What of the stack has metrics of its own: what is scraped, and the delivery ledger, which sends its own. */
export type OwnPart = OwnJob | "ledger";

export const ownPartsOf = (settings: Settings): readonly OwnPart[] => [
  ...ownJobsOf(settings),
  ...(settings.collector.ledger.enabled ? ["ledger" as const] : []),
];

/** The parts of the stack that the collector scrapes. An external GreptimeDB is watched by whoever runs it. */
export const ownJobsOf = ({ greptimedb }: Settings): readonly OwnJob[] => [
  ownJobs.collector,
  ...(greptimedb.topology === "external" ? [] : [ownJobs.database]),
  ownJobs.grafana,
];

/**
 * What is kept of endpoints that expose thousands of series: what the pack `stack` reads, and nothing else. The
 * collector exposes little, and all of it is kept.
 */
export const keptSeries: Readonly<Record<Exclude<OwnJob, "otelcol">, readonly string[]>> = {
  greptimedb: [
    "greptime_logstore_op_bytes_total",
    "greptime_memory_limit_in_bytes",
    "greptime_mito_cache_bytes",
    "greptime_mito_compaction_failure_total",
    "greptime_mito_flush_bytes_total",
    "greptime_mito_flush_failure_total",
    "greptime_mito_write_buffer_bytes",
    "greptime_mito_write_reject_total",
    "greptime_mito_write_stalling_count",
    "greptime_servers_http_otlp_logs_elapsed_bucket",
    "greptime_servers_http_otlp_logs_elapsed_count",
    "greptime_servers_http_otlp_logs_elapsed_sum",
    "greptime_servers_http_otlp_metrics_elapsed_bucket",
    "greptime_servers_http_otlp_metrics_elapsed_count",
    "greptime_servers_http_otlp_metrics_elapsed_sum",
    "greptime_servers_http_otlp_traces_elapsed_bucket",
    "greptime_servers_http_otlp_traces_elapsed_count",
    "greptime_servers_http_otlp_traces_elapsed_sum",
    "greptime_servers_http_prometheus_promql_elapsed_bucket",
    "greptime_servers_http_prometheus_promql_elapsed_count",
    "greptime_servers_http_prometheus_promql_elapsed_sum",
    "greptime_servers_http_requests_total",
    "greptime_servers_jaeger_query_elapsed_bucket",
    "greptime_servers_jaeger_query_elapsed_count",
    "greptime_servers_jaeger_query_elapsed_sum",
    "greptime_servers_mysql_query_elapsed_bucket",
    "greptime_servers_mysql_query_elapsed_count",
    "greptime_servers_mysql_query_elapsed_sum",
    "greptime_table_operator_ingest_rows",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
  ],
  grafana: [
    "grafana_alerting_alerts",
    "grafana_alerting_notifications_failed_total",
    "grafana_alerting_notifications_total",
    "grafana_alerting_rule_evaluation_duration_seconds_bucket",
    "grafana_alerting_rule_evaluation_duration_seconds_count",
    "grafana_alerting_rule_evaluation_duration_seconds_sum",
    "grafana_alerting_rule_evaluation_failures_total",
    "grafana_alerting_rule_evaluations_total",
    "grafana_alerting_scheduler_behind_seconds",
    "grafana_plugin_request_duration_seconds_bucket",
    "grafana_plugin_request_duration_seconds_count",
    "grafana_plugin_request_duration_seconds_sum",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
  ],
};
