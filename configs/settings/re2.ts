import type { Kind } from "./fields.ts";

/**
 * Regular expressions that the collector takes: those of Go, as far as they mean the same to the engine that checks
 * them here. What only one of the two knows is refused, so that nothing fails in the container.
 */

const longest = 500;

/** Escapes that both engines read alike; of others, one knows them and the other does not. */
const escapes = /\\(?:[dDwWsSbBnrtfv]|x[0-9a-fA-F]{2}|[^a-zA-Z0-9])/g;

/** Go knows no look-around, no references and no names of groups; and repeats nothing more than a thousand times. */
const onlyHere = /\(\?(?![:i])|\(\?i(?![):])|\{(?:\d*,)?(?:[1-9]\d{3,}|\d{5,})/;

function isRe2(text: string): boolean {
  const plain = text.replace(/^\(\?i\)/, "");
  const unescaped = plain.replaceAll(escapes, "_");
  if (text.length > longest || /\p{Cc}/u.test(text) || unescaped.includes("\\")) return false;
  // an empty class, and one inside a class, mean different things
  if (onlyHere.test(unescaped) || /\[\^?\]|\[[^\]]*\[/.test(unescaped)) return false;
  try {
    return !regularExpression(text).test("");
  } catch {
    return false;
  }
}

/** The same expression for this engine; of one that {@link re2Kind} takes it means the same. */
export const regularExpression = (text: string): RegExp =>
  text.startsWith("(?i)") ? new RegExp(text.slice("(?i)".length), "iu") : new RegExp(text, "u");

export const re2Kind: Kind<string> = {
  expected: `a regular expression of Go (RE2) of up to ${String(longest)} characters that does not match the empty text, without look-around, back-references and escapes of characters that need none`,
  example: "ACME-secret",
  parse: (given) => (typeof given === "string" && isRe2(given) ? given : undefined),
  format: (value) => value,
};
