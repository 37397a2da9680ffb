import type { File, Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { secret, text, type Text } from "../text.ts";
import type { Component } from "./model.ts";

/** Who may send OTLP, and how the connection is protected. */

/** Environment variables with what the `Authorization` header of a request may be. */
const variables = { current: "COLLECTOR_AUTHORIZATION", previous: "COLLECTOR_PREVIOUS_AUTHORIZATION" } as const;

/** What the header of a request must be; undefined where anybody may send. */
export const authorization = ({ collector: { auth } }: Settings): Text | undefined =>
  auth === "bearer" ? text`Bearer ${secret("collectorToken")}` : undefined;

/** The variables of whoever checks requests. */
export function accessEnvironment(settings: Settings): Record<string, Text> {
  const current = authorization(settings);
  if (current === undefined) return {};
  return {
    [variables.current]: current,
    ...(settings.collector.token.keepPrevious
      ? { [variables.previous]: text`Bearer ${secret("collectorPreviousToken")}` }
      : {}),
  };
}

/** The header and its variable, for whoever sends requests to the gateways. */
export function senderAccess(settings: Settings): { headers: Record<string, string>; env: Record<string, Text> } {
  const value = authorization(settings);
  if (value === undefined) return { headers: {}, env: {} };
  return { headers: { Authorization: `\${env:${variables.current}}` }, env: { [variables.current]: value } };
}

/** Checks requests against one token, or during a rotation two; none where anybody may send. */
export function authenticators({ collector: { auth, token } }: Settings): Component[] {
  if (auth === "none") return [];
  const accepted = [variables.current, ...(token.keepPrevious ? [variables.previous] : [])];
  return [
    {
      id: "bearertokenauth/otlp",
      // the variables hold the whole header: a token that stands alone would be read as YAML
      config: { scheme: "", tokens: accepted.map((variable) => `\${env:${variable}}`) },
    },
  ];
}

const certificateDirectory = "/etc/otelcol-tls";

/**
 * Where the gateways of a cluster find their certificate; beside the configuration's directory, in which nothing can be
 * mounted.
 */
export const certificate = ({ collector: { tlsSecret } }: Settings): Pick<Service, "certificate"> =>
  tlsSecret === undefined ? {} : { certificate: { secretName: tlsSecret, directory: certificateDirectory } };

/** The certificate of the settings and its key, in the same place. */
export const certificateFiles = ({ collector: { tlsCertificate } }: Settings): File[] =>
  tlsCertificate === undefined
    ? []
    : [
        { path: `${certificateDirectory}/tls.crt`, text: withLineEnd(tlsCertificate) },
        { path: `${certificateDirectory}/tls.key`, text: text`${secret("collectorTlsKey")}\n` },
      ];

const withLineEnd = (pem: string): string => `${pem.trimEnd()}\n`;

/** Whether OTLP is encrypted on its way to the collector. */
export const hasCertificate = ({ collector: { tlsSecret, tlsCertificate } }: Settings): boolean =>
  tlsSecret !== undefined || tlsCertificate !== undefined;

export const otlpScheme = (settings: Settings): "http" | "https" => (hasCertificate(settings) ? "https" : "http");

/** What both protocols of the OTLP receiver have in common. */
export function protection(settings: Settings): Record<string, unknown> {
  const [authenticator] = authenticators(settings);
  return {
    ...(authenticator === undefined ? {} : { auth: { authenticator: authenticator.id } }),
    ...(!hasCertificate(settings)
      ? {}
      : {
          tls: {
            cert_file: `${certificateDirectory}/tls.crt`,
            key_file: `${certificateDirectory}/tls.key`,
            min_version: "1.2",
            // a renewed certificate appears in the files, and is in use this much later
            reload_interval: "5m",
          },
        }),
  };
}
