import type { File, Task } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { basicAuth, text } from "../text.ts";
import { bodiesDirectory, contentScript } from "./content-script.ts";
import { adminUser, port, serviceName } from "./names.ts";
import type { Published } from "./published.ts";

/** Name of the task. */
export const contentName = "grafana-content";

/**
 * Puts folders in their places, and contact points and alert rules into Grafana, through its API and from inside; then
 * deletes what this stack had there and no longer has. Rules in files would stay when they leave the files, and nobody
 * could change them through the API again.
 */
export function contentTask(settings: Settings, published: Published): Task {
  const { folders, boards, contactPoints, ruleGroups } = published;
  return {
    name: contentName,
    image: settings.images.greptimedb,
    script: contentScript,
    env: {
      BOARDS: boards.map(({ uid }) => uid).join(" "),
      CONTACT_POINTS: contactPoints.map(({ uid }) => uid).join(" "),
      FOLDERS: folders.map(({ uid, parent = "" }) => `${uid}/${parent}`).join(" "),
      GRAFANA_AUTHORIZATION: text`${basicAuth(adminUser, "grafanaAdminPassword")}`,
      GRAFANA_URL: `http://${serviceName}:${String(port)}`,
      ROOT: folders[0]?.uid ?? "",
      RULE_GROUPS: ruleGroups.map(({ folder, name }) => `${folder}/${name}`).join(" "),
    },
    files: bodies(published),
    memoryMiB: 64,
    user: { uid: 10001, gid: 10001 },
    timeoutSeconds: 300,
    needs: [serviceName],
    targets: [serviceName],
    calls: [{ to: serviceName, port }],
  };
}

/** @throws Error when a name could be taken for something else, in the script or in a path of the API */
function bodies({ folders, contactPoints, ruleGroups }: Published): File[] {
  const files = [
    ...folders.map(({ uid, title, parent }) => ({
      path: `folders/${uid}`,
      text: JSON.stringify({ uid, title, ...(parent === undefined ? {} : { parentUid: parent }), overwrite: true }),
    })),
    ...contactPoints.map(({ uid, body }) => ({ path: `contact-points/${uid}`, text: body })),
    ...ruleGroups.map(({ folder, name, body }) => ({ path: `rule-groups/${folder}.${name}`, text: body })),
  ];
  const odd = files.find(({ path }) => !/^[a-z-]+\/[a-z0-9-]+(\.[a-z][a-z0-9-]*)?$/.test(path));
  if (odd !== undefined) throw new Error(`not a name that the task for Grafana can handle: ${odd.path}`);
  return files.map(({ path, text: body }) => ({ path: `${bodiesDirectory}/${path}.json`, text: body }));
}
