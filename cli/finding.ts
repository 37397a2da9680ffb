import { exitCodes, UserError } from "./exit.ts";
import type { Style } from "./terminal.ts";

/** What is looked at before anything is touched. Each finding says what to do. */

export interface Finding {
  readonly what: string;
  /** Found wrong: the deployment would fail. Merely worth knowing: it goes on. */
  readonly level: "ok" | "warning" | "problem";
  readonly detail: string;
  readonly remedy?: string;
}

/**
 * Prints the findings.
 * @throws UserError when one of them would make the deployment fail
 */
export function report(findings: readonly Finding[], write: (text: string) => void, style: Style): void {
  const sign = { ok: style.good("✔"), warning: style.warn("!"), problem: style.bad("✘") };
  for (const { what, level, detail, remedy } of findings) {
    write(`  ${sign[level]} ${what}: ${detail}\n`);
    if (remedy !== undefined) write(`      ${remedy}\n`);
  }
  if (findings.some(({ level }) => level === "problem"))
    throw new UserError("Nothing was changed.", exitCodes.notReady);
}

/** Whether this Node runs the program as it is written. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const what = "Node";
  if (major > 22 || (major === 22 && minor >= 18)) return { what, level: "ok", detail: version };
  return {
    what,
    level: "problem",
    detail: `${version} cannot run TypeScript`,
    remedy: "run it by npm run, which brings Node 24, or npm ci first",
  };
}
