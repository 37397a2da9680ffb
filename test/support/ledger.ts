import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ledgerServices } from "../../configs/collector/ledger/service.ts";
import { revealed } from "../../configs/text.ts";
import { settingsOf } from "./settings.ts";
import { runScript, type Run } from "./shell.ts";

/** The delivery ledger as its container runs it, with short pauses. */

export const ledgerOn = { ledger: { enabled: true } };

export const ledgerSecrets: Readonly<Record<string, string>> = {
  greptimedbReaderPassword: "the-reader-password-42",
  collectorToken: "the-token-of-applications",
};

/** What the reader must show. */
export const readerHeader = `Basic ${Buffer.from("reader:the-reader-password-42").toString("base64")}`;

interface Places {
  /** Settings of the stack. @default a ledger, and nothing else */
  readonly values?: Record<string, unknown>;
  /** Where the collector takes OTLP over HTTP. */
  readonly collectorPort: number;
  readonly greptimedbUrl: string;
  /** Where the book is, and the script. */
  readonly directory: string;
  /** Variables of its own. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
}

interface Running {
  /** Ends it as a platform would. */
  stop(): Promise<Run>;
}

export function startLedger({
  values = { collector: ledgerOn },
  collectorPort,
  greptimedbUrl,
  directory,
  variables = {},
}: Places): Running {
  const [ledger] = ledgerServices(settingsOf(values));
  const [script] = ledger!.files;
  const env = Object.fromEntries(
    Object.entries(ledger!.env).map(([name, value]) => [name, revealed(value, (of) => ledgerSecrets[of]!)]),
  );
  const file = join(directory, "ledger.sh");
  writeFileSync(file, revealed(script!.text, () => "").replaceAll(":4318", `:${String(collectorPort)}`));
  const pid = join(directory, "pid");
  const run = runScript(`echo $$ >"${pid}"; exec sh "${file}"`, {
    ...env,
    COLLECTOR: "127.0.0.1",
    GREPTIMEDB_URL: greptimedbUrl,
    BOOK_DIRECTORY: directory,
    INTERVAL: "0.02",
    ...variables,
  });
  return {
    stop: () => {
      process.kill(Number(readFileSync(pid, "utf8")), "SIGTERM");
      return run;
    },
  };
}

/** What the ledger says of itself, as OTLP/JSON: for each of its metrics the values of traces, logs and metrics. */
export function reported(body: string): Record<string, number[]> {
  const { resourceMetrics } = JSON.parse(body) as { resourceMetrics: { scopeMetrics: { metrics: Data[] }[] }[] };
  return Object.fromEntries(
    resourceMetrics[0]!.scopeMetrics[0]!.metrics.map(({ name, sum, gauge }) => [
      name.slice("delivery_ledger.".length),
      (sum ?? gauge)!.dataPoints.map(({ asInt }) => Number(asInt)),
    ]),
  );
}

interface Data {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly { readonly asInt: string }[] };
  readonly gauge?: { readonly dataPoints: readonly { readonly asInt: string }[] };
}

/** What GreptimeDB answers to a question for copies, as `/v1/sql` writes it. */
export function copiesAnswer(rows: readonly (readonly [key: string | number, copies: number])[]): string {
  const schema = {
    column_schemas: [
      { name: "trace_id", data_type: "String" },
      { name: "count(*)", data_type: "Int64" },
    ],
  };
  // a float is written with its point
  const listed = rows.map(
    ([key, copies]) => `[${typeof key === "string" ? `"${key}"` : key.toFixed(1)},${String(copies)}]`,
  );
  return `{"output":[{"records":{"schema":${JSON.stringify(schema)},"rows":[${listed.join(",")}],"total_rows":${String(rows.length)}}}],"execution_time_ms":3}`;
}
