import { ledgerInstrument, numberInstrument, type Total } from "../../configs/collector/ledger/records.ts";
import { counter, gauge, type Label } from "../metric.ts";

/** What the delivery ledger says of the records that it sends (configs/collector/ledger). */

const emittedBy = "the delivery ledger, if the setting `collector.ledger.enabled` is on";
const signal: Label = { help: "Kind of record.", values: ["traces", "logs", "metrics"] };

const total = (name: Total, help: string) =>
  counter({ name: ledgerInstrument(name), help, emittedBy, labels: { signal } });

export const sent = total("sent", "Records that the ledger sent.");
export const acknowledged = total("acknowledged", "Records for which the collector answered 200.");
export const stored = total("stored", "Acknowledged records that were found in GreptimeDB.");
export const duplicated = total(
  "duplicated",
  "Second copies of records in GreptimeDB. Of metric points there are none: GreptimeDB keeps one for each time.",
);
export const late = total("late", "Records that were found only after they were due.");
export const lost = total(
  "lost",
  "Acknowledged records that were not found in an hour in which GreptimeDB could be asked.",
);

export const missing = gauge({
  name: ledgerInstrument("missing"),
  help: "Acknowledged records that are due and not in GreptimeDB: late, or lost.",
  emittedBy,
  labels: { signal },
});

/** The record itself; its value is its number. */
export const ledgerNumber = gauge({
  name: numberInstrument,
  help: "The numbered metric point of each round.",
  emittedBy,
  labels: {},
  notShown: "The ledger itself looks for it.",
});

export const ledgerMetrics = [sent, acknowledged, stored, duplicated, late, lost, missing, ledgerNumber] as const;
