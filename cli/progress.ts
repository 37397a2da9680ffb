import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";

import { nameOf } from "../graph/node.ts";
import type { Style } from "./terminal.ts";

/**
 * Says what the engine does while it does it: a line for each resource that changed, and, while nothing ends, what
 * is being waited for and for how long.
 */
export class Progress {
  readonly #write: (text: string) => void;
  readonly #style: Style;
  readonly #now: () => number;
  readonly #interactive: boolean;
  readonly #running = new Map<string, number>();
  readonly #errors: string[] = [];
  readonly #failures: string[] = [];
  readonly #said = new Set<string>();
  #changes = 0;
  #status = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { write: (text: string) => void; style: Style; now: () => number; interactive: boolean }) {
    this.#write = options.write;
    this.#style = options.style;
    this.#now = options.now;
    this.#interactive = options.interactive;
  }

  /** How many resources were changed so far. */
  get changes(): number {
    return this.#changes;
  }

  /** What went wrong, in the engine's words. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /** URNs of what could not be made, changed or removed. */
  get failed(): readonly string[] {
    return this.#failures;
  }

  start(): void {
    this.#timer = setInterval(
      () => {
        this.tick();
      },
      this.#interactive ? 1000 : 15_000,
    );
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  /** The line that tells what is being waited for. */
  tick(): void {
    this.#clear();
    const [urn, since] = [...this.#running].sort(([, a], [, b]) => a - b)[0] ?? [];
    const waiting =
      urn === undefined || since === undefined
        ? "the engine and its plugins"
        : `${nameOf(urn)} (${seconds(this.#now() - since)})`;
    const others = this.#running.size > 1 ? ` and ${String(this.#running.size - 1)} more` : "";
    const line = `  … waiting for ${waiting}${others}`;
    if (this.#interactive) {
      this.#status = line;
      this.#write(line);
    } else this.#write(`${line}\n`);
  }

  readonly onEvent = (event: EngineEvent): void => {
    const pre = event.resourcePreEvent?.metadata;
    const done = event.resOutputsEvent?.metadata;
    const failed = event.resOpFailedEvent?.metadata;
    if (pre !== undefined && isChange(pre.op) && isReal(pre.type)) this.#running.set(pre.urn, this.#now());
    if (done !== undefined && isReal(done.type)) this.#finished(done.urn, done.op, isKept(done));
    if (failed !== undefined) this.#failed(failed.urn, failed.op);
    if (event.diagnosticEvent !== undefined) this.#diagnostic(event.diagnosticEvent);
  };

  #finished(urn: string, op: string, kept: boolean): void {
    const since = this.#running.get(urn);
    if (since === undefined || !isChange(op)) return;
    this.#running.delete(urn);
    this.#changes += 1;
    const took = this.#now() - since;
    this.#line(
      `  ${this.#style.good("✔")} ${nameOf(urn)} ${kept ? "kept" : done(op)}${took >= 2000 ? this.#style.dim(` in ${seconds(took)}`) : ""}`,
    );
  }

  #failed(urn: string, op: string): void {
    this.#running.delete(urn);
    this.#failures.push(urn);
    this.#line(`  ${this.#style.bad("✘")} ${nameOf(urn)} could not be ${done(op)}`);
  }

  /** Other severities are for the engine's own developers; they print everything, secrets included. */
  #diagnostic({ message, severity, urn, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    const text = plain(message).trim();
    if (text === "" || ephemeral === true || isChatter(text)) return;
    if (severity === "error") this.#error(text, urn ?? "");
    else if (severity === "warning" || severity === "info#err") this.#once(`  ${this.#style.warn("!")} ${text}`);
    else if ((severity as string) === "info") this.#line(`  ${text}`);
  }

  /** In the provider's words, without the frames that engine and bridge put around them. */
  #error(text: string, urn: string): void {
    if (/^sdk-v2\/|^update failed$/.test(text)) return;
    const core = text.replace(/^(\w+ urn:\S+: |\d+ errors? occurred:\s+\* )+/, "");
    this.#errors.push(urn === "" ? core : `${nameOf(urn)}: ${core}`);
  }

  /** The engine repeats some warnings for each of its phases. */
  #once(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#line(text);
  }

  #line(text: string): void {
    this.#clear();
    this.#write(`${text}\n`);
  }

  #clear(): void {
    if (this.#status === "") return;
    this.#write(`\r${" ".repeat(this.#status.length)}\r`);
    this.#status = "";
  }
}

/** A replacement is three steps; its creation is the one that counts. */
const isChange = (op: string): boolean => !["same", "refresh", "read", "replace", "delete-replaced"].includes(op);

/** Components and providers are the program's own affair. */
const isReal = (type: string): boolean => !type.startsWith("pulumi:") && !type.startsWith("greptime-observability:");

/** A volume that outlives its stack, an image that stays on the machine: no longer managed, but there. */
const isKept = ({ op, type, old }: StepEventMetadata): boolean =>
  op === "delete" && (old?.retainOnDelete === true || type === "docker:index/remoteImage:RemoteImage");

function done(op: string): string {
  if (op.startsWith("delete") || op.startsWith("discard")) return "deleted";
  if (op.includes("replace")) return "replaced";
  return op === "update" ? "updated" : "created";
}

const seconds = (milliseconds: number): string => `${String(Math.round(milliseconds / 1000))} s`;

/** What providers say to their own developers: `[DEBUG] waiting for container healthy state`, once a second. */
const isChatter = (text: string): boolean => /^\[(TRACE|DEBUG|INFO|WARN|ERROR)\] /.test(text);

/** The engine marks colours as `<{%reset%}>`. */
const plain = (text: string): string => text.replaceAll(/<\{%[^%]*%\}>/g, "");
