import { aligned, listed, readableBytes, readableDuration, readableShare, wrapped, type Style } from "../terminal.ts";
import type { Status, Telemetry } from "./read.ts";
import { newestMinutes, type Thing } from "./vitals.ts";

/** One screen: what runs, what comes in, what is not well. */

const words: Readonly<Record<Thing, string>> = {
  spans: "spans",
  logRecords: "log records",
  metricPoints: "metric points",
};

const nothing = "–";

export function screen(status: Status, { style, width }: { readonly style: Style; readonly width: number }): string {
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["What runs", partLines(status, style)],
    ["Where", whereLines(status)],
    ["Telemetry", telemetryLines(status, style)],
    ["The stack itself", stackLines(status, style)],
    ["Alerts", alertLines(status, style)],
    ...(status.problems.length === 0
      ? []
      : [["Not answered", status.problems.map((problem) => style.bad(problem))] as const]),
  ];
  return sections
    .map(([title, lines]) => `${style.bold(title)}\n${lines.map((line) => `  ${fitting(line, width - 2)}\n`).join("")}`)
    .join("\n");
}

/** Columns stay as they are, as long as they fit. */
const fitting = (line: string, width: number): string => (line.length <= width ? line : wrapped(line, width, "    "));

function partLines({ parts, at }: Status, style: Style): string[] {
  if ("problem" in parts) return [style.dim(parts.problem)];
  if (parts.length === 0) return [style.bad("nothing")];
  const name = Math.max(...parts.map((part) => part.name.length));
  return parts.map((part) => {
    const since = part.since === undefined ? undefined : (Date.parse(at) - Date.parse(part.since)) / 1000;
    const length = since === undefined || !Number.isFinite(since) ? "" : ` for ${readableDuration(Math.max(0, since))}`;
    return `${part.well ? style.good("✔") : style.bad("✘")} ${part.name.padEnd(name)} ${part.state}${length}`;
  });
}

const whereLines = ({ endpoints }: Status): string[] =>
  [
    ["Grafana", endpoints.grafana],
    ["OTLP over HTTP", endpoints.otlp],
    ["GreptimeDB", endpoints.greptimedb],
  ].map(([what, url]) => `${String(what).padEnd(14)} ${url ?? "not published"}`);

function telemetryLines({ telemetry, problems }: Status, style: Style): string[] {
  const columns = ["", "taken/s", "stored/s", "refused/s", "lost", "newest"];
  const rows = (Object.keys(words) as Thing[]).map((thing) => [
    words[thing],
    ...cells(telemetry[thing], problems.length === 0),
  ]);
  const [head = "", ...lines] = aligned([columns, ...rows]);
  return [style.dim(head), ...lines];
}

/** What has no series has not happened yet; but only where everything was answered. */
function cells({ accepted, delivered, refused, lost, age }: Telemetry, answered: boolean): string[] {
  const zero = answered ? 0 : undefined;
  const loss = lost ?? zero;
  const none = answered ? `none in ${String(newestMinutes)} min` : nothing;
  return [
    rate(accepted),
    rate(delivered),
    rate(refused ?? zero),
    loss === undefined ? nothing : String(Math.round(loss)),
    age === undefined ? none : `${readableDuration(age)} ago`,
  ];
}

const rate = (perSecond: number | undefined): string =>
  perSecond === undefined
    ? nothing
    : perSecond >= 100
      ? perSecond.toFixed(0)
      : perSecond.toFixed(perSecond === 0 ? 0 : 2);

const percent = (share: number | undefined): string => (share === undefined ? nothing : readableShare(share));

function stackLines({ stack, disk }: Status, style: Style): string[] {
  const { collectorUptime, queueFill, queued, databaseMemory, targetsDown, ledgerMissing } = stack;
  const uptime = collectorUptime === undefined ? style.bad("unknown") : `for ${readableDuration(collectorUptime)}`;
  const row = (what: string, value: string) => `${what.padEnd(22)} ${value}`;
  const counted = (count: number) => (count === 0 ? "none" : style.bad(String(count)));
  return [
    row("Collector runs", uptime),
    row(
      "Fullest queue",
      `${percent(queueFill)}${queued === undefined ? "" : ` (${readableBytes(queued)} wait in all)`}`,
    ),
    row("GreptimeDB's memory", `${percent(databaseMemory)} of its limit`),
    row("On disk", disk === undefined ? nothing : readableBytes(disk)),
    row("Scrape targets down", targetsDown === undefined ? nothing : counted(targetsDown)),
    ...(ledgerMissing === undefined ? [] : [row("Records missing", `${counted(ledgerMissing)} (delivery ledger)`)]),
  ];
}

function alertLines({ alerts: { rules, firing, pending }, problems }: Status, style: Style): string[] {
  if (rules === 0) return [problems.length === 0 ? style.bad("no rules") : nothing];
  return [
    firing.length === 0
      ? style.good(`none of ${String(rules)} rules fires`)
      : `${style.bad("firing")}: ${listed(firing)}`,
    ...(pending.length === 0 ? [] : [`${style.warn("pending")}: ${listed(pending)}`]),
  ];
}
