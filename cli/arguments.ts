import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { nearest } from "../configs/settings/problems.ts";
import { UserError } from "./exit.ts";

/** Options that commands share. */
export const stackOption = { stack: { type: "string", default: "dev" } } as const;
export const setOption = { set: { type: "string", multiple: true, default: [] as string[] } } as const;
export const helpOption = { help: { type: "boolean", short: "h", default: false } } as const;

/**
 * Parses a command's arguments.
 * @throws UserError when one is unknown, with the nearest that is known
 */
export function commandArguments<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; strict: true; allowPositionals: false }>>["values"] {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UserError(`${explanation(error, args, Object.keys(options))}\nTry --help.`);
  }
}

function explanation(error: unknown, args: readonly string[], known: readonly string[]): string {
  const unknown = args.find((arg) => arg.startsWith("--") && !known.includes(arg.slice(2).split("=")[0] ?? ""));
  const message = (error instanceof Error ? error.message : String(error)).split(".")[0] ?? "";
  if (unknown === undefined) return message;
  const near = nearest(unknown.slice(2), known);
  return `Unknown option ${unknown}.${near === undefined ? ` Known are: ${known.map((name) => `--${name}`).join(", ")}.` : ` Did you mean --${near}?`}`;
}

/** `a.b=c` … as path and value. */
export function settingsFromArguments(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new UserError(`--set ${pair}: write --set section.field=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** Names of stacks are file names too. */
export function checkedStack(stack: string): string {
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(stack)) throw new UserError(`--stack ${stack}: letters, digits and _ . - only`);
  return stack;
}
