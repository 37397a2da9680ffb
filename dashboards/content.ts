import { ownPartsOf } from "../configs/collector/own-jobs.ts";
import { stableJson } from "../configs/json.ts";
import type { Known } from "../configs/settings/rules.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { dashboardJson } from "./grafana/dashboard.ts";
import type { RuleGroup } from "./grafana/rule-group.ts";
import { grafanaRule, type ContentContext } from "./grafana/rules.ts";
import type { Metric } from "./metric.ts";
import type { Pack } from "./pack.ts";
import type { Board, BoardContext } from "./panel.ts";
import { overridden, type Rule } from "./rule.ts";
import { runbooksBoard, runbooksUid } from "./runbooks.ts";
import { withServiceLinks } from "./service-links.ts";
import { silencePack, silenceRuleName, silenceRules } from "./stack/alerts.ts";
import { packs } from "./packs.ts";
import { storedName } from "./stored-name.ts";

/** A folder in Grafana; that of a pack is inside {@link folder}. */
export interface ContentFolder {
  /** The pack's name; none for the outer one. */
  readonly pack?: string;
  readonly uid: string;
  readonly title: string;
  readonly parent?: string;
}

/** Everything that this stack puts into Grafana, as plain data. */
export interface Content {
  /** The outer one first. */
  readonly folders: readonly ContentFolder[];
  readonly dashboards: readonly {
    readonly uid: string;
    readonly title: string;
    readonly folder: string;
    readonly json: string;
  }[];
  readonly ruleGroups: readonly RuleGroup[];
}

/** The folder of everything; in it is a folder a pack. */
export const folder: ContentFolder = { uid: "greptime-observability", title: "Observability" };

/** @throws Error when the uid is longer than the 40 characters that Grafana allows */
export function folderOf({ name, title }: Pick<Pack, "name" | "title">): ContentFolder {
  const uid = `${folder.uid}-${name}`;
  if (uid.length > 40) throw new Error(`the name of pack ${name} is too long: Grafana refuses the uid ${uid}`);
  return { pack: name, uid, title, parent: folder.uid };
}

export function contentFor(settings: Settings, context: ContentContext): Content {
  const chosen = packsOf(settings);
  const rules = rulesFor(settings);
  return {
    folders: [folder, ...chosen.map(folderOf)],
    dashboards: boardsByPack(settings).map(({ board, pack }) => ({
      uid: board.uid,
      title: board.title,
      folder: folderOf(pack).uid,
      json: stableJson(dashboardJson(board)),
    })),
    ruleGroups: chosen
      .filter(({ name }) => (rules.get(name) ?? []).length > 0)
      .map((pack) => ({
        name: pack.name,
        folder: folderOf(pack).uid,
        intervalSeconds: settings.alerts.interval,
        rules: (rules.get(pack.name) ?? []).map((rule) => grafanaRule(rule, runbooksUid(pack.name), context)),
      })),
  };
}

/** The packs that a stack has. */
export const packsOf = ({ dashboards }: Settings): Pack[] =>
  packs.filter(({ name }) => dashboards.packs.includes(name));

/** The rules of a stack, by pack: declared ones and one for each expected service, as the settings change them. */
export function rulesFor(settings: Settings): Map<string, Rule[]> {
  const { alerts } = settings;
  const parts = ownPartsOf(settings);
  const expected = alerts.services.map(({ service, metric }) => ({ service, metric: metricCalled(metric) }));
  return new Map(
    packsOf(settings).map((pack) => {
      const declared = pack.name === silencePack ? [...pack.rules, ...silenceRules(expected)] : pack.rules;
      const there = declared.filter(({ reads }) => reads === undefined || parts.includes(reads));
      return [pack.name, overridden(there, alerts.rules)];
    }),
  );
}

/** What the boards of a stack are made from. */
export const boardContext = (settings: Settings): BoardContext => ({
  thresholds: thresholds(settings),
  databases: settings.greptimedb.databases,
  packs: settings.dashboards.packs,
  prices: settings.dashboards.prices,
  parts: ownPartsOf(settings),
});

/** All boards of a stack: those of its packs, with their runbooks. */
export const boardsFor = (settings: Settings): Board[] => boardsByPack(settings).map(({ board }) => board);

function boardsByPack(settings: Settings): { readonly board: Board; readonly pack: Pack }[] {
  const context = boardContext(settings);
  const rulesByPack = rulesFor(settings);
  return packsOf(settings).flatMap((pack) => {
    const rules = rulesByPack.get(pack.name) ?? [];
    const boards = pack.boards(context).map((board) => withServiceLinks(board, context));
    return [...boards, ...(rules.length === 0 ? [] : [runbooksBoard(pack, rules)])].map((board) => ({ board, pack }));
  });
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
  packs: packs.map(({ name }) => name),
  rules: Object.fromEntries([
    ...packs
      .flatMap((pack) => pack.rules)
      .map(
        ({ name, threshold }) =>
          [name, threshold.settable === undefined ? {} : { threshold: threshold.settable }] as const,
      ),
    [silenceRuleName, {}] as const,
  ]),
  silencePack,
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
