import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Document } from "yaml";

import { otlpScheme } from "../../configs/collector/access.ts";
import { collectorConfig } from "../../configs/collector/config.ts";
import { collectorService } from "../../configs/collector/service.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { environmentOf, startCollector, type Collector } from "./collector.ts";
import { freePort } from "./ports.ts";
import { Proxy } from "./proxy.ts";
import { relocated, type Places } from "./relocate.ts";
import { startStore, type Store } from "./store.ts";

export interface TestbedOptions {
  readonly settings: Settings;
  /** Addresses on this machine in place of those of the scrape jobs, by the latter. @default {} */
  readonly targets?: Readonly<Record<string, string>>;
  /** What is different from the rendered configuration. */
  readonly change?: (config: Document) => void;
  /** Puts into the directory what is mounted there. */
  readonly prepare?: (directory: string) => void;
  /** Whether the proxy stands between the collector and the server. @default false */
  readonly proxied?: boolean;
}

/** The real collector with a rendered configuration, in front of a server that stands for GreptimeDB. */
export class Testbed {
  readonly store: Store;
  /** Where the collector takes OTLP over HTTP. */
  readonly otlp: string;
  /** Where it takes OTLP over gRPC, as `host:port`. */
  readonly grpc: string;
  readonly health: string;
  /** Its own metrics. */
  readonly telemetry: string;
  /** Where it keeps its queues, and finds its certificate. */
  readonly directory: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #proxy: Proxy | undefined;
  /** All that were started, the last of which may run. */
  readonly #collectors: Collector[] = [];

  private constructor(
    { store, proxy }: { store: Store; proxy: Proxy | undefined },
    ports: Places["ports"],
    directory: string,
    settings: Settings,
  ) {
    this.store = store;
    this.#proxy = proxy;
    this.otlp = `${otlpScheme(settings)}://127.0.0.1:${String(ports.otlpHttp)}`;
    this.grpc = `127.0.0.1:${String(ports.otlpGrpc)}`;
    this.health = `http://127.0.0.1:${String(ports.health)}/`;
    this.telemetry = `http://127.0.0.1:${String(ports.telemetry)}/metrics`;
    this.directory = directory;
    this.#environment = environmentOf(collectorService(settings));
  }

  static async open({ settings, targets = {}, change, proxied = false, prepare }: TestbedOptions): Promise<Testbed> {
    const store = await startStore();
    const proxy = proxied ? await Proxy.open(store.port, "127.0.0.1") : undefined;
    const directory = mkdtempSync(join(tmpdir(), "collector-"));
    const ports = {
      otlpGrpc: await freePort(),
      otlpHttp: await freePort(),
      telemetry: await freePort(),
      health: await freePort(),
    };
    const testbed = new Testbed({ store, proxy }, ports, directory, settings);
    try {
      prepare?.(directory);
      const places = { directory, ports, store: (proxy ?? store).url, targets };
      writeFileSync(testbed.#configFile, relocated(collectorConfig(settings), places, change));
      await testbed.start();
      return testbed;
    } catch (error) {
      await testbed.close();
      throw error;
    }
  }

  get #configFile(): string {
    return join(this.directory, "config.yaml");
  }

  /** Starts the collector, again if it was ended: with the same configuration and the same queues. */
  async start(): Promise<void> {
    this.#collectors.push(await startCollector(this.#configFile, this.health, this.#environment));
  }

  /** Kills the collector as a crash would. */
  async kill(): Promise<void> {
    await this.#collectors.at(-1)?.kill();
  }

  /** Ends the collector as a platform would that replaces it. */
  async terminate(): Promise<void> {
    await this.#collectors.at(-1)?.terminate();
  }

  /** The most memory of its own that a collector of this testbed has had in RAM, in bytes. */
  peakMemory(): number {
    return Math.max(0, ...this.#collectors.map((collector) => collector.peakMemory()));
  }

  /** What the collectors of this testbed have written. */
  log(): string {
    return this.#collectors.map((collector) => collector.log()).join("");
  }

  async close(): Promise<void> {
    await this.kill();
    await this.#proxy?.close();
    await this.store.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
