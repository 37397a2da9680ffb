import { randomFrom } from "../../../cli/lab/random.ts";

/**
 * Secrets of made-up people, of the shape of real ones. They are put together here, so that the sources hold nothing
 * that looks like a secret to whoever searches them.
 */

export interface FakeSecret {
  readonly what: string;
  readonly kind: "credentials" | "email" | "cards" | "own";
  readonly text: string;
  /** The part that must not arrive. */
  readonly hidden: string;
}

const hex = "0123456789abcdef";
const digits = "0123456789";
const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const letters = `${upper}abcdefghijklmnopqrstuvwxyz`;
const alphanumeric = letters + digits;

export function fakeSecrets(seed: number): FakeSecret[] {
  const next = randomFrom(seed);
  const some = (length: number, alphabet = alphanumeric): string =>
    Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join("");
  /** A secret that begins with what tells its kind. */
  const key = (what: string, prefix: string, rest: string): FakeSecret => ({
    what,
    kind: "credentials",
    text: prefix + rest,
    hidden: rest,
  });
  const jwtPart = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = () => `${jwtPart({ alg: "HS256" })}.${jwtPart({ sub: some(12), iat: 1 })}.${some(43)}`;
  const basic = () => Buffer.from(`user:${some(14)}`).toString("base64");
  const pem = (kind: string) => {
    const body = some(64 * 4).replaceAll(/.{64}/g, "$&\n");
    const label = `${kind}PRIVATE KEY`;
    return { text: `-----BEGIN ${label}-----\n${body}-----END ${label}-----`, hidden: body.slice(0, 64) };
  };
  const token = some(40);
  const issued = [
    key("an OpenAI key of old", "sk-", some(48)),
    key("an OpenAI key of a project", "sk-proj-", `${some(60)}_${some(20)}-${some(20)}`),
    key("an OpenAI key of a service account", "sk-svcacct-", some(60)),
    key("an OpenAI key of an administrator", "sk-admin-", some(60)),
    key("an Anthropic key", "sk-ant-", `api03-${some(80)}-${some(10)}AA`),
    key("an OpenRouter key", "sk-or-", `v1-${some(64, hex)}`),
    key("a DeepSeek key", "sk-", some(32, hex)),
    key(
      "a Langfuse secret key",
      "sk-lf-",
      `${some(8, hex)}-${some(4, hex)}-${some(4, hex)}-${some(4, hex)}-${some(12, hex)}`,
    ),
    key("a Groq key", "gsk_", some(52)),
    key("an xAI key", "xai-", some(80)),
    key("a Perplexity key", "pplx-", some(48)),
    key("a Hugging Face token", "hf_", some(34, letters)),
    key("a Replicate token", "r8_", some(37)),
    key("an AWS access key", "AKIA", some(16, upper + digits)),
    key("an AWS session's access key", "ASIA", some(16, upper + digits)),
    key("a Google API key", "AIza", some(35)),
    key("a Google access token", "ya29.", some(60)),
    key("an Azure storage key", "AccountKey=", `${some(86)}==`),
    key("an Azure bus key", "SharedAccessKey=", `${some(43)}=`),
    key("a GitHub token", "ghp_", some(36)),
    key("a GitHub OAuth token", "gho_", some(36)),
    key("a GitHub user's token", "ghu_", some(36)),
    key("a GitHub server's token", "ghs_", some(36)),
    key("a GitHub refresh token", "ghr_", some(76)),
    key("a fine-grained GitHub token", "github_pat_", `${some(22)}_${some(59)}`),
    key("a GitLab token", "glpat-", some(20)),
    key("a Slack bot's token", "xoxb-", `${some(12, digits)}-${some(12, digits)}-${some(24)}`),
    key("a Slack user's token", "xoxp-", `${some(12, digits)}-${some(24)}`),
    key("a Slack webhook", "https://hooks.slack.com/services/", `T${some(8, upper)}/B${some(8, upper)}/${some(24)}`),
    key("a Stripe live key", "sk_live_", some(24)),
    key("a Stripe test key", "sk_test_", some(24)),
    key("a restricted Stripe key", "rk_live_", some(24)),
    key("a Stripe webhook secret", "whsec_", some(32)),
    key("a SendGrid key", "SG.", `${some(22)}.${some(43)}`),
    key("an npm token", "npm_", some(36)),
    key("a PyPI token", "pypi-", some(90)),
    key("a DigitalOcean token", "dop_v1_", some(64, hex)),
    key("a Databricks token", "dapi", some(32, hex)),
    key("a Grafana token", "glsa_", `${some(32)}_${some(8, hex)}`),
    key("a Pulumi token", "pul-", some(40, hex)),
  ];
  const signed = jwt();
  const formats: FakeSecret[] = [
    { what: "a JSON Web Token", kind: "credentials", text: signed, hidden: signed.split(".")[2]! },
    key("a bearer token", "Bearer ", token),
    key("a bearer token in lower case", "bearer ", some(32, hex)),
    key("a header with a bearer token", "Authorization: Bearer ", `${some(20)}.${some(20)}~+/=`),
    key("a header with a Basic password", "Authorization: Basic ", basic()),
    key("a header in JSON", '"authorization":"Basic ', basic()),
    { what: "an RSA key", kind: "credentials", ...pem("RSA ") },
    { what: "a PKCS #8 key", kind: "credentials", ...pem("") },
    { what: "an OpenSSH key", kind: "credentials", ...pem("OPENSSH ") },
    ...["postgres", "mysql", "redis", "amqp", "mongodb+srv", "https"].map((scheme): FakeSecret => {
      const hidden = some(18);
      return {
        what: `a password in a ${scheme} URL`,
        kind: "credentials",
        text: `${scheme}://app:${hidden}@db.internal:1/x`,
        hidden,
      };
    }),
  ];
  const person = (domain: string): FakeSecret => {
    const name = `${some(6, letters)}.${some(8)}`;
    return { what: `an address at ${domain}`, kind: "email", text: `${name}@${domain}`, hidden: `${name}@` };
  };
  const card = (what: string, first: string, groups: readonly number[], between: string): FakeSecret => {
    const number =
      first +
      some(
        groups.reduce((sum, length) => sum + length, -first.length),
        digits,
      );
    let at = 0;
    const text = groups.map((length) => number.slice(at, (at += length))).join(between);
    return { what, kind: "cards", text, hidden: text };
  };
  const four = [4, 4, 4, 4];
  const personal = [
    ...["example.com", "mail.example.co.uk", "sub.domain.example.museum"].map(person),
    card("a Visa in one piece", "4", four, ""),
    card("a Visa with spaces", "4", four, " "),
    card("a Mastercard with dashes", "55", four, "-"),
    card("a Mastercard of the newer range", "2720", four, ""),
    card("a Discover card", "6011", four, " "),
    card("an American Express", "37", [4, 6, 5], " "),
  ];
  const own: FakeSecret[] = [
    { what: "what a pattern of one's own names", kind: "own", text: `ACME-${some(8, digits)}`, hidden: "ACME-" },
    { what: "what a pattern with a dollar names", kind: "own", text: "${vault:billing}", hidden: "vault:" },
  ];
  return [...issued, ...formats, ...personal, ...own];
}

/** What looks like a secret to a careless pattern. */
export const lookAlikes = [
  ["a trace id", "4bf92f3577b34da6a3ce929d0e0e4736"],
  ["a span id", "00f067aa0ba902b7"],
  ["a UUID", "123e4567-e89b-12d3-a456-426614174000"],
  ["a commit", "9fceb02d0ae598e95dc970b74767f19372d61af8"],
  ["a digest", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["a time", "2026-11-27T18:41:23.123456789Z"],
  ["nanoseconds since 1970", "1795801283123456789"],
  ["an order number", "ORD-2026-0000123456"],
  ["a version", "v1.24.3-rc.1+build.5114f85"],
  ["a model", "claude-sonnet-4-5-20250929"],
  ["another model", "gpt-4o-mini-2024-07-18"],
  ["words that end in sk", "disk-usage-percentage-over-time"],
  ["a task", "task-runner-for-long-documents-and-images"],
  ["a mask", "mask-proj-files-by-name"],
  ["an npm package", "@scope/package-name@1.2.3"],
  ["a decorator", "@pytest.mark.parametrize"],
  ["a short base64", "aGVsbG8gd29ybGQ="],
  ["a URL", "https://api.example.com:8443/v1/chat/completions?stream=true"],
  ["a URL with an @ in its path", "https://www.npmjs.com/package/@scope/package"],
  ["a Windows path", "C:\\Users\\agent\\notes.txt"],
  ["a public key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghij"],
  ["what is said about authentication", "Basic understanding of internationalization; Bearer of good news"],
  ["a number with separators", "1,234,567.89 and 12-34-56-78"],
  ["a phone number", "+49 30 1234567-89"],
  ["text of other people", "日本語のテキスト, Ünïcödé, 🙂"],
].map(([what, text]) => ({ what: what!, text: text! }));
