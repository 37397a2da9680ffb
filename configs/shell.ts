/**
 * Pieces of POSIX shell that the tasks share. The images they run in have `sh` and `curl` and little else.
 *
 * No secret is ever an argument: `Authorization` headers reach curl through its standard input (`-K -`), and
 * nothing prints them. Answers are cut before they are printed.
 */
export const prelude = `set -u
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

say() { printf '%s\\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }

# The first 300 characters of the last answer, on one line.
excerpt() { head -c 300 "$answer" | tr '\\n\\r\\t' '   '; }

# request AUTHORIZATION CURL-ARGUMENT...   prints the HTTP status, 000 when there is no answer
request() {
  authorization=$1
  shift
  : >"$answer"
  if [ -n "$authorization" ]; then printf 'header = "Authorization: %s"\\n' "$authorization"; fi |
    curl -sS -K - --max-time 15 -o "$answer" -w '%{http_code}' "$@" 2>>"$answer" || true
}

# within SECONDS COMMAND...   repeats a command once a second until it succeeds; the command may wait "within" less
within() {
  deadline=$(($(date +%s) + $1))
  shift
  # kept with the arguments, which each call has its own of
  set -- "$deadline" "$@"
  until but_first "$@"; do
    [ "$(date +%s)" -lt "$1" ] || return 1
    sleep 1
  done
}
but_first() { shift; "$@"; }
`;
