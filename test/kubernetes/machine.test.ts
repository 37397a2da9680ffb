import { afterEach, expect, it, vi } from "vitest";

import { recordStack } from "../../graph/index.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

it("KUBECONFIG is read when the cluster is asked, and is not a part of the stack", async () => {
  const graphWith = async (kubeconfig: string | undefined) => {
    vi.stubEnv("KUBECONFIG", kubeconfig);
    return JSON.stringify((await recordStack({ stack: "kubernetes" })).graph);
  };
  const without = await graphWith(undefined);
  expect(await graphWith("/home/me/one:/home/me/other")).toBe(without);
});

it("a kubeconfig of the settings is", async () => {
  vi.stubEnv("KUBECONFIG", "/home/me/one");
  const { graph } = await recordStack({ stack: "kubernetes", set: { "kubernetes.kubeconfig": "/etc/kubeconfig" } });
  const providers = graph.nodes.filter(({ type }) => type === "pulumi:providers:kubernetes");
  expect(providers.map(({ inputs }) => inputs["kubeconfig"])).toEqual(["/etc/kubeconfig", "/etc/kubeconfig"]);
});
