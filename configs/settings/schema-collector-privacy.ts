import { choiceKind, listOf, numberKind, required, section, setting } from "./fields.ts";
import * as kind from "./kinds.ts";
import { re2Kind } from "./re2.ts";

/** The settings of what the collector takes out of telemetry before it is stored. docs/privacy.md explains them. */

export const redaction = section({
  kinds: listOf(required(choiceKind("credentials", "named", "email", "cards")), {
    description:
      "What is masked in attributes, names and bodies of all signals: credentials (API keys, tokens, private keys, passwords in URLs), the values of attributes that are named like a secret (password, authorization, …), e-mail addresses, numbers of payment cards. Give an empty list for none.",
    example: "email",
    default: ["credentials", "named"],
  }),
  patterns: listOf(required(re2Kind), {
    description: "What else is masked: regular expressions of your own. What they match becomes ****.",
    example: "ACME-secret",
  }),
});

export const content = setting(choiceKind("keep", "hash", "drop"), {
  description:
    "What becomes of prompts, completions, and the arguments and results of tools: kept, replaced by their SHA-256, or dropped.",
  default: "keep",
  example: "drop",
});

export const limits = section({
  attributes: setting(numberKind({ min: 0, max: 1000 }), {
    description:
      "Most attributes of a span, a log record or an event; the rest is dropped, but not what boards read. Each attribute of a span is a column. 0: no limit.",
    default: 0,
    example: "128",
  }),
  valueLength: setting(numberKind({ min: 0, max: 1_000_000 }), {
    description: "Longest text of an attribute, in characters; longer ones are cut. 0: no limit.",
    default: 0,
    example: "16384",
  }),
});

const filterRule = section({
  signal: required(choiceKind("traces", "metrics", "logs"), "What is dropped: spans, metric points or log records."),
  attribute: setting(kind.attributeNameKind, {
    description:
      "Attribute that is looked at, of the record or else of its resource. By default a span's name, a metric's name, a log record's body.",
    example: "http.route",
  }),
  matches: required(re2Kind, "Regular expression; what it matches is dropped."),
});

export const filter = listOf(filterRule, {
  description: "Telemetry that is not stored: health checks, a chatty logger.",
  example: "a rule",
});
