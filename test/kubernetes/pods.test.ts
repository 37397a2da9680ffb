import { describe, expect, it } from "vitest";

import { contentName } from "../../configs/grafana/content-task.ts";
import { proofName } from "../../configs/collector/proof.ts";
import { bootstrapName } from "../../configs/greptimedb/bootstrap.ts";
import { isTask } from "../../configs/kubernetes/cluster.ts";
import { containersOf, matches, ofKind, podsOf, type PodSpec, type Pods } from "../support/cluster-objects.ts";
import { drawnVariant } from "../support/kubernetes.ts";
import { variantNames } from "../support/kubernetes-variants.ts";
import { restrictedViolations } from "../support/pod-security.ts";

describe.each(variantNames)("the pods of a stack: %s", (name) => {
  const { objects, parts, configuration } = drawnVariant(name);
  const { kubernetes, images } = configuration.settings;
  const pods = podsOf(objects);
  const partOf = ({ part }: Pods) => parts.find((one) => one.name === part)!;

  it("are made by one workload for each service and task, of the kind that fits", () => {
    expect(pods.map(({ part }) => part).sort()).toEqual(parts.map((part) => part.name).sort());
    for (const pod of pods) {
      const part = partOf(pod);
      const numbered = !isTask(part) && (part.kind === "stateful" || part.numbered === true);
      const perNode = !isTask(part) && part.kind === "perNode";
      const kind = isTask(part) ? "Job" : perNode ? "DaemonSet" : numbered ? "StatefulSet" : "Deployment";
      expect(pod.owner.kind, pod.part).toBe(kind);
      expect(pod.workload.replicas, pod.part).toBe(isTask(part) || perNode ? undefined : part.replicas);
    }
  });

  it("have limits: memory as much as is reserved, processor time reserved and not cut off", () => {
    for (const { part, spec } of pods) {
      for (const { name: container, resources } of containersOf(spec)) {
        const at = `${part} ${container}`;
        expect(resources.requests["cpu"], at).toMatch(/^[1-9]\d*m$/);
        expect(resources.requests["memory"], at).toMatch(/^[1-9]\d*Mi$/);
        expect(resources.limits, at).toEqual({ memory: resources.requests["memory"] });
      }
    }
  });

  it("are closed: the restricted standard, and a root file system that nobody writes", () => {
    for (const { part, spec, namespace } of pods) {
      if (namespace === kubernetes.namespace) expect(restrictedViolations(spec), part).toEqual([]);
      for (const { securityContext, name: container } of containersOf(spec)) {
        expect(securityContext, `${part} ${container}`).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          privileged: false,
          readOnlyRootFilesystem: true,
        });
      }
    }
  });

  it("see directories of their nodes, or run as root, only in the namespace of the agents", () => {
    for (const { part, spec, namespace, owner } of pods) {
      const special =
        (spec.volumes ?? []).some(({ hostPath }) => hostPath !== undefined) || spec.securityContext.runAsUser === 0;
      if (special) expect([owner.kind, namespace], part).toEqual(["DaemonSet", kubernetes.agentNamespace]);
    }
    const levels = ofKind(objects, "Namespace").map(({ metadata }) => [
      metadata.name,
      metadata.labels["pod-security.kubernetes.io/enforce"],
    ]);
    const agents = pods.some(({ namespace }) => namespace === kubernetes.agentNamespace);
    const expected = [
      [kubernetes.namespace, "restricted"],
      ...(agents ? [[kubernetes.agentNamespace, "privileged"]] : []),
    ];
    expect(levels).toEqual(kubernetes.createNamespace ? expected : []);
  });

  it("hold a token of the cluster's API only where they have to read it, and may do nothing but read", () => {
    const roles = ofKind(objects, "ClusterRole");
    const withRules = parts.filter((part) => !isTask(part) && (part.apiRules ?? []).length > 0);
    expect(roles.length).toBe(withRules.length);
    for (const pod of pods) {
      expect(pod.spec.automountServiceAccountToken, pod.part).toBe(withRules.includes(partOf(pod)));
      expect(pod.spec.enableServiceLinks, pod.part).toBe(false);
    }
    for (const account of ofKind(objects, "ServiceAccount"))
      expect(account["automountServiceAccountToken"], account.metadata.name).toBe(false);
    for (const role of roles)
      for (const { verbs, resources } of role["rules"] as { verbs: string[]; resources: string[] }[]) {
        expect(verbs.filter((verb) => !["get", "list", "watch"].includes(verb))).toEqual([]);
        expect(resources).not.toContain("secrets");
        expect([...verbs, ...resources]).not.toContain("*");
      }
    for (const binding of ofKind(objects, "ClusterRoleBinding")) {
      const { roleRef, subjects } = binding as unknown as { roleRef: { name: string }; subjects: Subject[] };
      expect(roles.map(({ metadata }) => metadata.name)).toContain(roleRef.name);
      const [subject] = subjects;
      const pod = pods.find(({ part }) => part === subject?.name)!;
      expect(subjects).toEqual([{ kind: "ServiceAccount", name: pod.part, namespace: pod.namespace }]);
    }
  });

  it("of services are asked whether they have started, are ready and are alive; others are not", () => {
    for (const pod of pods) {
      const { part, spec } = pod;
      const service = partOf(pod);
      for (const { startupProbe, readinessProbe, livenessProbe, name: container } of containersOf(spec)) {
        const probes = [startupProbe, readinessProbe, livenessProbe];
        if (isTask(service) || container !== part) {
          expect(probes, `${part} ${container}`).toEqual([undefined, undefined, undefined]);
          continue;
        }
        const { health } = service;
        const actions = probes.map((probe) => ({ httpGet: probe?.httpGet, exec: probe?.exec }));
        if (health.http === undefined) {
          const run = { exec: { command: health.command } };
          expect(actions, part).toEqual([run, run, run]);
        } else {
          const { port, path } = health.http;
          const get = (at: string) => ({ httpGet: { port, path: at } });
          expect(actions, part).toEqual([get(path), get(path), get(health.alivePath ?? path)]);
        }
        expect(startupProbe!.periodSeconds * startupProbe!.failureThreshold, part).toBeGreaterThanOrEqual(
          health.startupSeconds,
        );
      }
    }
  });

  it("wait for everything that can tell that it is there", () => {
    for (const pod of pods) {
      const { needs } = partOf(pod);
      const waited = needs.filter((need) => {
        const needed = parts.find((one) => one.name === need)!;
        return !isTask(needed) || needed.check !== undefined;
      });
      const containers = pod.spec.initContainers ?? [];
      expect(
        containers.map((container) => container.name),
        pod.part,
      ).toEqual(waited.map((need) => `wait-for-${need}`));
      for (const { image } of containers) expect(image, pod.part).toBe(images.greptimedb);
    }
  });

  it("that write to GreptimeDB wait until its databases are there, also where nobody keeps the order", () => {
    // Grafana can start before the proof: until then its panels are empty
    const unasked = parts.filter((part) => isTask(part) && part.check === undefined).map((part) => part.name);
    // and nobody waits for what Grafana shows
    expect(unasked.filter((name) => name !== contentName)).toEqual([proofName]);
    for (const { part, spec } of pods.filter((pod) => partOf(pod).needs.includes(bootstrapName)))
      expect(
        spec.initContainers?.map((container) => container.name),
        part,
      ).toContain(`wait-for-${bootstrapName}`);
  });

  it("end in their own time, and tell so first where others share the work", () => {
    for (const pod of pods) {
      const { part, spec } = pod;
      const service = partOf(pod);
      if (isTask(service)) {
        expect(spec.restartPolicy, part).toBe("Never");
        continue;
      }
      const sleep = spec.containers[0]!.lifecycle?.preStop.sleep.seconds ?? 0;
      expect(sleep > 0, part).toBe(service.kind !== "perNode" && service.replicas > 1);
      expect(spec.terminationGracePeriodSeconds, part).toBe(service.stopGraceSeconds + sleep);
    }
  });

  it("run pinned images", () => {
    for (const { part, spec } of pods)
      for (const { image } of containersOf(spec)) expect(image, part).toMatch(/:(?!latest)[^/:]+$|@sha256:/);
  });

  it("are spread, and protected from maintenance, where there are several", () => {
    const budgets = ofKind(objects, "PodDisruptionBudget");
    const several = pods.filter(({ workload }) => (workload.replicas ?? 0) > 1);
    expect(budgets.map(({ metadata }) => metadata.name).sort()).toEqual(several.map(({ part }) => part).sort());
    for (const pod of pods) {
      const spread = pod.spec.topologySpreadConstraints ?? [];
      expect(spread.length, pod.part).toBe(several.includes(pod) ? 2 : 0);
      for (const { labelSelector } of spread) expect(matches(labelSelector, pod.labels), pod.part).toBe(true);
    }
    for (const { metadata, spec } of budgets) {
      const { selector } = spec as { selector: Parameters<typeof matches>[0] };
      expect(pods.filter(({ labels }) => matches(selector, labels)).map(({ part }) => part)).toEqual([metadata.name]);
    }
  });

  it("run where the settings say", () => {
    for (const { part, spec, owner } of pods) {
      const perNode = owner.kind === "DaemonSet";
      expect(spec.imagePullSecrets ?? [], part).toEqual(
        kubernetes.imagePullSecrets.map((secret) => ({ name: secret })),
      );
      expect(spec.nodeSelector ?? {}, part).toEqual(perNode ? {} : kubernetes.nodeSelector);
      expect((spec.tolerations ?? []).length, part).toBe(perNode ? 1 : kubernetes.tolerations.length);
    }
  });
});

interface Subject {
  readonly name: string;
}

describe("the restricted pod security standard", () => {
  const container = {
    name: "c",
    image: "c:1",
    resources: { requests: {}, limits: {} },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
  const pod: PodSpec = {
    serviceAccountName: "a",
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container],
    volumes: [{ name: "v", emptyDir: {} }],
  };
  const withContainer = (securityContext: object, more: object = {}): PodSpec => ({
    ...pod,
    containers: [{ ...container, ...more, securityContext: { ...container.securityContext, ...securityContext } }],
  });

  it("admits what keeps to it", () => {
    expect(restrictedViolations(pod)).toEqual([]);
    expect(restrictedViolations(withContainer({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }))).toEqual(
      [],
    );
  });

  it.each<[string, PodSpec]>([
    ["the host's network", { ...pod, hostNetwork: true }],
    ["a directory of the host", { ...pod, volumes: [{ name: "v", hostPath: { path: "/" } }] }],
    ["sysctls", { ...pod, securityContext: { ...pod.securityContext, sysctls: [] } }],
    ["root", withContainer({ runAsUser: 0 })],
    ["root by the pod", { ...pod, securityContext: { ...pod.securityContext, runAsUser: 0 } }],
    ["root by the image", { ...pod, securityContext: { seccompProfile: { type: "RuntimeDefault" } } }],
    ["no seccomp profile", { ...pod, securityContext: { runAsNonRoot: true } }],
    ["an unconfined container", withContainer({ seccompProfile: { type: "Unconfined" } })],
    ["privilege escalation", withContainer({ allowPrivilegeEscalation: true })],
    ["privileges", withContainer({ privileged: true })],
    ["capabilities", withContainer({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } })],
    ["capabilities that were not dropped", withContainer({ capabilities: {} })],
    [
      "a port of the host",
      withContainer({}, { ports: [{ name: "p", containerPort: 1, protocol: "TCP", hostPort: 1 }] }),
    ],
    ["another /proc", withContainer({ procMount: "Unmasked" })],
    ["an open container that waits first", { ...pod, initContainers: [{ ...container, securityContext: {} }] }],
  ])("refuses %s", (_, open) => {
    expect(restrictedViolations(open)).not.toEqual([]);
  });
});
