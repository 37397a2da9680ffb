import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Service, Task } from "../configs/service.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { printable } from "../configs/text.ts";
import { contentFor } from "../dashboards/content.ts";
import { contactPointNames } from "../dashboards/grafana/contact-points.ts";
import type { StackRecording } from "../graph/index.ts";
import { stackParts } from "./parts.ts";

/** What the systems are configured with, by path, secrets as `{secret:name}`; the same bytes for the same settings. */
export function configurationFiles({ configuration: { settings }, graph }: StackRecording): Record<string, string> {
  const grafanaUrl = String(graph.outputs["grafanaUrl"]);
  return {
    ...partFiles(settings, grafanaUrl),
    ...(settings.grafana.publish === "api" ? contentFiles(settings, grafanaUrl) : {}),
  };
}

/** Writes texts to files below a directory. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

const partFiles = (settings: Settings, grafanaUrl: string): Record<string, string> =>
  Object.fromEntries(
    stackParts(settings, grafanaUrl).flatMap((part) => ("script" in part ? taskFiles(part) : serviceFiles(part))),
  );

const serviceFiles = ({ name, files, env }: Service): [string, string][] => [
  ...files.map(({ path, text }): [string, string] => [join(name, path), printable(text)]),
  [join(name, "environment"), environment(env)],
];

const taskFiles = ({ name, script, env, files = [] }: Task): [string, string][] => [
  [join("tasks", `${name}.sh`), script],
  [join("tasks", `${name}.environment`), environment(env)],
  ...files.map(({ path, text }): [string, string] => [join("tasks", name, path), printable(text)]),
];

const environment = (env: Service["env"]): string =>
  Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${printable(value)}\n`)
    .join("");

function contentFiles(settings: Settings, grafanaUrl: string): Record<string, string> {
  const { dashboards, ruleGroups } = contentFor(settings, { grafanaUrl, contactPoints: contactPointNames(settings) });
  return Object.fromEntries([
    ...dashboards.map(
      ({ uid, json }) => [join("grafana", "dashboards", `${uid}.json`), pretty(JSON.parse(json))] as const,
    ),
    ...ruleGroups.map(
      ({ name, ...group }) => [join("grafana", "rules", `${name}.json`), pretty({ name, ...group })] as const,
    ),
  ]);
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
