import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { authorizationVariable } from "../../../configs/collector/exporters.ts";

/** The value of the `Authorization` header. */
export const authorization = `Basic ${Buffer.from("writer:password").toString("base64")}`;

/** Environment of the collector: nothing of this process's own gets in. */
export const collectorEnvironment = { [authorizationVariable]: authorization };

/** @throws Error when the environment does not name the binary */
export function collectorBinary(): string {
  const path = process.env["OTELCOL"];
  if (path === undefined || path === "") {
    throw new Error("OTELCOL is not set: it names the collector's binary, which .ci/run builds");
  }
  if (!existsSync(path)) throw new Error(`OTELCOL names ${path}, which does not exist: .ci/run builds it`);
  return path;
}

/** A collector that runs. */
export interface Collector {
  /** What it has written so far. */
  log(): string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/** Starts the real collector and waits until its health endpoint says that it runs. */
export async function startCollector(configFile: string, healthUrl: string): Promise<Collector> {
  const child = spawn(collectorBinary(), [`--config=${configFile}`], { env: collectorEnvironment });
  const killWithThisProcess = () => child.kill("SIGKILL");
  process.once("exit", killWithThisProcess);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const kill = async () => {
    process.off("exit", killWithThisProcess);
    if (!isRunning(child)) return;
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exit;
  };
  const log = () => Buffer.concat(chunks).toString();
  if (!(await healthy(child, healthUrl))) {
    await kill();
    throw new Error(`the collector did not start:\n${lastLines(log())}`);
  }
  return { log, kill };
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
