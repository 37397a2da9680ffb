import { z } from "zod";

import { booleanKind, choiceKind, durationKind, listOf, numberKind, required, section, setting } from "./fields.ts";
import * as kind from "./kinds.ts";

/** The settings of what is shown in Grafana. */

const price = section({
  model: required(kind.modelKind, "The model, as gen_ai.request.model has it."),
  input: required(numberKind({ min: 0, max: 100_000, fractions: true }), "US dollars for a million tokens read."),
  output: required(numberKind({ min: 0, max: 100_000, fractions: true }), "US dollars for a million tokens written."),
  asOf: required(kind.dayKind, "When this price was looked up; it is shown beside the cost."),
});

/** Boards: which there are, and what they reckon with. */
export const dashboards = section({
  packs: listOf(required(kind.packKind), {
    description: "Which packs of dashboards and alert rules to have. By default all.",
    example: "agents",
  }),
  prices: listOf(price, {
    description:
      "What models cost, by which the pack genai reckons. A model that is not listed has no cost, not none. About 50 fit on the board.",
    example: "gpt-4o",
  }),
});

const severities = ["critical", "warning", "info", "watchdog"] as const;

const contactPoint = section({
  name: required(kind.contactPointNameKind, "Its name; the secret is contactPointSecrets.<name>."),
  type: required(choiceKind("webhook", "slack", "pagerduty", "email"), "What it is."),
  severities: listOf(required(choiceKind(...severities)), {
    description: "Which alerts it gets.",
    example: "critical",
    default: ["critical", "warning"],
  }),
  addresses: listOf(required(kind.emailKind), {
    description: "Addresses, for type email.",
    example: "team@example.com",
  }),
});

const expectedService = section({
  service: required(kind.serviceNameKind, "Its service.name."),
  metric: setting(kind.attributeNameKind, {
    description: "Metric that it exports even when idle; its absence means silence.",
    default: "http_requests_total",
  }),
});

const ruleOverride = section({
  enabled: setting(booleanKind, { description: "Whether the rule exists.", default: true }),
  threshold: setting(numberKind({ min: 0, max: 1e12, fractions: true }), {
    description: "Value beyond which the rule fires. By default the rule's own (docs/alerts.md).",
  }),
  for: setting(durationKind({ min: 0, max: 86_400 }), {
    description: "How long it must hold. By default the rule's own.",
  }),
});

/** Alerts: when, and who is told. */
export const alerts = section({
  interval: setting(durationKind({ min: 10, max: 300 }), {
    description: "How often rules are evaluated; a multiple of 10s.",
    default: 60,
  }),
  services: listOf(
    z.preprocess((given) => (typeof given === "string" ? { service: given } : given), expectedService),
    { description: "Services whose silence is an alert.", example: "checkout" },
  ),
  contactPoints: listOf(contactPoint, { description: "Who is told.", example: "oncall" }),
  rules: z.record(z.string(), ruleOverride, { error: () => "an object of rule names" }).prefault({}),
});
