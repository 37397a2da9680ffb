import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { alertsPage } from "./docs/alerts.ts";
import { boardPages, exampleSettings } from "./docs/boards.ts";
import { metricsPage } from "./docs/metrics.ts";
import { settingsPage } from "./docs/settings.ts";
import { rulesFor } from "../dashboards/content.ts";
import { runbookFile, runbookPage, runbooks } from "../dashboards/runbooks.ts";
import { exitCodes, main } from "./exit.ts";
import { repository } from "./local-project.ts";

/** `npm run docs`: writes the pages that are generated from the settings and the rules. */

/** All generated pages, by path below docs/. */
export function generatedPages(): Record<string, string> {
  const rules = [...rulesFor(exampleSettings()).values()].flat();
  const pages = runbooks(rules).map((same) => [join("runbooks", runbookFile(same[0])), runbookPage(same)] as const);
  const boards = Object.entries(boardPages()).map(([file, text]) => [join("dashboards", file), text] as const);
  return Object.fromEntries([
    ["settings.md", settingsPage()],
    ["alerts.md", alertsPage()],
    ["metrics.md", metricsPage()],
    ...pages,
    ...boards,
  ]);
}

/** Folders in which everything is generated. */
export const generatedFolders = ["runbooks", "dashboards"] as const;

function writePages(): number {
  const pages = Object.entries(generatedPages());
  for (const folder of generatedFolders) {
    const directory = join(repository, "docs", folder);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }
  for (const [path, text] of pages) writeFileSync(join(repository, "docs", path), text);
  return exitCodes.ok;
}

if (import.meta.main) await main(() => Promise.resolve(writePages()));
