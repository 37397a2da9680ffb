import type { Kubectl } from "../../cli/kubernetes/kubectl.ts";
import type { Result } from "../../cli/program.ts";

const ok = (stdout: string): Result => ({ code: 0, stdout, stderr: "" });
const refused = (stderr: string, code = 1): Result => ({ code, stdout: "", stderr });

export interface FakeCluster {
  /** @default "v1.34.4" */
  readonly version?: string;
  /** Default one first, if there is any. */
  readonly storageClasses?: readonly {
    readonly name: string;
    readonly isDefault?: boolean;
    readonly reclaimPolicy?: string;
  }[];
  readonly namespaces?: readonly string[];
  /** `namespace/name` */
  readonly secrets?: readonly string[];
  /** What may not be looked at. */
  readonly forbidden?: readonly string[];
}

/** A `kubectl` that answers as the real one does, from lists. */
export function fakeKubectl({
  version = "v1.34.4",
  storageClasses = [{ name: "standard", isDefault: true }],
  namespaces = [],
  secrets = [],
  forbidden = [],
}: FakeCluster = {}) {
  const calls: string[] = [];
  const found = (there: boolean, what: string, name: string) =>
    there ? ok(`${what}/${name}\n`) : refused(`Error from server (NotFound): ${what} "${name}" not found\n`);
  const answer = (line: string): Result => {
    const denied = forbidden.find((what) => line.includes(what));
    if (denied !== undefined) return refused(`Error from server (Forbidden): ${denied} is forbidden: User "me"\n`);
    const [, namespace = ""] = /^get namespace (\S+)/.exec(line) ?? [];
    if (namespace !== "") return found(namespaces.includes(namespace), "namespace", namespace);
    const [, home = "", secret = ""] = /^--namespace (\S+) get secret (\S+)/.exec(line) ?? [];
    if (secret !== "") return found(secrets.includes(`${home}/${secret}`), "secret", secret);
    if (line.startsWith("version "))
      return ok(JSON.stringify({ clientVersion: { gitVersion: "v1.32.0" }, serverVersion: { gitVersion: version } }));
    return ok(JSON.stringify({ items: storageClasses.map(storageClass) }));
  };
  const kubectl: Kubectl = (args) => {
    calls.push(args.join(" "));
    return Promise.resolve(answer(args.join(" ")));
  };
  return { kubectl, calls };
}

const storageClass = ({
  name,
  isDefault = false,
  reclaimPolicy,
}: NonNullable<FakeCluster["storageClasses"]>[number]) => ({
  metadata: {
    name,
    ...(isDefault ? { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } : {}),
  },
  ...(reclaimPolicy === undefined ? {} : { reclaimPolicy }),
});
