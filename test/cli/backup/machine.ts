import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished, vi } from "vitest";

/**
 * A machine with a `docker`, an `aws` and the tools inside the containers, all of which are shell scripts: containers are
 * directories, GreptimeDB's databases files in them. What goes through pipes, and in which order, is real.
 */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "backup-"));
  /** Of a container, by its name. */
  readonly data = (container: string): string => join(this.root, "containers", container);

  constructor() {
    const programs = join(this.root, "bin");
    mkdirSync(programs);
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(programs, name), `#!/bin/sh\nset -eu\nROOT='${this.root}'\n${script}`);
      chmodSync(join(programs, name), 0o755);
    }
    vi.stubEnv("PATH", `${programs}:${process.env["PATH"] ?? ""}`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(this.root, { recursive: true, force: true });
    });
  }

  /** A stack of three containers, with these rows in GreptimeDB and these files in Grafana's database. */
  deploy(name: string, databases: Readonly<Record<string, string>>, grafana: Readonly<Record<string, string>>): void {
    for (const service of ["greptimedb", "collector", "grafana"]) {
      mkdirSync(join(this.data(`${name}-${service}`), "data"), { recursive: true });
      writeFileSync(join(this.data(`${name}-${service}`), "state"), "running");
    }
    mkdirSync(join(this.data(`${name}-greptimedb`), "databases"));
    for (const [database, rows] of Object.entries(databases)) {
      writeFileSync(join(this.data(`${name}-greptimedb`), "databases", database), rows);
    }
    for (const [file, text] of Object.entries(grafana)) {
      writeFileSync(join(this.data(`${name}-grafana`), "data", file), text);
    }
  }

  filesIn(...path: readonly string[]): Record<string, string> {
    const directory = join(this.root, "containers", ...path);
    if (!existsSync(directory)) return {};
    return Object.fromEntries(
      readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [name, readFileSync(join(directory, name), "utf8")]),
    );
  }

  state(container: string): string {
    return readFileSync(join(this.data(container), "state"), "utf8").trim();
  }

  /** Every command line that was seen, those inside of containers included. */
  get commandLines(): string[] {
    const file = join(this.root, "log");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** Makes a program fail, or say something, when its command line matches. */
  trouble(pattern: string, words: string, code: number): void {
    writeFileSync(join(this.root, "trouble"), `${pattern}\n${String(code)}\n${words}\n`);
  }
}

/** Notes the command line; stumbles where it should. */
const noted = (name: string) => `
printf '%s %s\\n' ${name} "$*" | tr '\\n' ' ' >> "$ROOT/log"; echo >> "$ROOT/log"
if [ -e "$ROOT/trouble" ] && printf '%s %s' ${name} "$*" | grep -q "$(sed -n 1p "$ROOT/trouble")"; then
  sed -n '3,$p' "$ROOT/trouble" >&2
  code=$(sed -n 2p "$ROOT/trouble")
  [ "$code" = 0 ] || exit "$code"
fi
`;

const scripts = {
  docker: `${noted("docker")}
verb=$1; shift
case $verb in
  stop) echo exited > "$ROOT/containers/$1/state" ;;
  start) echo running > "$ROOT/containers/$1/state" ;;
  exec)
    container=$2
    [ "$(cat "$ROOT/containers/$container/state")" = running ] || { echo "container $container is not running" >&2; exit 1; }
    export CONTAINER="$ROOT/containers/$container"
    exec sh -c "$(printf '%s' "$5" | sed "s#/greptimedb_data#$CONTAINER/data#g")" ;;
  run)
    while [ "$1" != --volumes-from ]; do shift; done
    container=$2
    [ "$(cat "$ROOT/containers/$container/state")" = exited ] || { echo "the database is in use" >&2; exit 1; }
    while [ "$1" != -c ]; do shift; done
    exec sh -c "$(printf '%s' "$2" | sed "s#/var/lib/grafana#$ROOT/containers/$container/data#g")" ;;
esac
`,
  // writes and reads files as GreptimeDB's tool lays them out, and ends with 0 whatever becomes of its jobs
  greptime: `printf 'inside greptime\\n' >> "$ROOT/log"
action=$3; shift 3
while [ $# -gt 0 ]; do
  case $1 in --output-dir|--input-dir) directory=$2 ;; --auth-basic) printf '%s' "$2" > "$CONTAINER/auth" ;; esac
  shift 2
done
[ "$(cat "$CONTAINER/auth")" = "admin:the-admin-password" ] || { echo "401 Unauthorized" >&2; exit 1; }
if [ "$action" = export ]; then
  for database in "$CONTAINER"/databases/*; do
    name=$(basename "$database"); mkdir -p "$directory/greptime/$name"
    echo "CREATE DATABASE IF NOT EXISTS $name" > "$directory/greptime/$name/create_database.sql"
    cp "$database" "$directory/greptime/$name/rows.parquet"
  done
else
  for database in "$directory"/greptime/*; do
    cat "$database/rows.parquet" >> "$CONTAINER/databases/$(basename "$database")"
  done
fi
if [ -e "$ROOT/half" ]; then echo "Success 2/3 jobs"; else echo "Success 3/3 jobs"; fi
`,
  curl: `cat > "$CONTAINER/curl"
if grep -q span "$CONTAINER/databases/traces" 2>/dev/null; then echo '{"output":[{"records":{"rows":[[12]]}}]}'
elif [ -e "$CONTAINER/databases/traces" ]; then echo '{"output":[{"records":{"rows":[[0]]}}]}'
else echo '{"code":4001,"error":"Table not found"}'; fi
`,
  aws: `${noted("aws")}
shift 2
while [ "$#" -gt 2 ]; do shift; done
to_file() { printf '%s' "$1" | sed "s#^s3://#$ROOT/s3/#"; }
if [ "$1" = - ]; then mkdir -p "$(dirname "$(to_file "$2")")"; cat > "$(to_file "$2")"; else cat "$(to_file "$1")"; fi
`,
} as const;
