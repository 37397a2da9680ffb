import * as pulumi from "@pulumi/pulumi";

import { revealed, secretsIn, type Replica, type Text } from "../configs/text.ts";
import type { Secrets } from "./platform/platform.ts";

/**
 * A text with the values of its secrets, marked secret if it has any.
 * @param replica whose text it is, where it tells replicas apart
 * @throws Error when a secret is not there, which is a mistake in the program
 */
export function filled(value: Text, secrets: Secrets, replica?: Replica): pulumi.Input<string> {
  const names = [...new Set(secretsIn(value))];
  if (names.length === 0) return revealed(value, missing, replica);
  const values = names.map((name) => secrets[name] ?? missing(name));
  const text = pulumi
    .all(values)
    .apply((all) => revealed(value, (name) => all[names.indexOf(name)] ?? missing(name), replica));
  return pulumi.secret(text);
}

function missing(name: string): never {
  throw new Error(`the secret ${name} is used but not provided`);
}
