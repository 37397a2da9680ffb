import { secretsIn, type Text } from "../text.ts";
import type { HttpHealth, Service } from "../service.ts";
import { isTask, type Cluster, type Part } from "./cluster.ts";
import { checkKey } from "./files.ts";
import { containerSecurity, escaped, resources, scratchName, type Placed } from "./pod.ts";

/**
 * A container for each thing that a part needs, which ends when that thing is there. `pulumi up` keeps the order by
 * itself; where manifests are applied all at once, or a node comes back with everything on it, nobody else does.
 */
export function waitContainers(cluster: Cluster, part: Part, placed: Placed): Record<string, unknown>[] {
  return part.needs.flatMap((name) => {
    const need = placed.get(name);
    if (need === undefined) throw new Error(`${name} is needed but was not placed before`);
    if (!isTask(need)) return [waitContainer(cluster, name, healthScript(name, askedAt(need)), [])];
    if (need.check === undefined) return [];
    const env = [{ name: "CHECK", value: escaped(need.check.script) }, ...checkEnvironment(name, need.check.env)];
    return [waitContainer(cluster, name, waiting('sh -c "$CHECK"'), env)];
  });
}

const waitContainer = (
  cluster: Cluster,
  name: string,
  script: string,
  env: readonly Record<string, unknown>[],
): Record<string, unknown> => ({
  name: `wait-for-${name}`.slice(0, 63),
  image: cluster.toolImage,
  imagePullPolicy: "IfNotPresent",
  command: ["sh", "-c", escaped(script)],
  ...(env.length === 0 ? {} : { env }),
  resources: resources(64, 10),
  securityContext: containerSecurity,
  volumeMounts: [{ name: scratchName("/tmp"), mountPath: "/tmp" }],
});

/**
 * Where a service is asked for its health by what needs it.
 * @throws Error when nobody can connect to it
 */
export function askedAt({ name, health }: Service): HttpHealth["http"] {
  if (health.http === undefined) throw new Error(`${name} is needed, but only a command inside it knows its health`);
  return health.http;
}

const healthScript = (name: string, { port, path }: { port: number; path: string }): string =>
  waiting(`curl -fsS -o /dev/null --max-time 5 http://${name}:${String(port)}${path}`);

/** Says once a minute what it waits for, so that the log of a pod that hangs tells why. */
const waiting = (command: string): string => `tries=0
until problem=$(${command} 2>&1); do
  [ $((tries % 30)) -ne 0 ] || printf 'waiting: %s\\n' "$problem"
  tries=$((tries + 1))
  sleep 2
done
`;

/** From the Secret of the task, which has them for whoever waits. */
const checkEnvironment = (task: string, env: Readonly<Record<string, Text>>): Record<string, unknown>[] =>
  Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) =>
      secretsIn(value).length === 0
        ? { name, value: escaped(typeof value === "string" ? value : "") }
        : { name, valueFrom: { secretKeyRef: { name: task, key: checkKey(name) } } },
    );
