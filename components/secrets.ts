import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { NeededSecret } from "../configs/settings/secrets.ts";
import type { Secrets } from "./platform/platform.ts";

/** Letters and digits only: what a users file, a `.env` file, a URL or a shell could read otherwise is left out. */
const generatedPassword = { length: 32, special: false } as const;

/** The stack's secrets: the values that were given, and a random password for each that was not. */
export function stackSecrets(
  name: string,
  needed: readonly NeededSecret[],
  given: Readonly<Record<string, string>>,
  parent: pulumi.Resource,
): Secrets {
  return Object.fromEntries(
    needed.map((secret) => {
      const value = given[secret.name];
      return [secret.name, value === undefined ? generated(name, secret, parent) : pulumi.secret(value)];
    }),
  );
}

function generated(name: string, secret: NeededSecret, parent: pulumi.Resource): pulumi.Output<string> {
  if (secret.generated === undefined) throw new Error(`the secret ${secret.name} is needed but was not given`);
  const password = new random.RandomPassword(`${name}-${secret.generated}`, generatedPassword, { parent });
  return pulumi.secret(password.result);
}
