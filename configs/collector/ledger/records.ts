import type { Settings } from "../../settings/settings.ts";
import { ownNames, spanDelay } from "../own-records.ts";

/** What the delivery ledger sends, and what it says of it. */

/** The instrument whose points are numbered, and the table of the same name. */
export const numberInstrument = ownNames.metrics.ledger;

/** What the ledger counts, for each signal; the instruments are called `delivery_ledger.<name>`. */
export const totals = ["sent", "acknowledged", "stored", "duplicated", "late", "lost"] as const;
export type Total = (typeof totals)[number];

export const ledgerInstrument = (name: Total | "missing"): string => `delivery_ledger.${name}`;

/** Seconds from one round to the next: the interval at which the collector scrapes as well. */
export const intervalSeconds = 15;

/** Rounds in which GreptimeDB answers and a record is not there, after which it is lost: an hour of them. */
export const roundsUntilLost = 3600 / intervalSeconds;

/**
 * Seconds after which a record that was acknowledged should be there: four tries of an exporter that has nothing but
 * bad luck, and the time for which tail sampling holds it.
 */
export const dueSeconds = (settings: Settings): number => 60 + spanDelay(settings);

/** Seconds for which a record that is there is looked at, for second copies of it. */
export const keptSeconds = (settings: Settings): number => dueSeconds(settings) + 240;
