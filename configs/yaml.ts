import { Document, visit } from "yaml";

/**
 * A YAML text for a program written in Go. Go's reader takes texts for numbers and dates that YAML 1.2 does not, such
 * as `1_000`, `0X1F` and `2024-01-01`: these are quoted, and stay what they are.
 * @param decorate adds comments
 */
export function yamlForGo(value: unknown, decorate: (document: Document) => void = () => undefined): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
  decorate(document);
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === "string" && isNumber(scalar.value)) scalar.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Go ignores underscores in numbers, and knows the prefixes in upper case. */
const isNumber = (text: string): boolean => !Number.isNaN(Number(text.replaceAll("_", "").replace(/^[-+]/, "")));
