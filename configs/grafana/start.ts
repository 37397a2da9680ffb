import type { Settings } from "../settings/settings.ts";
import { gossipPort, isClustered } from "./names.ts";

/**
 * What runs before Grafana, in each of its containers.
 *
 * Grafana takes the administrator's password from the environment only when its database is new. The database outlives
 * the container, so before each start the password is set to the one that the stack's outputs name.
 */
export const startScript = (settings: Settings, dataDirectory: string): string =>
  settings.grafana.database.kind === "volume"
    ? startOnVolume(dataDirectory)
    : startOnPostgres(isClustered(settings) ? advertise : "");

const resetPassword = `printf '%s' "$GF_SECURITY_ADMIN_PASSWORD" |
    grafana cli --homepath "$GF_PATHS_HOME" --config "$GF_PATHS_CONFIG" admin reset-admin-password --password-from-stdin`;

/** The key that encrypts secrets lives where they do: on the volume, where the first start put it. */
const startOnVolume = (data: string): string => `set -eu
umask 077
if [ ! -s ${data}/secret_key ]; then
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n' >${data}/secret_key.new
  mv ${data}/secret_key.new ${data}/secret_key
fi
GF_SECURITY_SECRET_KEY=$(cat ${data}/secret_key)
export GF_SECURITY_SECRET_KEY
if [ -f ${data}/grafana.db ]; then
  ${resetPassword}
fi
exec /run.sh
`;

/**
 * On an empty database the command makes the tables and the administrator first. Of replicas that start at once, one
 * holds the lock for that, and the others fail at once: they try again for a minute.
 */
const startOnPostgres = (more: string): string => `set -eu
tries=0
until ${resetPassword}; do
  tries=$((tries + 1))
  [ "$tries" -lt 30 ] || exit 1
  sleep 2
done
${more}exec /run.sh
`;

/** Its own address; without it only replicas with a private one could join. */
const advertise = `GF_UNIFIED_ALERTING_HA_ADVERTISE_ADDRESS=$(hostname -i | cut -d' ' -f1):${String(gossipPort)}
export GF_UNIFIED_ALERTING_HA_ADVERTISE_ADDRESS
`;
