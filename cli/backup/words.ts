import { serviceName as collector } from "../../configs/collector/ports.ts";
import { serviceName as grafana } from "../../configs/grafana/names.ts";
import { containerSecurity, podSecurity } from "../../configs/kubernetes/pod.ts";
import type { Settings } from "../../configs/settings/settings.ts";
import { endpointOptions } from "../docker/endpoint.ts";
import { kubectlOptions } from "../kubernetes/kubectl.ts";
import type { Step } from "./steps.ts";

/** How one speaks with the parts of a stack on its platform. */
export interface Words {
  readonly grafanaData: string;
  /** Runs a shell in a part that runs; with its standard input. */
  readonly exec: (service: string, script: string) => string[];
  readonly stop: (service: string, what: string) => Step[];
  readonly start: (service: string, what: string) => Step[];
  /** Runs a shell on Grafana's volume while Grafana does not run. */
  readonly onVolume: (what: string, script: string, streams: Pick<Step, "input" | "output">) => Step[];
}

const grafanaData = "/var/lib/grafana";
const grafanaUser = { uid: 472, gid: 0 };

export function dockerWords({ docker, images }: Settings): Words {
  const command = (...words: readonly string[]) => ["docker", ...endpointOptions(docker), ...words];
  const container = (service: string) => `${docker.name}-${service}`;
  const helper = [
    ...["run", "--rm", "--interactive", "--network", "none", "--volumes-from", container(grafana)],
    ...["--user", `${String(grafanaUser.uid)}:${String(grafanaUser.gid)}`, "--cap-drop", "ALL"],
    ...["--security-opt", "no-new-privileges:true", "--memory", "256m", "--entrypoint", "sh", images.grafana, "-c"],
  ];
  return {
    grafanaData,
    exec: (service, script) => command("exec", "--interactive", container(service), "sh", "-c", script),
    stop: (service, what) => [{ what, command: command("stop", container(service)) }],
    start: (service, what) => [{ what, command: command("start", container(service)), always: true }],
    onVolume: (what, script, streams) => [{ what, command: command(...helper, script), ...streams }],
  };
}

const helperName = "grafana-backup";

export function kubernetesWords(settings: Settings): Words {
  const { kubernetes } = settings;
  const kubectl = (...words: readonly string[]) => [
    "kubectl",
    ...kubectlOptions(kubernetes),
    "--namespace",
    kubernetes.namespace,
    ...words,
  ];
  const replicas: Readonly<Record<string, number>> = { [collector]: settings.collector.replicas, [grafana]: 1 };
  const scale = (service: string, count: number) =>
    kubectl("scale", `statefulset/${service}`, "--replicas", String(count));
  const exec = (pod: string, script: string) => kubectl("exec", "--stdin", pod, "--", "sh", "-c", script);
  return {
    grafanaData,
    exec: (service, script) => exec(`${service}-0`, script),
    stop: (service, what) => [
      { what, command: scale(service, 0) },
      { what: `${what}: it has`, command: kubectl("wait", "--for=delete", `pod/${service}-0`, "--timeout=300s") },
    ],
    start: (service, what) => [{ what, command: scale(service, replicas[service] ?? 1), always: true }],
    onVolume: (what, script, streams) => [
      {
        what: "A pod has Grafana's volume",
        command: kubectl("apply", "--filename", "-"),
        input: { text: JSON.stringify(helperPod(settings)) },
      },
      {
        what: "The pod is there",
        command: kubectl("wait", "--for=condition=Ready", `pod/${helperName}`, "--timeout=300s"),
      },
      { what, command: exec(helperName, script), ...streams },
      {
        what: "The pod is removed",
        command: kubectl("delete", "pod", helperName, "--ignore-not-found", "--wait=true"),
        always: true,
      },
    ],
  };
}

/** As closed as Grafana itself. */
const helperPod = ({ kubernetes, images }: Settings): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: helperName, namespace: kubernetes.namespace },
  spec: {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    activeDeadlineSeconds: 7200,
    securityContext: podSecurity({ user: grafanaUser }),
    ...(kubernetes.imagePullSecrets.length === 0
      ? {}
      : { imagePullSecrets: kubernetes.imagePullSecrets.map((name) => ({ name })) }),
    containers: [
      {
        name: "backup",
        image: images.grafana,
        imagePullPolicy: "IfNotPresent",
        command: ["sleep", "7200"],
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        securityContext: containerSecurity,
        volumeMounts: [{ name: "data", mountPath: grafanaData }],
      },
    ],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: `data-${grafana}-0` } }],
  },
});
