import { z } from "zod";

import { formatDuration, formatSize, parseDuration, parseSize } from "./units.ts";

/**
 * The kinds of single settings. Each is a zod type that parses what `pulumi config set --path` delivers
 * (numbers may arrive as numbers or as text) and carries what the error messages and docs/settings.md say of it.
 */

/** What people are told about one setting. */
export interface FieldInfo {
  /** One sentence: what it does. */
  readonly description: string;
  /** The allowed values, in words. */
  readonly expected: string;
  /** A valid value, as one would type it. */
  readonly example: string;
  /** The default, as one would type it; or the words for a computed one, or "none". */
  readonly default: string;
}

/** {@link FieldInfo} of every setting, by its zod type. */
export const fieldInfo = z.registry<FieldInfo>();

interface Options<T> {
  readonly description: string;
  readonly default?: NoInfer<T>;
  readonly example?: string;
}

/** How a value is read, said and written. */
export interface Kind<T> {
  readonly expected: string;
  readonly example: string;
  /** @returns undefined when the value is not allowed */
  parse(given: unknown): T | undefined;
  /** As one would type it. */
  format(value: T): string;
}

function field<T>(kind: Kind<T>, options: Options<T> & { readonly default: NoInfer<T> }): z.ZodType<T>;
function field<T>(kind: Kind<T>, options: Options<T>): z.ZodType<T | undefined>;
function field<T>(kind: Kind<T>, options: Options<T>): z.ZodType<T | undefined> {
  const type = z
    .unknown()
    .optional()
    .transform((given, context) => {
      if (given === undefined || given === null) return options.default;
      const value = kind.parse(given);
      if (value !== undefined) return value;
      context.addIssue({
        code: "custom",
        message: kind.expected,
        input: given,
        params: { example: options.example ?? kind.example },
      });
      return z.NEVER;
    });
  return type.register(fieldInfo, {
    description: options.description,
    expected: kind.expected,
    example: options.example ?? kind.example,
    default: options.default === undefined ? "none" : kind.format(options.default),
  });
}

interface Range {
  readonly min: number;
  readonly max: number;
}

const within = (value: number | undefined, { min, max }: Range): number | undefined =>
  value !== undefined && value >= min && value <= max ? value : undefined;

const wholeNumber = (given: unknown): number | undefined => {
  if (typeof given === "number") return Number.isInteger(given) ? given : undefined;
  return typeof given === "string" && /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : undefined;
};

const decimal = (given: unknown): number | undefined => {
  if (typeof given === "number") return Number.isFinite(given) ? given : undefined;
  return typeof given === "string" && /^-?\d{1,15}(\.\d{1,9})?$/.test(given.trim()) ? Number(given) : undefined;
};

/** A number from `min` to `max`; whole unless `fractions` is set. */
export const numberKind = (range: Range & { fractions?: boolean }): Kind<number> => ({
  expected: `a ${range.fractions ? "number" : "whole number"} from ${String(range.min)} to ${String(range.max)}`,
  example: String(range.min),
  parse: (given) => within(range.fractions ? decimal(given) : wholeNumber(given), range),
  format: String,
});

/** A duration in seconds, written with a unit. */
export const durationKind = (range: Range): Kind<number> => ({
  expected: `a duration with a unit (s, m, h, d, w, y) from ${formatDuration(range.min)} to ${formatDuration(range.max)}`,
  example: formatDuration(range.min),
  parse: (given) => within(parseDuration(given), range),
  format: formatDuration,
});

/** How long data is kept: seconds, or for ever. */
export type Retention = number | "forever";

const retentionRange: Range = { min: 3600, max: 10 * 31_536_000 };

export const retentionKind: Kind<Retention> = {
  expected: "a duration in hours, days, weeks or years (12h, 30d, 4w, 1y) from 1h to 10y, or forever",
  example: "30d",
  parse: (given) =>
    given === "forever"
      ? given
      : typeof given === "string" && /[sm]$/.test(given.trim())
        ? undefined
        : within(parseDuration(given), retentionRange),
  format: (value) => (value === "forever" ? value : formatDuration(value)),
};

/** Memory or disk, in MiB. */
export const sizeKind = (range: Range): Kind<number> => ({
  expected: `a size with a unit (MiB, GiB, TiB) from ${formatSize(range.min)} to ${formatSize(range.max)}`,
  example: formatSize(range.min),
  parse: (given) => within(parseSize(given), range),
  format: formatSize,
});

/** A TCP port on the host, or `off` for "not published" (parsed as 0). */
export const hostPortKind: Kind<number> = {
  expected: "a port from 1 to 65535, or off",
  example: "4000",
  parse: (given) => (given === "off" || given === false ? 0 : within(wholeNumber(given), { min: 1, max: 65_535 })),
  format: (value) => (value === 0 ? "off" : String(value)),
};

export const portKind: Kind<number> = {
  expected: "a port from 1 to 65535",
  example: "4000",
  parse: (given) => within(wholeNumber(given), { min: 1, max: 65_535 }),
  format: String,
};

export const booleanKind: Kind<boolean> = {
  expected: "true or false",
  example: "true",
  parse: (given) =>
    given === true || given === "true" ? true : given === false || given === "false" ? false : undefined,
  format: String,
};

export const choiceKind = <const T extends string>(...choices: readonly [T, ...T[]]): Kind<T> => ({
  expected: choices.length === 1 ? choices[0] : `one of ${choices.join(", ")}`,
  example: choices[0],
  // YAML reads a bare `off` as false
  parse: (given) => choices.find((choice) => choice === (given === false ? "off" : given)),
  format: String,
});

/** Text that matches a pattern; `expected` says in words what the pattern means. */
export const textKind = (pattern: RegExp, expected: string, example: string): Kind<string> => ({
  expected,
  example,
  parse: (given) => {
    const text = typeof given === "number" ? String(given) : given;
    return typeof text === "string" && pattern.test(text) ? text : undefined;
  },
  format: (value) => value,
});

export const setting = field;

/** A list of values of one kind. An absent list is the default, else empty. */
export function listOf<T>(
  of: z.ZodType<T>,
  options: { readonly description: string; readonly example: string; readonly default?: readonly T[] },
): z.ZodType<readonly T[]> {
  const list = z.array(of, { error: () => "a list" }).max(200, { error: () => "at most 200 entries" });
  const type = z.preprocess(fromJson, list.prefault([...(options.default ?? [])]));
  return type.register(fieldInfo, {
    description: options.description,
    expected: `a list of ${fieldInfo.get(of)?.expected ?? "objects"}`,
    example: options.example,
    default: JSON.stringify(options.default ?? []),
  });
}

/** `pulumi config set` delivers a list that is given in one piece as text. */
function fromJson(given: unknown): unknown {
  if (typeof given !== "string" || !given.trim().startsWith("[")) return given;
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given;
  }
}

/** A value that must be there: an entry of a list, or a field of such an entry. */
export function required<T>(kind: Kind<T>, description = ""): z.ZodType<T> {
  const type = z
    .unknown()
    .optional()
    .transform((given, context) => {
      const value = given === undefined ? undefined : kind.parse(given);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: kind.expected, input: given, params: { example: kind.example } });
      return z.NEVER;
    });
  return type.register(fieldInfo, {
    description,
    expected: kind.expected,
    example: kind.example,
    default: "none, required",
  });
}

/** A section: an object whose unknown keys are refused. An absent section is empty. */
export const section = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodPrefault<z.ZodObject<Shape, z.core.$strict>> =>
  z
    .strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? undefined : "an object") })
    .prefault({} as never);
