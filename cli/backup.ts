import { checkedStack, commandArguments } from "./arguments.ts";
import { commonHelp, commonOptions, machineSteps, shown, subject, teller } from "./backup/command.ts";
import { mustBeEmpty, placeFrom } from "./backup/places.ts";
import { backupSteps, partsOf } from "./backup/steps.ts";
import { makeBackup } from "./backup/whole.ts";
import { exitCodes, main } from "./exit.ts";
import { settingsFor } from "./session.ts";
import { readableBytes, styleFor } from "./terminal.ts";

const help = `npm run backup -- --to PLACE [--stack dev] [--dry-run]

Copies what a stack holds: GreptimeDB's databases, written by its own tool, and Grafana's database, for which Grafana
stops for some seconds, with the key that its secrets are encrypted with. Of the stack's other secrets it has the names,
not the values (docs/backup.md).

  --to PLACE            a directory that is not there yet, or s3://bucket/prefix
${commonHelp}
Exit codes: 0 the backup is whole, 1 it is not, 2 bad settings or arguments, 3 the stack is not deployed.
`;

/** Makes a backup. */
export async function backup(
  args: readonly string[],
  { stdout, stderr, env }: Pick<NodeJS.Process, "stdout" | "stderr" | "env">,
): Promise<number> {
  const options = commandArguments(args, { ...commonOptions, to: { type: "string" } });
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const stack = checkedStack(options.stack);
  const place = placeFrom("to", options.to, options["s3-endpoint"]);
  const declared = await settingsFor(stack, env);
  const steps = backupSteps(declared, partsOf(declared, options.only));
  if (options["dry-run"]) {
    stdout.write(
      options.json ? `${JSON.stringify(machineSteps(steps, place), null, 2)}\n` : shown(steps, place, stack),
    );
    return exitCodes.ok;
  }
  mustBeEmpty(place);
  const { configuration, password } = await subject(stack, env, (text) => stderr.write(`${text}\n`));
  const style = styleFor(stdout);
  const tell = options.json ? () => undefined : teller((text) => stdout.write(text), style);
  const manifest = await makeBackup(configuration, steps, { stack, madeAt: new Date() }, { place, password, tell });
  const { files: written } = manifest;
  const size = Object.values(written).reduce((sum, { bytes }) => sum + bytes, 0);
  stdout.write(
    options.json
      ? `${JSON.stringify({ at: place.at, ...manifest }, null, 2)}\n`
      : `${style.good("The backup is whole")}: ${readableBytes(size)} at ${place.at}. Passwords of the stack are not in it.\n`,
  );
  return exitCodes.ok;
}

if (import.meta.main) await main(() => backup(process.argv.slice(2), process));
