import { setTimeout as sleep } from "node:timers/promises";

import type { Document } from "yaml";

import { configurationFrom, type Settings } from "../../../configs/settings/settings.ts";
import { known } from "../../../dashboards/content.ts";
import { Testbed } from "../testbed.ts";
import { paces, usualTraffic, type Case } from "./cases.ts";
import { arrived, counted, Sender, signals, type Count } from "./numbers.ts";
import { randomFrom } from "../random.ts";

/** How one case ended. */
export interface Result {
  readonly name: string;
  readonly what: string;
  readonly promised: Case["promised"];
  readonly kept: boolean;
  /** Why the promise is broken, in words. */
  readonly broken: readonly string[];
  readonly counts: Readonly<Record<(typeof signals)[number], Count>>;
  /** What the collector itself counts as thrown away, by signal. */
  readonly thrownAway: Readonly<Record<(typeof signals)[number], number>>;
  /** The most memory that the collector had in RAM, in bytes. */
  readonly peakMemory: number;
  /** Its limit, in bytes. */
  readonly memoryLimit: number;
  readonly seconds: number;
}

export interface Options {
  readonly pace: keyof typeof paces;
  readonly seed: number;
  /** What is different from the stack's own configuration. */
  readonly change?: ((config: Document) => void) | undefined;
  /** How long to wait, at most, for what was acknowledged. @default enough for the pace */
  readonly drainSeconds?: number;
}

/** After an outage the next try may be as far away as the longest pause between tries, and a half; then it drains. */
const patience = { full: 120, short: 60 } as const;

/** Plays one case: records are sent, something goes wrong, all is well again, and it is counted what arrived. */
export async function play(one: Case, { pace, seed, change, drainSeconds = patience[pace] }: Options): Promise<Result> {
  const started = Date.now();
  const settings = settingsFor(one);
  const bed = await Testbed.open({
    settings,
    proxied: one.proxied ?? false,
    ...(change === undefined ? {} : { change }),
  });
  try {
    const { calm } = paces[pace];
    const senders = signals.flatMap((signal) =>
      Array.from(
        { length: one.senders ?? 2 },
        (_, index) => new Sender(signal, `${signal}-${String(index)}`, one.traffic ?? usualTraffic),
      ),
    );
    const running = senders.map((sender) => sender.run(bed.otlp));
    await sleep(calm * 1000);
    await one.happens(bed, paces[pace], randomFrom(seed));
    await sleep(calm * 1000);
    for (const sender of senders) sender.stop(20_000);
    await Promise.all(running);
    const thrownAway = await drained(bed, senders, one, drainSeconds);
    const counts = ofSignals((signal) => counted(bed.store, signal, senders));
    const outcome = {
      counts,
      thrownAway,
      peakMemory: bed.peakMemory(),
      memoryLimit: settings.collector.memory * 2 ** 20,
    };
    const broken = breaches(one, outcome, senders);
    const { name, what, promised } = one;
    return {
      name,
      what,
      promised,
      kept: broken.length === 0,
      broken,
      ...outcome,
      seconds: (Date.now() - started) / 1000,
    };
  } finally {
    await bed.close();
  }
}

const ofSignals = <T>(of: (signal: (typeof signals)[number]) => T) => ({
  traces: of("traces"),
  logs: of("logs"),
  metrics: of("metrics"),
});

const settingsFor = ({ values = {} }: Case): Settings =>
  configurationFrom({ values, encrypted: new Set() }, { ...known, instance: "faults" }).settings;

/** Waits until all that was acknowledged has arrived or is accounted for, and says what the collector threw away. */
async function drained(bed: Testbed, senders: readonly Sender[], { promised }: Case, seconds: number) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const thrownAway = await discarded(bed.telemetry);
    const missing = signals.map((signal) => {
      const there = new Set(arrived(bed.store, signal));
      const own = senders.filter((sender) => sender.signal === signal);
      const lost = own.flatMap(({ acknowledged }) => [...acknowledged].filter((number) => !there.has(number))).length;
      return lost - (promised === "permanent" ? thrownAway[signal] : 0);
    });
    if (missing.every((count) => count <= 0) || Date.now() > deadline) return thrownAway;
    await sleep(500);
  }
}

const things = { traces: "spans", logs: "log_records", metrics: "metric_points" } as const;

/** What the exporter of each signal has failed to send for good, as the collector's own metrics say. */
async function discarded(telemetry: string): Promise<Result["thrownAway"]> {
  const text = await fetch(telemetry).then(
    (response) => response.text(),
    () => "",
  );
  return ofSignals((signal) => {
    const series = `otelcol_exporter_send_failed_${things[signal]}`;
    const lines = text
      .split("\n")
      .filter((line) => line.startsWith(series) && line.includes(`exporter="otlp_http/${signal}"`));
    return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  });
}

/** What was promised and is not so. */
function breaches(
  { promised, refuses = false }: Case,
  { counts, thrownAway, peakMemory, memoryLimit }: Pick<Result, "counts" | "thrownAway" | "peakMemory" | "memoryLimit">,
  senders: readonly Sender[],
): string[] {
  const statuses = new Set(senders.flatMap((sender) => [...sender.statuses]));
  const unexpected = [...statuses].filter((status) => ![0, 200, 429, 503].includes(status));
  return [
    ...signals.flatMap((signal) => {
      const { acknowledged, lost } = counts[signal];
      const expected = promised === "permanent" ? thrownAway[signal] : 0;
      return [
        ...(acknowledged === 0 ? [`no record of ${signal} was acknowledged: nothing was tried`] : []),
        ...(lost === expected
          ? []
          : [`${signal}: ${String(lost)} acknowledged records lost, ${String(expected)} accounted for`]),
        ...(promised === "permanent" && lost === 0 ? [`${signal}: nothing was refused, so nothing was shown`] : []),
      ];
    }),
    ...(refuses && ![429, 503].some((status) => statuses.has(status))
      ? ["no client was told to try again: it never got full"]
      : []),
    ...(unexpected.length === 0 ? [] : [`clients were answered ${unexpected.join(", ")}`]),
    ...(peakMemory > memoryLimit
      ? [`the collector had ${String(peakMemory)} bytes in RAM, more than its limit of ${String(memoryLimit)}`]
      : []),
  ];
}
