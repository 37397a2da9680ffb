import { databaseHeader, httpUrl, paths, storeFrom, tables, type Store } from "../greptimedb/store.ts";
import type { Settings } from "../settings/settings.ts";
import { formatDuration } from "../settings/units.ts";
import { yamlForGo } from "../yaml.ts";

/**
 * The datasources, by name. Their uids are an interface: dashboards, rules and bookmarks name them, and Grafana
 * stops reconciling a file in which the uid of a known name changes.
 */
export const datasources = {
  metrics: { uid: "greptimedb-metrics", name: "GreptimeDB metrics", type: "prometheus" },
  traces: { uid: "greptimedb-traces", name: "GreptimeDB traces", type: "jaeger" },
  sql: { uid: "greptimedb-sql", name: "GreptimeDB SQL", type: "mysql" },
} as const;

/** Variable that the file takes the reader's password from. Without braces, or Grafana would expand the value again. */
const password = "$GREPTIMEDB_READER_PASSWORD";

/** Grafana's provisioning file, as YAML. It holds no secret. */
export function datasourcesFile(settings: Settings): string {
  const store = storeFrom(settings);
  const sources = [metricsSource(store, settings), tracesSource(store), sqlSource(store)];
  return yamlForGo({
    apiVersion: 1,
    prune: true,
    datasources: sources.map((source) => ({ access: "proxy", orgId: 1, editable: false, ...source })),
  });
}

function metricsSource(store: Store, { collector }: Settings) {
  return {
    ...datasources.metrics,
    isDefault: true,
    url: `${httpUrl(store)}${paths.prometheus}`,
    ...login(store),
    jsonData: {
      httpMethod: "POST",
      // set, so that Grafana asks for label values in the way that GreptimeDB answers
      prometheusType: "Prometheus",
      prometheusVersion: "2.50.1",
      // $__rate_interval is four of these: shorter than applications export, and graphs are empty
      timeInterval: formatDuration(collector.exportInterval),
      queryTimeout: "60s",
      // GreptimeDB has no /rules, and nothing may write recording rules to it
      manageAlerts: false,
      disableRecordingRules: true,
      allowAsRecordingRulesTarget: false,
      cacheLevel: "Low",
      incrementalQuerying: false,
      defaultEditor: "code",
      httpHeaderName1: databaseHeader,
    },
    secureJsonData: { basicAuthPassword: password, httpHeaderValue1: store.databases.metrics },
  };
}

function tracesSource(store: Store) {
  return {
    ...datasources.traces,
    url: `${httpUrl(store)}${paths.jaeger}`,
    ...login(store),
    jsonData: {
      nodeGraph: { enabled: true },
      // GreptimeDB reads microseconds where the datasource sends milliseconds: with it, no trace is found
      traceIdTimeParams: { enabled: false },
      tracesToMetrics: {
        datasourceUid: datasources.metrics.uid,
        spanStartTimeShift: "-15m",
        spanEndTimeShift: "15m",
        tags: [{ key: "service.name", value: "service_name" }],
        queries: [
          { name: "Requests", query: literal("sum by (endpoint) (rate(http_requests_total{$__tags}[5m]))") },
          { name: "Tool calls", query: literal("sum by (tool_name) (rate(agent_tool_calls_total{$__tags}[5m]))") },
        ],
      },
      httpHeaderName1: databaseHeader,
    },
    secureJsonData: { basicAuthPassword: password, httpHeaderValue1: store.databases.traces },
    correlations: [logsOfTrace(store)],
  };
}

function sqlSource(store: Store) {
  const { host, port, tls } = store.mysql;
  return {
    ...datasources.sql,
    url: `${host}:${String(port)}`,
    user: store.users.reader.name,
    jsonData: {
      database: store.databases.logs,
      maxOpenConns: 10,
      maxIdleConns: 2,
      connMaxLifetime: 300,
      // no time zone: setting one is denied to a reader, and the server's is UTC
      ...(tls ? { tlsAuthWithCACert: true } : {}),
    },
    // with TLS the certificate is checked against the authorities that the Grafana image trusts
    secureJsonData: { password, ...(tls ? { tlsCACert: "$__file{/etc/ssl/certs/ca-certificates.crt}" } : {}) },
    correlations: [traceOfLog()],
  };
}

const login = (store: Store) => ({ basicAuth: true, basicAuthUser: store.users.reader.name });

/** In a trace: the log records that carry its id. */
const logsOfTrace = ({ databases }: Store) => ({
  targetUID: datasources.sql.uid,
  label: "Logs of this trace",
  description: "Log records with the same trace id",
  type: "query",
  config: {
    field: "traceID",
    target: {
      refId: "A",
      format: "table",
      editorMode: "code",
      rawQuery: true,
      rawSql: literal(
        `SELECT timestamp, severity_text, body, span_id FROM \`${databases.logs}\`.${tables.logs} WHERE trace_id = '\${__value.raw}' ORDER BY timestamp LIMIT 1000`,
      ),
    },
  },
});

/** In a row of a SQL answer: the trace whose id it holds. */
const traceOfLog = () => ({
  targetUID: datasources.traces.uid,
  label: "Trace",
  description: "The trace that this row belongs to",
  type: "query",
  config: { field: "trace_id", target: { refId: "A", query: literal("${__value.raw}") } },
});

/** Grafana expands `$` in this file; doubled, it stays. */
const literal = (value: string): string => value.replaceAll("$", "$$$$");
