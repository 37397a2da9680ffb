import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { proxyConfig } from "../../configs/greptimedb/proxy.ts";
import { startNames, type Names } from "./names.ts";
import { freePort } from "./ports.ts";

const environment = { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin`, FRONTENDS: "frontend.test" };

/** Whether HAProxy is on this machine. */
export const haproxyIsThere = (): boolean => spawnSync("haproxy", ["-v"], { env: environment }).status === 0;

/** What HAProxy says of a configuration. */
export function checked(config: string): string {
  const directory = mkdtempSync(join(tmpdir(), "haproxy-"));
  const file = join(directory, "haproxy.cfg");
  writeFileSync(file, config);
  try {
    return execFileSync("haproxy", ["-c", "-f", file], { env: environment, encoding: "utf8", stdio: "pipe" });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The real HAProxy with the rendered configuration, on loopback. */
export class Proxy {
  /** Addresses of the frontends. */
  readonly names: Names;
  readonly url: string;
  readonly health: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #output: Buffer[] = [];

  private constructor(names: Names, ports: { otlp: number; health: number }, config: string) {
    this.names = names;
    this.url = `http://127.0.0.1:${String(ports.otlp)}`;
    this.health = `http://127.0.0.1:${String(ports.health)}`;
    this.#directory = mkdtempSync(join(tmpdir(), "haproxy-"));
    const file = join(this.#directory, "haproxy.cfg");
    writeFileSync(file, config);
    this.#child = spawn("haproxy", ["-db", "-f", file], { env: environment });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#output.push(chunk));
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#output.push(chunk));
  }

  /** @param frontends where they are, all at this port; it is ready when one of them answers */
  static async open(port: number, ...frontends: string[]): Promise<Proxy> {
    const names = await startNames(...frontends);
    const ports = { otlp: await freePort(), health: await freePort() };
    const proxy = new Proxy(names, ports, relocated(proxyConfig({ memoryMiB: 128, frontends: 2 }), ports, port, names));
    const deadline = Date.now() + 30_000;
    while ((await proxy.asked("/ready")) !== 200) {
      if (Date.now() > deadline) {
        await proxy.close();
        throw new Error(`the proxy did not become ready; haproxy is in Debian's package of that name\n${proxy.log()}`);
      }
      await sleep(100);
    }
    return proxy;
  }

  /** Status of a path on the port for its health; 0 when there is no answer. */
  asked(path: string): Promise<number> {
    return fetch(`${this.health}${path}`).then(
      (response) => response.status,
      () => 0,
    );
  }

  log(): string {
    return Buffer.concat(this.#output).toString();
  }

  async close(): Promise<void> {
    const gone =
      this.#child.exitCode === null && this.#child.pid !== undefined
        ? new Promise((resolve) => this.#child.once("exit", resolve))
        : undefined;
    this.#child.kill("SIGKILL");
    await gone;
    this.names.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Other ports, and another name server. */
function relocated(config: string, ports: { otlp: number; health: number }, frontends: number, names: Names): string {
  const replacements = {
    "bind *:4000": `bind 127.0.0.1:${String(ports.otlp)}`,
    "bind *:8404": `bind 127.0.0.1:${String(ports.health)}`,
    "parse-resolv-conf": `nameserver test ${names.address}`,
    '"${FRONTENDS}:4000"': `"\${FRONTENDS}:${String(frontends)}"`,
  };
  return Object.entries(replacements).reduce((text, [from, to]) => {
    const [before, after, ...rest] = text.split(from);
    if (after === undefined || rest.length > 0) throw new Error(`the configuration should hold ${from} once`);
    return `${before ?? ""}${to}${after}`;
  }, config);
}
