import { execFile } from "node:child_process";

/** Other programs of the machine, as far as the commands need them. */

export interface Result {
  /** Exit code; 127 when there is no such program, 124 when it took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, or for so many seconds. */
export const run = (program: string, args: readonly string[], timeoutSeconds: number): Promise<Result> =>
  new Promise((resolve) => {
    const options = { encoding: "utf8" as const, maxBuffer: 64 * 1024 * 1024, timeout: timeoutSeconds * 1000 };
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: codeOf(error), stdout, stderr: stderr === "" && error !== null ? error.message : stderr });
    });
  });

function codeOf(error: (Error & { code?: unknown; killed?: boolean }) | null): number {
  if (error === null) return 0;
  if (error.code === "ENOENT") return 127;
  if (error.killed === true) return 124;
  return typeof error.code === "number" ? error.code : 1;
}

/** What a message says first. */
export const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";
