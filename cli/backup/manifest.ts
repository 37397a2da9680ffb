import { Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";

import { z } from "zod";

import { UserError } from "../exit.ts";
import { jsonOf } from "../running/http.ts";
import { fileIn, readFrom, writeTo, type Place, type Written } from "./places.ts";
import { files, type Part } from "./steps.ts";

/** What a backup says of itself: written last, so that a backup without it is none. */

const schema = z.object({
  format: z.literal(1),
  /** When it was begun, in RFC 3339. */
  madeAt: z.iso.datetime(),
  stack: z.string(),
  images: z.record(z.string(), z.string()),
  /** Names of the stack's secrets: their values are in the stack's state, and nowhere in the backup. */
  secrets: z.array(z.string()),
  files: z.record(
    z.string(),
    z.object({ bytes: z.number().int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type Manifest = z.infer<typeof schema>;

export const writeManifest = (place: Place, manifest: Manifest): Promise<Written> =>
  writeTo(place, files.manifest, Readable.from([`${JSON.stringify(manifest, null, 2)}\n`]));

/**
 * Reads what a backup says of itself.
 * @throws UserError when there is none, or when it is none of this project
 */
export async function readManifest(place: Place): Promise<Manifest> {
  const name = fileIn(place, files.manifest);
  const text = await contents(place).catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    throw new UserError(`There is no whole backup at ${place.at}: ${words}. Nothing was touched.`);
  });
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`);
  throw new UserError(`${name} is no manifest of a backup: ${problems.slice(0, 5).join("; ")}. Nothing was touched.`);
}

async function contents(place: Place): Promise<string> {
  const { content, done } = readFrom(place, files.manifest);
  const [text] = await Promise.all([textOf(content), done]);
  return text;
}

/**
 * Reads each file to its end, before anything is changed.
 * @throws UserError when one is missing or is not what was written
 */
export async function verify(place: Place, { files: written }: Manifest, parts: readonly Part[]): Promise<void> {
  for (const name of parts.map((part) => files[part])) {
    const expected = written[name];
    if (expected === undefined) throw new UserError(`The backup has no ${name}. Nothing was touched.`);
    const { content, done } = readFrom(place, name);
    content.resume();
    const found = await done.catch((error: unknown) => {
      throw new UserError(
        `${fileIn(place, name)}: ${error instanceof Error ? error.message : String(error)}. Nothing was touched.`,
      );
    });
    if (found.sha256 !== expected.sha256) {
      throw new UserError(
        `${fileIn(place, name)} is not what was written: ${String(found.bytes)} bytes instead of ${String(expected.bytes)}, or others. Nothing was touched.`,
      );
    }
  }
}
