import { absent, current, maxBy } from "../promql.ts";
import { quiet, rule, type Rule } from "../rule.ts";
import { stackDelivery } from "./ids.ts";
import { missing, sent } from "./ledger-metrics.ts";
import { ofLedger } from "./own.ts";

const { panels: id } = stackDelivery;
const shared = { ...quiet, keepFiringFor: 0, reads: "ledger" } as const;

/** The delivery ledger: is what was acknowledged there, and does anybody look? */
export const ledgerRules: readonly Rule[] = [
  rule({
    ...shared,
    name: "DeliveryLedgerGap",
    severity: "critical",
    summary: "{{ with $values.A }}{{ humanize .Value }}{{ end }} numbered {{ $labels.signal }} records are missing",
    description:
      "The collector acknowledged records of the delivery ledger that are not in GreptimeDB although they should be. Telemetry of applications goes the same way.",
    query: maxBy(["signal"], current(missing, ofLedger)),
    threshold: {
      fires: "above",
      value: 0,
      unit: "number",
      words: "while acknowledged records are missing",
      why: "Nothing that was acknowledged may be lost. What is a little late is not counted: a record is due after a minute.",
    },
    for: 600,
    panel: { board: stackDelivery.uid, id: id.ledgerMissing },
    runbook: {
      meaning:
        "A service of the stack sends a numbered span, log record and metric point every 15 s, and looks for them in GreptimeDB. Some that the collector acknowledged have been due and missing for ten minutes. One that is missing for an hour is counted as lost, and no longer as missing.",
      impact:
        "Boards show less than there was. If the records come later, nothing is lost; the panel *Late, twice, lost* tells.",
      diagnosis: [
        "*Delivery*, panel *Queues*: what waits there is late, not lost. After an outage it has to drain first.",
        "Panels *not delivered*: GreptimeDB refused it for good, and rule CollectorDataLoss says why.",
        "Does something between drop it, such as a rule of `collector.filter` by an attribute of its resource? The records are of the service `delivery-ledger`.",
        "Was the collector killed, with `collector.sampling.tail` on? Then spans that waited for their decision are gone.",
        "`docker logs` of collector-ledger says since which round.",
      ],
      mitigation: [
        "Queues that do not shrink: relieve GreptimeDB, or raise what it may use.",
        "A filter that was meant for others: name their service in it.",
      ],
    },
  }),
  rule({
    ...shared,
    name: "DeliveryLedgerSilent",
    severity: "warning",
    summary: "The delivery ledger is silent",
    description:
      "The delivery ledger has stopped, or nothing that it says of itself arrives. Nobody counts what is lost.",
    query: absent(sent, ofLedger),
    threshold: {
      fires: "above",
      value: 0,
      unit: "number",
      words: "while the ledger's own metrics are missing",
      why: "The query has a result only while the metric is missing. The ledger sends it every 15 s.",
    },
    for: 300,
    panel: { board: stackDelivery.uid, id: id.ledgerRecords },
    runbook: {
      meaning:
        "The ledger's own metrics have been missing for five minutes, on top of the five for which a query still finds the last value.",
      impact:
        "None for applications. A loss would go unnoticed, unless GreptimeDB refuses and CollectorDataLoss fires.",
      diagnosis: [
        "Does CollectorDown fire as well? Then that is the cause.",
        "`docker ps --filter name=collector-ledger`, then `docker logs` of it: HTTP 401 from the collector or from GreptimeDB is a changed token or password.",
        "*cannot write* in its log: its volume is full, or read-only.",
      ],
      mitigation: ["`npm run up` starts what has stopped, and puts users and passwords right."],
    },
  }),
];
