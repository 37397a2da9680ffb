import { databaseHeader, paths } from "../../../configs/greptimedb/store.ts";
import { encoded } from "../../lab/decode.ts";
import { UserError, exitCodes } from "../../exit.ts";
import { ask, excerpt, type Reply } from "../../running/http.ts";
import type { Target } from "../../running/target.ts";
import { step } from "../traffic.ts";
import type { Timeline } from "./samples.ts";

/** Databases of drills in GreptimeDB: made, written to and dropped as the writer, who may do all three. */

export type Access = NonNullable<Target["greptimedb"]>;

/** Points in one request; a story of a day is many of them. */
const pointsEach = 5000;

export const databasePrefix = "drill_";

/** @throws UserError when GreptimeDB does not do it */
async function execute({ url, authorization }: Access, statement: string): Promise<void> {
  const reply = await ask(`${url}${paths.sql}`, {
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ sql: statement }).toString(),
    timeoutSeconds: 60,
  });
  mustBe(reply, statement);
}

function mustBe(reply: Reply, what: string): void {
  if (reply.status === 200) return;
  const remedy =
    reply.status === 401 || reply.status === 403
      ? " GREPTIMEDB_WRITER_USER and GREPTIMEDB_WRITER_PASSWORD have to be those of a user that may write."
      : "";
  throw new UserError(`GreptimeDB does not do "${what}": ${excerpt(reply)}.${remedy}`, exitCodes.failed);
}

/** Each phase of a drill has a database of its own, empty at first. What is forgotten in it ends by itself in three days: a story may look back over one. */
export async function createDatabase(access: Access, name: string): Promise<void> {
  await execute(access, `DROP DATABASE IF EXISTS \`${name}\``);
  await execute(access, `CREATE DATABASE \`${name}\` WITH (ttl = '3d')`);
}

export const dropDatabase = (access: Access, name: string): Promise<void> =>
  execute(access, `DROP DATABASE IF EXISTS \`${name}\``);

export interface Stretch {
  /** The first sample, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** When sample 0 was, in milliseconds since 1970. */
  readonly origin: number;
}

/**
 * Writes a stretch of a story. Series have the names under which they are stored, and are sent as gauges without a
 * unit, whose names GreptimeDB leaves as they are.
 */
export async function write(
  { url, authorization }: Access,
  database: string,
  story: readonly Timeline[],
  stretch: Stretch,
): Promise<void> {
  let batch: object[] = [];
  let size = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    const reply = await ask(`${url}${paths.otlp}/v1/metrics`, {
      headers: { authorization, "content-type": "application/x-protobuf", [databaseHeader]: database },
      body: new Uint8Array(encoded("Metrics", { resources: batch })),
      timeoutSeconds: 60,
    });
    mustBe(reply, `write to ${database}`);
    [batch, size] = [[], 0];
  };
  for (const timeline of story) {
    for (let first = stretch.from; first < stretch.to; first += pointsEach) {
      const points = pointsOf(timeline, { ...stretch, from: first, to: Math.min(stretch.to, first + pointsEach) });
      if (points.length === 0) continue;
      batch.push(resourceOf(timeline, points));
      size += points.length;
      if (size >= pointsEach) await flush();
    }
  }
  await flush();
}

const keyValue = (key: string, stringValue: string) => ({ key, value: { stringValue } });

function pointsOf({ labels, at }: Timeline, { from, to, origin }: Stretch): object[] {
  const attributes = Object.entries(labels)
    .filter(([label]) => !["service_name", "job", "service_instance_id", "instance"].includes(label))
    .map(([label, value]) => keyValue(label, value));
  const points: object[] = [];
  for (let sample = from; sample < to; sample += 1) {
    const asDouble = at(sample);
    if (asDouble === undefined) continue;
    points.push({ timeUnixNano: `${String(origin + sample * step * 1000)}000000`, asDouble, attributes });
  }
  return points;
}

/** GreptimeDB makes `job`, `service_name`, `instance` and `service_instance_id` of a resource. */
const resourceOf = ({ name, labels }: Timeline, points: readonly object[]): object => ({
  resource: {
    attributes: [
      keyValue("service.name", labels["service_name"] ?? ""),
      keyValue("service.instance.id", labels["service_instance_id"] ?? ""),
    ],
  },
  scopes: [{ metrics: [{ name, gauge: { points } }] }],
});
