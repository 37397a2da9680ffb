import type { Task } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import { prelude } from "../../shell.ts";
import { serverUser } from "../config.ts";
import { addressesOf, replicasOf, rolePorts, roles } from "./roles.ts";

/** Name of the task; what keeps metadata needs it. */
export const etcdMembersName = "greptimedb-etcd-members";

/**
 * Proves that the stack's own etcd is one. It is told its members only when it is formed: where their number is
 * changed later, the new ones form a second etcd, which is healthy and empty, and of two the metasrvs would write to
 * either.
 */
export function etcdMembersTask({ images, greptimedb: { cluster } }: Settings): Task {
  const { etcd: members } = replicasOf(cluster);
  const asking = {
    script,
    env: { MEMBERS: addressesOf("etcd", members, rolePorts.etcd).join(" "), MEMBER_COUNT: String(members) },
    calls: [{ to: roles.etcd, port: rolePorts.etcd }],
  };
  return {
    name: etcdMembersName,
    image: images.greptimedb,
    ...asking,
    memoryMiB: 64,
    user: serverUser,
    timeoutSeconds: 90,
    needs: [roles.etcd],
    targets: [roles.etcd],
    check: asking,
  };
}

const script = `${prelude}
# counts MEMBER   asks a member how many there are
counts() {
  status=$(request "" --data '{}' "http://$1/v3/cluster/member/list")
  found=$(grep -o '"peerURLs"' "$answer" | wc -l)
  [ "$status" = 200 ]
}

for member in $MEMBERS; do
  within 20 counts "$member" || fail "$member does not answer (HTTP $status): $(excerpt)"
  [ "$found" -eq "$MEMBER_COUNT" ] ||
    fail "$member belongs to an etcd of $found, not of $MEMBER_COUNT members; nothing was written to it." \\
      "Set greptimedb.cluster.metadata.etcd.members back to $found, or to the number that the cluster was formed with."
done
say "etcd: $MEMBER_COUNT members, all of one cluster"
`;
