import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { keyedHash } from "../../configs/hash.ts";
import { isTask, namespaceOf, type Cluster, type Part } from "../../configs/kubernetes/cluster.ts";
import { pathAnnotation, slug } from "../../configs/kubernetes/files.ts";
import { ingressHost } from "../../configs/kubernetes/network.ts";
import type { KubernetesObject } from "../../configs/kubernetes/object.ts";
import { edgeObjects, namespaces } from "../../configs/kubernetes/stack.ts";
import { partObjects } from "../../configs/kubernetes/workload.ts";
import type { Port, Service, Task } from "../../configs/service.ts";
import { filled } from "../text.ts";
import { placeObject, type Placed } from "./kubernetes-object.ts";
import type { PlacementOptions, Platform, Secrets } from "./platform.ts";

/** Arguments of {@link KubernetesPlatform}: where in which cluster, and how. */
export interface KubernetesPlatformArgs extends Cluster {
  /**
   * Provider that takes a namespace over when it is there already, as it is after `destroy`
   * (`upsertExistingObjects`).
   * @default - the provider of the rest, which refuses a namespace that is there
   */
  readonly namespaceProvider?: pulumi.ProviderResource;
}

/**
 * A namespace of a Kubernetes cluster, 1.30 or later: workloads with their identities, files, secrets, addresses,
 * disruption budgets, network policies and ingresses. The namespace and the volumes outlive the stack.
 *
 * Needs the providers `kubernetes` and `random` among its options.
 */
export class KubernetesPlatform extends pulumi.ComponentResource implements Platform {
  readonly network: pulumi.Output<string>;

  readonly #cluster: KubernetesPlatformArgs;
  readonly #name: string;
  readonly #namespaces = new Map<string, Placed>();
  readonly #parts = new Map<string, Part>();
  readonly #workloads = new Map<string, Placed>();
  readonly #checksumKey: pulumi.Output<string>;

  constructor(name: string, args: KubernetesPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greptime-observability:kubernetes:Platform", name, {}, opts);
    this.#cluster = args;
    this.#name = name;
    this.network = pulumi.output(args.settings.namespace);
    this.#checksumKey = new random.RandomPassword(
      `${name}-checksum-key`,
      { length: 32, special: false },
      { parent: this },
    ).result;
    this.#namespace(args.settings.namespace);
    this.registerOutputs({ namespace: this.network });
  }

  service(name: string, spec: Service, { parent, secrets }: PlacementOptions): pulumi.ComponentResource {
    const component = new KubernetesService(name, spec, { parent });
    component.finish(this.#place(name, spec, secrets, component));
    return component;
  }

  task(name: string, spec: Task, { parent, secrets }: PlacementOptions): pulumi.ComponentResource {
    const component = new KubernetesTask(name, spec, { parent });
    component.finish(this.#place(name, spec, secrets, component));
    return component;
  }

  publicUrl(service: string, { name }: Pick<Port, "name" | "published">): string | undefined {
    const host = ingressHost(this.#cluster.settings, service);
    return host === undefined || name === "otlp-grpc" ? undefined : `https://${host}`;
  }

  deployerUrl(service: string, port: Pick<Port, "name" | "published">): string | undefined {
    return this.publicUrl(service, port);
  }

  neighbourHost(service: string): string {
    return `${service}.${this.#cluster.settings.namespace}`;
  }

  forwardCommand(service: string, port: number, local: number): string {
    const { namespace, context } = this.#cluster.settings;
    const cluster = context === undefined ? "" : `--context ${context} `;
    return `kubectl ${cluster}--namespace ${namespace} port-forward service/${service} ${String(local)}:${String(port)}`;
  }

  /** Network policies and ingresses: they name parts that come later. */
  complete(): void {
    for (const object of edgeObjects(this.#cluster, [...this.#parts.values()])) {
      const { kind, metadata } = object;
      const suffix = kind === "Ingress" ? "ingress" : "policy";
      const namespace = metadata.namespace === this.#cluster.settings.agentNamespace ? "-agent" : "";
      this.#object(`${this.#name}-${metadata.name}${namespace}-${suffix}`, object, {}, { parent: this });
    }
  }

  /** Everything of a part; what it needs comes before its workload. */
  #place(name: string, part: Part, secrets: Secrets, parent: pulumi.Resource): Placed {
    if (this.#parts.has(part.name)) {
      throw new Error(`${part.name} is already on this platform; give the second one a namespace of its own`);
    }
    this.#parts.set(part.name, part);
    this.#namespace(namespaceOf(this.#cluster, part));
    const objects = partObjects(this.#cluster, part, this.#parts);
    const own = objects
      .slice(0, -1)
      .map((object) => this.#object(objectName(name, part, object), object, secrets, { parent }));
    const [workload] = objects.slice(-1);
    if (workload === undefined) throw new Error(`${part.name} has no workload`);
    const needs = part.needs.map((need) => this.#workload(need));
    const placed = this.#object(
      objectName(name, part, workload),
      this.#marked(workload, part, objects, secrets),
      secrets,
      { parent, dependsOn: [...own, ...needs], customTimeouts: timeouts(part) },
    );
    this.#workloads.set(part.name, placed);
    return placed;
  }

  #workload(name: string): Placed {
    const placed = this.#workloads.get(name);
    if (placed === undefined) throw new Error(`${name} is needed but was not placed before`);
    return placed;
  }

  #namespace(name: string): void {
    if (this.#namespaces.has(name)) return;
    for (const object of namespaces(this.#cluster, [name])) {
      const agent = name === this.#cluster.settings.agentNamespace ? "-agent" : "";
      const { namespaceProvider: provider } = this.#cluster;
      const placed = placeObject(
        `${this.#name}-namespace${agent}`,
        object,
        {},
        {
          parent: this,
          // with the namespace everything in it goes, the volumes included
          retainOnDelete: true,
          ...(provider === undefined ? {} : { provider }),
        },
      );
      this.#namespaces.set(name, placed);
    }
  }

  #object(name: string, object: KubernetesObject, secrets: Secrets, opts: pulumi.CustomResourceOptions): Placed {
    const namespace = this.#namespaces.get(object.metadata.namespace ?? "");
    const dependsOn = [
      ...((opts.dependsOn as Placed[] | undefined) ?? []),
      ...(namespace === undefined ? [] : [namespace]),
    ];
    return placeObject(name, object, secrets, { ...opts, dependsOn });
  }

  /**
   * The workload, with marks on its pods that change when its secrets do, or, for a task, when what it acts on was made
   * anew. The marks tell nothing of the secrets: they are keyed.
   */
  #marked(
    workload: KubernetesObject,
    part: Part,
    objects: readonly KubernetesObject[],
    secrets: Secrets,
  ): KubernetesObject {
    const data = objects.flatMap(({ stringData }) => (stringData === undefined ? [] : Object.entries(stringData)));
    const values = pulumi.all(data.map(([, text]) => filled(text, secrets)));
    const checksum = pulumi.all([this.#checksumKey, values]).apply(([key, all]) =>
      keyedHash(
        all.map((value, index) => [data[index]?.[0], value]),
        key,
      ),
    );
    const targets = isTask(part) ? part.targets.map((target) => this.#workload(target).metadata) : [];
    const annotations = {
      ...(data.length === 0 ? {} : { "greptime-observability/secrets": pulumi.unsecret(checksum) }),
      ...(targets.length === 0
        ? {}
        : {
            "greptime-observability/targets": pulumi
              .all(targets)
              .apply((all) => all.map(({ uid }) => uid ?? "").join(",")),
          }),
    };
    if (Object.keys(annotations).length === 0) return workload;
    const template = workload.spec?.["template"] as { metadata: object; spec: object };
    return {
      ...workload,
      spec: { ...workload.spec, template: { ...template, metadata: { ...template.metadata, annotations } } },
    };
  }
}

/** Names of resources stay the same when a hash in an object's own name changes: the new object then replaces the old. */
function objectName(name: string, part: Part, { kind, metadata }: KubernetesObject): string {
  const prefix = `${name}-${kind.toLowerCase()}`;
  if (kind === "Service") return `${prefix}${metadata.name.slice(part.name.length)}`;
  const path = metadata.annotations?.[pathAnnotation];
  // with its directory: a service may read two files of one name
  return path === undefined ? prefix : `${prefix}-${slug(path.split("/").slice(-2).join("-"))}`;
}

/** Time for pulling images on slow lines, for what waits in the pod, and for the start itself. */
function timeouts(part: Part): pulumi.CustomTimeouts {
  const seconds = isTask(part)
    ? 4 * part.timeoutSeconds
    : part.health.startupSeconds * (part.kind === "stateless" ? 1 : 2);
  const create = `${String(Math.ceil(seconds / 60) + 20)}m`;
  return { create, update: create, delete: "10m" };
}

/** A service on Kubernetes: its workload and what belongs to it. */
class KubernetesService extends pulumi.ComponentResource {
  constructor(name: string, spec: Service, opts: pulumi.ComponentResourceOptions) {
    super("greptime-observability:kubernetes:Service", name, { name: spec.name, image: spec.image }, opts);
  }

  finish(workload: Placed): void {
    this.registerOutputs({ workload: workload.id });
  }
}

/** A task on Kubernetes: a Job. */
class KubernetesTask extends pulumi.ComponentResource {
  constructor(name: string, spec: Task, opts: pulumi.ComponentResourceOptions) {
    super("greptime-observability:kubernetes:Task", name, { name: spec.name, image: spec.image }, opts);
  }

  finish(workload: Placed): void {
    this.registerOutputs({ workload: workload.id });
  }
}
