/** The oldest Kubernetes that has all that the objects ask for: since then a pod may sleep before it stops. */
export const oldestKubernetes = "1.30";

/** Whether a version such as `v1.29.4-eks-1a2b` is too old. */
export function tooOld(version: string): boolean {
  const [major = 0, minor = 0] = numbers(version);
  const [oldestMajor = 0, oldestMinor = 0] = numbers(oldestKubernetes);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

const numbers = (version: string): number[] =>
  version
    .replace(/^v/, "")
    .split(".")
    .map((part) => parseInt(part, 10));
