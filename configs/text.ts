/**
 * Text that may hold secrets, by name only, and what tells one replica from another.
 *
 * Configuration is made by pure functions that never see a secret's value. They write `text` literals with
 * {@link secret} and {@link basicAuth} in them; the platform puts the values in when it places the text in a
 * file or an environment variable. Everything before that can be printed, compared and tested.
 */
export type Text = string | Composed;

/** A secret's place in a text. */
export type SecretPart =
  /** The value of a secret. */
  | { readonly secret: string; readonly percentEncoded?: boolean }
  /** The value of an HTTP `Authorization` header, `Basic base64(user:password)`. */
  | { readonly basicAuth: Credentials; readonly percentEncoded: boolean };

/** The place of what tells one replica of a service from the others; only in arguments and the environment. */
export interface ReplicaPart {
  readonly replica: keyof Replica;
}

/** One replica of a service. */
export interface Replica {
  /** `<service>-<index>` */
  readonly name: string;
  /** Counted from 0. */
  readonly index: string;
}

export type TextPart = string | SecretPart | ReplicaPart;

export interface Credentials {
  readonly user: string;
  /** Name of the secret that holds the password. */
  readonly password: string;
}

export interface Composed {
  readonly parts: readonly TextPart[];
}

/** The name of the replica itself. */
export const replicaName: ReplicaPart = { replica: "name" };

/** The number of the replica itself, from 0. */
export const replicaIndex: ReplicaPart = { replica: "index" };

/** The value of a secret. */
export const secret = (name: string): SecretPart => ({ secret: name });

/** The same for `OTEL_EXPORTER_OTLP_HEADERS`, whose values are percent-encoded. */
export const encodedSecret = (name: string): SecretPart => ({ secret: name, percentEncoded: true });

/** The value of an `Authorization` header. */
export const basicAuth = (user: string, password: string): SecretPart => ({
  basicAuth: { user, password },
  percentEncoded: false,
});

/** The same, percent-encoded. */
export const encodedBasicAuth = (user: string, password: string): SecretPart => ({
  basicAuth: { user, password },
  percentEncoded: true,
});

/** A text with secrets in it: `` text`${"writer"}=${secret("writerPassword")}` ``. A text without any is a plain string. */
export function text(strings: TemplateStringsArray, ...values: readonly (Text | SecretPart | ReplicaPart)[]): Text {
  return joined(strings.flatMap((piece, index) => [piece, values[index] ?? ""]));
}

/** Texts put together, as `Array.join` does. */
export function joined(values: readonly (Text | SecretPart | ReplicaPart)[], separator = ""): Text {
  const parts: TextPart[] = [];
  const add = (part: TextPart) => {
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
        typeof part === "string" || "replica" in part ? [] : ["secret" in part ? part.secret : part.basicAuth.password],
      );

/** Whether a text tells replicas apart. */
export const namesReplica = (value: Text): boolean =>
  typeof value !== "string" && value.parts.some((part) => typeof part !== "string" && "replica" in part);

/**
 * The text with its secrets filled in.
 * @param replica whose text it is
 * @throws Error when the text tells replicas apart and none is given
 */
export const revealed = (value: Text, valueOf: (name: string) => string, replica?: Replica): string =>
  typeof value === "string"
    ? value
    : value.parts
        .map((part) => {
          if (typeof part === "string") return part;
          return "replica" in part ? ofReplica(part, replica) : reveal(part, valueOf);
        })
        .join("");

function ofReplica({ replica: what }: ReplicaPart, replica: Replica | undefined): string {
  if (replica === undefined) throw new Error(`the ${what} of a replica stands in a text that is the same for all`);
  return replica[what];
}

/** The text as it may be shown to anybody: `{secret:name}` in place of each secret, `{replica:index}` likewise. */
export const printable = (value: Text): string =>
  typeof value === "string"
    ? value
    : value.parts.map((part) => (typeof part === "string" ? part : placeholder(part))).join("");

function reveal(part: SecretPart, valueOf: (name: string) => string): string {
  if ("secret" in part) {
    const value = valueOf(part.secret);
    return part.percentEncoded === true ? encodeURIComponent(value) : value;
  }
  const { user, password } = part.basicAuth;
  const header = `Basic ${Buffer.from(`${user}:${valueOf(password)}`, "utf8").toString("base64")}`;
  return part.percentEncoded ? encodeURIComponent(header) : header;
}

function placeholder(part: SecretPart | ReplicaPart): string {
  if ("replica" in part) return `{replica:${part.replica}}`;
  if ("secret" in part) return `{secret:${part.secret}}`;
  return `{basic-auth:${part.basicAuth.user}:{secret:${part.basicAuth.password}}}`;
}

const isComposed = (value: Text | SecretPart | ReplicaPart): value is Composed =>
  typeof value === "object" && "parts" in value;
