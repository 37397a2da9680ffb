import type { Settings } from "../settings/settings.ts";

/** What other parts of the stack know of Grafana. */

/** Name of the service, and host name for the others. */
export const serviceName = "grafana";

/** Port on which Grafana listens. */
export const port = 3000;

/** Port, TCP and UDP, on which replicas tell each other what they have sent; Grafana's own default. */
export const gossipPort = 9094;

/** Grafana's administrator. */
export const adminUser = "admin";

/** Environment variable from which the datasource file takes the reader's password. */
export const readerPasswordVariable = "GREPTIMEDB_READER_PASSWORD";

/** Whether there are several that must agree on who sends an alert. */
export const isClustered = ({ grafana }: Settings): boolean => grafana.replicas > 1;
