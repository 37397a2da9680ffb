import type { Settings } from "../settings/settings.ts";
import { authorization, otlpScheme } from "./access.ts";
import type { Text } from "../text.ts";
import { ports, serviceName } from "./ports.ts";

/** How scripts of the stack give OTLP/JSON to the collector, as an application would. */

const tokenVariable = "COLLECTOR_AUTHORIZATION";

/** A variable with what the collector wants to see, if anything, and where it is. */
export function sendingEnvironment(settings: Settings): Record<string, Text> {
  const token = authorization(settings);
  return { COLLECTOR: serviceName, ...(token === undefined ? {} : { [tokenVariable]: token }) };
}

/** A function of the shell, on top of the prelude (configs/shell.ts). */
export function sendFunction(settings: Settings): string {
  const header = `"${authorization(settings) === undefined ? "" : `$${tokenVariable}`}"`;
  const scheme = otlpScheme(settings);
  // whether telemetry arrives is to be proven, not the certificate, whose authority these scripts do not know
  const trust = scheme === "https" ? " --insecure" : "";
  return `# send SIGNAL BODY   gives OTLP/JSON to the collector
send() {
  status=$(request ${header}${trust} -H 'Content-Type: application/json' --data-binary "$2" "${scheme}://$COLLECTOR:${String(ports.otlpHttp)}/v1/$1")
  [ "$status" = 200 ]
}
`;
}
