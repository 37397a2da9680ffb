import type { Settings } from "../../configs/settings/settings.ts";
import { nodeFinding, type Finding } from "../finding.ts";
import { firstLine } from "../program.ts";
import { destination, type Destination, type ReadText } from "./kubeconfig.ts";
import type { Kubectl } from "./kubectl.ts";
import { oldestKubernetes, tooOld } from "./version.ts";

/** What a deployment to a cluster needs: of the machine, and of the cluster as far as kubectl can tell. */

export interface PreflightInput {
  readonly settings: Settings["kubernetes"];
  readonly environment: NodeJS.ProcessEnv;
  readonly nodeVersion: string;
  readonly read: ReadText;
  /** Whether there is a program of this name. */
  readonly onPath: (program: string) => boolean;
  readonly kubectl: Kubectl;
  /** Whether the stack claims volumes. */
  readonly claims: boolean;
  /** Secrets that somebody else makes. */
  readonly secrets: readonly { readonly namespace: string; readonly name: string }[];
}

export async function preflight(input: PreflightInput): Promise<Finding[]> {
  const machine = [nodeFinding(input.nodeVersion), ...clusterFindings(input)];
  if (machine.some(({ level }) => level === "problem")) return machine;
  const version = await versionFinding(input.kubectl);
  if (!version.answered) return [...machine, version.finding];
  const state = await Promise.all([
    namespaceFindings(input),
    storageFindings(input),
    ...input.secrets.map(secretFinding(input)),
  ]);
  return [...machine, version.finding, ...state.flat()];
}

const what = "Cluster";

/** Which cluster, and whether this machine can log in to it. */
export function clusterFindings({ settings, environment, read, onPath }: Omit<PreflightInput, "kubectl">): Finding[] {
  const found = destination(settings, environment, read);
  if ("problem" in found) {
    if (settings.kubeconfig === undefined && settings.context === undefined && insideCluster(environment))
      return [{ what, level: "ok", detail: "the one that this runs in, with the rights of its own service account" }];
    return [{ what, level: "problem", detail: found.problem, remedy: found.remedy }];
  }
  return [...contextFindings(found, settings.context), ...loginFindings(found, onPath)];
}

/** What Pulumi's provider and kubectl fall back to. */
const insideCluster = (environment: NodeJS.ProcessEnv): boolean => environment["KUBERNETES_SERVICE_HOST"] !== undefined;

function contextFindings({ context, server }: Destination, wanted: string | undefined): Finding[] {
  const detail = `context ${context}, ${server}`;
  if (wanted !== undefined) return [{ what, level: "ok", detail }];
  const remedy = `it is the current context; so that it can be no other, set kubernetes.context to ${context}`;
  return [{ what, level: "warning", detail, remedy }];
}

function loginFindings({ loginCommand }: Destination, onPath: PreflightInput["onPath"]): Finding[] {
  if (loginCommand === undefined || onPath(loginCommand)) return [];
  const detail = `the context logs in with ${loginCommand}, which is not on the path`;
  return [{ what: "Login", level: "problem", detail, remedy: "install it, or log in another way" }];
}

/** The cluster's version, which also tells whether it answers. */
async function versionFinding(kubectl: Kubectl): Promise<{ finding: Finding; answered: boolean }> {
  const { code, stdout, stderr } = await kubectl(["version", "--output=json"]);
  const without = (finding: Omit<Finding, "what">) => ({
    finding: { what: "Kubernetes", ...finding },
    answered: false,
  });
  const remedy = `look at kubectl version; ${oldestKubernetes} or later is needed`;
  if (code === 127)
    return without({ level: "ok", detail: "there is no kubectl: its version and storage are not looked at" });
  if (code === 124) return without({ level: "warning", detail: "it did not answer kubectl in time", remedy });
  const version = serverVersion(stdout);
  if (code !== 0 || version === undefined) {
    const detail = `it does not answer kubectl: ${firstLine(stderr)}`;
    return without({ level: "problem", detail, remedy: "start it, connect to its network, or log in again" });
  }
  const finding: Finding = tooOld(version)
    ? {
        what: "Kubernetes",
        level: "warning",
        detail: version,
        remedy: `upgrade it: ${oldestKubernetes} or later is needed`,
      }
    : { what: "Kubernetes", level: "ok", detail: version };
  return { finding, answered: true };
}

function serverVersion(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { serverVersion?: { gitVersion?: string } }).serverVersion?.gitVersion;
  } catch {
    return undefined;
  }
}

const isMissing = (stderr: string): boolean => /\bNotFound\b|not found/.test(stderr);

async function namespaceFindings({ settings, kubectl }: PreflightInput): Promise<Finding[]> {
  if (settings.createNamespace) return [];
  const { code, stderr } = await kubectl(["get", "namespace", settings.namespace, "--output=name"]);
  if (code === 0 || !isMissing(stderr)) return [];
  const remedy = `make it, or set kubernetes.createNamespace to true`;
  return [{ what: "Namespace", level: "problem", detail: `there is no ${settings.namespace}`, remedy }];
}

interface StorageClass {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly reclaimPolicy?: string;
}

/** Without a storage class claims may wait for ever; who may not look at them is not told anything. */
async function storageFindings({ settings, kubectl, claims }: PreflightInput): Promise<Finding[]> {
  if (!claims) return [];
  const { code, stdout } = await kubectl(["get", "storageclasses", "--output=json"]);
  if (code !== 0) return [];
  const classes = (JSON.parse(stdout) as { items: StorageClass[] }).items;
  const { storageClass } = settings;
  const chosen = classes.find(({ metadata }) =>
    storageClass === undefined ? isDefault(metadata) : metadata.name === storageClass,
  );
  if (chosen !== undefined) {
    const { metadata, reclaimPolicy = "Delete" } = chosen;
    const detail = `storage class ${metadata.name}, reclaim policy ${reclaimPolicy}`;
    return [
      {
        what: "Volumes",
        level: "ok",
        detail: reclaimPolicy === "Delete" ? `${detail}: data goes with its claim` : detail,
      },
    ];
  }
  const names = classes.map(({ metadata }) => metadata.name).sort();
  const detail =
    storageClass === undefined ? "no storage class is the default" : `there is no storage class ${storageClass}`;
  const known = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
  const remedy = `unless volumes are made by hand, pods will wait for theirs; set kubernetes.storageClass (${known})`;
  return [{ what: "Volumes", level: "warning", detail, remedy }];
}

const isDefault = ({ annotations }: StorageClass["metadata"]): boolean =>
  annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";

const secretFinding =
  ({ kubectl }: PreflightInput) =>
  async ({ namespace, name }: PreflightInput["secrets"][number]): Promise<Finding[]> => {
    const { code, stderr } = await kubectl(["--namespace", namespace, "get", "secret", name, "--output=name"]);
    if (code === 0 || !isMissing(stderr)) return [];
    const detail = `there is no ${name} in ${namespace} yet`;
    return [{ what: "Secret", level: "warning", detail, remedy: "make it: what refers to it waits until it is there" }];
  };
