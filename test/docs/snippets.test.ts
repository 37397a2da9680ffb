import { readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";
import { describe, expect, it } from "vitest";

/** TypeScript in the documentation that uses this project must compile as it stands. */
const snippets = [...readFileSync("docs/testing.md", "utf8").matchAll(/```ts\n([^]*?)```/g)].map(([, code], index) => ({
  name: `docs/testing.md, snippet ${String(index + 1)}`,
  file: join(process.cwd(), `snippet-${String(index + 1)}.ts`),
  code: code!,
}));

describe("the documentation", () => {
  it("has snippets", () => {
    expect(snippets).toHaveLength(2);
  });

  it("compiles", () => {
    const { config } = ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
    const host = ts.createCompilerHost(options);
    const code = new Map(snippets.map((snippet) => [snippet.file, snippet.code]));
    const read = host.readFile.bind(host);
    host.readFile = (path) => code.get(path) ?? read(path);
    const exists = host.fileExists.bind(host);
    host.fileExists = (path) => code.has(path) || exists(path);
    const program = ts.createProgram([...code.keys()], options, host);
    const mistakes = ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
      const line = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
      return `${file?.fileName ?? ""}:${String(line)} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
    expect(mistakes).toEqual([]);
  });
});
