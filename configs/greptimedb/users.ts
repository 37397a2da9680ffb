import type { Settings } from "../settings/settings.ts";
import { joined, secret, text, type Text } from "../text.ts";
import { userName } from "./store.ts";

/**
 * GreptimeDB's users file: the administrator reads and writes, the writer only writes, the reader only reads.
 * (GreptimeDB has no rights per database, and a writer may also create and drop tables: docs/security.md.)
 *
 * During a rotation the writer and reader of the generation before are accepted too, so that a collector that
 * still holds the old password is not answered 401, at which it would throw its queue away.
 */
export function usersFile({ greptimedb }: Settings): Text {
  const { generation, keepPrevious } = greptimedb.users;
  const previous = keepPrevious
    ? [
        text`${userName("writer", generation - 1)}:wo=${secret("greptimedbPreviousWriterPassword")}\n`,
        text`${userName("reader", generation - 1)}:ro=${secret("greptimedbPreviousReaderPassword")}\n`,
      ]
    : [];
  return joined([
    text`${userName("admin", generation)}:rw=${secret("greptimedbAdminPassword")}\n`,
    text`${userName("writer", generation)}:wo=${secret("greptimedbWriterPassword")}\n`,
    text`${userName("reader", generation)}:ro=${secret("greptimedbReaderPassword")}\n`,
    ...previous,
  ]);
}
