import { checkedStack, commandArguments } from "./arguments.ts";
import { commonHelp, commonOptions, machineSteps, shown, subject, teller } from "./backup/command.ts";
import { readManifest, verify } from "./backup/manifest.ts";
import { placeFrom } from "./backup/places.ts";
import { take } from "./backup/run.ts";
import { partsOf, restoreSteps } from "./backup/steps.ts";
import { exitCodes, main } from "./exit.ts";
import { npmCommandFor, settingsFor } from "./session.ts";
import { styleFor } from "./terminal.ts";

const help = `npm run restore -- --from PLACE [--stack dev] [--dry-run]

Puts a backup into a stack that npm run up has just deployed, and that holds nothing from before the backup. The
collector stops meanwhile: what applications send, they send again. Grafana's database is replaced (docs/backup.md).

  --from PLACE          a directory, or s3://bucket/prefix, that npm run backup wrote
  --force               also into a GreptimeDB that has spans from before the backup; they may be there twice then
${commonHelp}
Exit codes: 0 it is restored, 1 it is not, 2 bad settings or arguments, or no whole backup, 3 the stack is not deployed.
`;

/** Puts a backup back. */
export async function restore(
  args: readonly string[],
  { stdout, stderr, env }: Pick<NodeJS.Process, "stdout" | "stderr" | "env">,
): Promise<number> {
  const options = commandArguments(args, {
    ...commonOptions,
    from: { type: "string" },
    force: { type: "boolean", default: false },
  });
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const stack = checkedStack(options.stack);
  const place = placeFrom("from", options.from, options["s3-endpoint"]);
  const declared = await settingsFor(stack, env);
  const parts = partsOf(declared, options.only);
  const manifest = await readManifest(place);
  const steps = restoreSteps(declared, parts, manifest.madeAt, options.force);
  if (options["dry-run"]) {
    stdout.write(
      options.json ? `${JSON.stringify(machineSteps(steps, place), null, 2)}\n` : shown(steps, place, stack),
    );
    return exitCodes.ok;
  }
  await verify(place, manifest, parts);
  const { password } = await subject(stack, env, (text) => stderr.write(`${text}\n`));
  const style = styleFor(stdout);
  const tell = options.json ? () => undefined : teller((text) => stdout.write(text), style);
  await take(steps, { place, password, tell });
  stdout.write(
    options.json
      ? `${JSON.stringify({ restored: parts, from: place.at, madeAt: manifest.madeAt })}\n`
      : `${style.good("Restored")}: what ${manifest.stack} held at ${manifest.madeAt}. ${npmCommandFor(stack, "smoke")} shows whether all is well.\n`,
  );
  return exitCodes.ok;
}

if (import.meta.main) await main(() => restore(process.argv.slice(2), process));
