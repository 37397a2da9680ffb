import { containersOf, type Container, type PodSpec, type Volume } from "./cluster-objects.ts";

/**
 * Kubernetes' pod security standard "restricted" (and "baseline", which is part of it), from its documentation:
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export const restrictedViolations = (pod: PodSpec): string[] => [
  ...(pod.hostNetwork === true || pod.hostPID === true || pod.hostIPC === true ? ["host namespaces"] : []),
  ...(pod.securityContext.sysctls === undefined ? [] : ["sysctls"]),
  ...(pod.volumes ?? []).flatMap(volumeViolations),
  ...containersOf(pod).flatMap((container) =>
    containerViolations(pod, container).map((what) => `${container.name}: ${what}`),
  ),
];

const volumeTypes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

function volumeViolations(volume: Volume): string[] {
  const types = Object.keys(volume).filter((field) => field !== "name");
  return types.length === 1 && volumeTypes.includes(types[0]!) ? [] : [`volume ${volume.name}: ${types.join(", ")}`];
}

type Rule = (container: Container, pod: PodSpec) => boolean;

/** What each container keeps to. A field of the container counts, else that of its pod. */
const rules: Readonly<Record<string, Rule>> = {
  "not privileged": ({ securityContext: own }) => own.privileged !== true,
  "no privilege escalation": ({ securityContext: own }) => own.allowPrivilegeEscalation === false,
  "not root": ({ securityContext: own }, { securityContext: of }) =>
    (own.runAsNonRoot ?? of.runAsNonRoot) === true && own.runAsUser !== 0 && of.runAsUser !== 0,
  "no capabilities": ({ securityContext: { capabilities: { add = [], drop = [] } = {} } }) =>
    drop.includes("ALL") && add.every((capability) => capability === "NET_BIND_SERVICE"),
  "a seccomp profile": ({ securityContext: own }, { securityContext: of }) =>
    ["RuntimeDefault", "Localhost"].includes((own.seccompProfile ?? of.seccompProfile)?.type ?? ""),
  "the usual /proc": ({ securityContext: own }) => (own.procMount ?? "Default") === "Default",
  "no SELinux options": ({ securityContext: own }, { securityContext: of }) =>
    own.seLinuxOptions === undefined && of.seLinuxOptions === undefined,
  "no ports of the host": ({ ports = [] }) => ports.every(({ hostPort }) => hostPort === undefined),
};

const containerViolations = (pod: PodSpec, container: Container): string[] =>
  Object.entries(rules).flatMap(([rule, holds]) => (holds(container, pod) ? [] : [rule]));
