import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TestContext } from "vitest";
import type { Document } from "yaml";

import { collectorConfig } from "../../../configs/collector/config.ts";
import { settingsOf } from "../../support/settings.ts";
import { lastLines, startCollector, type Collector } from "./collector.ts";
import { freePort } from "./ports.ts";
import { relocated } from "./relocate.ts";
import { startStore, type Store } from "./store.ts";

export interface TestbedOptions {
  /** Settings of the stack. */
  readonly values?: Record<string, unknown>;
  /** Addresses on this machine in place of those of the scrape jobs, by the latter. */
  readonly targets?: Readonly<Record<string, string>>;
  /** What is different from the rendered configuration. */
  readonly change?: (config: Document) => void;
}

/** The real collector with a rendered configuration, in front of a server that stands for GreptimeDB. */
export class Testbed {
  readonly store: Store;
  /** Where the collector takes OTLP over HTTP. */
  readonly otlp: string;
  readonly health: string;
  readonly #directory: string;
  /** All that were started, the last of which may run. */
  readonly #collectors: Collector[] = [];

  private constructor(store: Store, ports: { otlpHttp: number; health: number }, directory: string) {
    this.store = store;
    this.otlp = `http://127.0.0.1:${String(ports.otlpHttp)}`;
    this.health = `http://127.0.0.1:${String(ports.health)}/`;
    this.#directory = directory;
  }

  static async open({ values = {}, targets = {}, change }: TestbedOptions = {}): Promise<Testbed> {
    const store = await startStore();
    const directory = mkdtempSync(join(tmpdir(), "collector-"));
    const ports = {
      otlpGrpc: await freePort(),
      otlpHttp: await freePort(),
      telemetry: await freePort(),
      health: await freePort(),
    };
    const testbed = new Testbed(store, ports, directory);
    try {
      const config = relocated(
        collectorConfig(settingsOf(values)),
        { directory, ports, store: store.url, targets },
        change,
      );
      writeFileSync(testbed.#configFile, config);
      await testbed.start();
      return testbed;
    } catch (error) {
      await testbed.close();
      throw error;
    }
  }

  get #configFile(): string {
    return join(this.#directory, "config.yaml");
  }

  /** Starts the collector, again if it was killed: with the same configuration and the same queues. */
  async start(): Promise<void> {
    this.#collectors.push(await startCollector(this.#configFile, this.health));
  }

  /** Kills the collector as a crash would. */
  async kill(): Promise<void> {
    await this.#collectors.at(-1)?.kill();
  }

  /** What the collectors of this testbed have written. */
  log(): string {
    return this.#collectors.map((collector) => collector.log()).join("");
  }

  async close(): Promise<void> {
    await this.kill();
    await this.store.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A testbed for one test. */
export async function openTestbed(test: TestContext, options?: TestbedOptions): Promise<Testbed> {
  const testbed = await Testbed.open(options);
  test.onTestFinished(() => testbed.close());
  showLogOnFailure(test, () => testbed);
  return testbed;
}

/** When a test fails, the reason often stands in the collector's log. */
export function showLogOnFailure(test: TestContext, testbed: () => Testbed | undefined): void {
  test.onTestFailed(() => {
    process.stderr.write(`\nThe collector's log, in the end:\n${lastLines(testbed()?.log() ?? "(none)")}\n\n`);
  });
}
