import type { Databases } from "./greptimedb.ts";
import { basic } from "./http.ts";
import type { Outputs } from "../platform.ts";
import { helpOption, stackOption } from "../arguments.ts";
import { UserError } from "../exit.ts";

/** A stack that runs, as the commands around it see it: where its parts are, and how to be let in. */
export interface Target {
  /** OTLP over HTTP as an application sends it; undefined where it is not published. */
  readonly otlp: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | undefined;
  readonly grafana: { readonly url: string; readonly authorization: string } | undefined;
  /** GreptimeDB's HTTP API, as the reader; undefined where it is not published. */
  readonly greptimedb: { readonly url: string; readonly authorization: string } | undefined;
  /** The same as the writer. */
  readonly writer?: Target["greptimedb"];
  readonly databases: Databases;
}

/** A text output; undefined if it is missing or something else. */
const textOutput = (outputs: Outputs, name: string): string | undefined => {
  const value = outputs[name]?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The lines of a `.env` file, by name; the last of one name holds, and what is no such line is left out. */
export const environmentFile = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trimEnd()) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );

/** `OTEL_EXPORTER_OTLP_HEADERS`: `name=value,…`, percent-encoded. Entries that are not are left out. */
export const otlpHeaders = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(",").flatMap((entry) => {
      const [, name, value] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(.*?)\s*$/.exec(entry) ?? [];
      if (name === undefined || value === undefined) return [];
      try {
        return [[name, decodeURIComponent(value)] as const];
      } catch {
        return [];
      }
    }),
  );

/** What a deployed stack's outputs say, with the values of its secrets. */
export function targetFromOutputs(outputs: Outputs): Target {
  const environment = environmentFile(textOutput(outputs, "env") ?? "");
  const otlpUrl = textOutput(outputs, "otlpHttpEndpoint");
  const headers = otlpHeaders(environment["OTEL_EXPORTER_OTLP_HEADERS"] ?? "");
  return {
    otlp: otlpUrl === undefined ? undefined : { url: otlpUrl, headers },
    grafana: withAccess(textOutput(outputs, "grafanaUrl"), {
      user: textOutput(outputs, "grafanaUser"),
      password: textOutput(outputs, "grafanaPassword"),
    }),
    greptimedb: withAccess(textOutput(outputs, "greptimedbUrl"), readerOf(outputs)),
    writer: withAccess(textOutput(outputs, "greptimedbUrl"), usersOf(outputs)["writer"] ?? {}),
    databases: databasesFrom(environment),
  };
}

interface User {
  readonly user?: unknown;
  readonly password?: unknown;
}

const withAccess = (url: string | undefined, { user, password }: User): Target["grafana"] =>
  url === undefined || typeof user !== "string" || typeof password !== "string"
    ? undefined
    : { url, authorization: basic(user, password) };

const usersOf = (outputs: Outputs): Readonly<Record<string, User | undefined>> =>
  (outputs["greptimedbUsers"]?.value as Record<string, User | undefined> | undefined) ?? {};

/** An external GreptimeDB may have one user for both. */
const readerOf = (outputs: Outputs): User => usersOf(outputs)["reader"] ?? usersOf(outputs)["writer"] ?? {};

/** Options that name a stack which somebody else deployed, or another way to a part of one's own. */
export const targetOptions = {
  "otlp-url": { type: "string" },
  "grafana-url": { type: "string" },
  "greptimedb-url": { type: "string" },
} as const;

/** The options that all commands around a running stack have. */
export const runningOptions = {
  ...stackOption,
  ...targetOptions,
  ...helpOption,
  json: { type: "boolean", default: false },
} as const;

export type TargetOptions = { readonly [Name in keyof typeof targetOptions]?: string | undefined };

/** What the help texts say of them. */
export const targetHelp = `  --otlp-url URL        where the collector takes OTLP over HTTP; OTEL_EXPORTER_OTLP_HEADERS says what it wants to see
  --grafana-url URL     Grafana; GRAFANA_USER and GRAFANA_PASSWORD, or GRAFANA_TOKEN
  --greptimedb-url URL  GreptimeDB's HTTP API; GREPTIMEDB_USER and GREPTIMEDB_PASSWORD of a user that may read
                        With the first two no stack is read; GREPTIME_DB, GREPTIME_DB_TRACES and GREPTIME_DB_LOGS name
                        its databases. Beside --stack each replaces that part's address.
`;

/** Whether the options alone say where everything is. */
export const isComplete = (options: TargetOptions): boolean =>
  options["otlp-url"] !== undefined && options["grafana-url"] !== undefined;

/**
 * The options, on top of what a stack's outputs say, if one was read. Credentials come from the environment only: a
 * command line is seen by everybody on the machine.
 * @throws UserError when an address is none, or when what lets one in is missing
 */
export const withOptions = (
  options: TargetOptions,
  environment: NodeJS.ProcessEnv,
  known: Target | undefined,
): Target => ({
  otlp: otlpFrom(options, environment, known?.otlp),
  grafana: guarded("grafana-url", options, grafanaAuthorization(environment), known?.grafana),
  greptimedb: guarded("greptimedb-url", options, basicFrom(environment, "GREPTIMEDB"), known?.greptimedb),
  writer: writerFrom(options, environment, known?.writer),
  databases: known?.databases ?? databasesFrom(environment),
});

/** Only some commands need it: it may be missing. */
function writerFrom(options: TargetOptions, environment: NodeJS.ProcessEnv, known: Target["writer"]): Target["writer"] {
  const url = address("greptimedb-url", options["greptimedb-url"]) ?? known?.url;
  const authorization = basicFrom(environment, "GREPTIMEDB_WRITER") ?? known?.authorization;
  return url === undefined || authorization === undefined ? undefined : { url, authorization };
}

function otlpFrom(options: TargetOptions, environment: NodeJS.ProcessEnv, known: Target["otlp"]): Target["otlp"] {
  const url = address("otlp-url", options["otlp-url"]) ?? known?.url;
  if (url === undefined) return undefined;
  const headers = environment["OTEL_EXPORTER_OTLP_HEADERS"];
  return { url, headers: headers === undefined ? (known?.headers ?? {}) : otlpHeaders(headers) };
}

/** What an authorization from the environment says without one. */
const variablesOf = {
  "grafana-url": "GRAFANA_USER and GRAFANA_PASSWORD, or GRAFANA_TOKEN",
  "greptimedb-url": "GREPTIMEDB_USER and GREPTIMEDB_PASSWORD",
} as const;

function guarded(
  option: keyof typeof variablesOf,
  options: TargetOptions,
  given: string | undefined,
  known: Target["grafana"],
): Target["grafana"] {
  const url = address(option, options[option]) ?? known?.url;
  if (url === undefined) return undefined;
  const authorization = given ?? known?.authorization;
  if (authorization === undefined) throw missing(variablesOf[option]);
  return { url, authorization };
}

const databasesFrom = (environment: Readonly<Record<string, string | undefined>>): Databases => ({
  metrics: environment["GREPTIME_DB"] ?? "metrics",
  traces: environment["GREPTIME_DB_TRACES"] ?? "traces",
  logs: environment["GREPTIME_DB_LOGS"] ?? "logs",
});

const missing = (names: string): UserError =>
  new UserError(`${names} must be set in the environment; an option would show them to everybody on this machine.`);

function grafanaAuthorization(environment: NodeJS.ProcessEnv): string | undefined {
  const token = environment["GRAFANA_TOKEN"];
  return token === undefined || token === "" ? basicFrom(environment, "GRAFANA") : `Bearer ${token}`;
}

function basicFrom(environment: NodeJS.ProcessEnv, prefix: string): string | undefined {
  const [user, password] = [environment[`${prefix}_USER`], environment[`${prefix}_PASSWORD`]];
  return user === undefined || password === undefined ? undefined : basic(user, password);
}

/** Without a slash at its end. */
function address(option: string, url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const { protocol, username, password } = URL.canParse(url)
    ? new URL(url)
    : { protocol: "", username: "", password: "" };
  if (!["http:", "https:"].includes(protocol))
    throw new UserError(`--${option} ${url}: write an address such as http://localhost:4318`);
  if (username !== "" || password !== "")
    throw new UserError(`--${option}: leave user and password out of the address; the environment has them`);
  return url.replace(/\/+$/, "");
}
