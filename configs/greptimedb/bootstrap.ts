import type { Task } from "../service.ts";
import type { Retention } from "../settings/fields.ts";
import type { Settings } from "../settings/settings.ts";
import { formatDuration } from "../settings/units.ts";
import { prelude } from "../shell.ts";
import { basicAuth, text } from "../text.ts";
import { humantime } from "./humantime.ts";
import { httpUrl, paths, serviceName, storeFrom } from "./store.ts";

/** Name of the task; what writes to GreptimeDB needs it, because a missing database is answered 400 and loses data. */
export const bootstrapName = "greptimedb-bootstrap";

/**
 * Creates the databases and sets their retention. Both statements converge, so that a changed setting takes effect
 * on the next run: retention is a property of a database, for tables that exist and tables to come.
 */
export function bootstrapTask(settings: Settings): Task {
  const { greptimedb, images } = settings;
  const store = storeFrom(settings);
  const local = greptimedb.topology === "standalone";
  return {
    name: bootstrapName,
    image: images.greptimedb,
    script: bootstrapScript,
    env: {
      ADMIN_AUTHORIZATION: text`${basicAuth(store.users.admin.name, store.users.admin.password)}`,
      DATABASES: databaseLines(settings),
      GREPTIMEDB_URL: httpUrl(store),
      SQL_PATH: paths.sql,
    },
    memoryMiB: 64,
    user: { uid: 10001, gid: 10001 },
    timeoutSeconds: 120,
    needs: local ? [serviceName] : [],
    targets: local ? [serviceName] : [],
  };
}

/** One line a database: its name, the retention to set, and how GreptimeDB will write that back. */
function databaseLines({ greptimedb: { databases, retention } }: Settings): string {
  const byName = new Map(
    (["metrics", "traces", "logs"] as const).map((signal) => [databases[signal], retention[signal]]),
  );
  return [...byName].map(([name, kept]) => `${name}|${ttl(kept)}|${readBack(kept)}`).join("\n");
}

const ttl = (kept: Retention): string => (kept === "forever" ? "forever" : formatDuration(kept));
const readBack = (kept: Retention): string => (kept === "forever" ? "forever" : humantime(kept));

const bootstrapScript = `${prelude}
# sql STATEMENT   succeeds on HTTP 200
sql() {
  status=$(request "$ADMIN_AUTHORIZATION" --data-urlencode "sql=$1" "$GREPTIMEDB_URL$SQL_PATH")
  [ "$status" = 200 ]
}

reachable() {
  status=$(request "" "$GREPTIMEDB_URL/health")
  [ "$status" = 200 ]
}

within 60 reachable || fail "GreptimeDB does not answer at $GREPTIMEDB_URL/health (HTTP $status): $(excerpt)"

printf '%s\\n' "$DATABASES" | {
  while IFS='|' read -r name ttl written; do
    sql "CREATE DATABASE IF NOT EXISTS \\"$name\\" WITH (ttl='$ttl')" ||
      fail "cannot create database $name (HTTP $status): $(excerpt)"
    # unquoted: GreptimeDB 1.1 takes the quotes of an ALTER DATABASE for a part of the name
    sql "ALTER DATABASE $name SET 'ttl'='$ttl'" ||
      fail "cannot set the retention of database $name (HTTP $status): $(excerpt)"
    sql "SHOW CREATE DATABASE \\"$name\\"" ||
      fail "cannot read database $name back (HTTP $status): $(excerpt)"
    if grep -q "ttl = '" "$answer"; then
      grep -q "ttl = '$written'" "$answer" || fail "database $name should keep its data for $written, but: $(excerpt)"
    else
      # no ttl at all is GreptimeDB's other way to write "forever"
      [ "$written" = forever ] || fail "database $name has no retention, although $ttl was set: $(excerpt)"
    fi
    say "database $name keeps its data for $ttl"
  done
}
`;
