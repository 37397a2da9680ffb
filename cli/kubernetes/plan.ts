import { contentFor } from "../../dashboards/content.ts";
import type { StackRecording } from "../../graph/index.ts";
import type { PlanView } from "../plan-view.ts";
import { readableSize } from "../terminal.ts";
import { writeManifests } from "./manifests.ts";
import { claimedMiB, objectsIn, replicated, workloadsIn } from "./objects.ts";
import { objectFacts } from "./plan-facts.ts";
import { kubernetesNotes, reservedMiB } from "./plan-notes.ts";

/** What a plan says of a cluster. */
export const kubernetesPlan: PlanView = {
  facts: objectFacts,
  totals,
  notes: kubernetesNotes,
  write: writeManifests,
};

function totals({ graph, configuration: { settings } }: StackRecording): string[] {
  const workloads = workloadsIn(graph);
  const of = (kind: string) => workloads.filter((workload) => workload.kind === kind).length;
  const pods = replicated(graph).reduce((sum, { replicas }) => sum + replicas, 0);
  const claims = workloads.reduce((sum, workload) => sum + claimedMiB(workload), 0);
  const content = contentFor(settings, { grafanaUrl: String(graph.outputs["grafanaUrl"]), contactPoints: {} });
  return [
    `${String(objectsIn(graph).length)} objects`,
    `${String(pods)} pods of ${String(replicated(graph).length)} services`,
    ...(of("DaemonSet") === 0 ? [] : [`${String(of("DaemonSet"))} on each node`]),
    `${String(of("Job"))} jobs`,
    `${String(content.dashboards.length)} dashboards`,
    `${String(content.ruleGroups.flatMap(({ rules }) => rules).length)} alert rules`,
    `${readableSize(reservedMiB(graph))} memory reserved`,
    `${readableSize(claims)} disk`,
  ];
}
