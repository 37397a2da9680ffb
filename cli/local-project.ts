import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { parse } from "yaml";

import { yamlForGo } from "../configs/yaml.ts";
import { UserError } from "./exit.ts";

/**
 * The git-ignored folder in which `npm run up` works: its state, the passphrase that encrypts the secrets in it, and
 * a project file that leads back to the program. The engine writes into the stack file of the project it works in;
 * so that is a copy, and the tracked one stays as it is.
 */

export const repository = join(dirname(fileURLToPath(import.meta.url)), "..");

export interface LocalProject {
  readonly directory: string;
  /** What the Pulumi CLI needs to find state and passphrase. */
  readonly environment: Readonly<Record<string, string>>;
  /** Keys that were changed in the tracked stack file and, differently, in the copy; the copy's value holds. */
  readonly conflicts: readonly string[];
}

/**
 * Makes or brings up to date the local project of a stack.
 * @param root the project, where Pulumi.yaml is
 * @param ambient the environment; a backend or passphrase named there is used instead of the local ones
 * @throws UserError when there is no such stack file, or state without the passphrase that it needs
 */
export function localProject(root: string, stack: string, ambient: NodeJS.ProcessEnv): LocalProject {
  const directory = join(root, ".local");
  const state = join(directory, "state");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  writeProjectFile(root, directory);
  const conflicts = updateStackFile(root, directory, stack);
  const ownPassphrase = ambient["PULUMI_CONFIG_PASSPHRASE"] ?? ambient["PULUMI_CONFIG_PASSPHRASE_FILE"];
  return {
    directory,
    conflicts,
    environment: {
      PULUMI_BACKEND_URL: ambient["PULUMI_BACKEND_URL"] ?? pathToFileURL(state).href,
      ...(ownPassphrase === undefined ? { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(directory, state) } : {}),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // the program runs on the Node that npm installed
      PATH: `${join(root, "node_modules", ".bin")}:${ambient["PATH"] ?? ""}`,
    },
  };
}

/** The tracked project file, except for where the program is. */
function writeProjectFile(root: string, directory: string): void {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  writeFileSync(join(directory, "Pulumi.yaml"), yamlForGo({ ...project, main: "../index.ts" }));
}

/** @throws UserError when there is state whose passphrase is gone */
function passphraseFile(directory: string, state: string): string {
  const file = join(directory, "passphrase");
  if (existsSync(file)) return file;
  if (readdirSync(state).length > 0) {
    throw new UserError(
      `${file} is missing, but there is state in ${state} that only it can decrypt.\n` +
        "Put it back from a backup. Without one: npm run down cannot read the state either; remove by hand what runs\n" +
        "(docker rm -f $(docker ps -aq --filter label=greptime-observability.instance), or with kubectl what has the label\n" +
        `app.kubernetes.io/part-of=greptime-observability), then the folder ${directory}, and start anew.`,
    );
  }
  writeFileSync(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  return file;
}

interface StackFile {
  config?: Record<string, unknown>;
  [other: string]: unknown;
}

function updateStackFile(root: string, directory: string, stack: string): readonly string[] {
  const name = `Pulumi.${stack}.yaml`;
  const tracked = readStackFile(join(root, name));
  if (tracked === undefined) throw new UserError(`There is no ${name}; it may be as short as "config: {}".`);
  const copy = join(directory, name);
  const base = join(directory, `base.${stack}.yaml`);
  const local = readStackFile(copy);
  const { merged, conflicts } =
    local === undefined
      ? { merged: tracked, conflicts: [] }
      : mergedStackFile(readStackFile(base) ?? {}, tracked, local);
  writeFileSync(copy, yamlForGo(merged), { mode: 0o600 });
  writeFileSync(base, yamlForGo(tracked), { mode: 0o600 });
  return conflicts;
}

const readStackFile = (path: string): StackFile | undefined =>
  existsSync(path) ? ((parse(readFileSync(path, "utf8")) as StackFile | null) ?? {}) : undefined;

/**
 * The copy with what changed in the tracked file since the last time. What was changed only in the copy
 * (`npm run pulumi -- config set`) stays, and so does what the engine keeps there.
 */
export function mergedStackFile(
  base: StackFile,
  tracked: StackFile,
  local: StackFile,
): { merged: StackFile; conflicts: string[] } {
  const keys = new Set([base, tracked, local].flatMap(({ config }) => Object.keys(config ?? {})));
  const conflicts: string[] = [];
  const config = [...keys].sort().map((key) => {
    const [was, is, mine] = [base, tracked, local].map((file) => file.config?.[key]);
    if (isDeepStrictEqual(was, is)) return [key, mine] as const;
    if (isDeepStrictEqual(was, mine) || isDeepStrictEqual(is, mine)) return [key, is] as const;
    conflicts.push(key);
    return [key, mine] as const;
  });
  return {
    merged: { ...local, config: Object.fromEntries(config.filter(([, value]) => value !== undefined)) },
    conflicts,
  };
}
