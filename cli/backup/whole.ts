import type { Configuration } from "../../configs/settings/settings.ts";
import { writeManifest, type Manifest } from "./manifest.ts";
import { take, type Run } from "./run.ts";
import type { Step } from "./steps.ts";

/**
 * Takes the steps of a backup, and writes in the end what it is.
 * @throws UserError with the first step that did not work: there is no manifest then, and so no backup
 */
export async function makeBackup(
  { settings: { images }, secrets }: Configuration,
  steps: readonly Step[],
  { stack, madeAt }: { readonly stack: string; readonly madeAt: Date },
  run: Run,
): Promise<Manifest> {
  const manifest: Manifest = {
    format: 1,
    madeAt: madeAt.toISOString(),
    stack,
    images: { greptimedb: images.greptimedb, grafana: images.grafana },
    secrets: secrets.map(({ name }) => name).sort(),
    files: await take(steps, run),
  };
  await writeManifest(run.place, manifest);
  return manifest;
}
