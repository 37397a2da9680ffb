import type { Service } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { proxyName, proxyPort, roles } from "./cluster/roles.ts";
import { paths, ports } from "./store.ts";

export { proxyName, proxyPort };

const frontendName = roles.frontend;
const healthPort = 8404;
const healthPaths = { ready: "/ready", alive: "/alive" } as const;
const configFile = "/usr/local/etc/haproxy/haproxy.cfg";

/** Environment variable with the name under which the frontends are looked up. */
const frontendsVariable = "FRONTENDS";

/**
 * HAProxy between the collector and the frontends of a GreptimeDB cluster. It exists for one line: a datanode that is
 * away makes the frontends answer 500, which the collector takes for final, and drops what it sent. See
 * {@link retriedStatuses}.
 *
 * It keeps nothing, knows no password and lets nothing through but OTLP.
 */
export function proxyService({ platform, greptimedb: { cluster }, images }: Settings): Service {
  const { frontend, proxy } = cluster;
  return {
    name: proxyName,
    kind: "stateless",
    image: images.proxy,
    ...(platform === "kubernetes"
      ? { entrypoint: ["sh", "-c"], args: [inSearchDomain], env: {} }
      : { args: ["haproxy", "-f", configFile], env: { [frontendsVariable]: frontendName } }),
    files: [{ path: configFile, text: proxyConfig({ memoryMiB: proxy.memory, frontends: frontend.replicas }) }],
    ports: [
      { name: "otlp", port: proxyPort },
      { name: "health", port: healthPort },
    ],
    mounts: [],
    health: {
      http: { port: healthPort, path: healthPaths.ready },
      // frontends that are away are no reason to start it again
      alivePath: healthPaths.alive,
      command: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${String(healthPort)}${healthPaths.ready}`],
      startupSeconds: 60,
    },
    memoryMiB: proxy.memory,
    // the image's own
    user: { uid: 99, gid: 99 },
    replicas: proxy.replicas,
    stopGraceSeconds: stopSeconds + 5,
    needs: [frontendName],
    calls: [{ to: frontendName, port: ports.http }],
  };
}

/**
 * HAProxy asks name servers itself, and does not try the search domains of resolv.conf. The first of them is that of
 * the pod's own namespace, whatever the cluster calls its domain.
 */
const inSearchDomain = `domain=$(sed -n 's/^search  *\\([^ ]*\\).*/\\1/p' /etc/resolv.conf)
export ${frontendsVariable}="${frontendName}\${domain:+.$domain}"
exec haproxy -W -db -f ${configFile}`;

/**
 * Answers of GreptimeDB that say nothing about the request: something on the way to the data is not as it should be.
 * The collector would drop the data; told 503 it keeps it and tries again, until that is mended.
 *
 * - 500: a datanode or a metasrv is away. GreptimeDB has no other status for a request that it cannot digest because
 *   of a fault of its own; such a request is tried for ever, and shows as a queue that grows.
 * - 401, 403: this stack gives users and passwords to both sides. They differ while one side is being replaced, or
 *   by mistake, and then nothing is lost before the mistake is found.
 * - 404: of three fixed paths, never the request's fault.
 * - 408: a time limit of GreptimeDB's or of the proxy's own.
 *
 * 400 and 413 pass: they are how requests leave that will never be taken. 429, 502, 503 and 504 are tried again anyway.
 *
 * What some regions took and others could not is written again whole: its spans and log records are there twice.
 */
const retriedStatuses = [401, 403, 404, 408, 500] as const;

/** Seconds after which an exporter gives up and tries again; the proxy waits longer, so that only one side decides. */
const longerThanExporter = 60;

/** Seconds for requests under way when it is told to stop. */
const stopSeconds = 30;

interface Size {
  readonly memoryMiB: number;
  /** How many frontends there are. */
  readonly frontends: number;
}

/** The configuration of HAProxy, in the language of 2.6 and later. */
export const proxyConfig = ({ memoryMiB, frontends }: Size): string =>
  [globalSection(memoryMiB), defaults, resolvers, otlpFrontend, backend(frontends), healthFrontend].join("\n");

const globalSection = (
  memoryMiB: number,
): string => `# OTLP from the collector to the frontends of the GreptimeDB cluster.
global
    log stdout format raw local0 info
    nbthread 2
    # more wait to be accepted; a collector opens up to 16
    maxconn ${String(memoryMiB * 4)}
    hard-stop-after ${String(stopSeconds)}s
`;

const defaults = `defaults
    mode http
    log global
    # what goes well is not worth a line; never headers, which hold a password, nor bodies
    option dontlog-normal
    log-format "%ST (GreptimeDB: %[var(txn.answer)]) %HM %HP, %U bytes, %Ta ms, %s, %ts"
    timeout connect 3s
    timeout client ${String(longerThanExporter)}s
    timeout server ${String(longerThanExporter)}s
    timeout check 3s
    timeout http-request 10s
    # the collector closes idle connections after 90 s: never both at once
    timeout http-keep-alive 120s
    option http-ignore-probes
    # another frontend only where nothing was sent yet: spans and log records that are written twice are there twice
    retry-on conn-failure
    retries 2
    option redispatch 1
`;

/** Name servers that are away take no frontend away: health checks know better. */
const resolvers = `resolvers cluster
    parse-resolv-conf
    accepted_payload_size 8192
    timeout resolve 2s
    timeout retry 1s
    hold valid 2s
    hold obsolete 10s
    hold nx 10m
    hold other 10m
    hold refused 10m
    hold timeout 10m
`;

const otlpPaths = ["traces", "metrics", "logs"].map((signal) => `${paths.otlp}/v1/${signal}`);

const otlpFrontend = `frontend otlp
    bind *:${String(proxyPort)}
    http-request deny deny_status 403 unless { method POST } { path ${otlpPaths.join(" ")} }
    default_backend frontends
`;

/** There is room for old and new frontends at once; their addresses come and go. */
const backend = (frontends: number): string => `backend frontends
    balance leastconn
    option httpchk GET /health
    http-check expect status 200
    http-response set-var(txn.answer) status
    # these would make the collector drop what it sent; no Retry-After: it waits longer each time by itself
    http-after-response set-status 503 if { status ${retriedStatuses.join(" ")} }
    server-template frontend 1-${String(frontends * 2)} "\${${frontendsVariable}}:${String(ports.http)}" resolvers cluster init-addr none resolve-prefer ipv4 check inter 2s fall 2 rise 1
`;

const healthFrontend = `frontend health
    bind *:${String(healthPort)}
    monitor-uri ${healthPaths.alive}
    http-request return status 200 content-type text/plain string "ready\\n" if { path ${healthPaths.ready} } { nbsrv(frontends) gt 0 }
    http-request return status 503 content-type text/plain string "no frontend answers\\n" if { path ${healthPaths.ready} }
    http-request use-service prometheus-exporter if { path /metrics }
    http-request deny deny_status 404
`;
