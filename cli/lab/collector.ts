import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { Service } from "../../configs/service.ts";
import { revealed } from "../../configs/text.ts";

/** The value of the `Authorization` header to GreptimeDB. */
export const authorization = `Basic ${Buffer.from("writer:password").toString("base64")}`;

/** What applications may show. Their alphabet has characters that YAML would read as something else. */
export const tokens = { current: "!current*token", previous: "1234567890123" } as const;

const secrets: Readonly<Record<string, string>> = {
  greptimedbWriterPassword: "password",
  collectorToken: tokens.current,
  collectorPreviousToken: tokens.previous,
};

/** The variables that a platform gives the first replica of a service: nothing of this process's own gets in. */
export function environmentOf({ name: service, env }: Service): Record<string, string> {
  const valueOf = (name: string) => secrets[name] ?? `(${name})`;
  const replica = { name: `${service}-0`, index: "0" };
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, revealed(text, valueOf, replica)]));
}

const manifest = fileURLToPath(new URL("../../.ci/collector-builder.yaml", import.meta.url));

/** Where .ci/collector puts what it builds. */
function builtBinary(): string {
  const hash = createHash("sha256").update(readFileSync(manifest)).digest("hex").slice(0, 16);
  return fileURLToPath(new URL(`../../.cache/otelcol-${hash}`, import.meta.url));
}

/**
 * The collector's binary: that which OTELCOL names, else that which .ci/collector has built.
 * @throws Error when it is not there
 */
export function collectorBinary(): string {
  const named = process.env["OTELCOL"] ?? "";
  const path = named === "" ? builtBinary() : named;
  if (existsSync(path)) return path;
  const remedy = "run .ci/collector, which builds it (needs Go; takes minutes), or set OTELCOL to an otelcol-contrib";
  throw new Error(`There is no collector${named === "" ? "" : ` at ${named}, which OTELCOL names`}: ${remedy}.`);
}

/** A collector that runs. */
export interface Collector {
  /** What it has written so far. */
  log(): string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Asks it to end, as a platform does, and waits until it has. */
  terminate(): Promise<void>;
  /** Seconds of processor time that it has used. */
  cpuSeconds(): number;
  /** The most memory of its own that it has had in RAM, in bytes; 0 where the system does not say. */
  peakMemory(): number;
}

/**
 * Starts the real collector and waits until its health endpoint says that it runs.
 * @param core the one processor core that it may use. @default all
 */
export async function startCollector(
  configFile: string,
  healthUrl: string,
  env: Readonly<Record<string, string>>,
  core?: number,
): Promise<Collector> {
  const command = [collectorBinary(), `--config=${configFile}`];
  const [program = "", ...args] = core === undefined ? command : ["taskset", "-c", String(core), ...command];
  const path = core === undefined ? {} : { PATH: process.env["PATH"] ?? "" };
  const child = spawn(program, args, { env: { ...path, ...env } });
  const killWithThisProcess = () => child.kill("SIGKILL");
  process.once("exit", killWithThisProcess);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  let peak = 0;
  const peakMemory = () => (peak = Math.max(peak, memoryOf(child)));
  const watch = setInterval(peakMemory, 50);
  const end = async (signal: NodeJS.Signals) => {
    process.off("exit", killWithThisProcess);
    clearInterval(watch);
    if (!isRunning(child)) return;
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await exit;
  };
  const kill = () => end("SIGKILL");
  const terminate = () => end("SIGTERM");
  const log = () => Buffer.concat(chunks).toString();
  if (!(await healthy(child, healthUrl))) {
    await kill();
    throw new Error(`the collector did not start:\n${lastLines(log())}`);
  }
  return { log, kill, terminate, peakMemory, cpuSeconds: () => cpuSecondsOf(child) };
}

/** Without mapped files, which the system can drop when memory gets scarce. */
function memoryOf({ pid }: ChildProcess): number {
  try {
    const [, kibibytes = "0"] =
      /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8")) ?? [];
    return Number(kibibytes) * 1024;
  } catch {
    return 0;
  }
}

/** The kernel counts in hundredths of a second. */
function cpuSecondsOf({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  // behind the name, which may hold anything: user time is the 12th field, system time the 13th
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function healthy(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && isRunning(child)) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return true;
    await sleep(100);
  }
  return false;
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** The end of a log, for whoever looks into a failure. */
export const lastLines = (log: string, count = 40): string => log.trimEnd().split("\n").slice(-count).join("\n");
