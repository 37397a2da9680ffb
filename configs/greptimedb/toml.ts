import { stringify } from "smol-toml";

import { joined, secret, type Text } from "../text.ts";

/**
 * Configuration as TOML with secrets in it. The environment would be no place for them: GreptimeDB takes a value
 * there that looks like a number for one, and stops; and it cuts lists at each comma, of a password, too.
 */

// no setting can hold a control character
const mark = "\u0001";

/** Stands for the value of a secret in {@link toml}. */
export const secretValue = (name: string): string => `${mark}${name}`;

/** The secrets are in literal strings, which read everything as it is, but for the three quotes that end them. */
export function toml(config: Readonly<Record<string, unknown>>): Text {
  const pieces = stringify(config).split(/"\\u0001([A-Za-z0-9]+)"/);
  return joined(pieces.flatMap((piece, index) => (index % 2 === 0 ? [piece] : ["'''", secret(piece), "'''"])));
}
