import { databaseHeader, httpUrl, paths, storeCalls, storeFrom, tables } from "../greptimedb/store.ts";
import type { Task } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { prelude } from "../shell.ts";
import { basicAuth, text } from "../text.ts";
import { ownNames, ownSpanAttributes, proofService, spanDelay } from "./own-records.ts";
import { ports, serviceName } from "./ports.ts";
import { sendFunction, sendingEnvironment } from "./sending.ts";

/** Name of the task; what reads from GreptimeDB needs it, because the tables exist only after a first write. */
export const proofName = "pipeline-proof";

/** What the proof measures, when it last ran: the instrument, and the name under which GreptimeDB stores it. */
export const proofInstrument = ownNames.metrics.proof;
export const proofMetric = `${proofInstrument}_seconds`;

/**
 * Waits for the collector, whose image has no command that could be asked, then sends one span, one log record and
 * one metric through it and reads each back from GreptimeDB. So a deployment that succeeded has a working pipeline,
 * and the tables that panels read exist.
 */
export function proofTask(settings: Settings): Task {
  const store = storeFrom(settings);
  const { databases, users } = store;
  return {
    name: proofName,
    image: settings.images.greptimedb,
    script: proofScript(settings),
    env: {
      ...sendingEnvironment(settings),
      GREPTIMEDB_URL: httpUrl(store),
      LOGS_DATABASE: databases.logs,
      METRICS_DATABASE: databases.metrics,
      READER_AUTHORIZATION: text`${basicAuth(users.reader.name, users.reader.password)}`,
      TRACES_DATABASE: databases.traces,
    },
    memoryMiB: 64,
    user: { uid: 10001, gid: 10001 },
    timeoutSeconds: 300 + spanDelay(settings),
    needs: [serviceName],
    targets: [serviceName, ...store.services],
    calls: [{ to: serviceName, port: ports.health }, { to: serviceName, port: ports.otlpHttp }, ...storeCalls(store)],
  };
}

const resource = `"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"${proofService}"}}]}`;

const proofScript = (settings: Settings): string => `${prelude}
healthy() {
  status=$(request "" "http://$COLLECTOR:${String(ports.health)}/")
  [ "$status" = 200 ]
}

${sendFunction(settings)}
# stored DATABASE EXPECTED PATH CURL-ARGUMENT...   succeeds when the answer holds the expected text
stored() {
  database=$1 expected=$2 path=$3
  shift 3
  status=$(request "$READER_AUTHORIZATION" -H "${databaseHeader}: $database" "$@" "$GREPTIMEDB_URL$path")
  [ "$status" = 200 ] && grep -q "$expected" "$answer"
}

# arrived WHAT SECONDS DATABASE EXPECTED PATH CURL-ARGUMENT...
arrived() {
  what=$1 patience=$2
  shift 2
  within "$patience" stored "$@" ||
    fail "the collector took the $what, but it did not arrive in database $1 within $patience s (HTTP $status): $(excerpt)" \\
      "The reason stands in the collector's log."
  say "$what: sent, stored, read back"
}

within 60 healthy || fail "the collector does not answer at $COLLECTOR:${String(ports.health)} (HTTP $status): $(excerpt)"
say "collector: healthy"

seconds=$(date +%s)
nanoseconds="\${seconds}000000000"
trace=$(tr -d '-' </proc/sys/kernel/random/uuid)
span=$(printf '%.16s' "$trace")

send traces '{"resourceSpans":[{${resource},"scopeSpans":[{"spans":[{"traceId":"'"$trace"'","spanId":"'"$span"'","name":"${ownNames.traces.proof}","kind":1,"startTimeUnixNano":"'"$nanoseconds"'","endTimeUnixNano":"'"$nanoseconds"'"${ownSpanAttributes(settings)}}]}]}]}' ||
  fail "the collector refused the span (HTTP $status): $(excerpt)"
send logs '{"resourceLogs":[{${resource},"scopeLogs":[{"logRecords":[{"timeUnixNano":"'"$nanoseconds"'","severityNumber":9,"severityText":"INFO","body":{"stringValue":"${ownNames.logs.proof}"},"traceId":"'"$trace"'","spanId":"'"$span"'"}]}]}]}' ||
  fail "the collector refused the log record (HTTP $status): $(excerpt)"
send metrics '{"resourceMetrics":[{${resource},"scopeMetrics":[{"metrics":[{"name":"${proofInstrument}","unit":"s","gauge":{"dataPoints":[{"timeUnixNano":"'"$nanoseconds"'","asDouble":'"$seconds"'}]}}]}]}]}' ||
  fail "the collector refused the metric (HTTP $status): $(excerpt)"

arrived span ${String(60 + spanDelay(settings))} "$TRACES_DATABASE" "$trace" ${paths.sql} --data-urlencode "sql=SELECT trace_id FROM ${tables.traces} WHERE trace_id = '$trace'"
arrived log 60 "$LOGS_DATABASE" "$trace" ${paths.sql} --data-urlencode "sql=SELECT trace_id FROM ${tables.logs} WHERE trace_id = '$trace'"
arrived metric 60 "$METRICS_DATABASE" "\\"$seconds" ${paths.prometheus}/api/v1/query --data-urlencode "query=${proofMetric}{service_name=\\"${proofService}\\"}" --data-urlencode "time=$seconds"
`;
