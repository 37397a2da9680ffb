import { storeFrom } from "../greptimedb/store.ts";
import { proofName } from "../collector/proof.ts";
import type { Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { secret, text, type Text } from "../text.ts";
import { datasourcesFile } from "./datasources.ts";

/** Port on which Grafana listens. */
export const port = 3000;

/** Name of the service, and host name for the others. */
export const serviceName = "grafana";

/** Grafana's administrator. */
export const adminUser = "admin";

/** Environment variable from which the datasource file takes the reader's password. */
export const readerPasswordVariable = "GREPTIMEDB_READER_PASSWORD";

const dataDirectory = "/var/lib/grafana";
const startScript = "/etc/grafana-start/start.sh";

/** Grafana with its database on a volume, closed to the outside. */
export function grafanaService(settings: Settings, publicUrl: string): Service {
  const { grafana, images } = settings;
  const healthUrl = `http://127.0.0.1:${String(port)}/api/health`;
  return {
    name: serviceName,
    kind: "stateful",
    image: images.grafana,
    entrypoint: ["sh", startScript],
    args: [],
    env: { ...serverEnvironment(publicUrl), ...mailEnvironment(settings), ...secretEnvironment(settings) },
    files: [
      { path: startScript, text: start },
      { path: "/etc/grafana/provisioning/datasources/greptimedb.yaml", text: datasourcesFile(settings) },
    ],
    ports: [{ name: "http", port, published: grafana.port }],
    mounts: [{ volume: "data", path: dataDirectory }],
    health: {
      http: { port, path: "/api/health" },
      // 503 until the database is migrated; the image has busybox' wget, and curl in its usual flavour
      command: ["sh", "-c", `wget -q -O /dev/null ${healthUrl} || curl -fsS -o /dev/null ${healthUrl}`],
      startupSeconds: 300,
    },
    memoryMiB: grafana.memory,
    user: { uid: 472, gid: 0 },
    replicas: 1,
    stopGraceSeconds: 30,
    // its datasources read tables that exist only after the first write
    needs: [proofName],
  };
}

/**
 * Grafana takes the administrator's password and the key that encrypts its secrets from the environment only when
 * its database is new. The volume outlives the container, so before each start the password is set to the one that
 * the stack's outputs name, and the key is read from the volume, where the first start put it.
 */
const start = `set -eu
umask 077
if [ ! -s ${dataDirectory}/secret_key ]; then
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n' >${dataDirectory}/secret_key.new
  mv ${dataDirectory}/secret_key.new ${dataDirectory}/secret_key
fi
GF_SECURITY_SECRET_KEY=$(cat ${dataDirectory}/secret_key)
export GF_SECURITY_SECRET_KEY
if [ -f ${dataDirectory}/grafana.db ]; then
  printf '%s' "$GF_SECURITY_ADMIN_PASSWORD" |
    grafana cli --homepath "$GF_PATHS_HOME" --config "$GF_PATHS_CONFIG" admin reset-admin-password --password-from-stdin
fi
exec /run.sh
`;

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
  // the database on the volume survives a kill
  GF_DATABASE_WAL: "true",
  GF_DATE_FORMATS_DEFAULT_TIMEZONE: "browser",
  GF_DASHBOARDS_MIN_REFRESH_INTERVAL: "10s",
  GF_LOG_MODE: "console",
});

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
