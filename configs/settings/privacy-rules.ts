import { keptAttributes } from "../collector/privacy/limits.ts";
import { ledgerService, ownNames, proofService } from "../collector/own-records.ts";
import { regularExpression } from "./re2.ts";
import { setCommand, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";

/** What must hold between the settings of what the collector takes out. */
export const privacyProblems = ({ collector }: ParsedSettings): Problem[] => [
  ...limitProblems(collector),
  ...collector.filter.flatMap(ownRecordProblems),
];

function limitProblems({ limits, logColumns }: ParsedSettings["collector"]): Problem[] {
  const least = new Set([...keptAttributes, ...logColumns]).size;
  if (limits.attributes === 0 || limits.attributes >= least) return [];
  return [
    {
      key: "collector.limits.attributes",
      given: limits.attributes,
      expected: `0, or at least ${String(least)}: so many attributes are kept because boards read them`,
      remedy: setCommand("collector.limits.attributes", "128"),
    },
  ];
}

/** A filter that drops what a deployment proves its pipeline with would make every deployment fail. */
function ownRecordProblems(
  { signal, attribute, matches }: ParsedSettings["collector"]["filter"][number],
  index: number,
): Problem[] {
  const looksAt = attribute === undefined ? Object.values(ownNames[signal]) : [];
  const texts = attribute === "service.name" ? [proofService, ledgerService] : looksAt;
  const expression = regularExpression(matches);
  const dropped = texts.find((text) => expression.test(text));
  if (dropped === undefined) return [];
  return [
    {
      key: `collector.filter[${String(index)}].matches`,
      given: matches,
      expected: `an expression that does not match ${JSON.stringify(dropped)}: the stack sends that itself, and looks whether it arrives`,
      remedy: "write it more narrowly: ^ and $ anchor it",
    },
  ];
}
