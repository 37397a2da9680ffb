import type { Published } from "../configs/grafana/published.ts";
import { stableJson } from "../configs/json.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { contentFor, folder as root } from "./content.ts";
import { contactPointNames, receiverBodies } from "./grafana/contact-points.ts";
import { ruleGroupBody } from "./grafana/rule-group.ts";

/**
 * What goes into Grafana as files and through a task inside; the same as through the API from outside.
 * @param grafanaUrl where people reach Grafana, without trailing slash
 * @returns undefined where the settings publish through the API from outside
 */
export function publishedContent(settings: Settings, grafanaUrl: string): Published | undefined {
  if (settings.grafana.publish === "api") return undefined;
  const content = contentFor(settings, { grafanaUrl, contactPoints: contactPointNames(settings) });
  return {
    folders: content.folders.map(({ pack, uid, title, parent }) => ({
      directory: pack ?? uid,
      uid,
      title,
      ...(parent === undefined ? {} : { parent }),
    })),
    boards: content.dashboards.map(({ uid, folder, json }) => ({ uid, folder, json })),
    contactPoints: receiverBodies(settings, root.uid),
    ruleGroups: content.ruleGroups.map((group) => ({
      name: group.name,
      folder: group.folder,
      body: stableJson(ruleGroupBody(group)),
    })),
  };
}
