import type { File } from "../service.ts";
import type { Text } from "../text.ts";
import { yamlForGo } from "../yaml.ts";

/**
 * What a stack puts into Grafana where nobody outside reaches its API: boards as files that Grafana reads, the rest as
 * bodies for its API that a task inside sends (configs/grafana/content-task.ts). Made by dashboards/published.ts.
 */
export interface Published {
  /** The outer one first. */
  readonly folders: readonly PublishedFolder[];
  readonly boards: readonly { readonly uid: string; readonly folder: string; readonly json: string }[];
  /** One for each receiver. */
  readonly contactPoints: readonly { readonly uid: string; readonly body: Text }[];
  /** `body` is JSON, as the alerting API takes a group. */
  readonly ruleGroups: readonly { readonly name: string; readonly folder: string; readonly body: string }[];
}

export interface PublishedFolder {
  /** Name of the directory in which its boards lie. */
  readonly directory: string;
  readonly uid: string;
  readonly title: string;
  readonly parent?: string;
}

const boardsDirectory = "/etc/grafana-boards";

/** What Grafana reads at its start: a directory for each folder, a file for each board, and where they belong. */
export const boardFiles = (published: Published): File[] => [
  { path: "/etc/grafana/provisioning/dashboards/greptime-observability.yaml", text: providersFile(published) },
  ...published.folders.flatMap((folder) =>
    boardsIn(published, folder).map(({ uid, json }) => ({ path: `${directoryOf(folder)}/${uid}.json`, text: json })),
  ),
];

const boardsIn = ({ boards }: Published, { uid }: PublishedFolder) => boards.filter(({ folder }) => folder === uid);

const directoryOf = ({ directory }: PublishedFolder): string => `${boardsDirectory}/${directory}`;

/**
 * A provider for each folder with boards: of a provider that is gone Grafana deletes the boards when it starts.
 *
 * Grafana finds a folder by its uid, wherever it is; one that is not there it can only make at the top. The task puts
 * it where it belongs. Until then its title says what it is, and is not that of somebody else's folder.
 */
const providersFile = (published: Published): string =>
  yamlForGo({
    apiVersion: 1,
    providers: published.folders
      .filter((folder) => boardsIn(published, folder).length > 0)
      .map((folder) => ({
        name: folder.uid,
        orgId: 1,
        type: "file",
        folderUid: folder.uid,
        folder: `${published.folders[0]?.title ?? ""}: ${folder.title}`,
        disableDeletion: false,
        allowUiUpdates: false,
        // files only change together with the container; this mends what went wrong at its start
        updateIntervalSeconds: 60,
        options: { path: directoryOf(folder) },
      })),
  });
