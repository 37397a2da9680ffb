import { SettingsError } from "../configs/settings/problems.ts";

/** What a command tells its caller. */
export const exitCodes = {
  ok: 0,
  /** It was tried and did not work. */
  failed: 1,
  /** Bad settings or bad arguments: nothing was tried. */
  invalid: 2,
  /** The machine is not ready: no Docker, a port in use. Nothing was tried. */
  notReady: 3,
} as const;

/** An error that is the user's to mend: its message is all there is to say. */
export class UserError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.invalid) {
    super(message);
    this.name = "UserError";
    this.exitCode = exitCode;
  }
}

/** Remedies name Pulumi; these commands reach it through npm, which knows where state and passphrase are. */
const forNpm = (message: string): string =>
  message.replaceAll(/(?<![-\w] )\bpulumi config\b/g, "npm run pulumi -- config");

/** Runs a command; errors go to stderr, a known one without its stack. */
export async function main(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    if (error instanceof SettingsError || error instanceof UserError) {
      process.stderr.write(`${forNpm(error.message)}\n`);
      process.exitCode = error instanceof UserError ? error.exitCode : exitCodes.invalid;
      return;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCodes.failed;
  }
}
