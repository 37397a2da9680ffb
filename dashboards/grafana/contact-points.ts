import { createHash } from "node:crypto";

import { stableJson } from "../../configs/json.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { joined, secret, type Text } from "../../configs/text.ts";
import type { Severity } from "../rule.ts";

type Point = Settings["alerts"]["contactPoints"][number];

/** Who is told of alerts of one severity: one contact point in Grafana, in which all their receivers are. */
export interface ContactPoint {
  readonly severity: Severity;
  readonly name: string;
  readonly points: readonly Point[];
}

/** One for each severity that somebody wants to hear of. */
export const contactPointsOf = ({ alerts }: Settings): ContactPoint[] =>
  (["critical", "warning", "info", "watchdog"] as const)
    .map((severity) => ({
      severity,
      name: `greptime-observability ${severity}`,
      points: alerts.contactPoints.filter((point) => point.severities.includes(severity)),
    }))
    .filter(({ points }) => points.length > 0);

/** Whom rules name, by severity. */
export const contactPointNames = (settings: Settings): Partial<Record<Severity, string>> =>
  Object.fromEntries(contactPointsOf(settings).map(({ severity, name }) => [severity, name]));

/** Name of the secret of a contact point. */
export const contactPointSecret = ({ name }: Point): string => `contactPointSecrets.${name}`;

/** The receivers as Grafana's alerting API takes them: one object each, told apart by a uid that stays the same. */
export const receiverBodies = (settings: Settings, prefix: string): { uid: string; body: Text }[] =>
  contactPointsOf(settings).flatMap(({ severity, name, points }) =>
    points.map((point) => {
      const uid = receiverUid(prefix, severity, point);
      return { uid, body: withSecret({ uid, name, type: point.type, settings: receiverSettings(point) }, point) };
    }),
  );

/** 16 digits leave room for the prefix in the 40 characters that Grafana allows. */
const receiverUid = (prefix: string, severity: Severity, { name }: Point): string =>
  `${prefix}-${createHash("sha256").update(`${severity}/${name}`).digest("hex").slice(0, 16)}`;

/** Where the secret goes; a name or an address never has this character. */
const place = "\0";

function receiverSettings({ type, addresses }: Point): Record<string, string> {
  switch (type) {
    case "email":
      return { addresses: addresses.join(";") };
    case "pagerduty":
      return { integrationKey: place };
    case "slack":
    case "webhook":
      return { url: place };
  }
}

/** Secrets have neither quotes nor backslashes, so they are the same in JSON. */
function withSecret(body: Readonly<Record<string, unknown>>, point: Point): Text {
  const [before = "", ...rest] = stableJson(body).split(JSON.stringify(place).slice(1, -1));
  return joined([before, ...rest.flatMap((after) => [secret(contactPointSecret(point)), after])]);
}
