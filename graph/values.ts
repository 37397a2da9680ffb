/** What a recorded input can be besides plain data. */

/** A value that Pulumi keeps secret. Prints as `[secret]`, however it is printed; a test may look inside. */
export class Secret {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  get value(): unknown {
    return this.#value;
  }

  toJSON(): string {
    return "[secret]";
  }

  toString(): string {
    return "[secret]";
  }
}

/** A value that is only known once a resource exists; in previews. */
export class Unknown {
  toJSON(): string {
    return "[unknown]";
  }

  toString(): string {
    return "[unknown]";
  }
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Turns what is on the wire into plain data with {@link Secret} and {@link Unknown} in it. */
export function fromWire(value: unknown): unknown {
  if (value === unknownValue) return new Unknown();
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[signature] === secretSignature) return new Secret(fromWire(object["value"]));
  return Object.fromEntries(Object.entries(object).map(([key, child]) => [key, fromWire(child)]));
}

/** The data with the contents of secrets in the open. For tests that check what a secret holds. */
export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return revealed(value.value);
  if (value instanceof Unknown) return value;
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, revealed(child)]));
}
