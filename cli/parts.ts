import { ledgerServices } from "../configs/collector/ledger/service.ts";
import { proofTask } from "../configs/collector/proof.ts";
import { collectorServices } from "../configs/collector/service.ts";
import { contentTask } from "../configs/grafana/content-task.ts";
import { grafanaService } from "../configs/grafana/server.ts";
import { greptimedbServices, greptimedbTasks } from "../configs/greptimedb/services.ts";
import { startOrder, type Service, type Task } from "../configs/service.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { publishedContent } from "../dashboards/published.ts";

/**
 * All services and tasks of a stack, from the functions that the components place; each after what it needs.
 * @param grafanaUrl where people reach Grafana, without trailing slash
 */
export function stackParts(settings: Settings, grafanaUrl: string): (Service | Task)[] {
  const published = publishedContent(settings, grafanaUrl);
  return startOrder([
    ...greptimedbServices(settings),
    ...greptimedbTasks(settings),
    ...collectorServices(settings),
    proofTask(settings),
    ...ledgerServices(settings),
    grafanaService(settings, grafanaUrl, published),
    ...(published === undefined ? [] : [contentTask(settings, published)]),
  ]);
}
