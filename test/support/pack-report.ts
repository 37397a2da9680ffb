import type { Reporter, TestModule } from "vitest/node";

import { rulesFor } from "../../dashboards/content.ts";
import { packs } from "../../dashboards/packs.ts";
import type { Rule } from "../../dashboards/rule.ts";
import { boardsOf, everything, panelQueriesOf, panelsOf, queriesOfRule, sqlQueries } from "./queries.ts";

/** Something that is checked one by one, and the tests that do it. */
export interface Checked {
  readonly title: string;
  /** What there is of it in a pack. */
  readonly of: (pack: string) => readonly string[];
  /** Finds the name of one of them, as its only group, in the full name of a test. */
  readonly named: RegExp;
}

const rulesOf = (pack: string): Rule[] => rulesFor(everything()).get(pack) ?? [];

export const panelQueryNames = (pack: string): string[] => panelQueriesOf(pack).map(({ name }) => name);
export const sqlNames = (pack: string): string[] => sqlQueries(boardsOf(pack)).map(({ name }) => name);
export const ruleQueryNames = (pack: string): string[] =>
  rulesOf(pack)
    .flatMap(queriesOfRule)
    .map(({ name }) => name);
export const ruleNames = (pack: string): string[] => rulesOf(pack).map(({ name }) => name);

/**
 * Lists, at the end of a test run, what was checked of each pack. Something counts as checked when all tests that name
 * it ran and passed; what was skipped or failed does not.
 */
export class PackReport implements Reporter {
  readonly #columns: readonly Checked[];

  constructor(...columns: readonly Checked[]) {
    this.#columns = columns;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const results = tests.map((test) => ({ name: test.fullName, passed: test.result().state === "passed" }));
    const checked = this.#columns.map(({ named }) => passedNames(results, named));
    if (checked.every(({ size }) => size === 0)) return;
    const rows = packs.map(({ name, metrics }) => [
      name,
      String(metrics.length),
      String(panelsOf(name).length),
      String(rulesOf(name).length),
      ...this.#columns.map(({ of }, index) => {
        const all = of(name);
        return `${String(all.filter((one) => checked[index]?.has(one)).length)} of ${String(all.length)}`;
      }),
    ]);
    const titles = ["pack", "metrics", "panels", "rules", ...this.#columns.map(({ title }) => title)];
    process.stdout.write(`\n${aligned([titles, ...rows])}`);
  }
}

function passedNames(results: readonly { name: string; passed: boolean }[], named: RegExp): Set<string> {
  const found = results.flatMap(({ name, passed }) => {
    const [, subject] = named.exec(name) ?? [];
    return subject === undefined ? [] : [{ subject, passed }];
  });
  const failed = new Set(found.filter(({ passed }) => !passed).map(({ subject }) => subject));
  return new Set(found.map(({ subject }) => subject).filter((subject) => !failed.has(subject)));
}

function aligned(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => ` ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd() + "\n")
    .join("");
}
