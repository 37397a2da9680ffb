import type { Settings } from "../../settings/settings.ts";
import { literal, type Component } from "../model.ts";
import type { Signal } from "../signal.ts";
import { cards, credentials, email, harmless, secretNames } from "./patterns.ts";
import { ottlText } from "./ottl.ts";

/** What is put in the place of a secret; the redaction processor's own choice. */
const mask = "****";

/** Masks secrets, wherever they stand. None if nothing is to be masked. */
export function redactionProcessors(settings: Settings, signal: Signal): Component[] {
  const { kinds } = settings.collector.redaction;
  const others = searchedEverywhere(settings);
  const all = [...(kinds.includes("credentials") ? credentials : []), ...others];
  return [
    ...(kinds.includes("named") ? [redaction("named", { blocked_key_patterns: [secretNames].map(literal) })] : []),
    ...(kinds.includes("credentials")
      ? [redaction("credentials", { allowed_values: harmless.map(literal), blocked_values: credentials.map(literal) })]
      : []),
    ...(others.length === 0 ? [] : [redaction("personal", { blocked_values: others.map(literal) })]),
    ...(all.length === 0 ? [] : namesOf(signal, all, others.length === 0)),
  ];
}

/** What may also be short, or look like what holds no credential. */
const searchedEverywhere = ({ collector: { redaction: asked } }: Settings): string[] => [
  ...(asked.kinds.includes("email") ? [email] : []),
  ...(asked.kinds.includes("cards") ? cards : []),
  ...asked.patterns,
];

const redaction = (name: string, patterns: Readonly<Record<string, readonly string[]>>): Component => ({
  id: `redaction/${name}`,
  config: {
    // masks, and drops nothing: without this each attribute would have to be listed
    allow_all_keys: true,
    // lists and maps too, as the JSON that GreptimeDB makes of them
    redact_all_types: true,
    ...patterns,
    // no attributes of its own: each would become a column
    summary: "silent",
  },
});

/** Where the redaction processor does not look. */
function namesOf(signal: Signal, patterns: readonly string[], sparing: boolean): Component[] {
  const one = ottlText(literal(patterns.map((pattern) => `(?:${pattern})`).join("|")));
  const searched = (path: string) =>
    sparing ? `where not IsMatch(${path}, ${ottlText(literal(harmless[0] ?? ""))})` : `where ${path} != ""`;
  const masked = (path: string) => `replace_pattern(${path}, ${one}, "${mask}") ${searched(path)}`;
  if (signal === "metrics") return [];
  const statements =
    signal === "traces"
      ? { trace_statements: ["span.name", "span.status.message", "spanevent.name"].map(masked) }
      : { log_statements: ["log.event_name", "log.severity_text"].map(masked) };
  return [
    {
      id: `transform/masked_${signal}`,
      config: { error_mode: "ignore", ...statements },
      why: "the redaction processor reads attributes and bodies, not names",
    },
  ];
}
