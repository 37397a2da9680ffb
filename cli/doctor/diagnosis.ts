import { X509Certificate } from "node:crypto";

import { images } from "../../configs/images.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import type { Finding } from "../finding.ts";
import type { EvaluatedRule } from "../running/grafana.ts";
import type { Drift, RunningStack } from "../running/stack.ts";
import type { Status } from "../status/read.ts";
import { listed, readableBytes, readableDuration, readableShare, some } from "../terminal.ts";

/** What is wrong with a stack that runs, and what to do about it. Each finding rests on one observation. */

/** What was observed. */
export interface Observed {
  readonly status: Status;
  /** Undefined where Grafana did not say. */
  readonly rules: readonly EvaluatedRule[] | undefined;
  /** Uids; undefined where Grafana did not say. */
  readonly boards: readonly string[] | undefined;
  /** Seconds by which this machine's clock is ahead of Grafana's; undefined where Grafana did not say. */
  readonly clockAhead: number | undefined;
  /** How many resources a deployment would change; undefined where nobody here could deploy. */
  readonly drift: Drift | undefined;
  /** What `SHOW CREATE DATABASE` says, by database; without those that Grafana's user was not told of. */
  readonly databases: Readonly<Record<string, string>>;
  /** Which versions run, as they say themselves; without those that did not say. */
  readonly versions: Readonly<Partial<Record<Versioned, string>>>;
}

export type Versioned = "Grafana" | "GreptimeDB";

/** The versions that this project is made for: those of the images that it pins. */
const pinned: Readonly<Record<Versioned, string>> = {
  Grafana: versionOf(images.grafana),
  GreptimeDB: versionOf(images.greptimedb),
};

/** `grafana/grafana:13.2.3` → `13.2.3`, without a leading v and a digest. */
function versionOf(image: string): string {
  return (/:v?([^:@/]+)(?:@|$)/.exec(image)?.[1] ?? image).trim();
}

export type About = Pick<RunningStack, "expected" | "remedies">;

type Check = (observed: Observed, about: About) => Finding | undefined;

const found = (level: Finding["level"], what: string, detail: string, remedy?: string): Finding => ({
  what,
  level,
  detail,
  ...(remedy === undefined ? {} : { remedy }),
});

const runbook = (rule: string): string => `docs/runbooks/${rule.toLowerCase()}.md`;

const parts: Check = ({ status }, { remedies }) => {
  if ("problem" in status.parts) return found("warning", "What runs", `cannot be seen: ${status.parts.problem}`);
  if (status.parts.length === 0) return found("problem", "What runs", "nothing", remedies.redeploy);
  const sick = status.parts.filter(({ well }) => !well);
  if (sick.length === 0) return found("ok", "What runs", `all ${String(status.parts.length)} are well`);
  return found("problem", "What runs", some(sick.map(({ name, state }) => `${name} ${state}`)), remedies.redeploy);
};

const answers: Check = ({ status }, { remedies }) =>
  status.problems.length === 0
    ? found("ok", "Grafana and GreptimeDB", "answer")
    : found("problem", "Grafana and GreptimeDB", some(status.problems), remedies.reachGrafana);

const collector: Check = ({ status: { stack, problems } }, { remedies }) => {
  if (problems.length > 0) return undefined;
  return stack.collectorUptime === undefined
    ? found("problem", "Collector", "its own metrics do not arrive", remedies.collectorLog)
    : found("ok", "Collector", `runs for ${readableDuration(stack.collectorUptime)}`);
};

/** Where a metric of the collector is scraped every 15 s, and sent within seconds. */
const usualAge = 60;

const lag: Check = ({ status: { telemetry } }) => {
  const { age } = telemetry.metricPoints;
  if (age === undefined) return undefined;
  return age > usualAge
    ? found("warning", "Lag", `the newest metric is ${readableDuration(age)} old`, "npm run status -- --watch")
    : found("ok", "Lag", `the newest metric is ${readableDuration(age)} old`);
};

/** The thresholds of rule CollectorQueueNearFull, and of somebody who would like to know earlier. */
const queue: Check = ({ status: { stack } }) => {
  if (stack.queueFill === undefined) return undefined;
  const waits = stack.queued === undefined ? "" : ` (${readableBytes(stack.queued)} wait in all)`;
  const detail = `the fullest is ${readableShare(stack.queueFill)} full${waits}`;
  if (stack.queueFill > 0.8) return found("problem", "Queues", detail, runbook("CollectorQueueNearFull"));
  return stack.queueFill > 0.2
    ? found("warning", "Queues", detail, runbook("CollectorQueueNearFull"))
    : found("ok", "Queues", detail);
};

const things = { spans: "spans", logRecords: "log records", metricPoints: "metric points" } as const;
const each = (of: (thing: keyof typeof things) => string | undefined): string[] =>
  (Object.keys(things) as (keyof typeof things)[]).flatMap((thing) => of(thing) ?? []);

const lost: Check = ({ status: { telemetry, stack } }) => {
  if (stack.collectorUptime === undefined) return undefined;
  const losses = each((thing) => {
    const count = telemetry[thing].lost ?? 0;
    return count > 0 ? `${String(Math.round(count))} ${things[thing]}` : undefined;
  });
  return losses.length === 0
    ? found("ok", "Lost", "nothing since the collector started")
    : found("problem", "Lost", `${listed(losses)} since the collector started`, runbook("CollectorDataLoss"));
};

const refused: Check = ({ status: { telemetry } }) => {
  const refusals = each((thing) => {
    const rate = telemetry[thing].refused ?? 0;
    return rate > 0 ? `${rate.toFixed(2)} ${things[thing]}` : undefined;
  });
  return refusals.length === 0
    ? undefined
    : found("warning", "Refused", `${listed(refusals)} a second`, runbook("CollectorRefusing"));
};

const missing: Check = ({ status: { stack } }) =>
  (stack.ledgerMissing ?? 0) > 0
    ? found(
        "problem",
        "Delivery ledger",
        `${String(stack.ledgerMissing)} records are due and not there`,
        runbook("DeliveryLedgerGap"),
      )
    : undefined;

const targets: Check = ({ status: { stack } }) =>
  (stack.targetsDown ?? 0) > 0
    ? found("warning", "Scrape targets", `${String(stack.targetsDown)} do not answer`, runbook("ScrapeTargetDown"))
    : undefined;

/** The threshold of rule GreptimeDbMemoryHigh. */
const memory: Check = ({ status: { stack } }) => {
  if (stack.databaseMemory === undefined) return undefined;
  const detail = `GreptimeDB uses ${readableShare(stack.databaseMemory)} of what it may`;
  return stack.databaseMemory > 0.85
    ? found("warning", "Memory", detail, runbook("GreptimeDbMemoryHigh"))
    : found("ok", "Memory", detail);
};

/** A query for "now" finds nothing that was written later than GreptimeDB's now. */
const clock: Check = ({ clockAhead }) => {
  if (clockAhead === undefined) return undefined;
  const seconds = Math.abs(clockAhead);
  const detail = `this machine is ${readableDuration(seconds)} ${clockAhead > 0 ? "ahead of" : "behind"} Grafana's`;
  if (seconds <= 5) return found("ok", "Clocks", "agree within 5 s");
  return found(seconds > 60 ? "problem" : "warning", "Clocks", detail, "timedatectl set-ntp true");
};

const drifted: Check = ({ drift }, { remedies }) => {
  const what = "Stack file";
  if (drift === undefined) return undefined;
  if (typeof drift !== "number") return found("warning", what, `cannot be compared with what runs: ${drift.problem}`);
  if (drift === 0) return found("ok", what, "is what runs");
  return found("warning", what, `a deployment would change ${String(drift)} resources`, remedies.redeploy);
};

/** Another patch is what updates are for; another minor version may have changed what boards and rules rest on. */
const versions: Check = ({ versions: running }) => {
  const told = (Object.keys(pinned) as Versioned[]).flatMap((name) => {
    const version = running[name]?.replace(/^v/, "");
    return version === undefined ? [] : [{ name, version }];
  });
  if (told.length === 0) return undefined;
  const line = (version: string) => version.split(".").slice(0, 2).join(".");
  const other = told.filter(({ name, version }) => line(version) !== line(pinned[name]));
  if (other.length === 0)
    return found("ok", "Versions", told.map(({ name, version }) => `${name} ${version}`).join(", "));
  const words = other.map(
    ({ name, version }) => `${name} ${version} runs, and boards and rules are made for ${pinned[name]}`,
  );
  return found("warning", "Versions", listed(words), "docs/operations.md#upgrades");
};

const boards: Check = ({ boards: there }, { expected, remedies }) => {
  if (there === undefined || expected === undefined) return undefined;
  const absent = expected.boards.filter((uid) => !there.includes(uid));
  return absent.length === 0
    ? found("ok", "Dashboards", `all ${String(expected.boards.length)} are there`)
    : found("warning", "Dashboards", `missing, or not deployed yet: ${some(absent)}`, remedies.redeploy);
};

const ruleSet: Check = ({ rules }, { expected, remedies }) => {
  if (rules === undefined || expected === undefined) return undefined;
  const names = new Set(rules.map(({ name }) => name));
  const absent = [...new Set(expected.rules.filter((title) => !names.has(title)))];
  return absent.length === 0
    ? found("ok", "Alert rules", `all ${String(expected.rules.length)} are there`)
    : found("warning", "Alert rules", `missing, or not deployed yet: ${some(absent)}`, remedies.redeploy);
};

/** Of databases about which GreptimeDB tells the reader; a deployment reads all of them back. */
const retention: Check = ({ databases }, { expected, remedies }) => {
  const told = (expected?.retentions ?? []).filter(({ database }) => databases[database] !== undefined);
  if (told.length === 0) return undefined;
  const other = told.filter(({ database, written }) => keptFor(databases[database] ?? "") !== written);
  if (other.length === 0)
    return found("ok", "Retention", told.map((one) => `${one.database} ${one.written}`).join(", "));
  const words = other.map(
    ({ database, written }) =>
      `${database} keeps its data ${duration(keptFor(databases[database] ?? ""))}, and should ${duration(written)}`,
  );
  return found("problem", "Retention", listed(words), remedies.redeploy);
};

/** No ttl at all is GreptimeDB's other way to write "forever". */
const keptFor = (created: string): string => /\bttl\s*=\s*'([^']*)'/.exec(created)?.[1] ?? "forever";
const duration = (written: string): string => (written === "forever" ? written : `for ${written}`);

const evaluation: Check = ({ rules }) => {
  const sick = (rules ?? []).filter(({ health }) => health === "error").map(({ name }) => name);
  return sick.length === 0
    ? undefined
    : found("problem", "Evaluation", `${some(sick)} cannot be evaluated`, runbook("GrafanaRuleEvaluationFailing"));
};

const firing: Check = ({ status: { alerts } }) =>
  alerts.firing.length === 0
    ? undefined
    : found("warning", "Firing", some(alerts.firing), runbook(alerts.firing[0]?.split(" ")[0] ?? ""));

const checks: readonly Check[] = [
  parts,
  answers,
  collector,
  lost,
  missing,
  retention,
  queue,
  evaluation,
  clock,
  refused,
  lag,
  memory,
  targets,
  firing,
  versions,
  drifted,
  boards,
  ruleSet,
];

export const diagnose = (observed: Observed, about: About): Finding[] =>
  checks.flatMap((check) => check(observed, about) ?? []);

/** What a rotation that was begun still lets in. */
export function rotationFindings({ greptimedb, collector }: Settings): Finding[] {
  const end = (key: string) => `npm run pulumi -- config set --path ${key} false, and npm run up`;
  return [
    ...(greptimedb.users.keepPrevious
      ? [
          found(
            "warning",
            "Rotation",
            `GreptimeDB still accepts the passwords of generation ${String(greptimedb.users.generation - 1)}`,
            end("greptimedb.users.keepPrevious"),
          ),
        ]
      : []),
    ...(collector.token.keepPrevious
      ? [
          found(
            "warning",
            "Rotation",
            `the collector still accepts the token of generation ${String(collector.token.generation - 1)}`,
            end("collector.token.keepPrevious"),
          ),
        ]
      : []),
  ];
}

/** Days before its end from which on a certificate is worth a word. */
const noticeDays = 30;

/** The certificate of the settings, the first where there are several. */
export function certificateFinding(pem: string, now: number): Finding {
  const what = "Certificate";
  try {
    const { validTo } = new X509Certificate(pem);
    const days = Math.floor((Date.parse(validTo) - now) / 86_400_000);
    const remedy = "npm run pulumi -- config set --path collector.tlsCertificate < fullchain.pem";
    if (days < 0) return found("problem", what, `ended on ${validTo}`, remedy);
    return days < noticeDays
      ? found("warning", what, `ends in ${String(days)} days, on ${validTo}`, remedy)
      : found("ok", what, `holds for ${String(days)} days`);
  } catch {
    return found("problem", what, "collector.tlsCertificate is no certificate that can be read");
  }
}

const rank: Readonly<Record<Finding["level"], number>> = { problem: 0, warning: 1, ok: 2 };

/** The worst first; otherwise as they came. */
export const ranked = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => rank[a.level] - rank[b.level]);
