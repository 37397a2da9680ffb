import { createHash, createHmac } from "node:crypto";

import { stableJson } from "./json.ts";

/** Names and marks that change when, and only when, a content does. */

/** Ten characters that stand for a content: plenty to tell the versions of one file apart. */
export const contentHash = (content: unknown): string =>
  createHash("sha256").update(stableJson(content)).digest("hex").slice(0, 10);

/** The same for contents with secrets: without the key nobody can try out what was hashed. */
export const keyedHash = (content: unknown, key: string): string =>
  createHmac("sha256", key).update(stableJson(content)).digest("hex").slice(0, 32);
