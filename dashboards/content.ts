import { stableJson } from "../configs/json.ts";
import type { Known } from "../configs/settings/rules.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { agents } from "./agents/pack.ts";
import { dashboardJson } from "./grafana/dashboard.ts";
import { grafanaRule, type GrafanaRule, type RuleContext } from "./grafana/rules.ts";
import type { Metric } from "./metric.ts";
import type { Pack } from "./pack.ts";
import type { Board } from "./panel.ts";
import { overridden, type Rule } from "./rule.ts";
import { runbooksBoard } from "./runbooks.ts";
import { silenceRuleName, silenceRules } from "./stack/alerts.ts";
import { stack } from "./stack/pack.ts";
import { storedName } from "./stored-name.ts";

/** All packs. */
export const packs: readonly Pack[] = [agents, stack];

/** Everything that this stack puts into Grafana, as plain data. */
export interface Content {
  readonly folder: { readonly uid: string; readonly title: string };
  readonly dashboards: readonly { readonly uid: string; readonly title: string; readonly json: string }[];
  readonly ruleGroups: readonly {
    readonly name: string;
    readonly intervalSeconds: number;
    readonly rules: readonly GrafanaRule[];
  }[];
}

export const folder = { uid: "greptime-observability", title: "Observability" } as const;

export function contentFor(settings: Settings, context: RuleContext): Content {
  return {
    folder,
    dashboards: boardsFor(settings).map((board) => ({
      uid: board.uid,
      title: board.title,
      json: stableJson(dashboardJson(board)),
    })),
    ruleGroups: [...rulesFor(settings)]
      .filter(([, rules]) => rules.length > 0)
      .map(([name, rules]) => ({
        name,
        intervalSeconds: settings.alerts.interval,
        rules: rules.map((rule) => grafanaRule(rule, context)),
      })),
  };
}

/** The rules of a stack, by pack: declared ones and one for each expected service, as the settings change them. */
export function rulesFor({ alerts }: Settings): Map<string, Rule[]> {
  const expected = alerts.services.map(({ service, metric }) => ({ service, metric: metricCalled(metric) }));
  return new Map(
    packs.map((pack) => {
      const declared = pack.name === stack.name ? [...pack.rules, ...silenceRules(expected)] : pack.rules;
      return [pack.name, overridden(declared, alerts.rules)];
    }),
  );
}

export function boardsFor(settings: Settings): Board[] {
  const context = { thresholds: thresholds(settings), databases: settings.greptimedb.databases };
  const rules = [...rulesFor(settings).values()].flat();
  return [...packs.flatMap((pack) => pack.boards(context)), runbooksBoard(rules)];
}

/** Every rule's threshold, those of rules that are off included: panels still show them. */
const thresholds = ({ alerts }: Settings): Record<string, number> =>
  Object.fromEntries(
    packs
      .flatMap((pack) => pack.rules)
      .map(({ name, threshold }) => [name, alerts.rules[name]?.threshold ?? threshold.value]),
  );

/** What settings may name. */
export const known: Known = {
  rules: Object.fromEntries([
    ...packs
      .flatMap((pack) => pack.rules)
      .map(
        ({ name, threshold }) =>
          [name, threshold.settable === undefined ? {} : { threshold: threshold.settable }] as const,
      ),
    [silenceRuleName, {}] as const,
  ]),
  silenceMetrics: packs
    .flatMap((pack) => pack.metrics)
    .filter((metric) => metric.kind !== "histogram")
    .map(storedName),
};

function metricCalled(name: string): Metric {
  const found = packs.flatMap((pack) => pack.metrics).find((metric) => storedName(metric) === name);
  if (found === undefined) throw new Error(`no metric is stored as ${name}`);
  return found;
}
