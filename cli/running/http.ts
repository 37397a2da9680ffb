/** Questions to the programs of a running stack. */

export interface Reply {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly body: string;
  /** When it was given, as the header says. */
  readonly date?: string;
  /** Why there was no answer, in words. */
  readonly problem?: string;
}

export interface Question {
  /** @default "GET", with a body "POST" */
  readonly method?: string;
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** @default 10 */
  readonly timeoutSeconds?: number;
}

/** What is read of an answer, in bytes; no answer that is asked for here is nearly as long. */
const longest = 16 * 1024 * 1024;

/** Asks, and never throws. Redirects are not followed: credentials are for whom they are meant. */
export async function ask(url: string, question: Question = {}): Promise<Reply> {
  const { body, headers = {}, method = body === undefined ? "GET" : "POST", timeoutSeconds = 10 } = question;
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
      ...(body === undefined ? {} : { body }),
    });
    const date = response.headers.get("date");
    return { status: response.status, body: await textOf(response), ...(date === null ? {} : { date }) };
  } catch (error) {
    return { status: 0, body: "", problem: reason(error, new URL(url), timeoutSeconds) };
  }
}

async function textOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > longest) break;
  }
  return Buffer.concat(chunks).subarray(0, longest).toString();
}

function reason(error: unknown, at: URL, timeoutSeconds: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `${at.host} does not answer within ${String(timeoutSeconds)} s`;
  const { code, message } = (error.cause instanceof Error ? error.cause : error) as Error & { code?: string };
  return known(code ?? "", at) ?? `${at.host}: ${message}`;
}

/** The usual ones, in words. */
function known(code: string, { host, hostname }: URL): string | undefined {
  if (code === "ECONNREFUSED") return `nothing listens at ${host}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `no machine is called ${hostname}`;
  if (!/CERT|SIGNATURE/.test(code)) return undefined;
  return `the certificate of ${host} is not trusted (${code}); NODE_EXTRA_CA_CERTS may name its authority`;
}

/** A text on one line of at most so many characters, without what a terminal would obey. */
export function oneLine(text: string, length = 200): string {
  const line = text
    .slice(0, 4 * length)
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

/** What an answer says, in short. */
export function excerpt({ status, body, problem }: Reply): string {
  if (problem !== undefined) return problem;
  const text = oneLine(body);
  return `HTTP ${String(status)}${text === "" ? "" : `: ${text}`}`;
}

/** The JSON in a text, undefined if there is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `Basic …`, as HTTP wants it. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
