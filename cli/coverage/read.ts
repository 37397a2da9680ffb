import { tables } from "../../configs/greptimedb/store.ts";
import type { Pack } from "../../dashboards/pack.ts";
import { exitCodes, UserError } from "../exit.ts";
import { sqlQuery } from "../running/grafana.ts";
import type { Databases } from "../running/greptimedb.ts";
import { excerpt } from "../running/http.ts";
import type { Target } from "../running/target.ts";
import { namesOfInterest } from "./findings.ts";
import { InventoryBuilder, type Inventory } from "./inventory.ts";

/** Reads an inventory from GreptimeDB, by SQL through Grafana's data source, which reaches it wherever it is. */

type Access = NonNullable<Target["grafana"]>;

/** How many questions at once: more only wait in GreptimeDB. */
const atOnce = 4;

/** Columns that are no labels. */
const notLabels = new Set(["greptime_timestamp", "greptime_value"]);

const name = (text: string): string => `\`${text.replaceAll("`", "``")}\``;
const within = (column: string, minutes: number): string => `${column} > now() - INTERVAL '${String(minutes)}' MINUTE`;

export interface Window {
  readonly minutes: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * What arrived within a window.
 * @param tell hears how many of how many tables have been read
 * @throws UserError when Grafana or GreptimeDB do not answer
 */
export async function readInventory(
  grafana: Access,
  databases: Databases,
  packs: readonly Pack[],
  { minutes, now }: Window,
  tell: (done: number, all: number) => void,
): Promise<Inventory> {
  const builder = new InventoryBuilder();
  const reader = new Reader(grafana, databases, minutes);
  const labels = await reader.tablesWithLabels();
  const wanted = namesOfInterest(packs);
  const interesting = [...labels].filter(([table]) => wanted.has(table));
  let done = 0;
  const next = interesting[Symbol.iterator]();
  const work = async () => {
    for (const [table, columns] of next) {
      await reader.note(builder, table, columns);
      done += 1;
      tell(done, interesting.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  for (const service of await reader.services(databases.traces, tables.traces, "service_name")) builder.spans(service);
  for (const service of await reader.services(databases.logs, tables.logs, "service.name")) builder.logRecords(service);
  const at = (time: number) => new Date(time).toISOString();
  return builder.build({ from: at(now - minutes * 60_000), to: at(now) });
}

class Reader {
  readonly #grafana: Access;
  readonly #databases: Databases;
  readonly #minutes: number;

  constructor(grafana: Access, databases: Databases, minutes: number) {
    this.#grafana = grafana;
    this.#databases = databases;
    this.#minutes = minutes;
  }

  /** Columns of the answer, with text in place of whatever else; none if the table is not there yet. */
  async #ask(sql: string): Promise<unknown[][]> {
    const { reply, rows } = await sqlQuery(this.#grafana, sql);
    if (rows !== undefined) return rows.map((column) => [...column]);
    if (/\b1146\b|table .*not found|doesn't exist/i.test(reply.body)) return [];
    throw new UserError(`Grafana does not say what GreptimeDB holds: ${excerpt(reply)}`, exitCodes.failed);
  }

  /** Names of labels by table of the database of metrics. */
  async tablesWithLabels(): Promise<Map<string, string[]>> {
    const database = `'${this.#databases.metrics.replaceAll("'", "''")}'`;
    const [tableNames = [], columns = []] = await this.#ask(
      `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ${database} ORDER BY table_name, column_name LIMIT 500000`,
    );
    const labels = new Map<string, string[]>();
    tableNames.forEach((table, index) => {
      const known = labels.get(String(table)) ?? [];
      const column = String(columns[index]);
      if (!notLabels.has(column)) known.push(column);
      labels.set(String(table), known);
    });
    return labels;
  }

  /** Notes which services have points in the window, and which labels these have. */
  async note(builder: InventoryBuilder, table: string, labels: readonly string[]): Promise<void> {
    const from = `FROM ${name(this.#databases.metrics)}.${name(table)} WHERE ${within("greptime_timestamp", this.#minutes)}`;
    const service = labels.includes("service_name") ? "service_name" : "'(no service)'";
    const counts = labels.map((label, index) => `, count(${name(label)}) AS c${String(index)}`).join("");
    const [services = [], ...counted] = await this.#ask(
      `SELECT ${service} AS service${counts} ${from} GROUP BY ${service === "service_name" ? service : "1"}`,
    );
    const bounds = labels.includes("le") ? await this.#bounds(service, from) : new Map<string, string[]>();
    services.forEach((value, index) => {
      const called = text(value);
      const present = labels.filter((_, label) => Number(counted[label]?.[index] ?? 0) > 0);
      builder.series(table, called, present, bounds.get(called) ?? []);
    });
  }

  async #bounds(service: string, from: string): Promise<Map<string, string[]>> {
    const [services = [], values = []] = await this.#ask(
      `SELECT DISTINCT ${service} AS service, le ${from} LIMIT 100000`,
    );
    const bounds = new Map<string, string[]>();
    services.forEach((value, index) => {
      bounds.set(text(value), [...(bounds.get(text(value)) ?? []), text(values[index])]);
    });
    return bounds;
  }

  async services(database: string, table: string, column: string): Promise<string[]> {
    const from = `FROM ${name(database)}.${table} WHERE ${within("timestamp", this.#minutes)}`;
    const [services = []] = await this.#ask(`SELECT DISTINCT ${name(column)} AS service ${from} LIMIT 10000`);
    return services.map(text);
  }
}

const text = (value: unknown): string => (typeof value === "string" && value !== "" ? value : "(no service)");
