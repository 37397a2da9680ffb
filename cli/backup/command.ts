import type { Configuration } from "../../configs/settings/settings.ts";
import { helpOption, stackOption } from "../arguments.ts";
import { UserError } from "../exit.ts";
import { deployedStack } from "../running/stack.ts";
import { pulumiCommandFor } from "../session.ts";
import { shellWord } from "../shell-words.ts";
import type { Style } from "../terminal.ts";
import { typed, type Run } from "./run.ts";
import type { Place } from "./places.ts";
import type { Step } from "./steps.ts";

/** What backup and restore have in common. */

export const commonOptions = {
  ...stackOption,
  ...helpOption,
  only: { type: "string" },
  "s3-endpoint": { type: "string" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** Lines of a help text. */
export const commonHelp = `  --only PART           greptimedb or grafana (default both)
  --s3-endpoint URL     of an S3 that is not Amazon's; the AWS CLI does the copying, with its own credentials
  --dry-run             show the commands, and run none
  --stack NAME          the stack that npm run up deployed (default dev)
  --json                the result as JSON, and nothing else, on stdout
`;

export interface Subject {
  readonly configuration: Configuration;
  /** Of GreptimeDB's administrator. */
  readonly password: string;
}

/**
 * A stack that is there, with what lets one in.
 * @throws UserError when it is not there
 */
export async function subject(stack: string, env: NodeJS.ProcessEnv, say: (text: string) => void): Promise<Subject> {
  const { session, outputs } = await deployedStack(stack, env, say);
  const users = outputs["greptimedbUsers"]?.value as Record<string, { password?: unknown } | undefined> | undefined;
  const password = users?.["admin"]?.password;
  const { configuration } = session.recording;
  // an external GreptimeDB has no administrator here, and is not asked
  if (typeof password !== "string" && configuration.settings.greptimedb.topology !== "external") {
    throw new UserError("The stack's outputs have no password of GreptimeDB's administrator.");
  }
  return { configuration, password: typeof password === "string" ? password : "" };
}

/** Commands for a person to read, or to paste. */
export function shown(steps: readonly Step[], place: Place, stack: string): string {
  const needsPassword = steps.some(({ input }) => input !== undefined && "password" in input);
  const output = pulumiCommandFor(stack, "stack output greptimedbUsers --show-secrets --json");
  return [
    ...(needsPassword ? [`PASSWORD=$(${output} | jq -r .admin.password)`, ""] : []),
    ...(place.kind === "directory" ? [`mkdir -p ${shellWord(place.at)}`, ""] : []),
    ...steps.map((step) => `# ${step.what}\n${typed(step, place)}\n`),
  ].join("\n");
}

export const machineSteps = (steps: readonly Step[], place: Place): object[] =>
  steps.map((step) => ({ what: step.what, command: typed(step, place), always: step.always === true }));

/** A line a step. */
export const teller =
  (write: (text: string) => void, style: Style): Run["tell"] =>
  ({ what }, { seconds, problem }) => {
    const time = style.dim(`${seconds.toFixed(1)} s`.padStart(8));
    write(`  ${problem === undefined ? style.good("✔") : style.bad("✘")} ${what.padEnd(64)} ${time}\n`);
  };
