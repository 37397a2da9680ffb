import type { Kind, Metric } from "../../dashboards/metric.ts";
import type { Pack } from "../../dashboards/pack.ts";
import { up } from "../../dashboards/scraping.ts";
import { labelName, seriesNames } from "../../dashboards/stored-name.ts";
import type { Judged } from "./coverage.ts";
import type { Held, Lack } from "./held.ts";
import { linesFor, type Lines } from "./lines.ts";
import { sorted, type HeldSeries } from "./inventory.ts";

/** What is missing, why it is, and what to do about it. */

export type What =
  "never seen" | "label missing" | "buckets missing" | "wrong unit" | "wrong type" | "old name" | "wrong route";

export interface Finding {
  readonly what: What;
  /** As the application names it; `spans` and `logRecords` for those. */
  readonly metric: string;
  readonly pack: string;
  readonly label?: string;
  readonly bounds?: readonly number[];
  /** It comes with the first failure or the like. */
  readonly waiting: boolean;
  /** In words: what was seen in its place. */
  readonly evidence: string;
  /** Series names that arrived in its place. */
  readonly found?: readonly string[];
  /** Services that it was seen in, or whose series lack the label. */
  readonly services: readonly string[];
  /** Ids of panels and rules that are not fed because of it. */
  readonly panels: readonly string[];
  readonly rules: readonly string[];
  readonly remedy: string;
  /** What to write in an application; none where an option is enough. */
  readonly lines?: Lines;
}

/** A finding for each metric, label or bucket that something reads and that is not there as it should be. */
export function findingsOf(held: Held, packs: readonly Pack[], judged: readonly Judged[]): Finding[] {
  const seen = new Set<string>();
  const findings = packs.flatMap((pack) =>
    pack.metrics.flatMap((metric) => {
      // some are in several packs
      if (seen.has(metric.name)) return [];
      seen.add(metric.name);
      return ofMetric(metric, pack.name, held, judged);
    }),
  );
  const all = [...findings, ...ofTables(held, judged)];
  const weight = ({ waiting, panels, rules }: Finding) => (waiting ? 0 : 1_000_000) + panels.length + 2 * rules.length;
  return all.sort((one, other) => weight(other) - weight(one) || (one.metric < other.metric ? -1 : 1));
}

function ofMetric(metric: Metric, pack: string, held: Held, judged: readonly Judged[]): Finding[] {
  const names = seriesNames(metric);
  const absent = names.filter((name) => !held.has(name));
  const base = { metric: metric.name, pack };
  if (absent.length > 0) {
    const because = depending(judged, (lack) => absent.includes(lack.series));
    return [{ ...base, ...because, ...neverSeen(metric, pack, absent, held) }];
  }
  return [...labelsOf(metric, base, held, judged), ...bucketsOf(metric, base, held, judged)];
}

/** Ids of what lacks something of the kind. */
function depending(judged: readonly Judged[], which: (lack: Lack) => boolean): Pick<Finding, "panels" | "rules"> {
  const found = judged.filter(({ lacks }) => lacks.some(which)).map(({ dependent }) => dependent);
  const ids = (kind: "panel" | "rule") => found.filter((one) => one.kind === kind).map(({ id }) => id);
  return { panels: ids("panel"), rules: ids("rule") };
}

type Cause = Pick<Finding, "what" | "waiting" | "evidence" | "found" | "services" | "remedy" | "lines">;

/** A metric that is not there: or is it, under another name? */
function neverSeen(metric: Metric, pack: string, absent: readonly string[], held: Held): Cause {
  for (const { what, names, words, remedy } of disguises(metric)) {
    const found = names.filter((name) => held.has(name));
    if (found.length === 0) continue;
    const services = sorted(found.flatMap((name) => held.of(name).map(({ service }) => service)));
    return {
      what,
      waiting: false,
      found,
      services,
      evidence: `${words}: ${found[0] ?? ""}`,
      remedy,
      ...(what === "old name" ? {} : linesOf(metric, pack)),
    };
  }
  const waiting = metric.sometimes === true;
  return {
    what: "never seen",
    waiting,
    services: [],
    evidence: absent.length < seriesNames(metric).length ? `only ${absent.join(", ")} is missing` : "nothing like it",
    remedy: waiting ? "It appears with the first thing that it counts." : `It comes from ${metric.emittedBy}.`,
    ...(waiting ? {} : linesOf(metric, pack)),
  };
}

interface Disguise {
  readonly what: What;
  readonly names: readonly string[];
  readonly words: string;
  readonly remedy: string;
}

const units = ["", "1", "s", "ms", "us", "ns", "min", "By", "KiBy", "MiBy"] as const;
const kinds = ["counter", "gauge", "upDownCounter", "histogram"] as const satisfies readonly Kind[];
const kindWords: Readonly<Record<Kind, string>> = {
  counter: "a counter",
  gauge: "a gauge",
  upDownCounter: "an up-down counter",
  histogram: "a histogram",
};

/** Other names under which GreptimeDB would store the metric, if something about it were different; likeliest first. */
function disguises(metric: Metric): Disguise[] {
  const own = new Set(seriesNames(metric));
  const others = (changed: Partial<Metric>) => seriesNames({ ...metric, ...changed }).filter((name) => !own.has(name));
  const otherRoute = metric.route === "otlp" ? "scrape" : "otlp";
  const all: Disguise[] = [
    ...(metric.formerly ?? []).map((former) => ({
      what: "old name" as const,
      names: others({ ...former, route: "otlp" }),
      words: `an older convention's ${former.name}`,
      remedy: "OTEL_SEMCONV_STABILITY_OPT_IN=http in the application's environment, or a newer instrumentation.",
    })),
    {
      what: "wrong route",
      names: units.flatMap((unit) => others({ route: otherRoute, unit: metric.unit === "" ? unit : metric.unit })),
      words: routeWords(metric),
      remedy:
        metric.route === "scrape"
          ? "Have it scraped, or send it without a unit: GreptimeDB makes the unit a part of its name."
          : "Send it as OTLP with its unit: GreptimeDB makes unit and kind a part of its name.",
    },
    ...units
      .filter((unit) => unit !== metric.unit)
      .map((unit) => ({
        what: "wrong unit" as const,
        names: others({ unit, name: metric.name.replace(/_(seconds|milliseconds|bytes)\b/, "") }),
        words: `in ${unit === "" || unit === "1" ? "no unit" : `the unit ${unit}`}`,
        remedy: `Its unit is ${metric.unit === "" ? "none" : metric.unit}; values have to be in it, too.`,
      })),
    ...kinds
      .filter((kind) => kind !== metric.kind)
      .map((kind) => ({
        what: "wrong type" as const,
        names: others({ kind }),
        words: `as ${kindWords[kind]}`,
        remedy: `It has to be ${kindWords[metric.kind]}.`,
      })),
  ];
  return all.filter(({ names }) => names.length > 0);
}

/** Under the same name it would be stored if something else were different. */
function routeWords({ kind, route }: Metric): string {
  if (route === "scrape") return "it is sent as OTLP, with a unit";
  return kind === "counter" ? "it is scraped, or sent as no counter" : "it is scraped, or sent without its unit";
}

function labelsOf(
  metric: Metric,
  base: Pick<Finding, "metric" | "pack">,
  held: Held,
  judged: readonly Judged[],
): Finding[] {
  const names = seriesNames(metric);
  return Object.entries(metric.labels).flatMap(([label, declared]) => {
    const without = names.flatMap((name) => held.of(name).filter(({ labels }) => !labels.includes(label)));
    const everywhere = names.some((name) => !held.hasLabel(name, label));
    if (without.length === 0 || (declared.sometimes === true && !everywhere)) return [];
    const because = depending(judged, (lack) => lack.metric === metric.name && lack.label === label);
    const services = sorted(without.map(({ service }) => service));
    return [{ ...base, ...because, label, services, ...missingLabel(metric, base.pack, label, without) }];
  });
}

/** A label that is not there: or is it, under an older name? */
function missingLabel(
  metric: Metric,
  pack: string,
  label: string,
  without: readonly HeldSeries[],
): Pick<Finding, "what" | "waiting" | "evidence" | "remedy" | "lines"> {
  const { attribute = label, sometimes = false, formerly = [] } = metric.labels[label] ?? {};
  const old = formerly.find((former) => without.some(({ labels }) => labels.includes(labelName(former))));
  if (old !== undefined) {
    return {
      what: "old name",
      waiting: false,
      evidence: `they have an older convention's ${old}`,
      remedy: `The attribute is called ${attribute} today: use a newer instrumentation, or its option for stable names.`,
    };
  }
  const what = { what: "label missing", waiting: sometimes, evidence: "its series do not have it" } as const;
  if (sometimes) return { ...what, remedy: "It comes with the first point that has it." };
  return { ...what, remedy: `Set the attribute ${attribute} on each point.`, ...linesOf(metric, pack) };
}

function bucketsOf(
  metric: Metric,
  base: Pick<Finding, "metric" | "pack">,
  held: Held,
  judged: readonly Judged[],
): Finding[] {
  const lacks = judged.flatMap((one) => one.lacks).filter((lack) => lack.metric === metric.name);
  const bounds = [...new Set(lacks.flatMap(({ bound }) => (bound === undefined ? [] : [bound])))].sort((a, b) => a - b);
  const own = metric.buckets ?? [];
  const there = seriesNames(metric).flatMap((name) => held.of(name));
  const finite = there.flatMap(({ bounds: texts = [] }) => texts.map(Number)).filter(Number.isFinite);
  const [largest, catalogues] = [Math.max(0, ...finite), own.at(-1) ?? 0];
  // seconds and milliseconds are a thousand apart; buckets of the same unit are not
  const scaled = finite.length > 0 && (largest >= 100 * catalogues || largest * 100 <= catalogues);
  if (bounds.length === 0 && !scaled) return [];
  const words = `its buckets end at ${String(largest)}, those that are read at ${String(catalogues)}`;
  const finding: Finding = {
    ...base,
    ...depending(judged, (lack) => lack.metric === metric.name && lack.bound !== undefined),
    what: scaled ? "wrong unit" : "buckets missing",
    ...(bounds.length === 0 ? {} : { bounds }),
    waiting: false,
    services: sorted(there.map(({ service }) => service)),
    evidence: scaled ? words : `no bucket up to ${bounds.join(", ")}`,
    remedy: scaled
      ? `Measure in ${metric.unit === "" ? "the catalogue's unit" : metric.unit}, and give the histogram these buckets.`
      : "Give the histogram these buckets: the shares that are read are counted up to a bound.",
    ...linesOf(metric, base.pack),
  };
  return [finding];
}

/** No application writes what the stack or whoever scrapes says of itself. */
const linesOf = (metric: Metric, pack: string): { readonly lines?: Lines } =>
  pack === "stack" || metric.name === up.name ? {} : { lines: linesFor(metric) };

/** Spans and log records at all. */
function ofTables(held: Held, judged: readonly Judged[]): Finding[] {
  return (["spans", "logRecords"] as const).flatMap((table) => {
    const because = depending(judged, ({ series }) => series === table);
    if (held.inventory[table].length > 0 || because.panels.length === 0) return [];
    const what = table === "spans" ? "traces" : "logs";
    return [
      {
        what: "never seen" as const,
        metric: table,
        pack: what,
        waiting: false,
        services: [],
        evidence: "there are none",
        ...because,
        remedy: `OTEL_${what.toUpperCase()}_EXPORTER=otlp in an application's environment; docs/connect-your-app.md has the rest.`,
      },
    ];
  });
}

/** All series names that say something: the catalogue's, and those that something else would be stored under. */
export const namesOfInterest = (packs: readonly Pack[]): ReadonlySet<string> =>
  new Set(
    packs
      .flatMap(({ metrics }) => metrics)
      .flatMap((metric) => [...seriesNames(metric), ...disguises(metric).flatMap(({ names }) => names)]),
  );
