import { Writable } from "node:stream";

/** A stream that a command writes to: a pipe, or a terminal of so many columns. */
export function output(columns = 0): { readonly stream: NodeJS.WriteStream & { fd: 1 }; readonly text: () => string } {
  const chunks: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const stream = Object.assign(sink, { isTTY: columns > 0, columns }) as unknown as NodeJS.WriteStream & { fd: 1 };
  return { stream, text: () => chunks.join("") };
}
