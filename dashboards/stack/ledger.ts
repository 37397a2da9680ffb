import { fromThreshold, type BoardContext, type Panel } from "../panel.ts";
import { current, maxBy, rate, reached, sum, sumBy } from "../promql.ts";
import { stackDelivery } from "./ids.ts";
import * as m from "./ledger-metrics.ts";
import { ofLedger } from "./own.ts";

const { panels: id } = stackDelivery;
const window = "$__rate_interval";

/** What the delivery ledger found out: where a stack has one. */
export const ledgerPanels = (context: BoardContext): Panel[] => [
  {
    kind: "timeseries",
    id: id.ledgerMissing,
    title: "Missing",
    description:
      "Numbered records that the collector has acknowledged, that should be in GreptimeDB, and are not. Good: 0. After an outage it shrinks while the queues drain; what stays is lost. Line: rule DeliveryLedgerGap.",
    width: 8,
    height: 8,
    unit: "short",
    steps: fromThreshold(context, "DeliveryLedgerGap"),
    targets: [{ query: maxBy(["signal"], current(m.missing, ofLedger)), legend: "{{signal}}" }],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.ledgerRecords,
    title: "Numbered records",
    description:
      "Per second. Good: three lines in one. Fewer acknowledged than sent: the collector refuses. Fewer stored: they are late, or lost.",
    width: 8,
    height: 8,
    unit: "cps",
    decimals: 2,
    targets: [
      { query: sum(rate(m.sent, window, ofLedger)), legend: "sent" },
      { query: sum(rate(m.acknowledged, window, ofLedger)), legend: "acknowledged" },
      { query: sum(rate(m.stored, window, ofLedger)), legend: "stored" },
    ],
    empty: "–",
  },
  {
    kind: "timeseries",
    id: id.ledgerFaults,
    title: "Late, twice, lost",
    description:
      "Since the ledger's book was begun; each step is something that happened. Late: after an outage, or a slow GreptimeDB. Twice: an answer was lost, and the collector sent again. Lost: it was acknowledged and is nowhere.",
    width: 8,
    height: 8,
    unit: "short",
    targets: [
      { query: sumBy(["signal"], reached(m.late, ofLedger)), legend: "{{signal}} late" },
      { query: sumBy(["signal"], reached(m.duplicated, ofLedger)), legend: "{{signal}} twice" },
      { query: sumBy(["signal"], reached(m.lost, ofLedger)), legend: "{{signal}} lost" },
    ],
    empty: "0",
  },
];
