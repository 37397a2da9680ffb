import { describe, expect, it } from "vitest";

import { kubernetesDeployment } from "../../../cli/kubernetes/deploy.ts";
import { kubernetesRemoval } from "../../../cli/kubernetes/remove.ts";
import type { Outputs } from "../../../cli/platform.ts";
import type { Session } from "../../../cli/session.ts";
import { recordStack, revealed } from "../../../graph/index.ts";
import { recordingOf } from "../../support/kubernetes.ts";
import { variants } from "../../support/kubernetes-variants.ts";

const session = async (recording: Session["recording"]): Promise<Session> => ({
  stack: "kubernetes",
  project: { directory: "/nowhere", environment: {}, conflicts: [] },
  recording,
});

/** As the engine returns them. */
const outputsOf = ({ recording: { graph } }: Session): Outputs =>
  Object.fromEntries(Object.entries(graph.outputs).map(([name, value]) => [name, { value: revealed(value) }]));

const nowhere = { HOME: "/nowhere" };

const cardOf = async (opened: Session) =>
  (await kubernetesDeployment(opened, nowhere)).places(outputsOf(opened)).map(([label, text]) => `${label}: ${text}`);

const removalOf = async (opened: Session) => kubernetesRemoval(opened, nowhere);

describe("npm run up on a cluster", () => {
  it("ends with how to reach what is not published", async () => {
    expect(await cardOf(await session(await recordingOf("standalone")))).toEqual([
      "Grafana: kubectl --namespace observability port-forward service/grafana 3001:3000",
      ": and then http://localhost:3001  (user admin)",
      "Password: npm run -s pulumi -- stack output grafanaPassword --show-secrets --stack kubernetes",
      expect.stringMatching(/^Dashboards: http:\/\/localhost:3001\/dashboards\/f\/\S+ {2}\(\d+ of them\)$/),
      "From pods: OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.observability:4318",
      "A .env file: npm run -s pulumi -- stack output env --show-secrets --stack kubernetes",
      "What runs: kubectl --namespace observability get pods",
      "Stop: npm run down -- --stack kubernetes   (namespace and data stay)",
    ]);
  });

  it("ends with the addresses of what is published", async () => {
    const card = await cardOf(await session(await recordingOf("ingress with TLS")));
    expect(card[0]).toBe("Grafana: https://grafana.example.com  (user admin)");
    expect(card).toContain("From outside: OTEL_EXPORTER_OTLP_ENDPOINT=https://otlp.example.com");
    expect(card.join()).not.toContain("port-forward");
  });

  it("that failed says how to look at what is not ready, on the right cluster", async () => {
    const set = { ...variants.standalone, "kubernetes.context": "prod" };
    const opened = await session(await recordStack({ stack: "kubernetes", set }));
    const urn = (name: string) => opened.recording.graph.nodes.find((node) => node.name === name && node.custom)!.urn;
    const deployment = await kubernetesDeployment(opened, nowhere);
    const [overview, ...sick] = await deployment.symptoms([
      urn("obs-greptimedb-bootstrap-job"),
      urn("obs-collector-secret"),
    ]);
    expect(overview!.lines).toEqual([
      "kubectl --context prod --namespace observability get pods",
      "kubectl --context prod --namespace observability get events --sort-by .lastTimestamp",
    ]);
    const selector = "--selector app.kubernetes.io/name=greptimedb-bootstrap";
    expect(sick).toEqual([
      {
        what: "greptimedb-bootstrap",
        state: "(Job) is not ready; why, is told by:",
        lines: [
          `kubectl --context prod --namespace observability describe pods ${selector}`,
          `kubectl --context prod --namespace observability logs ${selector} --all-containers --prefix --tail 30`,
        ],
      },
    ]);
  });

  it.each([
    ["configured Kubernetes cluster is unreachable", /cluster-info.*npm run up -- --stack kubernetes again/],
    ['services is forbidden: User "me" cannot create', /auth can-i --list/],
    ["Apply failed with 1 conflict: conflict with kubectl", /another tool.*run npm run up/],
  ])("that failed because of %j says what to do", async (reason, advice) => {
    const deployment = await kubernetesDeployment(await session(await recordingOf("standalone")), nowhere);
    expect(deployment.advice(reason)).toMatch(advice);
    expect(deployment.advice("something else")).toBeUndefined();
  });

  it("needs nothing of Docker", async () => {
    const deployment = await kubernetesDeployment(await session(await recordingOf("standalone")), nowhere);
    expect(deployment.environment).toEqual({});
    expect(await deployment.preflight()).toMatchObject([{ what: "Node" }, { what: "Cluster", level: "problem" }]);
    const written: string[] = [];
    await deployment.revive((text) => written.push(text));
    expect(written).toEqual([]);
  });
});

describe("npm run down on a cluster", () => {
  it("refuses to remove data, and says by which commands a person may", async () => {
    const removal = await removalOf(await session(await recordingOf("standalone")));
    const refusal = removal.check({ data: true, forgetGrafana: false });
    await expect(refusal).rejects.toMatchObject({ exitCode: 2 });
    await expect(refusal).rejects.toThrow(/nothing was removed/);
    await expect(refusal).rejects.toThrow(
      "  kubectl --namespace observability delete persistentvolumeclaims --selector app.kubernetes.io/instance=observability",
    );
    await expect(refusal).rejects.toThrow(/ {2}kubectl delete namespace observability /);
  });

  it("does not offer to delete a namespace that is somebody else's", async () => {
    const removal = await removalOf(await session(await recordingOf("a namespace of somebody else's")));
    const refusal = removal.check({ data: true, forgetGrafana: false });
    await expect(refusal).rejects.not.toThrow(/delete namespace/);
  });

  it("stops at a cluster that this machine knows nothing of", async () => {
    const removal = await removalOf(await session(await recordingOf("standalone")));
    await expect(removal.check({ data: false, forgetGrafana: false })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/no kubeconfig at \/nowhere\/\.kube\/config\n.+/) as string,
    });
  });

  it("ends with what stays, and how it would go", async () => {
    const removal = await removalOf(await session(await recordingOf("standalone")));
    const written: string[] = [];
    await removal.finish({ data: false, forgetGrafana: true }, (text) => written.push(text));
    const text = written.join("");
    expect(text).toMatch(
      /These stay, and npm run up -- --stack kubernetes goes on with them: the namespace observability, /,
    );
    for (const claim of ["data-greptimedb-0", "queue-collector-0", "data-grafana-0"])
      expect(text).toContain(`claim ${claim}`);
    expect(await removal.data()).toContain("data-greptimedb-0");
    expect(text).toContain("kubectl --namespace observability delete persistentvolumeclaims --selector");
    expect(text).toContain("delete persistentvolumeclaims data-grafana-0\n");
  });

  it.each([
    ["grafana: connection refused", /npm run down -- --stack kubernetes --forget-grafana/],
    ["configured Kubernetes cluster is unreachable", /cluster-info/],
  ])("that failed because of %j says what to do", async (reason, advice) => {
    const removal = await removalOf(await session(await recordingOf("standalone")));
    expect(await removal.advice(reason)).toMatch(advice);
    expect(await removal.advice("something else")).toBeUndefined();
  });
});
