import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import type { NeededSecret } from "../../configs/settings/secrets.ts";
import { printable, secretsIn, type SecretPart, type Text } from "../../configs/text.ts";
import type { StackRecording } from "../../graph/index.ts";
import { listed, wrapped } from "../terminal.ts";
import { kubectlCommand } from "./kubectl.ts";

/** What is said to people in manifests, and beside them. */

const width = 118;

type SecretData = NonNullable<KubernetesObject["stringData"]>;

/** The comment at the head of a Secret: what to do about its placeholders. */
export function secretComment(data: SecretData, needed: readonly NeededSecret[]): string {
  const lines = [
    "No secret is in this file: applied as it is, its placeholders are the passwords, and everybody knows them. Put values",
    "in their place, and keep the result out of the repository. Or leave the file out, and have a SealedSecret or an",
    "ExternalSecret make a Secret of this name with these keys.",
    "",
    ...placeholders(Object.values(data), needed),
  ];
  return lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
}

/** Each placeholder, and what to put in its place. */
function placeholders(texts: readonly Text[], needed: readonly NeededSecret[]): string[] {
  const names = [...new Set(texts.flatMap(secretsIn))].sort();
  const headers = new Map(texts.flatMap(headersIn).map((header) => [printable({ parts: [header] }), header]));
  return [
    ...names.flatMap((name) => {
      const { description = "", expected = "" } = needed.find((secret) => secret.name === name)?.kind ?? {};
      return [`{secret:${name}}`, `    ${firstSentence(description)}: ${expected}`];
    }),
    ...[...headers].flatMap(
      ([
        placeholder,
        {
          basicAuth: { user },
          percentEncoded,
        },
      ]) => [
        placeholder,
        `    what this prints${percentEncoded ? ", percent-encoded" : ""}: printf 'Basic %s' "$(printf '%s' '${user}:PASSWORD' | base64 -w0)"`,
      ],
    ),
  ];
}

type Header = Extract<SecretPart, { readonly basicAuth: unknown }>;

const headersIn = (value: Text): Header[] =>
  typeof value === "string"
    ? []
    : value.parts.flatMap((part) => (typeof part !== "string" && "basicAuth" in part ? [part] : []));

const firstSentence = (text: string): string => text.split(". ")[0]?.replace(/\.$/, "") ?? "";

/** The guide that lies beside the manifests. */
export function guide(objects: readonly KubernetesObject[], recording: StackRecording): string {
  const { kubernetes } = recording.configuration.settings;
  const byApi = recording.graph.nodes.some(({ type }) => type.startsWith("grafana:"));
  const steps = [
    [
      "Secrets. These values are needed; the same name means the same value everywhere. Each Secret says at its head what else to put there, or how somebody else may make it. Applied as they are, the placeholders would be the passwords.",
      ...neededValues(objects),
    ],
    [
      "Apply them all at once, or one after the other: pods wait for what they need. Server-side, because the annotation that kubectl leaves otherwise is too small for the larger ConfigMaps.",
      kubectlCommand(kubernetes, undefined, "apply --server-side --filename ."),
    ],
    [
      "After a change of settings write them anew. ConfigMaps and Jobs are named by the hash of what is in them: what is gone should be pruned, and a Job of a new name runs. Volume claims are made by StatefulSets, and nobody prunes them.",
    ],
    [
      "After a change of a secret nothing restarts by itself. Delete the Jobs before they are applied again, so that they run again.",
      kubectlCommand(kubernetes, kubernetes.namespace, "rollout restart statefulset,deployment"),
      kubectlCommand(
        kubernetes,
        kubernetes.namespace,
        "delete jobs --selector app.kubernetes.io/part-of=greptime-observability",
      ),
    ],
    ...(byApi
      ? [
          [
            "Boards, alert rules and contact points are not among them: they come into Grafana through its API (grafana.publish is api).",
          ],
        ]
      : []),
  ];
  const title = `The stack ${recording.stack} as Kubernetes manifests: ${String(objects.length)} objects, numbered in the order in which they are applied. They are what npm run up would make, but for the values of secrets and two marks on pods that only a deployment can know.`;
  return [wrapped(title, width, ""), ...steps.map(step)].join("\n\n").concat("\n");
}

const step = ([text = "", ...lines]: readonly string[], index: number): string =>
  [wrapped(`${String(index + 1)}. ${text}`, width, "   "), ...lines.map((line) => `     ${line}`)].join("\n");

/** Each secret with the Secrets that hold it. */
function neededValues(objects: readonly KubernetesObject[]): string[] {
  const holders = objects.map(({ metadata, stringData = {} }) => ({
    holder: metadata.name,
    names: new Set(Object.values(stringData).flatMap(secretsIn)),
  }));
  const names = [...new Set(holders.flatMap(({ names: held }) => [...held]))].sort();
  return names.map((name) => {
    const held = holders.filter(({ names: all }) => all.has(name)).map(({ holder }) => holder);
    return `{secret:${name}} in ${listed(held)}`;
  });
}
