/**
 * Text that may hold secrets, by name only.
 *
 * Configuration is made by pure functions that never see a secret's value. They write `text` literals with
 * {@link secret} and {@link basicAuth} in them; the platform puts the values in when it places the text in a
 * file or an environment variable. Everything before that can be printed, compared and tested.
 */
export type Text = string | Composed;

/** A secret's place in a text. */
export type SecretPart =
  /** The value of a secret. */
  | { readonly secret: string }
  /** The value of an HTTP `Authorization` header, `Basic base64(user:password)`. */
  | { readonly basicAuth: Credentials; readonly percentEncoded: boolean };

export interface Credentials {
  readonly user: string;
  /** Name of the secret that holds the password. */
  readonly password: string;
}

export interface Composed {
  readonly parts: readonly (string | SecretPart)[];
}

/** The value of a secret. */
export const secret = (name: string): SecretPart => ({ secret: name });

/** The value of an `Authorization` header. */
export const basicAuth = (user: string, password: string): SecretPart => ({
  basicAuth: { user, password },
  percentEncoded: false,
});

/** The same for `OTEL_EXPORTER_OTLP_HEADERS`, whose values are percent-encoded. */
export const encodedBasicAuth = (user: string, password: string): SecretPart => ({
  basicAuth: { user, password },
  percentEncoded: true,
});

/** A text with secrets in it: `` text`${"writer"}=${secret("writerPassword")}` ``. A text without any is a plain string. */
export function text(strings: TemplateStringsArray, ...values: readonly (Text | SecretPart)[]): Text {
  return joined(strings.flatMap((piece, index) => [piece, values[index] ?? ""]));
}

/** Texts put together, as `Array.join` does. */
export function joined(values: readonly (Text | SecretPart)[], separator = ""): Text {
  const parts: (string | SecretPart)[] = [];
  const add = (part: string | SecretPart) => {
    const last = parts.at(-1);
    if (part === "") return;
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else parts.push(part);
  };
  values.forEach((value, index) => {
    if (index > 0) add(separator);
    if (isComposed(value)) value.parts.forEach(add);
    else add(value);
  });
  return parts.every((part) => typeof part === "string") ? parts.join("") : { parts };
}

/** Names of the secrets in a text. */
export const secretsIn = (value: Text): string[] =>
  typeof value === "string"
    ? []
    : value.parts.flatMap((part) =>
        typeof part === "string" ? [] : ["secret" in part ? part.secret : part.basicAuth.password],
      );

/** The text with its secrets filled in. */
export const revealed = (value: Text, valueOf: (name: string) => string): string =>
  typeof value === "string"
    ? value
    : value.parts.map((part) => (typeof part === "string" ? part : reveal(part, valueOf))).join("");

/** The text as it may be shown to anybody: `{secret:name}` in place of each secret. */
export const printable = (value: Text): string =>
  typeof value === "string"
    ? value
    : value.parts.map((part) => (typeof part === "string" ? part : placeholder(part))).join("");

function reveal(part: SecretPart, valueOf: (name: string) => string): string {
  if ("secret" in part) return valueOf(part.secret);
  const { user, password } = part.basicAuth;
  const header = `Basic ${Buffer.from(`${user}:${valueOf(password)}`, "utf8").toString("base64")}`;
  return part.percentEncoded ? encodeURIComponent(header) : header;
}

const placeholder = (part: SecretPart): string =>
  "secret" in part
    ? `{secret:${part.secret}}`
    : `{basic-auth:${part.basicAuth.user}:{secret:${part.basicAuth.password}}}`;

const isComposed = (value: Text | SecretPart): value is Composed => typeof value === "object" && "parts" in value;
