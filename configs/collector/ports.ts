/** Ports on which the collector listens. */
export const ports = { otlpGrpc: 4317, otlpHttp: 4318, telemetry: 8888, prometheus: 8889, health: 13133 } as const;

/** Name of the gateways' service, and host name for applications in the same network. */
export const serviceName = "collector";

/** Name of the collector that scrapes where there are several, or where discovery needs rights. */
export const scraperName = "collector-scraper";

/** Name of the collector on each node. */
export const agentName = "collector-agent";
