import { describe, expect, it } from "vitest";

import { packs } from "../../dashboards/packs.ts";
import { panelQueriesOf } from "../support/queries.ts";
import type { Query } from "../../dashboards/promql.ts";
import { withoutMacros } from "../support/promql.ts";
import { one } from "../../cli/drill/proofs/proof.ts";
import { proofs } from "../../cli/drill/proofs/proofs.ts";
import { contradictions } from "../../cli/drill/promtool.ts";

/** After an hour; what compares with the day before, a day later. */
const minutesFor = ({ expr }: Query): number => (expr.includes("offset 1d") ? 25 * 60 : 60);

it("every pack has a proof", () => {
  expect(proofs.map(({ pack }) => pack)).toEqual(packs.map(({ name }) => name));
});

describe.each(proofs)("the panels of $pack", ({ pack, healthy, panels, askedAt }) => {
  const queries = panelQueriesOf(pack);

  it("are all reckoned with", () => {
    expect(Object.keys(panels).sort()).toEqual(queries.map(({ name }) => name).sort());
  });

  // names in full: the report at the end goes by them, and `$name` would be cut short
  it.each(queries.map(({ name, query }) => [name, query] as const))("%s shows what the traffic is", (name, query) => {
    const atMinutes = askedAt ?? minutesFor(query);
    const tests = [{ expr: withoutMacros(query.expr), atMinutes, expected: panels[name] ?? [] }];
    expect(panels[name], "a panel that nothing fills proves nothing").not.toEqual([]);
    expect(contradictions([], [{ name, series: healthy(), queries: tests }])).toBe("");
  });

  it("show nothing, rather than something wrong, when there is no data", () => {
    const tests = queries.map(({ query }) => ({ expr: withoutMacros(query.expr), atMinutes: 60, expected: [] }));
    expect(contradictions([], [{ name: "empty", series: [], queries: tests }])).toBe("");
  });
});

it("a panel would not pass with other traffic", () => {
  const [agents] = proofs;
  const query = panelQueriesOf("agents").find(({ name }) => name === "agent-performance/2/requests")!;
  const tests = [{ expr: withoutMacros(query.query.expr), atMinutes: 60, expected: one(13.1) }];
  expect(contradictions([], [{ name: "wrong", series: agents!.healthy(), queries: tests }])).toMatch(/got: \{\} 1\.3E/);
});
