import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { proofTask } from "../configs/collector/proof.ts";
import { bootstraps, collectorService } from "../configs/collector/service.ts";
import { grafanaService } from "../configs/grafana/server.ts";
import { bootstrapTask } from "../configs/greptimedb/bootstrap.ts";
import { standaloneService } from "../configs/greptimedb/standalone.ts";
import type { Service, Task } from "../configs/service.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { printable } from "../configs/text.ts";
import { contentFor } from "../dashboards/content.ts";
import type { StackRecording } from "../graph/index.ts";

/** Writes what the systems are configured with, secrets as `{secret:name}`; the same bytes for the same settings. */
export function writePlanFiles(directory: string, { configuration: { settings }, graph }: StackRecording): string[] {
  const files = {
    ...serviceFiles(settings, String(graph.outputs["grafanaUrl"])),
    ...contentFiles(settings, String(graph.outputs["grafanaUrl"])),
  };
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return Object.keys(files);
}

function serviceFiles(settings: Settings, grafanaUrl: string): Record<string, string> {
  const services: Service[] = [
    ...(settings.greptimedb.topology === "standalone" ? [standaloneService(settings)] : []),
    collectorService(settings),
    grafanaService(settings, grafanaUrl),
  ];
  const tasks: Task[] = [...(bootstraps(settings) ? [bootstrapTask(settings)] : []), proofTask(settings)];
  return Object.fromEntries([
    ...services.flatMap(({ name, files, env }) => [
      ...files.map(({ path, text }) => [join(name, path), printable(text)] as const),
      [join(name, "environment"), environment(env)] as const,
    ]),
    ...tasks.flatMap(({ name, script, env }) => [
      [join("tasks", `${name}.sh`), script] as const,
      [join("tasks", `${name}.environment`), environment(env)] as const,
    ]),
  ]);
}

const environment = (env: Service["env"]): string =>
  Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${printable(value)}\n`)
    .join("");

function contentFiles(settings: Settings, grafanaUrl: string): Record<string, string> {
  const { dashboards, ruleGroups } = contentFor(settings, { grafanaUrl, contactPoints: {} });
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
