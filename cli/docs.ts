import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { configurationFrom } from "../configs/settings/settings.ts";
import { alertsPage } from "./docs/alerts.ts";
import { settingsPage } from "./docs/settings.ts";
import { known, rulesFor } from "../dashboards/content.ts";
import { packs } from "../dashboards/packs.ts";
import { runbookPage } from "../dashboards/runbooks.ts";
import { exitCodes, main } from "./exit.ts";
import { repository } from "./local-project.ts";

/** `npm run docs`: writes the pages that are generated from the settings and the rules. */

/** All generated pages, by path below docs/. */
export function generatedPages(): Record<string, string> {
  const runbooks = [...packs.flatMap((pack) => pack.rules), ...exampleRules()].map((rule) => {
    const { file, text } = runbookPage(rule);
    return [join("runbooks", file), text] as const;
  });
  return Object.fromEntries([["settings.md", settingsPage()], ["alerts.md", alertsPage()], ...runbooks]);
}

/** Rules that only exist once settings ask for them. */
function exampleRules() {
  const values = { alerts: { services: ["checkout"] } };
  const { settings } = configurationFrom({ values, encrypted: new Set() }, { ...known, instance: "docs" });
  return [...rulesFor(settings).values()].flat().filter(({ instance }) => instance !== undefined);
}

function writePages(): number {
  const pages = Object.entries(generatedPages());
  const runbooks = join(repository, "docs", "runbooks");
  mkdirSync(runbooks, { recursive: true });
  for (const page of readdirSync(runbooks)) rmSync(join(runbooks, page));
  for (const [path, text] of pages) writeFileSync(join(repository, "docs", path), text);
  return exitCodes.ok;
}

if (import.meta.main) await main(() => Promise.resolve(writePages()));
