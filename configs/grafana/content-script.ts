import { prelude } from "../shell.ts";

/** Where the bodies of the requests lie. */
export const bodiesDirectory = "/etc/grafana-content";

/**
 * Rules come after the contact points that they name, and go before them. Whatever was made by somebody else stays:
 * this stack's are the folder ROOT and those in it whose uid begins with its uid, rule groups there that came through
 * the API (a person's have no provenance), and contact points whose uid is ROOT's with a hash.
 */
export const contentScript = `${prelude}
set -f
export LC_ALL=C
bodies=${bodiesDirectory}

# answered METHOD PATH [JSON|@FILE]   succeeds unless Grafana is away, still starting, or its database busy
answered() {
  status=$(request "$GRAFANA_AUTHORIZATION" -X "$1" -H 'Content-Type: application/json' \${3:+--data-binary "$3"} "$GRAFANA_URL$2")
  case $status in 000 | 5??) return 1 ;; esac
}

# api METHOD PATH [JSON|@FILE]   succeeds when Grafana did what it was asked; asks again for half a minute
api() {
  within 30 answered "$@"
  case $status in 2??) ;; *) return 1 ;; esac
}

# listed WORD WORD...   whether the first is among the others
listed() {
  wanted=$1
  shift
  case " $* " in *" $wanted "*) ;; *) return 1 ;; esac
}

# objects NAME|NAME...   for each object of the list that was answered, a line with its own members of these names:
# "name":"value", as JSON has them. A quote inside a name or a value is escaped there, so none can pass for a member.
objects() {
  tr -d '\\n' <"$answer" |
    grep -oE '"([^"\\\\]|\\\\.)*":"([^"\\\\]|\\\\.)*"|"([^"\\\\]|\\\\.)*"|[][{}]' |
    grep -E "^([][{}]|\\"($1)\\":\\".*)\\$" | {
    depth=0 line=
    while IFS= read -r token; do
      case $token in
      '[' | '{') depth=$((depth + 1)) ;;
      ']' | '}')
        if [ "$depth" = 2 ]; then
          say "$line"
          line=
        fi
        depth=$((depth - 1))
        ;;
      *) [ "$depth" != 2 ] || line="$line$token," ;;
      esac
    done
  }
}

# discreet FILE   the last answer's excerpt, unless it repeats the secret in this body
discreet() {
  hidden=$(sed -nE 's/.*"(integrationKey|url)":"([^"]*)".*/\\2/p' "$1")
  whole=$(sed 's/\\\\u0026/\\&/g; s/\\\\u003c/</g; s/\\\\u003e/>/g' "$answer")
  if [ -n "$hidden" ] && [ "\${whole#*"$hidden"}" != "$whole" ]; then
    say "its answer repeats the secret, and is not shown"
  else
    excerpt
  fi
}

ready() {
  status=$(request "" "$GRAFANA_URL/api/health")
  [ "$status" = 200 ]
}

there() { answered GET "/api/dashboards/uid/$1" && [ "$status" = 200 ]; }

drained() { answered GET "/api/folders/$1/counts" && grep -q '"dashboard":0' "$answer"; }

within 120 ready || fail "Grafana does not answer at $GRAFANA_URL/api/health (HTTP $status): $(excerpt)"
api GET /api/org || fail "Grafana does not let the administrator in (HTTP $status): $(excerpt)"

# Grafana makes the folders that its files name; before that nobody else must
for uid in $BOARDS; do
  within 60 there "$uid" ||
    fail "Grafana has no board $uid after 60 s, though it has its file (HTTP $status): $(excerpt)" "The reason stands in Grafana's log."
done
set -- $BOARDS
say "boards: $# there"

for entry in $FOLDERS; do
  uid=\${entry%%/*} parent=\${entry#*/} body=@$bodies/folders/\${entry%%/*}.json
  if api GET "/api/folders/$uid"; then
    if [ -n "$parent" ]; then
      api POST "/api/folders/$uid/move" "{\\"parentUid\\":\\"$parent\\"}" ||
        fail "folder $uid cannot be moved into $parent (HTTP $status): $(excerpt)"
    fi
    api PUT "/api/folders/$uid" "$body" || fail "folder $uid cannot be named (HTTP $status): $(excerpt)"
  elif [ "$status" = 404 ]; then
    api POST /api/folders "$body" || fail "folder $uid cannot be made (HTTP $status): $(excerpt)"
  else
    fail "Grafana does not say whether folder $uid is there (HTTP $status): $(excerpt)"
  fi
  say "folder $uid: in place"
done

api GET /api/v1/provisioning/contact-points || fail "contact points cannot be listed (HTTP $status): $(excerpt)"
had=$(objects uid | sed -nE "s/^\\"uid\\":\\"($ROOT-[0-9a-f]{16})\\",\\$/\\1/p")
for uid in $CONTACT_POINTS; do
  body=$bodies/contact-points/$uid.json
  if listed "$uid" $had; then
    api PUT "/api/v1/provisioning/contact-points/$uid" "@$body"
  else
    api POST /api/v1/provisioning/contact-points "@$body"
  fi || fail "Grafana refuses contact point $uid (HTTP $status): $(discreet "$body")"
  say "contact point $uid: in place"
done

for entry in $RULE_GROUPS; do
  folder=\${entry%%/*} group=\${entry#*/}
  api PUT "/api/v1/provisioning/folder/$folder/rule-groups/$group" "@$bodies/rule-groups/$folder.$group.json" ||
    fail "Grafana refuses the rules of $entry (HTTP $status): $(excerpt)"
  say "rules of $entry: in place"
done

# each as FOLDER/GROUP/PROVENANCE
api GET /api/v1/provisioning/alert-rules || fail "rules cannot be listed (HTTP $status): $(excerpt)"
groups=$(objects 'folderUID|ruleGroup|provenance' |
  sed -nE "s#^\\"folderUID\\":\\"($ROOT(-[a-z0-9-]+)?)\\",\\"ruleGroup\\":\\"([a-z][a-z0-9-]*)\\",(\\"provenance\\":\\"([a-z_]*)\\",)?\\$#\\1/\\3/\\5#p" | sort -u)
for entry in $RULE_GROUPS; do
  listed "$entry/api" $groups || fail "Grafana took the rules of $entry, but does not list them"
done
for entry in $groups; do
  group=\${entry%/*}
  if [ "$entry" != "$group/api" ] || listed "$group" $RULE_GROUPS; then continue; fi
  if [ "$(printf '%s\\n' $groups | grep -c "^$group/")" != 1 ]; then
    say "rules of $group: kept, because some of them are somebody else's"
    continue
  fi
  api DELETE "/api/v1/provisioning/folder/\${group%%/*}/rule-groups/\${group#*/}" || [ "$status" = 404 ] ||
    fail "the rules of $group cannot be deleted (HTTP $status): $(excerpt)"
  say "rules of $group: deleted"
done

api GET "/api/folders?parentUid=$ROOT&limit=1000" || fail "folders cannot be listed (HTTP $status): $(excerpt)"
for uid in $(objects uid | sed -nE "s/^\\"uid\\":\\"($ROOT-[a-z0-9-]+)\\",\\$/\\1/p"); do
  if listed "$uid/$ROOT" $FOLDERS; then continue; fi
  # Grafana deletes the boards that were in it when it starts, which may take a moment
  within 30 drained "$uid"
  [ "$status" = 200 ] || fail "Grafana does not say what is in folder $uid (HTTP $status): $(excerpt)"
  if grep -q ':[1-9]' "$answer"; then
    say "folder $uid: kept, because somebody else's things are in it: $(excerpt)"
    continue
  fi
  api DELETE "/api/folders/$uid" || [ "$status" = 404 ] || fail "folder $uid cannot be deleted (HTTP $status): $(excerpt)"
  say "folder $uid: deleted"
done

for uid in $had; do
  if listed "$uid" $CONTACT_POINTS; then continue; fi
  api DELETE "/api/v1/provisioning/contact-points/$uid" ||
    fail "contact point $uid cannot be deleted (HTTP $status): $(excerpt)" "Rules and policies of your own may name it."
  say "contact point $uid: deleted"
done
`;
