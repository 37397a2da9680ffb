import nodeSqlParser from "node-sql-parser";

import { tables } from "../../configs/greptimedb/store.ts";
import { catalogueColumns, columns } from "../../dashboards/tables.ts";
import { everything } from "./queries.ts";

/**
 * What is wrong with a SQL query: its syntax, a table or column that there is not, no time filter, rows without end, or
 * text that gets in unquoted. A check of the text with a parser of MySQL's dialect; that GreptimeDB answers it was
 * tried on a real one.
 */
export function sqlComplaints(sql: string): string[] {
  const unquoted = strayVariables(sql);
  if (unquoted.length > 0) return unquoted;
  try {
    return new Review(sql).complaints;
  } catch (error) {
    return [`syntax: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The names of the columns that a query answers. */
export const answered = (sql: string): string[] => new Review(sql).answered;

/** As Grafana fills in its macros and variables, in the dialect that the parser knows. */
export const withoutSqlMacros = (sql: string): string =>
  sql
    .replaceAll(/\$__timeFilter\(([\w.]+)\)/g, "$1 BETWEEN FROM_UNIXTIME(1) AND FROM_UNIXTIME(2)")
    .replaceAll(/\$__unixEpoch(From|To)\(\)/g, (_, end) => (end === "From" ? "1" : "2"))
    // MILLISECOND is GreptimeDB's, MICROSECOND MySQL's
    .replaceAll("INTERVAL $__interval_ms MILLISECOND", "INTERVAL 15000000 MICROSECOND")
    .replaceAll("$__interval_ms", "15000")
    .replaceAll(quoted, "'x'");

/** A variable that Grafana quotes, or in a link a value that stands in quotes. */
const quoted = /\$\{\w+:sqlstring\}|'\$\{__(?:value|field|data)\.[\w.]+\}'/g;

function strayVariables(sql: string): string[] {
  const twice = [...sql.matchAll(/['"`%]\$\{\w+:sqlstring\}/g)].map(([text]) => `quoted twice: ${text}`);
  const stray = [...withoutSqlMacros(sql).matchAll(/\$\S*/g)].map(([text]) => `unquoted: ${text}`);
  return [...twice, ...stray];
}

/** The parts of the parser's tree that are looked at. */
interface Select {
  readonly with:
    readonly { readonly name: { readonly value: string }; readonly stmt: { readonly ast: Select } }[] | null;
  readonly columns: readonly { readonly expr: unknown; readonly as: string | null }[];
  readonly from: readonly From[] | null;
  readonly where: unknown;
  readonly groupby: { readonly columns: readonly unknown[] | null } | null;
  readonly having: unknown;
  readonly orderby: readonly { readonly expr: unknown }[] | null;
  readonly limit: { readonly value: readonly unknown[] } | null;
  /** The next part of a UNION. */
  readonly _next?: Select;
}

interface From {
  readonly db: string | null;
  readonly table: string | null;
  readonly as: string | null;
  readonly on?: unknown;
  readonly expr?: { readonly ast: Select };
}

interface Source {
  readonly name: string;
  readonly columns: readonly string[];
  /** A table of what has a time, not a part of the query, nor one about tables. */
  readonly stored: boolean;
}

interface ColumnRef {
  readonly type: "column_ref";
  readonly table: string | null;
  readonly column: string;
}

type Known = ReadonlyMap<string, readonly string[]>;

const stored: Known = (({ databases }) =>
  new Map<string, readonly string[]>([
    [`${databases.traces}.${tables.traces}`, columns.traces],
    [`${databases.logs}.${tables.logs}`, columns.logs],
    ...Object.entries(catalogueColumns),
  ]))(everything().greptimedb);

const aggregates = ["approx_percentile_cont"];

class Review {
  readonly complaints: string[] = [];
  readonly answered: string[];

  constructor(sql: string) {
    const parsed: unknown = new nodeSqlParser.Parser().astify(withoutSqlMacros(sql), { database: "mysql" });
    const select = (Array.isArray(parsed) ? parsed[0] : parsed) as Select;
    this.answered = this.select(select, new Map());
    this.ends(select);
  }

  /** Reviews a query with all that it is made of, and names the columns of its answer. */
  private select(select: Select, outer: Known): string[] {
    const known = new Map(outer);
    for (const { name, stmt } of select.with ?? []) known.set(name.value, this.select(stmt.ast, known));
    const sources = (select.from ?? []).map((from) => this.source(from, known));
    const aliases = select.columns.flatMap(({ as }) => (as === null ? [] : [as]));
    const read = [...select.columns.map(({ expr }) => expr), select.where, ...(select.from ?? []).map(({ on }) => on)];
    const late = [select.groupby?.columns, select.having, select.orderby];
    this.references(read, sources, []);
    this.references(late, sources, aliases);
    for (const inner of innerSelects([read, late])) this.select(inner, known);
    this.inRange(select, sources);
    if (select._next !== undefined) this.select(select._next, known);
    return select.columns.map(({ expr, as }) => as ?? (isColumn(expr) ? expr.column : "?"));
  }

  private source({ db, table, as, expr }: From, known: Known): Source {
    if (expr !== undefined) return { name: as ?? "?", columns: this.select(expr.ast, known), stored: false };
    const name = db === null ? String(table) : `${db}.${String(table)}`;
    const found = (db === null ? known : stored).get(name);
    if (found === undefined) this.complaints.push(`no table ${name}`);
    return { name: as ?? String(table), columns: found ?? [], stored: db !== null && !(name in catalogueColumns) };
  }

  private references(nodes: unknown, sources: readonly Source[], aliases: readonly string[]): void {
    for (const { table, column } of columnRefs(nodes)) {
      const of = table === null ? sources : sources.filter(({ name }) => name === table);
      const there = of.some(({ columns }) => columns.includes(column));
      if (!there && !(table === null && aliases.includes(column)))
        this.complaints.push(`no column ${table === null ? "" : `${table}.`}${column}`);
    }
  }

  /** Every table of the store is read within the range, whatever else is asked. */
  private inRange({ where, from }: Select, sources: readonly Source[]): void {
    const conditions = [where, ...(from ?? []).map(({ on }) => on)].flatMap(conjuncts);
    const filtered = conditions.flatMap((condition) => {
      if (!isNode(condition) || condition["operator"] !== "BETWEEN") return [];
      const { left } = condition;
      return isColumn(left) && left.column === "timestamp" ? [left.table ?? sources[0]?.name] : [];
    });
    for (const { name } of sources.filter((source) => source.stored))
      if (!filtered.includes(name)) this.complaints.push(`no time filter on ${name}`);
  }

  /** A query answers one row, or one a bucket of time, or it says how many at most, and which of them. */
  private ends({ columns: of, groupby, orderby, limit }: Select): void {
    const grouped = groupby?.columns ?? [];
    const oneRow = grouped.length === 0 && of.every(({ expr }) => isAggregate(expr));
    const byTime = grouped.some((by) => isColumn(by) && by.column === "time");
    if (oneRow || byTime) return;
    if ((limit?.value ?? []).length === 0) this.complaints.push("no LIMIT");
    if ((orderby ?? []).length === 0) this.complaints.push("a LIMIT without ORDER BY keeps any rows");
  }
}

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isColumn = (value: unknown): value is ColumnRef => isNode(value) && value["type"] === "column_ref";

const isSelect = (value: unknown): value is Select => isNode(value) && value["type"] === "select";

/** The nodes of a tree, without those of queries inside it. */
function* nodesOf(value: unknown): Generator<Readonly<Record<string, unknown>>, void> {
  if (!isNode(value)) return;
  yield value;
  if (isSelect(value)) return;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

const columnRefs = (value: unknown): ColumnRef[] =>
  [...nodesOf(value)].flatMap((node) => (isColumn(node) ? [node] : []));

const innerSelects = (value: unknown): Select[] =>
  [...nodesOf(value)].flatMap((node) => (isSelect(node) ? [node] : []));

const isAggregate = (value: unknown): boolean =>
  [...nodesOf(value)].some(
    ({ type, name }) =>
      type === "aggr_func" || (type === "function" && aggregates.some((of) => JSON.stringify(name).includes(of))),
  );

/** The conditions that all must hold. */
function conjuncts(value: unknown): unknown[] {
  if (!isNode(value)) return [];
  return value["operator"] === "AND" ? [...conjuncts(value["left"]), ...conjuncts(value["right"])] : [value];
}
