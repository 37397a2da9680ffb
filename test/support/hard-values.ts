/** Settings that are hard on whatever writes and reads them. */

/** Attribute values that YAML or the collector's own substitution would take for something else. */
export const awkwardValues = [
  "a$b costs $5",
  "$1",
  "$",
  "$$",
  "$$$",
  "${",
  "}${a",
  "${env:GREPTIMEDB_AUTHORIZATION}",
  "$${env:GREPTIMEDB_AUTHORIZATION}",
  "${file:/etc/hostname}",
  "a # b",
  "a: b",
  'say "hello", it\'s',
  "back\\slash \\n",
  "ünï ☃ 🎉",
  " spaces around ",
  "- x",
  "[x]",
  "{a: b}",
  "!!str x",
  "&a",
  "*a",
  "|",
  "> x",
  "%a",
  "@a",
  "`a",
  "<<",
  "=",
] as const;

/** Texts that YAML takes for values of other types: in one version of it, in the other, or in both. */
export const typedTexts = [
  "yes",
  "on",
  "true",
  "null",
  "~",
  "0123",
  "0o17",
  "1e3",
  ".inf",
  "12:30:45",
  "1_000",
  "0b11",
  "0x_1F",
  "0X1F",
  "0B1",
  "0O17",
  "-0B1",
  "1_0e_3",
  "2024-01-01",
  "2001-12-14t21:59:43.10-05:00",
] as const;

/** Resource attributes with these values, named by position. */
export const attributesOf = (values: readonly string[]): Record<string, string> =>
  Object.fromEntries(values.map((value, index) => [`test.value_${String(index)}`, value]));
