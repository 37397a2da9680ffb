import { labelKeyKind } from "./kinds.ts";
import { setCommand, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";

/** What must hold between the settings of a cluster, and between them and the platform. */
export function kubernetesProblems(settings: ParsedSettings): Problem[] {
  if (settings.platform !== "kubernetes") return dockerOnly(settings);
  return [
    ...ingressProblems(settings),
    ...labelProblems(settings),
    ...tolerationProblems(settings),
    ...agentNamespaceProblems(settings),
  ];
}

/** What was written for a cluster would be ignored in silence. */
function dockerOnly({ kubernetes: { ingress } }: ParsedSettings): Problem[] {
  return (["grafana", "otlp"] as const).flatMap((name) =>
    ingress[name].host === undefined
      ? []
      : [
          {
            key: `kubernetes.ingress.${name}.host`,
            given: ingress[name].host,
            expected: "nothing, because platform is docker, which has no ingress",
            remedy: `${setCommand("platform", "kubernetes")}, or remove the host`,
          },
        ],
  );
}

/** Passwords and tokens cross the ingress. */
function ingressProblems({ kubernetes: { ingress } }: ParsedSettings): Problem[] {
  const open = (["grafana", "otlp"] as const).flatMap((name) =>
    ingress[name].host === undefined || ingress[name].tlsSecret !== undefined
      ? []
      : [
          {
            key: `kubernetes.ingress.${name}.tlsSecret`,
            expected: `the name of a Secret with a certificate for ${ingress[name].host}, because passwords and tokens cross the ingress`,
            remedy: setCommand(`kubernetes.ingress.${name}.tlsSecret`, `${name}-tls`),
          },
        ],
  );
  const shared =
    ingress.grafana.host !== undefined && ingress.grafana.host === ingress.otlp.host
      ? [
          {
            key: "kubernetes.ingress.otlp.host",
            given: ingress.otlp.host,
            expected: "another host than that of Grafana, which has all paths of it",
            remedy: setCommand("kubernetes.ingress.otlp.host", `otlp.${ingress.otlp.host}`),
          },
        ]
      : [];
  return [...open, ...shared];
}

function labelProblems({ kubernetes: { nodeSelector, ingress }, greptimedb }: ParsedSettings): Problem[] {
  const maps = {
    "kubernetes.nodeSelector": nodeSelector,
    "kubernetes.ingress.annotations": ingress.annotations,
    "greptimedb.cluster.storage.s3.identityAnnotations": greptimedb.cluster.storage.s3.identityAnnotations,
  };
  return Object.entries(maps).flatMap(([key, map]) =>
    Object.keys(map)
      .filter((name) => labelKeyKind.parse(name) === undefined)
      .map((name) => ({ key, given: name, expected: labelKeyKind.expected, remedy: "rename or remove it" })),
  );
}

function tolerationProblems({ kubernetes: { tolerations } }: ParsedSettings): Problem[] {
  return tolerations.flatMap(({ key, operator, value }, index) => {
    const at = `kubernetes.tolerations[${String(index)}]`;
    if (operator === "Exists" && value !== undefined) {
      const expected = "nothing, because operator Exists tolerates every value";
      return [{ key: `${at}.value`, given: value, expected, remedy: setCommand(`${at}.operator`, "Equal") }];
    }
    if (operator === "Equal" && (key === undefined || value === undefined)) {
      const missing = key === undefined ? "key" : "value";
      const expected = `a ${missing}, because operator Equal compares it`;
      return [{ key: `${at}.${missing}`, expected, remedy: setCommand(`${at}.operator`, "Exists") }];
    }
    return [];
  });
}

function agentNamespaceProblems({ kubernetes: { namespace, agentNamespace } }: ParsedSettings): Problem[] {
  if (agentNamespace === undefined || agentNamespace !== namespace) return [];
  const expected = "another namespace than that of the rest, whose pod security refuses what an agent mounts";
  const remedy = setCommand("kubernetes.agentNamespace", `${agentNamespace}-agent`);
  return [{ key: "kubernetes.agentNamespace", given: agentNamespace, expected, remedy }];
}
