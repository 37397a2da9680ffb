import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Run {
  readonly code: number;
  readonly output: string;
  /** Command lines of the processes that were seen while it ran. */
  readonly commandLines: readonly string[];
}

/**
 * Runs a POSIX script in `sh`, and watches the process list meanwhile, as any user of the machine could.
 * @param watched whether to; it takes more time than most scripts
 */
export async function runScript(
  script: string,
  env: Readonly<Record<string, string>>,
  { watched = true }: { readonly watched?: boolean } = {},
): Promise<Run> {
  const seen = new Set<string>();
  const look = () => {
    commandLines().forEach((line) => seen.add(line));
  };
  const watch = watched ? setInterval(look, 5) : undefined;
  const child = spawn("sh", ["-c", script], { env: { PATH: process.env["PATH"] ?? "", ...env } });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve) =>
    child.once("close", (status) => {
      resolve(status ?? 1);
    }),
  );
  clearInterval(watch);
  return { code, output: Buffer.concat(chunks).toString(), commandLines: [...seen] };
}

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    });
}
