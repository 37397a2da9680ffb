/**
 * What is recognised as a secret, in the language of Go's regular expressions. Each begins with fixed letters: Go looks
 * for these first, which takes a hundredth of the time that a pattern without them takes. Where such letters also end
 * ordinary words (`disk-…`), what follows must be what no word is.
 */

/** API keys and tokens, by who issues them. Those that begin alike are one pattern: each is looked for by itself. */
const issued: readonly string[] = [
  // OpenAI, DeepSeek and others; then those that say what they are for, Anthropic's and OpenRouter's among them
  "sk-(?:[A-Za-z0-9]{32,}|(?:proj|svcacct|admin|None|ant|or|lf)-[A-Za-z0-9_-]{20,})",
  "pk-lf-[a-f0-9-]{30,}",
  "gsk_[A-Za-z0-9]{40,}",
  "xai-[A-Za-z0-9]{40,}",
  "pplx-[A-Za-z0-9]{40,}",
  "hf_[A-Za-z0-9]{30,}",
  "r8_[A-Za-z0-9]{32,}",
  // AWS, for good and for a session
  "A(?:KIA|SIA)[A-Z0-9]{16}",
  "AIza[A-Za-z0-9_-]{35}",
  "ya29\\.[A-Za-z0-9_-]{20,}",
  // Azure's storage and buses
  "Acc(?:ount|ess)Key=[A-Za-z0-9+/=]{40,}",
  "gh[oprsu]_[A-Za-z0-9]{36,}",
  "github_pat_[A-Za-z0-9_]{50,}",
  // GitLab, Grafana
  "gl(?:pat-|sa_)[A-Za-z0-9_-]{20,}",
  "xox[abeoprs]-[A-Za-z0-9-]{12,}",
  "hooks\\.slack\\.com/services/[A-Za-z0-9/]{20,}",
  // Stripe
  "k_(?:live|test)_[A-Za-z0-9]{16,}",
  "whsec_[A-Za-z0-9+/=]{24,}",
  "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}",
  "npm_[A-Za-z0-9]{36}",
  "pypi-[A-Za-z0-9_-]{50,}",
  "dop_v1_[a-f0-9]{64}",
  "dapi[a-f0-9]{32}",
  "pul-[a-f0-9]{40}",
];

/** What is a secret whoever issued it. */
const formats: readonly string[] = [
  // JSON Web Tokens: three parts, of which two are JSON objects
  "eyJ[A-Za-z0-9_-]{13,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}",
  "earer [A-Za-z0-9._~+/=-]{16,}",
  // in a header, or in JSON, also in JSON inside JSON
  "uthorization[\\\\\"']{0,4}[:=] ?[\\\\\"']{0,4}[Bb]asic [A-Za-z0-9+/=]{16,}",
  "-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
  // user and password in a URL
  "://[^\\s:/@\"']{0,100}:[^\\s/@\"']{1,200}@",
];

/** API keys, tokens, private keys, and passwords in URLs. */
export const credentials: readonly string[] = [...issued, ...formats];

/**
 * Texts in which there is no credential, by which most need not be searched: each credential has an @, or sixteen
 * characters in a row of those that keys and tokens are made of. Identifiers in hexadecimal digits have these too.
 */
export const harmless: readonly string[] = [
  "^(?:[A-Za-z0-9_+/=.~-]{0,15}[^A-Za-z0-9_+/=.~@-])*[A-Za-z0-9_+/=.~-]{0,15}$",
  "^[0-9a-f-]{16,64}$",
];

/** In the order of the alphabet, in which Go makes a decision for each letter once. */
const names = [
  "access_token",
  "api-key",
  "api_key",
  "apikey",
  "auth_token",
  "authorization",
  "client_secret",
  "cookie",
  "db\\.password",
  "http\\.request\\.header\\.api-key",
  "http\\.request\\.header\\.authorization",
  "http\\.request\\.header\\.cookie",
  "http\\.request\\.header\\.proxy-authorization",
  "http\\.request\\.header\\.x-api-key",
  "http\\.response\\.header\\.set-cookie",
  "id_token",
  "passphrase",
  "passwd",
  "password",
  "private_key",
  "proxy-authorization",
  "pwd",
  "refresh_token",
  "secret",
  "secret_access_key",
  "secret_key",
  "session_token",
  "set-cookie",
  "user\\.password",
  "x-api-key",
];

/** Attributes whose value is a secret, whatever it is. The whole name counts, without regard to case. */
export const secretNames = `(?i)^(?:${names.join("|")})$`;

/** A name, an `@`, and a domain that ends as one does. npm's scopes (`@team/name`) have no name before it. */
export const email = "[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\\.){1,5}[A-Za-z]{2,24}";

/**
 * Numbers of payment cards by their issuers' first digits and lengths, in one piece or in groups. Go has no look-around
 * and no check digit: a number of that shape that is none is masked as well.
 */
export const cards: readonly string[] = [
  "\\b4[0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\\b",
  "\\b5[1-5][0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\\b",
  "\\b2[2-7][0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\\b",
  "\\b6(?:011|5[0-9]{2})[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}\\b",
  "\\b3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}\\b",
];
