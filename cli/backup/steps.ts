import { directories } from "../../configs/greptimedb/config.ts";
import { serviceName as greptimedb, userName } from "../../configs/greptimedb/store.ts";
import { serviceName as collector } from "../../configs/collector/ports.ts";
import { serviceName as grafana } from "../../configs/grafana/names.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { UserError } from "../exit.ts";
import { dockerWords, kubernetesWords, type Words } from "./words.ts";

/** What a backup and a restore do, step by step, as commands that a person could type. */

export interface Step {
  readonly what: string;
  /** A program and its arguments. No secret is among them. */
  readonly command: readonly string[];
  /** What it reads: the administrator's password, a file of the backup, or a text. */
  readonly input?: { readonly password: true } | { readonly file: string } | { readonly text: string };
  /** File of the backup that gets what it writes. */
  readonly output?: string;
  /** Taken whether or not those before it went well. */
  readonly always?: true;
  /** What a tool says that ends with 0 although it did not work. */
  readonly refuse?: RegExp;
}

export const files = { greptimedb: "greptimedb.tar", grafana: "grafana.tar", manifest: "manifest.json" } as const;

/** Where GreptimeDB's tools leave their files: from version 1.2 on it copies to and from this directory of its volume only. */
const work = `${directories.data}/copy/backup`;

export const wordsFor = (settings: Settings): Words =>
  settings.platform === "docker" ? dockerWords(settings) : kubernetesWords(settings);

export type Part = "greptimedb" | "grafana";

/**
 * What can be backed up of a stack.
 * @throws UserError when GreptimeDB has no files in one place
 */
export function partsOf(settings: Settings, only: string | undefined): Part[] {
  if (only !== undefined && only !== "greptimedb" && only !== "grafana") {
    throw new UserError(`--only ${only}: greptimedb or grafana`);
  }
  const { topology } = settings.greptimedb;
  const parts: readonly Part[] = only === undefined ? ["greptimedb", "grafana"] : [only];
  if (parts.includes("greptimedb") && topology !== "standalone") {
    const why =
      topology === "external"
        ? "GreptimeDB is external: whoever runs it backs it up."
        : "GreptimeDB is a cluster: back up its object storage and its metadata store (docs/backup.md).";
    throw new UserError(`${why} --only grafana backs up Grafana.`);
  }
  if (parts.includes("grafana") && settings.grafana.database.kind !== "volume") {
    throw new UserError(
      "Grafana's database is a PostgreSQL: pg_dump backs it up. --only greptimedb backs up GreptimeDB.",
    );
  }
  return [...parts];
}

/** Of a password that comes by standard input: it is in no process list of this machine. */
const adminOf = (settings: Settings): string => userName("admin", settings.greptimedb.users.generation);

const databasesOf = ({ greptimedb: { databases } }: Settings): string =>
  [...new Set([databases.metrics, databases.traces, databases.logs])].join(" ");

/** A tool that writes where it is started needs a place to write. */
const tool = (settings: Settings, words: string): string =>
  `cd /tmp && greptime cli data ${words} --addr localhost:4000 --auth-basic "${adminOf(settings)}:$password"`;

/** The tools end with 0 when some of their jobs have failed, and say so in their logs. */
const toolFailed = /job failed|Success (\d+)\/(?!\1\b)\d+/;

export function backupSteps(settings: Settings, parts: readonly Part[]): Step[] {
  const words = wordsFor(settings);
  return [
    ...(parts.includes("greptimedb") ? exportSteps(settings, words) : []),
    ...(parts.includes("grafana") ? grafanaBackup(words) : []),
  ];
}

const exportSteps = (settings: Settings, words: Words): Step[] => [
  {
    what: "GreptimeDB writes its databases to files",
    command: words.exec(
      greptimedb,
      `set -eu; read -r password; rm -rf ${work}; ${tool(settings, `export --output-dir ${work}`)}; ` +
        `for database in ${databasesOf(settings)}; do test -s "${work}/greptime/$database/create_database.sql"; done`,
    ),
    input: { password: true },
    refuse: toolFailed,
  },
  {
    what: "The files are copied",
    command: words.exec(greptimedb, `tar -C ${work} -cf - .`),
    output: files.greptimedb,
  },
  { what: "GreptimeDB's copy is removed", command: words.exec(greptimedb, `rm -rf ${work}`), always: true },
];

/** Its database, and the key without which nobody reads the secrets in it (configs/grafana/start.ts). */
const grafanaBackup = (words: Words): Step[] => [
  ...words.stop(grafana, "Grafana stops, so that its database is complete"),
  ...words.onVolume(
    "Grafana's database and its key are copied",
    `cd ${words.grafanaData} && tar -cf - secret_key grafana.db*`,
    {
      output: files.grafana,
    },
  ),
  ...words.start(grafana, "Grafana starts again"),
];

export function restoreSteps(settings: Settings, parts: readonly Part[], madeAt: string, force: boolean): Step[] {
  const words = wordsFor(settings);
  return [
    ...(parts.includes("greptimedb") ? importSteps(settings, words, force ? undefined : madeAt) : []),
    ...(parts.includes("grafana") ? grafanaRestore(words) : []),
  ];
}

const importSteps = (settings: Settings, words: Words, madeAt: string | undefined): Step[] => [
  ...(madeAt === undefined ? [] : [emptiness(settings, words, madeAt)]),
  ...words.stop(collector, "The collector stops: clients keep what they have and try again"),
  {
    what: "The files are copied to GreptimeDB",
    command: words.exec(greptimedb, `set -eu; rm -rf ${work}; mkdir -p ${work}; tar -C ${work} -xf -`),
    input: { file: files.greptimedb },
  },
  {
    what: "GreptimeDB reads its databases from the files",
    command: words.exec(greptimedb, `set -eu; read -r password; ${tool(settings, `import --input-dir ${work}`)}`),
    input: { password: true },
    refuse: toolFailed,
  },
  { what: "GreptimeDB's copy is removed", command: words.exec(greptimedb, `rm -rf ${work}`), always: true },
  ...words.start(collector, "The collector starts again"),
];

/** Spans are not unique: what is there already would be there twice. A table that is not there has none. */
function emptiness(settings: Settings, words: Words, madeAt: string): Step {
  const { traces } = settings.greptimedb.databases;
  const sql = `SELECT count(*) FROM opentelemetry_traces WHERE timestamp < '${madeAt}'`;
  return {
    what: "GreptimeDB has nothing from before the backup",
    command: words.exec(
      greptimedb,
      `set -eu; read -r password; printf 'user = "%s:%s"\\n' ${adminOf(settings)} "$password" | ` +
        `curl -sS -K - -H "x-greptime-db-name: ${traces}" --data-urlencode "sql=${sql}" http://localhost:4000/v1/sql`,
    ),
    input: { password: true },
    // rows, or an answer that says anything but that there is no such table
    refuse: /"rows":\s*\[\[[1-9]|"code":\s*(?!4001\b|0\b)\d+/,
  };
}

const grafanaRestore = (words: Words): Step[] => [
  ...words.stop(grafana, "Grafana stops"),
  ...words.onVolume(
    "Grafana's database and its key are put back",
    `cd ${words.grafanaData} && rm -f grafana.db grafana.db-wal grafana.db-shm && tar -xf -`,
    { input: { file: files.grafana } },
  ),
  ...words.start(grafana, "Grafana starts again"),
];
