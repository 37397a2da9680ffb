import type { OwnPart } from "../configs/collector/own-jobs.ts";
import type { Query } from "./promql.ts";

/** Panels as data: what a person sees, without Grafana's defaults (dashboards/grafana/panel.ts adds those). */

/** Grafana's ids of units. Tokens and other things that are counted have none: `short`. */
export type Unit =
  "short" | "none" | "percentunit" | "s" | "ms" | "reqps" | "ops" | "cps" | "bytes" | "Bps" | "currencyUSD";

export interface PromTarget {
  readonly query: Query;
  /** Legend, with labels as `{{label}}`. */
  readonly legend: string;
}

export type Color = "green" | "yellow" | "orange" | "red" | "blue" | "purple" | "gray";

/** A value from which on a panel changes its colour; the same as the threshold of an alert rule where there is one. */
export interface Step {
  readonly from: number;
  readonly color: "green" | "yellow" | "orange" | "red";
}

export interface DataLink {
  readonly title: string;
  readonly url: string;
}

interface Common {
  /** Unique in its board, never reused: alert rules and bookmarks name it. */
  readonly id: number;
  readonly title: string;
  /** What it shows, what good looks like, what to do when it does not. */
  readonly description: string;
  /** Columns of 24. */
  readonly width: number;
  /** Rows of 30 pixels. */
  readonly height: number;
  readonly links?: readonly DataLink[];
}

interface Measured extends Common {
  readonly unit: Unit;
  readonly decimals?: number;
  readonly steps?: readonly Step[];
}

/** One number. */
export interface Stat extends Measured {
  readonly kind: "stat";
  readonly target: PromTarget;
  /** The same from another metric, which GreptimeDB cannot join; each that has a result is shown, with its legend. */
  readonly also?: PromTarget;
  /** Shown when there is no data: `0` for what is counted. */
  readonly empty: string;
}

/** Lines over time. */
export interface TimeSeries extends Measured {
  readonly kind: "timeseries";
  readonly targets: readonly PromTarget[];
  /** `percent`: as shares of the whole. @default false */
  readonly stacked?: boolean | "percent";
  /** Values may be below zero. @default false */
  readonly signed?: boolean;
  readonly empty: string;
}

/** Bars, one a result, at the end of the range. */
export interface BarGauge extends Measured {
  readonly kind: "bargauge";
  readonly target: PromTarget;
  readonly empty: string;
}

/** How observations spread over the buckets of a histogram, over time. */
export interface Heatmap extends Measured {
  readonly kind: "heatmap";
  readonly query: Query;
}

/** One row a group of labels, one column a query. */
export interface PromTable extends Common {
  readonly kind: "table";
  /** Labels by which the columns are joined, with the headers of their columns. */
  readonly keys: Readonly<Record<string, string>>;
  readonly columns: readonly TableColumn[];
}

export interface TableColumn {
  readonly header: string;
  readonly query: Query;
  readonly unit: Unit;
  readonly decimals?: number;
  readonly steps?: readonly Step[];
  readonly links?: readonly DataLink[];
  /** Shown in a row for which the query has no result. @default "–" */
  readonly empty?: string;
}

/** Rows of a SQL query. */
export interface SqlTable extends Common {
  readonly kind: "sql";
  readonly sql: string;
  /** Units by column. */
  readonly units: Readonly<Record<string, Unit>>;
  /** Links by column. */
  readonly columnLinks: Readonly<Record<string, readonly DataLink[]>>;
}

/** One number that a SQL query answers, in one row and one column. */
export interface SqlStat extends Measured {
  readonly kind: "sql-stat";
  readonly sql: string;
  /** Shown when the query answers nothing or null. */
  readonly empty: string;
}

/**
 * A SQL query over time: a column `time`, and either numbers, or a text called `metric` and one number. Rows that are
 * missing are not zero: what is counted is drawn as bars, which then lack, what is measured as lines, which then break.
 */
export interface SqlTimeSeries extends Measured {
  readonly kind: "sql-timeseries";
  readonly sql: string;
  readonly style: "bars" | "lines";
  /** Colours of series that mean something, by name. */
  readonly colors?: Readonly<Record<string, Color>>;
  readonly empty: string;
}

/** Bars, one a row of a SQL query: a text and one number. */
export interface SqlBarGauge extends Measured {
  readonly kind: "sql-bargauge";
  readonly sql: string;
  readonly empty: string;
}

/** Log lines: `timestamp`, then the line as the first text, `level`, and whatever else its details show. */
export interface SqlLogs extends Common {
  readonly kind: "sql-logs";
  readonly sql: string;
  /** Links by column. */
  readonly columnLinks: Readonly<Record<string, readonly DataLink[]>>;
}

/** Circles and arrows between them. */
export interface NodeGraph extends Common {
  readonly kind: "sql-graph";
  /** SQL: `id`, `title`, `mainstat`, `secondarystat`, and a column `arc__…` a part of the circle's rim; parts add up to 1. */
  readonly nodes: string;
  /** SQL: `id`, `source`, `target`, `mainstat`, `secondarystat`. */
  readonly edges: string;
  /** Units of `mainstat` and `secondarystat`. */
  readonly units: readonly [Unit, Unit];
  /** Colours of the rim, by column. */
  readonly arcs: Readonly<Record<string, Color>>;
}

/** Markdown. */
export interface Text extends Common {
  readonly kind: "text";
  readonly markdown: string;
}

export type PromPanel = Stat | TimeSeries | BarGauge | Heatmap | PromTable;
export type SqlPanel = SqlTable | SqlStat | SqlTimeSeries | SqlBarGauge | SqlLogs | NodeGraph;
export type Panel = PromPanel | SqlPanel | Text;

export const isSql = (panel: Panel): panel is SqlPanel => panel.kind.startsWith("sql");

export interface Row {
  readonly title: string;
  /** Placed from left to right, in lines of 24 columns. */
  readonly panels: readonly Panel[];
}

interface Named {
  readonly name: string;
  readonly label: string;
}

/** Values of a label. */
export interface LabelVariable extends Named {
  readonly kind?: undefined;
  /** Series and label whose values can be chosen; GreptimeDB needs both. */
  readonly series: string;
  readonly of: string;
}

/** Values that a SQL query answers, in one column. */
export interface SqlVariable extends Named {
  readonly kind: "sql";
  readonly sql: string;
}

/** Values that are known beforehand, several of which can be chosen. */
export interface ChoiceVariable extends Named {
  readonly kind: "choice";
  readonly values: readonly string[];
}

/** One of several values that are known beforehand, by what people read; the first is the default. */
export interface OneVariable extends Named {
  readonly kind: "one";
  readonly values: Readonly<Record<string, string>>;
}

/** Text that a person types. It may hold anything: SQL takes it as `${name:sqlstring}` only. */
export interface TextVariable extends Named {
  readonly kind: "text";
}

/** A choice at the top of a board. */
export type Variable = LabelVariable | SqlVariable | ChoiceVariable | OneVariable | TextVariable;

export interface Board {
  /** Fixed for ever; at most 40 characters. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** What a model costs: US dollars for a million tokens, looked up on a day. */
export interface Price {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  readonly asOf: string;
}

/** What boards take from the stack they are made for. */
export interface BoardContext {
  /** Thresholds in force, by rule. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly databases: { readonly traces: string; readonly logs: string };
  /** Packs that the stack has: a board links only to boards that there are. */
  readonly packs: readonly string[];
  readonly prices: readonly Price[];
  /** Parts of the stack whose own metrics there are; those of an external GreptimeDB are not. */
  readonly parts: readonly OwnPart[];
}

/** Links into a pack's boards, none if the stack does not have that pack. */
export const linksInto = ({ packs }: BoardContext, pack: string, ...links: readonly DataLink[]): readonly DataLink[] =>
  packs.includes(pack) ? links : [];

/** Green below a rule's threshold, red from it on. */
export const fromThreshold = (context: BoardContext, rule: string): readonly Step[] => [
  { from: thresholdOf(context, rule), color: "red" },
];

/** Red below a rule's threshold, green from it on: for what should be much. */
export const belowThreshold = (context: BoardContext, rule: string): readonly Step[] => [
  { from: 0, color: "red" },
  { from: thresholdOf(context, rule), color: "green" },
];

function thresholdOf({ thresholds }: BoardContext, rule: string): number {
  const value = thresholds[rule];
  if (value === undefined) throw new Error(`no rule is called ${rule}`);
  return value;
}
