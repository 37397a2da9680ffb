import type { Task } from "../service.ts";
import type { Retention } from "../settings/fields.ts";
import type { Settings } from "../settings/settings.ts";
import { formatDuration } from "../settings/units.ts";
import { prelude } from "../shell.ts";
import { basicAuth, text } from "../text.ts";
import { humantime } from "./humantime.ts";
import { proxyName } from "./cluster/roles.ts";
import { httpUrl, paths, storeCalls, storeFrom } from "./store.ts";

/** Name of the task; what writes to GreptimeDB needs it, because a missing database is answered 400 and loses data. */
export const bootstrapName = "greptimedb-bootstrap";

/**
 * Creates the databases and sets their retention. Both statements converge, so that a changed setting takes effect
 * on the next run: retention is a property of a database, for tables that exist and tables to come. Of a cluster it
 * first makes sure that all datanodes are there, and that none that holds data is about to go.
 */
export function bootstrapTask(settings: Settings): Task {
  const store = storeFrom(settings);
  const { topology, cluster } = settings.greptimedb;
  const clustered = topology === "cluster";
  return {
    name: bootstrapName,
    image: settings.images.greptimedb,
    script: clustered ? bootstrapScript(askPatiently, datanodesThere(cluster.failover)) : bootstrapScript(ask, ""),
    env: {
      ADMIN_AUTHORIZATION: text`${basicAuth(store.users.admin.name, store.users.admin.password)}`,
      DATABASES: databaseLines(settings),
      GREPTIMEDB_URL: httpUrl(store),
      SQL_PATH: paths.sql,
      ...(clustered ? { DATANODES: String(cluster.datanode.replicas) } : {}),
    },
    memoryMiB: 64,
    user: { uid: 10001, gid: 10001 },
    timeoutSeconds: clustered ? 300 : 120,
    needs: store.services,
    targets: store.services.filter((name) => name !== proxyName),
    calls: storeCalls(store),
    check: {
      script: checkScript,
      env: {
        DATABASES: [...new Set(Object.values(store.databases))].join(" "),
        GREPTIMEDB_URL: httpUrl(store),
        SQL_PATH: paths.sql,
        WRITER_AUTHORIZATION: text`${basicAuth(store.users.writer.name, store.users.writer.password)}`,
      },
      calls: storeCalls(store),
    },
  };
}

/** How long each database is to keep its data: as it is set, and as GreptimeDB writes it back. */
export function retentions({
  greptimedb: { databases, retention },
}: Settings): { readonly database: string; readonly ttl: string; readonly written: string }[] {
  const byName = new Map(
    (["metrics", "traces", "logs"] as const).map((signal) => [databases[signal], retention[signal]]),
  );
  return [...byName].map(([database, kept]) => ({ database, ttl: ttl(kept), written: readBack(kept) }));
}

/** One line a database. */
const databaseLines = (settings: Settings): string =>
  retentions(settings)
    .map(({ database, ttl: set, written }) => `${database}|${set}|${written}`)
    .join("\n");

const ttl = (kept: Retention): string => (kept === "forever" ? "forever" : formatDuration(kept));
const readBack = (kept: Retention): string => (kept === "forever" ? "forever" : humantime(kept));

const ask = `# sql STATEMENT   succeeds on HTTP 200
sql() {
  status=$(request "$ADMIN_AUTHORIZATION" --data-urlencode "sql=$1" "$GREPTIMEDB_URL$SQL_PATH")
  [ "$status" = 200 ]
}
`;

/** A cluster of which a part is just starting answers 500. */
const askPatiently = `# answered STATEMENT   succeeds when the answer is final
answered() {
  status=$(request "$ADMIN_AUTHORIZATION" --data-urlencode "sql=$1" "$GREPTIMEDB_URL$SQL_PATH")
  case $status in 000 | 5*) return 1 ;; esac
}

# sql STATEMENT   succeeds on HTTP 200
sql() {
  within 30 answered "$1" && [ "$status" = 200 ]
}
`;

const bootstrapScript = (asking: string, first: string): string => `${prelude}
${asking}
reachable() {
  status=$(request "" "$GREPTIMEDB_URL/health")
  [ "$status" = 200 ]
}

within 60 reachable || fail "GreptimeDB does not answer at $GREPTIMEDB_URL/health (HTTP $status): $(excerpt)"
${first}
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

/**
 * Tables are made on the datanodes that are there, and a region is on one datanode: nobody else has its data, unless
 * regions move by themselves. What metasrv remembers is asked, not each of the tables: there may be thousands.
 */
const datanodesThere = (failover: boolean): string => `
# counted NUMBER CONDITION   succeeds when metasrv knows so many datanodes
counted() {
  sql "SELECT count(*) FROM information_schema.cluster_info WHERE peer_type = 'DATANODE' AND $2" &&
    grep -q "\\"rows\\":\\[\\[$1\\]\\]" "$answer"
}

within 60 counted "$DATANODES" "peer_id < $DATANODES" ||
  fail "not all $DATANODES datanodes have registered (HTTP $status): $(excerpt)"
${failover ? "" : noneBeyond}`;

const noneBeyond = `
within 10 counted 0 "peer_id >= $DATANODES AND node_status NOT LIKE '%\\"leader_regions\\":0,%'" ||
  fail "data lies on datanodes beyond the first $DATANODES; without them it cannot be reached." \\
    "Raise greptimedb.cluster.datanode.replicas again, or move their regions first (HTTP $status): $(excerpt)"
`;

/** A writer may not read, but it may choose a database: 400 while there is none of that name, and nothing is made. */
const checkScript = `${prelude}
# there DATABASE   succeeds when the writer finds it
there() {
  status=$(request "$WRITER_AUTHORIZATION" --data-urlencode "sql=USE $1" "$GREPTIMEDB_URL$SQL_PATH")
  [ "$status" = 200 ]
}

for name in $DATABASES; do
  within 60 there "$name" || fail "database $name is not there (HTTP $status): $(excerpt)"
done
`;
