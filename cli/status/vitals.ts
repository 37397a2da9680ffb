import { tables } from "../../configs/greptimedb/store.ts";
import { current, minBy, rate, reached, sum, sumOver, type Vector } from "../../dashboards/promql.ts";
import * as collector from "../../dashboards/stack/collector-metrics.ts";
import type { Signal } from "../../dashboards/stack/collector-metrics.ts";
import { missing } from "../../dashboards/stack/ledger-metrics.ts";
import { ofCollector, ofLedger, toDatabase } from "../../dashboards/stack/own.ts";
import { databaseMemoryShare, down, largestQueueFill } from "../../dashboards/stack/queries.ts";
import { storedName } from "../../dashboards/stored-name.ts";
import type { Databases } from "../running/greptimedb.ts";

/** What is asked for the screen: PromQL and SQL that each answer one number, as the stack's boards ask it. */

export type Thing = "spans" | "logRecords" | "metricPoints";

/** Questions of one kind of telemetry. */
export interface Questions {
  /** A second, over five minutes: taken by the collector. */
  readonly accepted: string;
  /** A second, over five minutes: taken by GreptimeDB. */
  readonly delivered: string;
  /** A second, over five minutes: not taken by the collector. */
  readonly refused: string;
  /** Since the collector started: refused by GreptimeDB for good. */
  readonly lost: string;
}

const window = "5m";
const exported = { ...ofCollector, exporter: toDatabase.exporter } as const;

const questionsOf = ({ accepted, sent, refused, lost }: Signal): Questions => ({
  accepted: sum(rate(accepted, window, ofCollector)).expr,
  delivered: sum(rate(sent, window, exported)).expr,
  refused: sum(rate(refused, window, ofCollector)).expr,
  lost: sum(reached(lost, toDatabase)).expr,
});

export const telemetryQuestions: Readonly<Record<Thing, Questions>> = {
  spans: questionsOf(collector.spans),
  logRecords: questionsOf(collector.logRecords),
  metricPoints: questionsOf(collector.metricPoints),
};

const expr = ({ expr: text }: Vector<never>): string => text;

/** Questions about the stack itself. */
export const stackQuestions = {
  /** Seconds since the collector started. */
  collectorUptime: expr(minBy([], reached(collector.uptime, ofCollector))),
  /** How full the fullest queue is, of 1. */
  queueFill: expr(largestQueueFill()),
  /** Bytes that wait in all queues. */
  queued: expr(sum(current(collector.queueSize, toDatabase))),
  /** How much of what it may use GreptimeDB has in RAM, of 1. */
  databaseMemory: expr(databaseMemoryShare()),
  /** Scrape targets that do not answer. */
  targetsDown: expr(sumOver([], down())),
  /** Records of the delivery ledger that are due and not there. */
  ledgerMissing: expr(sum(current(missing, ofLedger))),
} as const;

/** How far back the newest record is looked for. */
export const newestMinutes = 15;

/** SQL for the time of the newest record. */
export const newestQuestions = ({ traces, logs, metrics }: Databases): Readonly<Record<Thing, string>> => {
  const newest = (column: string, database: string, table: string): string =>
    `SELECT max(${column}) AS newest FROM \`${database}\`.${table} WHERE ${column} > now() - INTERVAL '${String(newestMinutes)}' MINUTE`;
  return {
    spans: newest("timestamp", traces, tables.traces),
    logRecords: newest("timestamp", logs, tables.logs),
    // the collector's own, which is there as long as anything is
    metricPoints: newest("greptime_timestamp", metrics, storedName(collector.uptime)),
  };
};

/** SQL for the bytes that all tables have on disk. */
export const diskQuestion = "SELECT SUM(disk_size) AS size FROM information_schema.region_statistics";
