import type { Rule } from "../rule.ts";
import { agentRules } from "./agent-alerts.ts";
import { callRules } from "./call-alerts.ts";
import { tokenRules } from "./token-alerts.ts";

export const rules: readonly Rule[] = [...callRules, ...agentRules, ...tokenRules];
