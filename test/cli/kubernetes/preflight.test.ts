import { describe, expect, it } from "vitest";

import { destination, kubeconfigFiles } from "../../../cli/kubernetes/kubeconfig.ts";
import { kubectlCli, kubectlCommand, type Kubectl } from "../../../cli/kubernetes/kubectl.ts";
import { preflight, type PreflightInput } from "../../../cli/kubernetes/preflight.ts";
import { tooOld } from "../../../cli/kubernetes/version.ts";
import type { Finding } from "../../../cli/finding.ts";
import { fakeKubectl, type FakeCluster } from "../../support/kubectl.ts";
import { drawn } from "../../support/kubernetes.ts";

const kubeconfig = `
apiVersion: v1
kind: Config
current-context: laptop
contexts:
  - { name: laptop, context: { cluster: kind, user: me } }
  - { name: prod, context: { cluster: prod, user: sso } }
  - { name: torn, context: { cluster: nowhere, user: me } }
clusters:
  - { name: kind, cluster: { server: "https://127.0.0.1:6443" } }
  - { name: prod, cluster: { server: "https://k8s.example.com" } }
users:
  - { name: me, user: { client-certificate-data: AAAA } }
  - { name: sso, user: { exec: { apiVersion: v1, command: aws-login } } }
`;

const files: Record<string, string> = { "/home/me/.kube/config": kubeconfig };
const read = (path: string) => files[path];

const look = (cluster: FakeCluster = {}, more: Partial<PreflightInput> = {}, set: Record<string, string> = {}) =>
  preflight({
    settings: drawn(set).configuration.settings.kubernetes,
    environment: { HOME: "/home/me" },
    nodeVersion: "24.21.0",
    read,
    onPath: () => true,
    kubectl: fakeKubectl(cluster).kubectl,
    claims: true,
    secrets: [],
    ...more,
  });

const said = ({ what, detail, remedy = "" }: Finding) => `${what}: ${detail} → ${remedy}`;
const wrong = (findings: readonly Finding[]) => findings.filter(({ level }) => level !== "ok");

const context = { "kubernetes.context": "laptop" };

describe("preflight for a cluster", () => {
  it("finds nothing wrong with one that is ready", async () => {
    const findings = await look({}, {}, context);
    expect(findings.map(said)).toEqual([
      "Node: 24.21.0 → ",
      "Cluster: context laptop, https://127.0.0.1:6443 → ",
      "Kubernetes: v1.34.4 → ",
      "Volumes: storage class standard, reclaim policy Delete: data goes with its claim → ",
    ]);
    expect(wrong(findings)).toEqual([]);
  });

  it("warns that the current context may be another one tomorrow", async () => {
    const [finding] = wrong(await look());
    expect(finding?.level).toBe("warning");
    expect(said(finding!)).toMatch(/Cluster: context laptop, .* → .*set kubernetes\.context to laptop/);
  });

  it.each<[string, "warning" | "problem", FakeCluster, Partial<PreflightInput>, Record<string, string>, RegExp]>([
    ["an old Node", "problem", {}, { nodeVersion: "20.20.2" }, context, /Node: 20\.20\.2 .*npm run/],
    ["no kubeconfig", "problem", {}, { read: () => undefined }, context, /no kubeconfig at \/home\/me\/\.kube\/config/],
    [
      "another context",
      "problem",
      {},
      {},
      { "kubernetes.context": "labtop" },
      /no context labtop → did you mean laptop\?/,
    ],
    [
      "a program to log in with",
      "problem",
      {},
      { onPath: (program) => program !== "aws-login" },
      { "kubernetes.context": "prod" },
      /Login: the context logs in with aws-login, which is not on the path/,
    ],
    ["an old cluster", "warning", { version: "v1.29.9-eks-1a2b" }, {}, context, /v1\.29\.9.* 1\.30 or later is needed/],
    [
      "no default storage class",
      "warning",
      { storageClasses: [{ name: "fast" }] },
      {},
      context,
      /no storage class is the default → .*there are fast/,
    ],
    ["no storage class at all", "warning", { storageClasses: [] }, {}, context, /is the default → .*there is none/],
    [
      "another storage class",
      "warning",
      {},
      {},
      { ...context, "kubernetes.storageClass": "fast" },
      /there is no storage class fast → .*there are standard/,
    ],
    [
      "no namespace of somebody else's",
      "problem",
      {},
      {},
      { ...context, "kubernetes.createNamespace": "false" },
      /Namespace: there is no observability → make it/,
    ],
    [
      "no Secret of somebody else's",
      "warning",
      { secrets: ["observability/there"] },
      {
        secrets: [
          { namespace: "observability", name: "there" },
          { namespace: "observability", name: "tls" },
        ],
      },
      context,
      /Secret: there is no tls in observability yet/,
    ],
  ])("finds %s, and says what to do", async (_, level, cluster, more, set, text) => {
    const findings = wrong(await look(cluster, more, set));
    expect(findings.map((finding) => finding.level)).toEqual([level]);
    expect(said(findings[0]!)).toMatch(text);
    expect(findings[0]!.remedy).toBeDefined();
  });

  it.each<[string, Awaited<ReturnType<Kubectl>>, Finding["level"], RegExp]>([
    ["is not there", { code: 127, stdout: "", stderr: "" }, "ok", /there is no kubectl/],
    ["gets no answer in time", { code: 124, stdout: "", stderr: "" }, "warning", /did not answer kubectl in time/],
    [
      "is refused",
      { code: 1, stdout: '{"clientVersion":{}}', stderr: "Unable to connect to the server\nmore" },
      "problem",
      /it does not answer kubectl: Unable to connect to the server →/,
    ],
  ])("asks nothing more of a kubectl that %s", async (_, answer, level, text) => {
    const calls: string[] = [];
    const kubectl: Kubectl = (args) => {
      calls.push(args.join(" "));
      return Promise.resolve(answer);
    };
    const findings = await look({}, { kubectl, secrets: [{ namespace: "n", name: "s" }] }, context);
    expect(findings.at(-1)).toMatchObject({ what: "Kubernetes", level });
    expect(said(findings.at(-1)!)).toMatch(text);
    expect(calls).toEqual(["version --output=json"]);
  });

  it("is silent about what it may not look at", async () => {
    const forbidden = ["storageclasses", "get secret", "get namespace"];
    const secrets = [{ namespace: "observability", name: "tls" }];
    const set = { ...context, "kubernetes.createNamespace": "false" };
    expect(wrong(await look({ forbidden }, { secrets }, set))).toEqual([]);
  });

  it("does not ask for storage where nothing is stored", async () => {
    const { kubectl, calls } = fakeKubectl();
    await look({}, { kubectl, claims: false }, context);
    expect(calls.join()).not.toContain("storageclasses");
  });

  it("inside a cluster uses the pod's own identity, unless something else is set", async () => {
    const inside = { environment: { HOME: "/", KUBERNETES_SERVICE_HOST: "10.96.0.1" }, read: () => undefined };
    expect(wrong(await look({}, inside))).toEqual([]);
    expect(wrong(await look({}, inside, context))).toMatchObject([{ level: "problem" }]);
  });
});

describe("a kubeconfig", () => {
  const where = (set: { kubeconfig?: string; context?: string }, environment: Record<string, string>, more = files) =>
    destination({ kubeconfig: undefined, context: undefined, ...set }, environment, (path) => more[path]);

  it("is that of the settings, else those of KUBECONFIG, else the usual one", () => {
    const of = (kubeconfig: string | undefined, environment: Record<string, string>) =>
      kubeconfigFiles({ kubeconfig, context: undefined }, environment);
    expect(of("/a", { KUBECONFIG: "/b" })).toEqual(["/a"]);
    expect(of("~/a", { HOME: "/home/me" })).toEqual(["/home/me/a"]);
    expect(of(undefined, { KUBECONFIG: "/b:/c::" })).toEqual(["/b", "/c"]);
    expect(of(undefined, { HOME: "/home/me", KUBECONFIG: "" })).toEqual(["/home/me/.kube/config"]);
  });

  it("may be several files, of which the first counts", () => {
    const second = kubeconfig.replace("https://127.0.0.1:6443", "https://other").replace("laptop\n", "prod\n");
    const environment = { KUBECONFIG: "/a:/b:/missing" };
    expect(where({}, environment, { "/a": kubeconfig, "/b": second })).toMatchObject({
      context: "laptop",
      server: "https://127.0.0.1:6443",
    });
    expect(where({}, environment, { "/a": "", "/b": second })).toMatchObject({ context: "prod" });
  });

  it.each<[string, string, RegExp]>([
    ["no YAML", "{", /cannot be read/],
    ["a text", "just a text", /cannot be read/],
    ["a list", "- a", /cannot be read/],
    ["contexts that are no list", "contexts: laptop", /cannot be read/],
    ["without a current context", kubeconfig.replace("current-context: laptop", ""), /no current context/],
    ["whose context has no cluster", kubeconfig.replace("current-context: laptop", "current-context: torn"), /torn/],
    ["empty", "", /no current context/],
  ])("that is %s is refused with a remedy", (_, text, problem) => {
    const found = where({}, { HOME: "/h" }, { "/h/.kube/config": text });
    expect(found).toMatchObject({ problem: expect.stringMatching(problem) as string });
    expect((found as { remedy: string }).remedy).not.toBe("");
  });

  it("by a relative path is refused: npm and Pulumi start in different directories", () => {
    expect(where({ kubeconfig: "config" }, {})).toMatchObject({ problem: expect.stringContaining("config") as string });
  });
});

describe("kubectl", () => {
  it("is led to the cluster of the stack, in words that a shell takes as they are meant", () => {
    const at = { kubeconfig: "/home/me/my config", context: "arn:aws:eks:eu-1:1:cluster/prod" };
    expect(kubectlCommand(at, "obs", "get pods")).toBe(
      "kubectl --kubeconfig '/home/me/my config' --context arn:aws:eks:eu-1:1:cluster/prod --namespace obs get pods",
    );
    expect(kubectlCommand({ kubeconfig: undefined, context: "it's;rm" }, undefined, "version")).toBe(
      "kubectl --context 'it'\\''s;rm' version",
    );
  });

  it("that is not there is an answer, not a crash", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    const result = await kubectlCli({ kubeconfig: undefined, context: undefined })(["version"]);
    process.env["PATH"] = path;
    expect(result.code).toBe(127);
  });

  it.each([
    ["v1.29.4", true],
    ["v1.30.0", false],
    ["v1.30.0-rc.1+k3s1", false],
    ["v1.9.11", true],
    ["v2.0.0", false],
    ["v0.99.0", true],
  ])("%s is too old: %s", (version, old) => {
    expect(tooOld(version)).toBe(old);
  });
});
