/** Ports on which the collector listens. */
export const ports = { otlpGrpc: 4317, otlpHttp: 4318, telemetry: 8888, prometheus: 8889, health: 13133 } as const;

/** Name of the service, and host name for applications in the same network. */
export const serviceName = "collector";
