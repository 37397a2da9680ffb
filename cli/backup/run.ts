import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { UserError, exitCodes } from "../exit.ts";
import { oneLine } from "../running/http.ts";
import { shellWord } from "../shell-words.ts";
import { fileIn, readFrom, s3Copy, writeTo, type Place, type Written } from "./places.ts";
import type { Step } from "./steps.ts";

/** Takes steps, one after the other. */

export interface Run {
  readonly place: Place;
  /** Of GreptimeDB's administrator. */
  readonly password: string;
  /** Hears of each step when it is done, or that it was not. */
  readonly tell: (step: Step, outcome: { readonly seconds: number; readonly problem?: string }) => void;
}

/**
 * Takes them up to the first that does not work, and then only those that have to be taken anyway.
 * @returns what was written, by file
 * @throws UserError with the first that did not work
 */
export async function take(steps: readonly Step[], run: Run): Promise<Record<string, Written>> {
  const written: Record<string, Written> = {};
  let failure: UserError | undefined;
  for (const step of steps) {
    if (failure !== undefined && step.always !== true) continue;
    const started = Date.now();
    const outcome = await once(step, run).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    const seconds = (Date.now() - started) / 1000;
    if (outcome instanceof Error) {
      run.tell(step, { seconds, problem: outcome.message });
      failure ??= new UserError(`${step.what}: ${outcome.message}`, exitCodes.failed);
      continue;
    }
    run.tell(step, { seconds });
    if (outcome !== undefined && step.output !== undefined) written[step.output] = outcome;
  }
  if (failure !== undefined) throw failure;
  return written;
}

/** What a program says is kept up to here, in characters; logs of an export are long. */
const longest = 4 * 1024 * 1024;

async function once({ command, input, output, refuse }: Step, { place, password }: Run): Promise<Written | undefined> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const said: string[] = [];
  let length = 0;
  const keep = (chunk: Buffer) => {
    length += chunk.length;
    if (length < longest) said.push(chunk.toString());
  };
  child.stderr.on("data", keep);
  if (output === undefined) child.stdout.on("data", keep);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (error: Error & { code?: string }) => {
      reject(new Error(error.code === "ENOENT" ? `there is no \`${program}\` command on the path` : error.message));
    });
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  // whoever ends without having read is found out by its exit code
  const fed = feed(child.stdin, input, place, password).catch((error: unknown) => {
    if ((error as { code?: string }).code !== "EPIPE") throw error;
  });
  const stored = output === undefined ? Promise.resolve(undefined) : writeTo(place, output, child.stdout);
  const [code, , written] = await Promise.all([ended, fed, stored]);
  const text = said.join("").replaceAll(password === "" ? "\0" : password, "…");
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${lastWords(text)}`);
  const [refused] = refuse?.exec(text) ?? [];
  if (refused !== undefined) throw new Error(`it says "${refused}": ${lastWords(text)}`);
  return written;
}

async function feed(stdin: NodeJS.WritableStream, input: Step["input"], place: Place, password: string): Promise<void> {
  if (input === undefined) {
    stdin.end();
    return;
  }
  if ("file" in input) {
    const { content, done } = readFrom(place, input.file);
    await Promise.all([pipeline(content, stdin), done]);
    return;
  }
  await pipeline(Readable.from([`${"password" in input ? password : input.text}\n`]), stdin);
}

const lastWords = (text: string): string =>
  oneLine(text.trim().split("\n").slice(-5).join(" "), 500) || "it says nothing";

/** The command as a person would type it in a shell; `$PASSWORD` is the administrator's. */
export function typed({ command, input, output }: Step, place: Place): string {
  const words = command.map(shellWord).join(" ");
  const s3 = place.kind === "s3";
  const pipe = (name: string, from: boolean) =>
    s3Copy(place, from ? fileIn(place, name) : "-", from ? "-" : fileIn(place, name))
      .map(shellWord)
      .join(" ");
  const before =
    input === undefined
      ? ""
      : "password" in input
        ? `printf '%s\\n' "$PASSWORD" | `
        : "text" in input
          ? `printf '%s\\n' ${shellWord(input.text)} | `
          : s3
            ? `${pipe(input.file, true)} | `
            : "";
  const from = input !== undefined && "file" in input && !s3 ? ` < ${shellWord(fileIn(place, input.file))}` : "";
  const to = output === undefined ? "" : s3 ? ` | ${pipe(output, false)}` : ` > ${shellWord(fileIn(place, output))}`;
  return `${before}${words}${from}${to}`;
}
