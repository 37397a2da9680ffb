import { SpanKind, type Attributes } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";

import type { Source } from "./telemetry.ts";

/** What happens to one request, written down as it goes: steps within steps, each of which takes its time. */

export interface LogLine {
  /** Seconds after the start of the trail. */
  readonly at: number;
  readonly severityNumber: SeverityNumber;
  readonly severityText: string;
  readonly body: string;
  readonly attributes: Attributes;
}

export interface Step {
  readonly source: Source;
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** Seconds after the start of the trail. */
  readonly start: number;
  end: number;
  /** How it failed; undefined if it went well. */
  error?: string;
  readonly logs: LogLine[];
  readonly children: Step[];
}

export interface Doing {
  readonly source: Source;
  readonly name: string;
  /** @default SpanKind.INTERNAL */
  readonly kind?: SpanKind;
  /** @default {} */
  readonly attributes?: Attributes;
}

const severities = {
  INFO: SeverityNumber.INFO,
  WARN: SeverityNumber.WARN,
  ERROR: SeverityNumber.ERROR,
} as const;

export class Trail {
  /** The first step, once it was taken. */
  root: Step | undefined;
  /** When the last step ends, in seconds after the start: others may go on when the first is done. */
  end = 0;
  readonly #inside: Step[] = [];
  /** What all log lines of it have. */
  readonly #attributes: Attributes;
  #now = 0;

  constructor(attributes: Attributes = {}) {
    this.#attributes = attributes;
  }

  /** A step; what `body` does is within it. */
  within<T>({ source, name, kind = SpanKind.INTERNAL, attributes = {} }: Doing, body: () => T): T {
    const step: Step = { source, name, kind, attributes, start: this.#now, end: this.#now, logs: [], children: [] };
    const parent = this.#inside.at(-1);
    if (parent === undefined) this.root = step;
    else parent.children.push(step);
    this.#inside.push(step);
    const result = body();
    this.#inside.pop();
    step.end = this.#now;
    this.end = Math.max(this.end, step.end);
    return result;
  }

  /** Time passes. */
  spend(seconds: number): void {
    this.#now += seconds;
  }

  /** Something goes on beside the step, which does not wait for it. */
  meanwhile(body: () => void): void {
    const now = this.#now;
    body();
    this.#now = now;
  }

  /** The step fails. */
  fail(error: string): void {
    const step = this.#inside.at(-1);
    if (step !== undefined) step.error = error;
  }

  /** The step logs a line. */
  log(severityText: keyof typeof severities, body: string, attributes: Attributes = {}): void {
    this.#inside.at(-1)?.logs.push({
      at: this.#now,
      severityNumber: severities[severityText],
      severityText,
      body,
      attributes: { ...this.#attributes, ...attributes },
    });
  }

  /** Seconds since the start of the step. */
  get elapsed(): number {
    return this.#now - (this.#inside.at(-1)?.start ?? 0);
  }
}
