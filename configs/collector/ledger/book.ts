import { totals, ledgerInstrument } from "./records.ts";

/**
 * The ledger's book: a text that is appended to while records are sent, and settled once a round. Lines:
 *
 *     book ID START                      which one it is, and when it was begun
 *     last NUMBER                        the last number that was used
 *     totals SIGNAL COUNT...             in the order of `totals`
 *     missing SIGNAL COUNT               due, and not there
 *     record SIGNAL NUMBER TIME SEEN LOOKS   acknowledged, and under observation
 *     number NUMBER .                    appended before a number is used
 *     acknowledged SIGNAL NUMBER TIME .  appended when the collector has said 200
 *
 * What is appended ends with a full stop, so that a line of which only a part was written is known for one. The
 * programs are POSIX awk; `%.0f`, because some print no more than 2^31 with `%d`.
 */

const column = Object.fromEntries(totals.map((name, index) => [name, String(index + 1)])) as Record<
  (typeof totals)[number],
  string
>;
const count = String(totals.length);

/**
 * Settles the book: reads what was found in GreptimeDB (`answered SIGNAL`, `found SIGNAL NUMBER COPIES`), then the book,
 * and prints the new one. Variables: now, due, kept (seconds), rounds.
 */
export const settleProgram = `function whole(text) { return text ~ /^[0-9]+$/ }

function settle(signal, n, at, seen, looks,    age, copies) {
  age = now - at
  copies = found[signal, n] + 0
  if (!seen && copies > 0) {
    seen = 1
    total[signal, ${column.stored}]++
    if (age > due) total[signal, ${column.late}]++
  }
  if (seen) {
    # closed, unless nobody could say how many copies there are
    if (age > kept && signal in answered) {
      if (copies > 1) total[signal, ${column.duplicated}] += copies - 1
      return
    }
  } else {
    if (signal in answered) looks++
    if (looks > rounds) {
      total[signal, ${column.lost}]++
      return
    }
    if (age > due) missing[signal]++
  }
  open[++opened] = sprintf("record %s %.0f %.0f %d %.0f", signal, n, at, seen, looks)
}

$1 == "answered" && NF == 2 { answered[$2] = 1; next }
$1 == "found" && NF == 4 { found[$2, $3 + 0] += $4; next }
$1 == "book" && NF == 3 { book = $0; next }
$1 == "last" && NF == 2 && whole($2) { last = $2 + 0; next }
$1 == "totals" && NF == ${String(totals.length + 2)} { for (i = 1; i <= ${count}; i++) total[$2, i] = $(i + 2); next }
$1 == "number" && $3 == "." && whole($2) { sent++; if ($2 + 0 > last) last = $2 + 0; next }
$1 == "acknowledged" && $5 == "." && whole($3) && whole($4) { total[$2, ${column.acknowledged}]++; settle($2, $3 + 0, $4 + 0, 0, 0); next }
$1 == "record" && NF == 6 && whole($3) && whole($4) && whole($5) && whole($6) { settle($2, $3 + 0, $4 + 0, $5 + 0, $6 + 0); next }

END {
  print book
  printf "last %.0f\\n", last
  split("traces logs metrics", signals, " ")
  for (s = 1; s <= 3; s++) {
    signal = signals[s]
    total[signal, ${column.sent}] += sent
    printf "totals %s", signal
    for (i = 1; i <= ${count}; i++) printf " %.0f", total[signal, i]
    printf "\\nmissing %s %.0f\\n", signal, missing[signal]
  }
  for (i = 1; i <= opened; i++) print open[i]
}
`;

const instruments = [...totals, "missing" as const].map(ledgerInstrument).join(" ");

/** Prints the book's totals as OTLP/JSON metrics. Variables: now (seconds), service. */
export const reportProgram = `function attribute(name, value) {
  return sprintf("{\\"key\\":\\"%s\\",\\"value\\":{\\"stringValue\\":\\"%s\\"}}", name, value)
}

function point(signal, value) {
  return sprintf("{\\"attributes\\":[%s],\\"startTimeUnixNano\\":\\"%s000000000\\",\\"timeUnixNano\\":\\"%s000000000\\",\\"asInt\\":\\"%.0f\\"}", attribute("signal", signal), start, now, value)
}

$1 == "book" { id = $2; start = $3 }
$1 == "totals" { for (i = 1; i <= ${count}; i++) points[i] = points[i] (points[i] == "" ? "" : ",") point($2, $(i + 2)) }
$1 == "missing" { points[${count} + 1] = points[${count} + 1] (points[${count} + 1] == "" ? "" : ",") point($2, $3) }

END {
  printf "{\\"resourceMetrics\\":[{\\"resource\\":{\\"attributes\\":[%s,%s]},\\"scopeMetrics\\":[{\\"metrics\\":[", attribute("service.name", service), attribute("service.instance.id", id)
  names = split("${instruments}", name, " ")
  for (i = 1; i <= names; i++) {
    data = i <= ${count} ? "\\"sum\\":{\\"aggregationTemporality\\":2,\\"isMonotonic\\":true," : "\\"gauge\\":{"
    printf "%s{\\"name\\":\\"%s\\",%s\\"dataPoints\\":[%s]}}", (i == 1 ? "" : ","), name[i], data, points[i]
  }
  printf "]}]}]}"
}
`;

/**
 * Prints what GreptimeDB's answer to a question for copies holds, as lines for {@link settleProgram}. Reads the answer
 * with a row a line (`id,copies`, without quotes). Variables: signal, id.
 */
export const foundProgram = `BEGIN { FS = "," }
NF != 2 || $2 !~ /^[0-9]+$/ { next }
signal == "metrics" && $1 ~ /^[0-9]+(\\.0*)?$/ { printf "found metrics %.0f %s\\n", $1, $2 }
signal != "metrics" && length($1) == 32 && substr($1, 1, 16) == id { printf "found %s %.0f %s\\n", signal, substr($1, 17), $2 }
`;
