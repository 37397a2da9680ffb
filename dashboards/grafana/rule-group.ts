import type { GrafanaQuery, GrafanaRule } from "./rules.ts";

/** Rules that are evaluated together, in one folder. */
export interface RuleGroup {
  readonly name: string;
  readonly folder: string;
  readonly intervalSeconds: number;
  readonly rules: readonly GrafanaRule[];
}

/** A rule group as Grafana's alerting API takes it, which spells some of it differently than the provider does. */
export const ruleGroupBody = ({ name, folder, intervalSeconds, rules }: RuleGroup): Record<string, unknown> => ({
  title: name,
  folderUid: folder,
  interval: intervalSeconds,
  rules: rules.map((rule) => ({ ...ruleBody(rule), orgID: 1, folderUID: folder, ruleGroup: name })),
});

const ruleBody = ({
  name,
  datas,
  keepFiringFor = "0s",
  notificationSettings,
  ...same
}: GrafanaRule): Record<string, unknown> => ({
  ...same,
  title: name,
  data: datas.map(queryBody),
  keep_firing_for: keepFiringFor,
  isPaused: false,
  ...(notificationSettings === undefined
    ? {}
    : {
        notification_settings: {
          receiver: notificationSettings.contactPoint,
          group_by: notificationSettings.groupBies,
        },
      }),
});

const queryBody = ({ model, ...same }: GrafanaQuery): Record<string, unknown> => ({
  ...same,
  model: JSON.parse(model) as unknown,
});
