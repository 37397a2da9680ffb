import type { Settings } from "../../settings/settings.ts";
import type { Component } from "../model.ts";
import type { Signal } from "../signal.ts";
import { contentProcessors } from "./content.ts";
import { filterProcessors } from "./filter.ts";
import { limitProcessors } from "./limits.ts";
import { redactionProcessors } from "./redaction.ts";

/**
 * What is taken out of telemetry before it is stored. First what is not stored at all; then content, so that nothing is
 * searched that goes anyway; secrets before texts are cut, or half a secret would be left that no pattern knows.
 */
export const privacyProcessors = (settings: Settings, signal: Signal): Component[] => [
  ...filterProcessors(settings, signal),
  ...contentProcessors(settings, signal),
  ...redactionProcessors(settings, signal),
  ...limitProcessors(settings, signal),
];
