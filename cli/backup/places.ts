import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { PassThrough, Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { UserError } from "../exit.ts";

/** Where a backup is: a directory, or a prefix in S3, which the AWS CLI reads and writes with its own credentials. */
export interface Place {
  readonly kind: "directory" | "s3";
  /** Without a slash at its end. */
  readonly at: string;
  /** Of an S3 that is not Amazon's. */
  readonly endpoint?: string | undefined;
}

/**
 * `backups/monday` or `s3://bucket/prefix`.
 * @throws UserError when it is neither
 */
export function placeFrom(option: string, text: string | undefined, endpoint: string | undefined): Place {
  if (text === undefined || text === "")
    throw new UserError(`--${option} is missing: a directory, or s3://bucket/prefix`);
  if (!text.startsWith("s3://")) {
    if (/^[a-z0-9]+:\/\//i.test(text))
      throw new UserError(`--${option} ${text}: write a directory, or s3://bucket/prefix`);
    if (endpoint !== undefined) throw new UserError("--s3-endpoint is for s3://… only");
    return { kind: "directory", at: text.replace(/\/+$/, "") || "/" };
  }
  if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9!_.*'()/-]*)?$/.test(text)) {
    throw new UserError(`--${option} ${text}: write s3://bucket/prefix`);
  }
  return { kind: "s3", at: text.replace(/\/+$/, ""), endpoint };
}

/** A file of the backup, as people write it. */
export const fileIn = ({ kind, at }: Place, name: string): string => (kind === "s3" ? `${at}/${name}` : join(at, name));

/** What writes standard input to a file in S3, or reads one to standard output. */
export const s3Copy = ({ endpoint }: Place, from: string, to: string): string[] => [
  "aws",
  "s3",
  "cp",
  ...(endpoint === undefined ? [] : ["--endpoint-url", endpoint]),
  "--only-show-errors",
  from,
  to,
];

/** @throws UserError when there is something already */
export function mustBeEmpty(place: Place): void {
  if (place.kind === "s3" || !existsSync(place.at)) return;
  if (readdirSync(place.at).length > 0) {
    throw new UserError(`${place.at} is not empty: choose a directory that is not there yet. Nothing was touched.`);
  }
}

export interface Written {
  readonly bytes: number;
  /** SHA-256, in hexadecimal digits. */
  readonly sha256: string;
}

/** Passes on what goes through, and says in the end what it was. */
function measured(): { readonly through: Transform; readonly result: () => Written } {
  const hash = createHash("sha256");
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { through, result: () => ({ bytes, sha256: hash.digest("hex") }) };
}

/** Writes a file of the backup; only its owner can read it. */
export async function writeTo(place: Place, name: string, content: Readable): Promise<Written> {
  const { through, result } = measured();
  const file = fileIn(place, name);
  if (place.kind === "directory") {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    await pipeline(content, through, createWriteStream(file, { mode: 0o600, flags: "wx" }));
    return result();
  }
  const [program = "", ...args] = s3Copy(place, "-", file);
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
  const ended = endOf(child, file);
  await Promise.all([pipeline(content, through, child.stdin), ended]);
  return result();
}

/** Reads a file of the backup; `result` says what it was, once it is read to its end. */
export function readFrom(place: Place, name: string): { readonly content: Readable; readonly done: Promise<Written> } {
  const { through, result } = measured();
  const content = new PassThrough();
  const file = fileIn(place, name);
  if (place.kind === "directory") {
    return { content, done: pipeline(createReadStream(file), through, content).then(result) };
  }
  const [program = "", ...args] = s3Copy(place, file, "-");
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = endOf(child, file);
  return { content, done: Promise.all([pipeline(child.stdout, through, content), ended]).then(result) };
}

type Child = ReturnType<typeof spawn>;

const endOf = (child: Child, file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (error: Error & { code?: string }) => {
      const words = error.code === "ENOENT" ? "there is no `aws` command (the AWS CLI) on the path" : error.message;
      reject(new UserError(`${file}: ${words}`));
    });
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new UserError(
            `${file}: aws ended with ${String(code)}: ${Buffer.concat(chunks).toString().trim().slice(0, 300)}`,
          ),
        );
    });
  });
