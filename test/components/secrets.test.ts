import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { describe, expect, it } from "vitest";

import { stackSecrets } from "../../components/secrets.ts";
import { recordProgram } from "../../graph/index.ts";
import { configurationOf } from "../support/settings.ts";
import { ofType } from "../support/graph.ts";

/** Records the secrets of a stack that gives one of its passwords itself. */
async function recorded() {
  const { secrets, given } = configurationOf({ grafanaAdminPassword: "given-password-1" });
  const secret: Record<string, boolean> = {};
  const graph = await recordProgram(async () => {
    const providers = [new random.Provider("random")];
    const parent = new pulumi.ComponentResource("test:index:Group", "group", {}, { providers });
    for (const [name, value] of Object.entries(stackSecrets("obs", secrets, given, parent)))
      secret[name] = await pulumi.isSecret(pulumi.output(value));
    return {};
  });
  return { graph, secret };
}

describe("the secrets of a stack", () => {
  it("are marked as such where they come from, given ones and generated ones", async () => {
    const { secret } = await recorded();
    expect(secret).toEqual({
      grafanaAdminPassword: true,
      greptimedbAdminPassword: true,
      greptimedbReaderPassword: true,
      greptimedbWriterPassword: true,
    });
  });

  it("are generated where they are not given: 32 letters and digits, which no file or URL reads otherwise", async () => {
    const passwords = ofType((await recorded()).graph, "random:index/randomPassword:RandomPassword");
    expect(passwords.map(({ name }) => name).sort()).toEqual([
      "obs-greptimedb-admin-1",
      "obs-greptimedb-reader-1",
      "obs-greptimedb-writer-1",
    ]);
    for (const { inputs } of passwords) expect(inputs).toMatchObject({ length: 32, special: false });
  });
});
