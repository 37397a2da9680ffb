import { storeFrom } from "../greptimedb/store.ts";
import type { Settings } from "../settings/settings.ts";
import { secret, text, type Text } from "../text.ts";
import { adminUser, gossipPort, isClustered, port, readerPasswordVariable, serviceName } from "./names.ts";

/** Grafana's configuration, as environment variables: GF_<SECTION>_<KEY>. */
export const grafanaEnvironment = (settings: Settings, publicUrl: string): Record<string, Text> => ({
  ...serverEnvironment(publicUrl),
  ...databaseEnvironment(settings),
  ...clusterEnvironment(settings),
  ...mailEnvironment(settings),
  ...secretEnvironment(settings),
});

/** What a closed installation wants. Values are texts, as the environment has them. */
const serverEnvironment = (publicUrl: string): Record<string, string> => ({
  GF_SERVER_HTTP_PORT: String(port),
  GF_SERVER_ROOT_URL: `${publicUrl}/`,
  // nobody gets in without the password
  GF_SECURITY_ADMIN_USER: adminUser,
  GF_AUTH_ANONYMOUS_ENABLED: "false",
  GF_USERS_ALLOW_SIGN_UP: "false",
  GF_USERS_ALLOW_ORG_CREATE: "false",
  GF_SECURITY_ALLOW_EMBEDDING: "false",
  GF_SNAPSHOTS_ENABLED: "false",
  GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
  GF_PUBLIC_DASHBOARDS_ENABLED: "false",
  // nothing leaves the machine
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: "false",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
  GF_SECURITY_DISABLE_GRAVATAR: "true",
  GF_CLOUD_MIGRATION_ENABLED: "false",
  // no plugin is fetched, and an update that fails offline cannot unload a bundled datasource
  GF_PLUGINS_PREINSTALL_DISABLED: "true",
  GF_PLUGINS_PREINSTALL_AUTO_UPDATE: "false",
  GF_PLUGINS_PLUGIN_ADMIN_ENABLED: "false",
  GF_DATE_FORMATS_DEFAULT_TIMEZONE: "browser",
  GF_DASHBOARDS_MIN_REFRESH_INTERVAL: "10s",
  GF_LOG_MODE: "console",
});

/** Variable that the database's password comes in. */
const databasePasswordVariable = "GRAFANA_DATABASE_PASSWORD";

function databaseEnvironment({ grafana: { database } }: Settings): Record<string, Text> {
  // the database on the volume survives a kill
  if (database.kind === "volume") return { GF_DATABASE_WAL: "true" };
  return {
    GF_DATABASE_TYPE: "postgres",
    // settings without a host are refused
    GF_DATABASE_HOST: database.host ?? "",
    GF_DATABASE_NAME: database.name,
    GF_DATABASE_USER: database.user,
    // through a variable of its own: Grafana expands `$` in the values of its own variables, once
    GF_DATABASE_PASSWORD: `$__env{${databasePasswordVariable}}`,
    [databasePasswordVariable]: text`${secret("grafanaDatabasePassword")}`,
    GF_DATABASE_SSL_MODE: database.sslMode,
    // the authorities that the image trusts
    ...(database.sslMode === "verify-full" ? { GF_DATABASE_CA_CERT_PATH: "/etc/ssl/certs/ca-certificates.crt" } : {}),
    GF_SECURITY_SECRET_KEY: text`${secret("grafanaSecretKey")}`,
  };
}

/** Replicas that know of each other send each alert once, however many of them evaluate it. */
function clusterEnvironment(settings: Settings): Record<string, string> {
  if (!isClustered(settings)) return {};
  const peers = Array.from(
    { length: settings.grafana.replicas },
    (_, index) => `${serviceName}-${String(index)}.${serviceName}:${String(gossipPort)}`,
  );
  return {
    GF_UNIFIED_ALERTING_HA_LISTEN_ADDRESS: `0.0.0.0:${String(gossipPort)}`,
    GF_UNIFIED_ALERTING_HA_PEERS: peers.join(","),
  };
}

function mailEnvironment({ grafana: { smtp } }: Settings): Record<string, Text> {
  if (smtp.host === undefined) return {};
  const policies = {
    mandatory: "MandatoryStartTLS",
    opportunistic: "OpportunisticStartTLS",
    never: "NoStartTLS",
  } as const;
  return {
    GF_SMTP_ENABLED: "true",
    GF_SMTP_HOST: smtp.host,
    GF_SMTP_FROM_ADDRESS: smtp.from,
    GF_SMTP_FROM_NAME: "Grafana",
    GF_SMTP_STARTTLS_POLICY: policies[smtp.startTls],
    ...(smtp.user === undefined ? {} : { GF_SMTP_USER: smtp.user, GF_SMTP_PASSWORD: text`${secret("smtpPassword")}` }),
  };
}

const secretEnvironment = (settings: Settings): Record<string, Text> => ({
  GF_SECURITY_ADMIN_PASSWORD: text`${secret("grafanaAdminPassword")}`,
  [readerPasswordVariable]: text`${secret(storeFrom(settings).users.reader.password)}`,
});
