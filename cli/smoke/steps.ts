import { setTimeout as sleep } from "node:timers/promises";

import { dashboards, login, metricsQuery, rules, sqlQuery, trace } from "../running/grafana.ts";
import { promql, sql, type Answered } from "../running/greptimedb.ts";
import { ask, excerpt, oneLine, type Reply } from "../running/http.ts";
import type { RunningStack } from "../running/stack.ts";
import { some } from "../terminal.ts";
import { metricQuery, otlpBody, recordQuery, signals, type Signal, type SmokeRecords } from "./records.ts";

/** The hops of telemetry, in the order in which it takes them, and what must be there in the end. */

export type Outcome =
  | { readonly state: "ok" | "skipped"; readonly detail: string }
  | { readonly state: "failed"; readonly evidence: string; readonly remedy: string };

export interface Step {
  /** Stable, for machines. */
  readonly id: string;
  readonly what: string;
  readonly run: () => Promise<Outcome>;
}

export interface SmokeOptions {
  readonly records: SmokeRecords;
  /** Seconds within which what was sent must have arrived. */
  readonly patienceSeconds: number;
}

/** All steps. Each is asked only if those before it went well: the first that fails is the hop that is broken. */
export function stepsOf(stack: RunningStack, options: SmokeOptions): Step[] {
  return [
    ...signals.map((signal) => sending(stack, signal, options)),
    ...signals.map((signal) => arriving(stack, signal, options)),
    letIn(stack),
    ...signals.map((signal) => shown(stack, signal, options)),
    boards(stack),
    evaluated(stack),
  ];
}

const ok = (detail: string): Outcome => ({ state: "ok", detail });
const failed = (evidence: string, remedy: string): Outcome => ({ state: "failed", evidence, remedy });

const sending = ({ target, remedies }: RunningStack, signal: Signal, { records }: SmokeOptions): Step => ({
  id: `collector-${signal}`,
  what: `The collector takes ${signal}`,
  run: async () => {
    if (target.otlp === undefined) return failed("OTLP over HTTP is not published", remedies.reachOtlp);
    const { url, headers } = target.otlp;
    const reply = await ask(`${url}/v1/${signal}`, {
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(otlpBody(signal, records)),
    });
    if (reply.status === 200) return ok(url);
    return failed(excerpt(reply), refusal(reply, remedies));
  },
});

function refusal({ status, body }: Reply, remedies: RunningStack["remedies"]): string {
  if (status === 0) return remedies.reachOtlp;
  if (status === 401)
    return "The token of collector.auth is another one; OTEL_EXPORTER_OTLP_HEADERS has it for applications.";
  if (status === 429 || status === 503) {
    return "Its queues or its memory are full: is GreptimeDB well? See CollectorRefusing in docs/runbooks.";
  }
  if (status === 400 && body.includes("HTTPS")) return "It speaks TLS: the address begins with https.";
  return remedies.collectorLog;
}

const arriving = (stack: RunningStack, signal: Signal, { records, patienceSeconds }: SmokeOptions): Step => ({
  id: `greptimedb-${signal}`,
  what: `GreptimeDB has the ${signal}`,
  run: async () => {
    const { greptimedb, databases } = stack.target;
    if (greptimedb === undefined)
      return { state: "skipped", detail: "its HTTP API is not published; Grafana asks it below" };
    const question = () =>
      signal === "metrics"
        ? promql(greptimedb, databases.metrics, metricQuery)
        : sql(greptimedb, databases[signal], recordQuery(signal, records));
    const { found, reply } = await within(patienceSeconds, question, has(signal, records));
    if (found) return ok(`database ${databases[signal]}`);
    return notThere(stack, reply, `database ${databases[signal]}`, patienceSeconds);
  },
});

/** Whether an answer holds the record: the value of the metric, or a row of the trace. */
const has =
  (signal: Signal, { seconds }: SmokeRecords) =>
  (rows: readonly unknown[]): boolean =>
    signal === "metrics" ? rows.some((value) => Math.abs(Number(value) - seconds) < 0.0005) : rows.length > 0;

/** Asks again until the answer holds what is looked for, or time is up, or whoever asks is not let in. */
async function within(
  patienceSeconds: number,
  question: () => Promise<Answered<unknown>>,
  wanted: (rows: readonly unknown[]) => boolean,
): Promise<{ found: boolean; reply: Reply }> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const { reply, rows } = await question();
    if (rows !== undefined && wanted(rows)) return { found: true, reply };
    if ([401, 403].includes(reply.status) || Date.now() >= deadline) return { found: false, reply };
    await sleep(Math.min(500, Math.max(0, deadline - Date.now())));
  }
}

async function notThere(stack: RunningStack, reply: Reply, where: string, patienceSeconds: number): Promise<Outcome> {
  const { remedies } = stack;
  if (reply.status === 0) return failed(excerpt(reply), remedies.redeploy);
  if (reply.status === 401 || reply.status === 403) {
    return failed(
      `the reader is not let in: ${excerpt(reply)}`,
      `${remedies.redeploy}   (puts users and passwords right)`,
    );
  }
  const trouble = await stack.collectorTrouble();
  if (trouble !== undefined) {
    const remedy = /\b40[13]\b/.test(trouble)
      ? `${remedies.redeploy}   (puts users and passwords right)`
      : remedies.collectorLog;
    return failed(`the collector cannot send: ${trouble.slice(0, 300)}`, remedy);
  }
  const asked = reply.status === 200 ? "" : ` (${excerpt(reply)})`;
  return failed(
    `it is not in ${where} after ${String(patienceSeconds)} s${asked}`,
    `${remedies.collectorLog}   (tail sampling, a full queue or a filter also hold back or drop records)`,
  );
}

/** A step that Grafana answers. */
const inGrafana =
  ({ target, remedies }: RunningStack, answer: (grafana: Grafana) => Promise<Outcome>) =>
  (): Promise<Outcome> =>
    target.grafana === undefined
      ? Promise.resolve(failed("nobody says where Grafana is", remedies.reachGrafana))
      : answer(target.grafana);

type Grafana = NonNullable<RunningStack["target"]["grafana"]>;

const letIn = (stack: RunningStack): Step => ({
  id: "grafana-login",
  what: "Grafana lets in",
  run: inGrafana(stack, async (grafana) => {
    const reply = await login(grafana);
    if (reply.status === 200) return ok(grafana.url);
    if (reply.status === 401) {
      return failed(
        excerpt(reply),
        `The password was changed by hand: ${stack.remedies.redeploy} sets it again, on a start of Grafana.`,
      );
    }
    return failed(excerpt(reply), stack.remedies.reachGrafana);
  }),
});

const shown = (stack: RunningStack, signal: Signal, { records, patienceSeconds }: SmokeOptions): Step => ({
  id: `grafana-${signal}`,
  what: `Grafana reads the ${signal}`,
  run: inGrafana(stack, async (grafana) => {
    const { databases } = stack.target;
    const questions: Record<Signal, () => Promise<Answered<unknown>>> = {
      traces: () => trace(grafana, records.traceId),
      logs: () => columns(sqlQuery(grafana, recordQuery("logs", records, databases))),
      metrics: () => columns(metricsQuery(grafana, metricQuery)),
    };
    // without GreptimeDB's own API this is the first to wait for what was sent
    const patience = stack.target.greptimedb === undefined ? patienceSeconds : Math.min(patienceSeconds, 5);
    const { found, reply } = await within(patience, questions[signal], has(signal, records));
    if (found) return ok(`through its data source for ${signal}`);
    if (reply.status === 200 && stack.target.greptimedb === undefined) {
      return notThere(stack, reply, `Grafana's data source for ${signal}`, patience);
    }
    return failed(
      reply.status === 200 ? "GreptimeDB has it, and the data source does not find it" : excerpt(reply),
      `${stack.remedies.redeploy}   (writes the data sources again; Connections in Grafana tests each)`,
    );
  }),
});

const columns = async (answer: Promise<Answered<unknown[]>>): Promise<Answered<unknown>> => {
  const { reply, rows } = await answer;
  return rows === undefined ? { reply } : { reply, rows: rows.flat() };
};

const boards = (stack: RunningStack): Step => ({
  id: "dashboards",
  what: "Dashboards are there",
  run: inGrafana(stack, async (grafana) => {
    const { expected, remedies } = stack;
    const { reply, rows } = await dashboards(grafana);
    if (rows === undefined) return failed(excerpt(reply), remedies.redeploy);
    const missing = (expected?.boards ?? []).filter((uid) => !rows.includes(uid));
    if (missing.length > 0) return failed(`missing: ${some(missing)}`, remedies.redeploy);
    return ok(expected === undefined ? `${String(rows.length)} of them` : `all ${String(expected.boards.length)}`);
  }),
});

const evaluated = (stack: RunningStack): Step => ({
  id: "rules",
  what: "Alert rules are evaluated",
  run: inGrafana(stack, async (grafana) => {
    const { expected, remedies } = stack;
    const { reply, rows } = await rules(grafana);
    if (rows === undefined) return failed(excerpt(reply), remedies.redeploy);
    const names = new Set(rows.map(({ name }) => name));
    const missing = (expected?.rules ?? []).filter((title) => !names.has(title));
    if (missing.length > 0) return failed(`missing: ${some(missing)}`, remedies.redeploy);
    const [sick, ...others] = rows.filter(({ health }) => health === "error");
    if (sick !== undefined) {
      const more = others.length === 0 ? "" : ` (and ${String(others.length)} more)`;
      return failed(
        `${sick.name} cannot be evaluated${more}: ${oneLine(sick.lastError)}`,
        "See GrafanaRuleEvaluationFailing in docs/runbooks.",
      );
    }
    const firing = rows.filter(({ state, name }) => state === "firing" && name !== "Watchdog").map(({ name }) => name);
    return ok(`${String(rows.length)} rules${firing.length === 0 ? ", none firing" : `; firing: ${some(firing)}`}`);
  }),
});
