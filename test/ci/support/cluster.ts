import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";

import type { ApiRule } from "../../../configs/service.ts";
import { freePort } from "../../../cli/lab/ports.ts";

/** A pod as far as collectors look at it. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What made it. */
  readonly controller?: { readonly kind: string; readonly name: string };
  /** @default "Running" */
  readonly phase?: string;
  /** @default "127.0.0.1" */
  readonly ip?: string;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly ports?: Readonly<Record<string, number>>;
  }[];
}

const manifest = ({ namespace, name, uid, node, labels = {}, annotations = {}, ...pod }: Pod) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    namespace,
    name,
    uid,
    labels,
    annotations,
    resourceVersion: "1",
    creationTimestamp: "2026-11-01T00:00:00Z",
    ownerReferences:
      pod.controller === undefined
        ? []
        : [{ apiVersion: "v1", ...pod.controller, uid: `${uid}-owner`, controller: true }],
  },
  spec: {
    nodeName: node,
    containers: pod.containers.map(({ name: container, image, ports = {} }) => ({
      name: container,
      image,
      ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort, protocol: "TCP" })),
    })),
  },
  status: {
    phase: pod.phase ?? "Running",
    podIP: pod.ip ?? "127.0.0.1",
    hostIP: "127.0.0.1",
    startTime: "2026-11-01T00:00:00Z",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: pod.containers.map(({ name: container, image }) => ({
      name: container,
      image,
      imageID: "",
      containerID: `containerd://${"0".repeat(64)}`,
      restartCount: 0,
      ready: true,
    })),
  },
});

/** The part of a cluster's API that tells of pods. */
export interface ClusterApi {
  /** A file by which it is found. */
  readonly kubeconfig: string;
  /** What was asked for, as rules of a role. */
  asked(): ApiRule[];
  close(): Promise<void>;
}

export async function startClusterApi(directory: string, pods: readonly Pod[]): Promise<ClusterApi> {
  const port = await freePort();
  const asked = new Set<string>();
  const server = createServer(({ url = "/" }, outgoing) => {
    const { pathname, searchParams } = new URL(url, "http://cluster");
    const [, namespace, resource] = /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?([a-z]+)$/.exec(pathname) ?? [];
    const watch = ["true", "1"].includes(searchParams.get("watch") ?? "");
    asked.add(
      JSON.stringify({ apiGroups: [""], resources: [resource ?? pathname], verbs: [watch ? "watch" : "list"] }),
    );
    if (resource !== "pods") {
      outgoing.writeHead(404).end();
      return;
    }
    const chosen = pods.filter((pod) => isChosen(pod, namespace, searchParams)).map(manifest);
    outgoing.writeHead(200, { "content-type": "application/json" });
    const list = { apiVersion: "v1", kind: "PodList", metadata: { resourceVersion: "1" }, items: chosen };
    if (watch) sendEvents(outgoing, chosen, searchParams.get("sendInitialEvents") === "true");
    else outgoing.end(JSON.stringify(list));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const kubeconfig = join(directory, "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(port)));
  return {
    kubeconfig,
    asked: () => [...asked].sort().map((rule) => JSON.parse(rule) as ApiRule),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function isChosen({ node, labels = {}, ...pod }: Pod, namespace: string | undefined, query: URLSearchParams): boolean {
  const fields = query.get("fieldSelector");
  const label = query.get("labelSelector");
  const [key = "", value] = (label ?? "").split("=");
  return (
    (namespace === undefined || pod.namespace === namespace) &&
    (fields === null || fields === "" || fields === `spec.nodeName=${node}`) &&
    (label === null || label === "" || labels[key] === value)
  );
}

/** The pods that there are, where they are asked for in this way; then nothing new, for ever. */
function sendEvents(outgoing: ServerResponse, pods: readonly object[], initially: boolean): void {
  const event = (type: string, object: object) => outgoing.write(`${JSON.stringify({ type, object })}\n`);
  outgoing.flushHeaders();
  if (!initially) return;
  for (const pod of pods) event("ADDED", pod);
  const annotations = { "k8s.io/initial-events-end": "true" };
  event("BOOKMARK", { apiVersion: "v1", kind: "Pod", metadata: { resourceVersion: "1", annotations } });
}

const kubeconfigFor = (port: number) => ({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "test",
  clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${String(port)}` } }],
  users: [{ name: "test", user: {} }],
  contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
});
