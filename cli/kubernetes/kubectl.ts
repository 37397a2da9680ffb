import type { Settings } from "../../configs/settings/settings.ts";
import { run, type Result } from "../program.ts";
import { shellWord } from "../shell-words.ts";

/** kubectl, where there is one: nothing here needs it, and everything says more with it. */

/** Runs `kubectl` with these arguments, on the cluster of a stack. */
export type Kubectl = (args: readonly string[]) => Promise<Result>;

type Where = Pick<Settings["kubernetes"], "kubeconfig" | "context">;

/** The real one, for short questions. */
export const kubectlCli =
  (where: Where, timeoutSeconds = 10): Kubectl =>
  (args) =>
    run("kubectl", [...kubectlOptions(where), ...args], timeoutSeconds);

/** A command for a person to paste: `kubectl --context prod --namespace observability get pods`. */
export const kubectlCommand = (where: Where, namespace: string | undefined, ...words: readonly string[]): string =>
  [
    "kubectl",
    ...[...kubectlOptions(where), ...(namespace === undefined ? [] : ["--namespace", namespace])].map(shellWord),
    ...words,
  ].join(" ");

/** Those that choose the cluster. */
export const kubectlOptions = ({ kubeconfig, context }: Where): string[] => [
  ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
  ...(context === undefined ? [] : ["--context", context]),
];
