import { databaseHeader, paths, tables } from "../../greptimedb/store.ts";
import { prelude } from "../../shell.ts";
import { foundProgram, reportProgram, settleProgram } from "./book.ts";
import { ledgerService, ownNames } from "../own-records.ts";
import { numberInstrument } from "./records.ts";

/** Where the ledger keeps its book. */
export const bookDirectory = "/var/lib/ledger";

/** Written at the end of each round: whether it is recent says whether the ledger works. */
export const roundFile = `${bookDirectory}/round`;

const resource = `"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"${ledgerService}"}},{"key":"service.instance.id","value":{"stringValue":"'"$id"'"}}]}`;

const setup = `directory=\${BOOK_DIRECTORY:-${bookDirectory}}
book=$directory/book
programs=$(mktemp -d)
trap 'rm -rf "$answer" "$programs"' EXIT
trap 'exit 0' INT TERM

cat >"$programs/settle" <<'END_OF_PROGRAM'
${settleProgram}END_OF_PROGRAM
cat >"$programs/report" <<'END_OF_PROGRAM'
${reportProgram}END_OF_PROGRAM
cat >"$programs/found" <<'END_OF_PROGRAM'
${foundProgram}END_OF_PROGRAM

`;

const onBook = `# settle   reads what was found from its input; the old book stays until the new one is whole
settle() {
  cat - "$book" | awk -v now="$now" -v due="$DUE" -v kept="$KEPT" -v rounds="$ROUNDS" -f "$programs/settle" >"$book.new" &&
    mv "$book.new" "$book"
}

# of KIND [SIGNAL]   a value of the book
of() {
  awk -v kind="$1" -v signal="\${2:-}" '$1 == kind && (signal == "" || $2 == signal) { print (signal == "" ? $2 : $3) }' "$book"
}

`;

/** @param spanAttributes as below */
const sendingRecords = (
  spanAttributes: string,
): string => `# numbered SIGNAL BODY   sends a record; notes it when it is acknowledged
numbered() {
  if send "$1" "$2"; then
    printf 'acknowledged %s %s %s .\\n' "$1" "$number" "$now" >>"$book"
  else
    say "round $number, $1: the collector did not take it (HTTP $status): $(excerpt)"
  fi
}

send_records() {
  record=$(printf '%s%016d' "$id" "$number")
  span=$(printf '%016d' "$number")
  nanoseconds="\${now}000000000"
  numbered traces '{"resourceSpans":[{${resource},"scopeSpans":[{"spans":[{"traceId":"'"$record"'","spanId":"'"$span"'","name":"${ownNames.traces.ledger}","kind":1,"startTimeUnixNano":"'"$nanoseconds"'","endTimeUnixNano":"'"$nanoseconds"'"${spanAttributes}}]}]}]}'
  numbered logs '{"resourceLogs":[{${resource},"scopeLogs":[{"logRecords":[{"timeUnixNano":"'"$nanoseconds"'","severityNumber":9,"severityText":"INFO","body":{"stringValue":"${ownNames.logs.ledger} '"$number"'"},"traceId":"'"$record"'","spanId":"'"$span"'"}]}]}]}'
  numbered metrics '{"resourceMetrics":[{${resource},"scopeMetrics":[{"metrics":[{"name":"${numberInstrument}","gauge":{"dataPoints":[{"timeUnixNano":"'"$nanoseconds"'","asInt":"'"$number"'"}]}}]}]}]}'
}

`;

const looking = `# observed SIGNAL   the first and the last number of what is looked for, and when the first was sent
observed() {
  awk -v signal="$1" '
    ($1 == "record" || $1 == "acknowledged") && $2 == signal {
      if (first == "" || $3 + 0 < first) { first = $3 + 0; at = $4 + 0 }
      if ($3 + 0 > last) last = $3 + 0
    }
    END { if (first != "") printf "%.0f %.0f %.0f", first, last, at }' "$book"
}

# look SIGNAL DATABASE COLUMN TABLE TIME WHICH   prints what is there of what is looked for
look() {
  status=$(request "$READER_AUTHORIZATION" -H "${databaseHeader}: $2" --data-urlencode "sql=SELECT $3, count(*) FROM $4 WHERE $5 >= '$since' AND $6 GROUP BY $3" "$GREPTIMEDB_URL${paths.sql}")
  case $status in
    200) tr '][' '\\n\\n' <"$answer" | tr -d '" ' | awk -v signal="$1" -v id="$id" -f "$programs/found" ;;
    # a table or a database that is not there holds nothing
    400 | 404) ;;
    *)
      say "round $number, $1: GreptimeDB cannot be asked (HTTP $status): $(excerpt)" >&2
      return
      ;;
  esac
  printf 'answered %s\\n' "$1"
}

# looked SIGNAL   asks for what is under observation, if anything is
looked() {
  range=$(observed "$1")
  [ -n "$range" ] || return 0
  first=\${range%% *} at=\${range##* } last=\${range#* }
  last=\${last%% *}
  since=$(date -u -d "@$((at - 60))" +%Y-%m-%dT%H:%M:%SZ)
  traces=$(printf "trace_id >= '%s%016d' AND trace_id <= '%s%016d'" "$id" "$first" "$id" "$last")
  case $1 in
    traces) look traces "$TRACES_DATABASE" trace_id ${tables.traces} timestamp "$traces" ;;
    logs) look logs "$LOGS_DATABASE" trace_id ${tables.logs} timestamp "$traces" ;;
    metrics) look metrics "$METRICS_DATABASE" greptime_value ${numberInstrument} greptime_timestamp "service_instance_id = '$id'" ;;
  esac
}

`;

const rounds = `round() {
  now=$(date +%s)
  number=$(($(of last) + 1))
  printf 'number %s .\\n' "$number" >>"$book"
  send_records
  now=$(date +%s)
  for signal in traces logs metrics; do looked "$signal"; done | settle || fail "cannot write $book"
  send metrics "$(awk -v now="$now" -v service="${ledgerService}" -f "$programs/report" "$book")" || true
  missing="$(of missing traces) $(of missing logs) $(of missing metrics)"
  [ "$missing" = "$missing_before" ] || say "round $number: due and not there (traces, logs, metrics): $missing"
  missing_before=$missing
  : >"$directory/round"
}

now=$(date +%s)
missing_before="0 0 0"
if ! grep -q '^book [0-9a-f]\\{16\\} [0-9][0-9]*$' "$book" 2>>"$answer"; then
  # the damaged one is kept, for whoever wants to look
  [ ! -e "$book" ] || mv "$book" "$book.damaged" || fail "cannot write to $directory"
  printf 'book %.16s %s\\nlast 0\\n' "$(tr -d '-' </proc/sys/kernel/random/uuid)" "$now" >"$book" || fail "cannot write to $directory"
fi
settle </dev/null || fail "cannot write $book"
id=$(of book)
say "book $id: goes on after $(of last)"

while :; do
  round
  sleep "$INTERVAL" &
  wait $!
done
`;

/**
 * Sends one record of each signal a round, all with the round's number, and looks for those of the last minutes in
 * GreptimeDB. The number is the second half of a span's or a log record's trace id, whose first half is the book's own
 * id: so nothing is added to the tables that applications have not as well.
 *
 * @param send the function of the shell that sends
 * @param spanAttributes what the ledger's spans need so that no sampler drops them, as OTLP/JSON
 */
export const ledgerScript = (send: string, spanAttributes: string): string =>
  [prelude, setup, send, onBook, sendingRecords(spanAttributes), looking, rounds].join("\n");
