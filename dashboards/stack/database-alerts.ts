import { ownJobs } from "../../configs/collector/own-jobs.ts";
import { counted, current, increase, observations, quantile, sum, type Query } from "../promql.ts";
import { rule, type Rule } from "../rule.ts";
import * as m from "./database-metrics.ts";
import { stackDatabase } from "./ids.ts";
import { ofDatabase } from "./own.ts";
import { databaseMemoryShares } from "./queries.ts";

const { panels: id } = stackDatabase;
const onDatabase = (panel: number) => ({ board: stackDatabase.uid, id: panel });

const shared = { noData: "OK", executionError: "KeepLast", reads: ownJobs.database } as const;

const writeTrouble = (instance: string, summary: string, query: Query, panel: number): Rule =>
  rule({
    name: "GreptimeDbWriteTrouble",
    instance,
    severity: "warning",
    summary,
    description:
      "GreptimeDB cannot bring its write buffer to disk as fast as rows come in. The collector keeps what is not taken, and tries again.",
    query,
    threshold: {
      fires: "above",
      value: 0,
      unit: "number",
      words: "while writes stall or are rejected",
      why: "Both are 0 while the disk keeps up. Five minutes are longer than a single flush takes.",
    },
    for: 300,
    keepFiringFor: 300,
    ...shared,
    panel: onDatabase(panel),
    runbook: {
      meaning:
        "For five minutes writes have waited for room in the write buffer (stalled), or were turned away because even the waiting room is full (rejected). There is one rule for each.",
      impact: "Telemetry arrives late. The collector's queues grow; once they are full it refuses.",
      diagnosis: [
        "*GreptimeDB*, row *Storage*: is anything brought to disk, and do flushes fail? Then `docker logs` of GreptimeDB names the reason.",
        "Is the disk full or slow? `df` on the directory of Docker's volumes, `iostat`.",
        "Do more rows come in than usual? Panel *Rows by database*.",
      ],
      mitigation: [
        "Free or enlarge the disk.",
        "Raise `greptimedb.memory`, in a cluster `greptimedb.cluster.datanode.memory`: the write buffer is an eighth of it.",
        "Slow down whoever sends too much.",
      ],
    },
  });

const maintenance = (instance: string, summary: string, query: Query): Rule =>
  rule({
    name: "GreptimeDbMaintenanceFailing",
    instance,
    severity: "warning",
    summary,
    description: "GreptimeDB cannot write or merge its files. Its log names the reason; a full disk is the usual one.",
    query,
    threshold: {
      fires: "above",
      value: 0,
      unit: "number",
      words: "while flushes or compactions fail",
      why: "Neither fails in health. A single failure is tried again; failures for a quarter of an hour are not cured by that.",
    },
    for: 900,
    keepFiringFor: 0,
    ...shared,
    panel: onDatabase(id.maintenance),
    runbook: {
      meaning:
        "For a quarter of an hour flushes (bringing the write buffer to disk) or compactions (merging files) have failed. There is one rule for each.",
      impact:
        "Failed flushes fill the write buffer until writes stall. Failed compactions slow down queries, and rows beyond their retention stay on disk.",
      diagnosis: [
        "`docker logs` of GreptimeDB: the error stands there.",
        "Is the disk full? `df` on the directory of Docker's volumes. *GreptimeDB*, panel *Disk by table* says what takes it.",
      ],
      mitigation: ["Free or enlarge the disk.", "Shorten `greptimedb.retention.*`; rows go at the next compactions."],
    },
  });

/** GreptimeDB itself, where this stack runs it. */
export const databaseRules: readonly Rule[] = [
  writeTrouble(
    "stalled",
    "{{ with $values.A }}{{ humanize .Value }}{{ end }} writes wait in GreptimeDB",
    sum(current(m.stalledWrites, ofDatabase)),
    id.stalledWrites,
  ),
  writeTrouble(
    "rejected",
    "GreptimeDB rejected {{ with $values.A }}{{ humanize .Value }}{{ end }} writes in 5 minutes",
    counted([], m.rejectedWrites, "5m", ofDatabase),
    id.rejectedWrites,
  ),
  maintenance(
    "flush",
    "{{ with $values.A }}{{ humanize .Value }}{{ end }} flushes of GreptimeDB failed in 15 minutes",
    counted([], m.flushFailures, "15m", ofDatabase),
  ),
  maintenance(
    "compaction",
    "{{ with $values.A }}{{ humanize .Value }}{{ end }} compactions of GreptimeDB failed in 15 minutes",
    counted([], m.compactionFailures, "15m", ofDatabase),
  ),
  rule({
    name: "GreptimeDbQuerySlow",
    severity: "warning",
    summary: "GreptimeDB: p99 of PromQL queries is {{ with $values.A }}{{ humanizeDuration .Value }}{{ end }}",
    description: "One query in a hundred takes longer than people wait for a board. Rules ask in the same way.",
    query: quantile(0.99, m.promqlElapsed, { window: "15m", where: ofDatabase }),
    threshold: {
      fires: "above",
      value: 5,
      unit: "seconds",
      settable: { min: 0, max: 10 },
      why: "A board asks twenty queries at once; at five seconds people reload it, which makes it worse. GreptimeDB measures up to ten seconds.",
    },
    guard: {
      query: sum(increase(observations(m.promqlElapsed), "15m", ofDatabase)),
      atLeast: 20,
      why: "The p99 of fewer than twenty queries is one query.",
    },
    for: 900,
    keepFiringFor: 300,
    ...shared,
    panel: onDatabase(id.queryLatency),
    runbook: {
      meaning:
        "The 99th percentile of the duration of PromQL queries over a quarter of an hour is above the threshold.",
      impact: "Boards load slowly, and evaluations of rules may run into their time limit.",
      diagnosis: [
        "*GreptimeDB*, panel *Queries by protocol*: did the number of queries grow? A board with a long range and a short refresh is the usual reason.",
        "`docker logs` of GreptimeDB names queries over ten seconds.",
        "Memory near its limit (panel *Memory of the limit*) or writes stalled: then the queries are not the cause.",
      ],
      mitigation: [
        "Shorten the range or the refresh of the board that asks most.",
        "Raise `greptimedb.memory`: caches grow with it.",
      ],
    },
  }),
  rule({
    name: "GreptimeDbMemoryHigh",
    severity: "warning",
    summary: "{{ $labels.instance }} uses {{ with $values.A }}{{ humanizePercentage .Value }}{{ end }} of its memory",
    description:
      "GreptimeDB is close to its memory limit. Beyond it the kernel kills it, and it replays its log first.",
    query: databaseMemoryShares(),
    threshold: {
      fires: "above",
      value: 0.85,
      unit: "ratio",
      settable: { min: 0, max: 1 },
      why: "Buffers and caches are sized to less than half of the limit; what is left above 85 % is less than one large query may take.",
    },
    for: 600,
    keepFiringFor: 300,
    ...shared,
    panel: onDatabase(id.memoryShare),
    runbook: {
      meaning:
        "For ten minutes GreptimeDB has had more than the threshold of the memory in RAM that it finds it may use: the container's limit, or the machine's memory where a container has none.",
      impact: "A kill ends running queries, and nothing is answered until the write-ahead log is replayed.",
      diagnosis: [
        "*GreptimeDB*, row *Memory and CPU*: do buffers and caches grow, or the rest? The rest are queries, and files being merged.",
        "Was it killed already? `docker inspect` shows `OOMKilled` and `RestartCount`.",
      ],
      mitigation: [
        "Raise `greptimedb.memory`; in a cluster `greptimedb.cluster.<role>.memory` of the role that the alert names.",
        "Ask for shorter ranges; a query holds its series in memory.",
      ],
    },
  }),
];
