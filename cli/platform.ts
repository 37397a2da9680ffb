import type { Stack } from "@pulumi/pulumi/automation/index.js";

import type { Settings } from "../configs/settings/settings.ts";
import type { Finding } from "./finding.ts";
import type { Session } from "./session.ts";

/** What `up` and `down` do differently from platform to platform. */

/** Tells the user something, as it happens. */
export type Say = (text: string) => void;

/** The stack's outputs, by name. */
export type Outputs = Readonly<Record<string, { readonly value: unknown } | undefined>>;

/** Deploying to a platform. */
export interface Deployment {
  /** Variables by which the engine's providers find the platform. */
  readonly environment: Readonly<Record<string, string>>;
  /** What has to be there before anything is touched. */
  preflight(): Promise<readonly Finding[]>;
  /** Brings to life what is there and was stopped. */
  revive(say: Say): Promise<void>;
  /**
   * Tells the engine what it believes in and somebody removed.
   * @returns whether data went with it: then the engine has to look at everything, once services are there again
   */
  noticeRemoved(stack: Stack, say: Say): Promise<boolean>;
  /** Where everything is: what, and how to get there. */
  places(outputs: Outputs): readonly (readonly [string, string])[];
  /** More about a failure: what is not well, or how to look at it. `failed` are the URNs of what could not be made. */
  symptoms(failed: readonly string[]): Promise<readonly Symptom[]>;
  /** What to do about an error that this platform knows; undefined for others. */
  advice(reasons: string): string | undefined;
}

/** Something that is not well. */
export interface Symptom {
  /** Its name. */
  readonly what: string;
  /** What is said of it, and of the lines. */
  readonly state: string;
  readonly lines: readonly string[];
}

/** What the user of `down` asked for. */
export interface RemovalOptions {
  /** Data as well. */
  readonly data: boolean;
  /** What is in Grafana is no longer managed, and has to go with Grafana's own data. */
  readonly forgetGrafana: boolean;
}

/** Removing from a platform. */
export interface Removal {
  readonly environment: Readonly<Record<string, string>>;
  /** @throws UserError when the platform cannot be reached, or refuses what was asked for */
  check(options: RemovalOptions): Promise<void>;
  /** What `--data` would remove for good, by name. */
  data(): Promise<readonly string[]>;
  /** Brings to life what has to answer when it is removed. */
  revive(say: Say): Promise<void>;
  /** After all else is gone: removes the data that was asked for, and says what stays. */
  finish(options: RemovalOptions, say: Say): Promise<void>;
  /** What to do about an error that this platform knows; undefined for others. */
  advice(reasons: string): Promise<string | undefined>;
}

/** One of each platform. */
export type ByPlatform<T> = Readonly<
  Record<Settings["platform"], (session: Session, environment: NodeJS.ProcessEnv) => Promise<T>>
>;

/** The one of a stack's platform. */
export const onPlatform = <T>(all: ByPlatform<T>, session: Session, environment: NodeJS.ProcessEnv): Promise<T> =>
  all[session.recording.configuration.settings.platform](session, environment);
