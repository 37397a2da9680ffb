import * as pulumi from "@pulumi/pulumi";
import * as grafana from "@pulumiverse/grafana";

import { secret, text } from "../configs/text.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { contentFor, type Content } from "../dashboards/content.ts";
import {
  contactPointNames,
  contactPointSecret,
  contactPointsOf,
  type ContactPoint,
} from "../dashboards/grafana/contact-points.ts";
import type { Secrets } from "./platform/platform.ts";
import { filled } from "./text.ts";

/** Arguments of {@link GrafanaContent}. */
export interface GrafanaContentArgs {
  readonly settings: Settings;
  readonly secrets: Secrets;
  /** Where people reach Grafana, without trailing slash: alerts link there. */
  readonly grafanaUrl: string;
}

/**
 * Folder, dashboards, contact points and alert rules, through Grafana's API: real differences, real deletions.
 *
 * Needs the provider `grafana` among its options. Leaves the organisation's notification policies alone: each rule
 * names its contact point itself.
 */
export class GrafanaContent extends pulumi.ComponentResource {
  constructor(
    name: string,
    { settings, secrets, grafanaUrl }: GrafanaContentArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("greptime-observability:grafana:Content", name, { grafanaUrl }, opts);
    const contactPoints = this.#contactPoints(name, settings, secrets);
    const content = contentFor(settings, { grafanaUrl, contactPoints: contactPointNames(settings) });
    const folders = this.#folders(name, content);
    this.#dashboards(name, content, folders);
    this.#ruleGroups(name, content, folders, contactPoints);
    this.registerOutputs({ dashboards: content.dashboards.map(({ uid }) => `${grafanaUrl}/d/${uid}`) });
  }

  /** By uid, the outer one first. */
  #folders(name: string, { folders }: Content): Folders {
    const made = new Map<string, grafana.oss.Folder>();
    for (const { pack, uid, title, parent } of folders) {
      const outer = parent === undefined ? {} : { parentFolderUid: uidOf(made, parent) };
      const suffix = pack === undefined ? "" : `-${pack}`;
      made.set(uid, new grafana.oss.Folder(`${name}-folder${suffix}`, { uid, title, ...outer }, { parent: this }));
    }
    return made;
  }

  #dashboards(name: string, content: Content, folders: Folders): void {
    for (const { uid, folder, json } of content.dashboards) {
      new grafana.oss.Dashboard(
        `${name}-${uid}`,
        { folder: uidOf(folders, folder), configJson: json, overwrite: true },
        { parent: this },
      );
    }
  }

  #ruleGroups(name: string, content: Content, folders: Folders, dependsOn: pulumi.Resource[]): void {
    for (const { name: group, folder, intervalSeconds, rules } of content.ruleGroups) {
      new grafana.alerting.RuleGroup(
        `${name}-rules-${group}`,
        {
          name: group,
          folderUid: uidOf(folders, folder),
          intervalSeconds,
          rules: rules.map((rule) => ({ ...rule, datas: [...rule.datas] })),
        },
        { parent: this, dependsOn },
      );
    }
  }

  #contactPoints(name: string, settings: Settings, secrets: Secrets): grafana.alerting.ContactPoint[] {
    return contactPointsOf(settings).map(({ severity, name: contactPoint, points }) => {
      const args = { name: contactPoint, ...receivers(points, secrets) };
      return new grafana.alerting.ContactPoint(`${name}-contact-${severity}`, args, { parent: this });
    });
  }
}

type Folders = ReadonlyMap<string, grafana.oss.Folder>;

function uidOf(folders: Folders, uid: string): pulumi.Output<string> {
  const folder = folders.get(uid);
  if (folder === undefined) throw new Error(`no folder ${uid}`);
  return folder.uid;
}

type Point = ContactPoint["points"][number];

function receivers(points: readonly Point[], secrets: Secrets) {
  const of = (type: Point["type"]) => points.filter((point) => point.type === type);
  const value = (point: Point) => filled(text`${secret(contactPointSecret(point))}`, secrets);
  const lists = {
    emails: of("email").map(({ addresses }) => ({ addresses: [...addresses] })),
    pagerduties: of("pagerduty").map((point) => ({ integrationKey: value(point) })),
    slacks: of("slack").map((point) => ({ url: value(point) })),
    webhooks: of("webhook").map((point) => ({ url: value(point) })),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<typeof lists>;
}
