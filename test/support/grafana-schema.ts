import { fileURLToPath } from "node:url";

import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from "ajv";
import { createGenerator } from "ts-json-schema-generator";

/**
 * Grafana's own description of boards: the types that the Grafana Foundation SDK generates from Grafana's schemas, as
 * JSON schemas that refuse what they do not know.
 */

const validators = new Map<string, ValidateFunction>();

/** What is wrong with a value that should be of a type of the SDK, such as `Options` of the package `stat`. */
export function schemaProblems(packageName: string, type: string, value: unknown): string[] {
  const key = `${packageName}.${type}`;
  const validate = validators.get(key) ?? compiled(packageName, type);
  validators.set(key, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }: ErrorObject) =>
      `${key}${instancePath} ${message ?? ""} ${JSON.stringify(params)}`,
  );
}

function compiled(packageName: string, type: string): ValidateFunction {
  const index = import.meta.resolve(`@grafana/grafana-foundation-sdk/${packageName}`);
  const schema = createGenerator({
    path: fileURLToPath(new URL("types.gen.d.ts", index)),
    type,
    tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
    skipTypeCheck: true,
    additionalProperties: false,
  }).createSchema(type);
  return new Ajv({ strict: false, allErrors: true }).compile(schema as AnySchema);
}
