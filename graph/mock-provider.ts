import { createHash } from "node:crypto";

import type { runtime } from "@pulumi/pulumi";

/**
 * What the real providers compute, made up: the same for the same resource, and recognisable in a plan. In a preview
 * nothing of it is known.
 */
export const providerOutputs = (preview: boolean): runtime.Mocks => ({
  newResource: ({ type, name, inputs, custom }) => {
    const given = inputs as Record<string, unknown>;
    if (!custom || preview) return { id: undefined, state: given };
    return { id: `${name}-id`, state: { ...given, ...computed(type, name, given) } };
  },
  call: ({ inputs }) => inputs as Record<string, unknown>,
});

function computed(type: string, name: string, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  switch (type) {
    case "docker:index/remoteImage:RemoteImage":
      return {
        imageId: `sha256:${hash(inputs["name"])}`,
        repoDigest: `${String(inputs["name"])}@sha256:${hash(inputs["name"])}`,
      };
    case "docker:index/volume:Volume":
      return { mountpoint: `/var/lib/docker/volumes/${String(inputs["name"])}/_data` };
    case "docker:index/container:Container":
      return { exitCode: 0, containerLogs: "" };
    case "random:index/randomPassword:RandomPassword":
      return { result: madeUpPassword(name) };
    default:
      return type.startsWith("kubernetes:")
        ? { metadata: { ...(inputs["metadata"] as object), uid: `${name}-uid` } }
        : {};
  }
}

/** The password that a recording generates for a resource; tests search plans for it. */
export const madeUpPassword = (name: string): string => hash(`password of ${name}`).slice(0, 32);

const hash = (value: unknown): string => createHash("sha256").update(String(value)).digest("hex");
