import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { oldestKubernetes } from "../../../cli/kubernetes/version.ts";

/** Kubernetes' own schemas, by the Python package kubernetes-validate. */

export interface Report {
  /** The versions that were asked: the oldest that is supported, and the newest that the package has. */
  readonly versions: readonly string[];
  readonly problems: readonly { readonly file: string; readonly version: string; readonly message: string }[];
  /** What a reader of YAML 1.1 finds in each file. */
  readonly objects: Readonly<Record<string, unknown>>;
}

/** What is wrong with manifests, in one process for all of them; strictly: a field that is not in the schema is wrong. */
export function validated(files: Readonly<Record<string, string>>): Report {
  const script = join(import.meta.dirname, "kubernetes-validate.py");
  const { status, stdout, stderr } = spawnSync(python(), [script], {
    input: JSON.stringify({ files, versions: [oldestKubernetes, "newest"] }),
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`kubernetes-validate failed: ${stderr}`);
  return JSON.parse(stdout) as Report;
}

/** @throws Error when the environment does not name the interpreter that has the package */
function python(): string {
  const path = process.env["KUBERNETES_VALIDATE"];
  if (path === undefined || !existsSync(path))
    throw new Error("KUBERNETES_VALIDATE names no Python with the package kubernetes-validate: .ci/run installs it");
  return path;
}
