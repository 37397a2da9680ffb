import { execFileSync } from "node:child_process";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { foundProgram, reportProgram, settleProgram } from "../../configs/collector/ledger/book.ts";
import { totals } from "../../configs/collector/ledger/records.ts";

/** The ledger's programs: what the book says after each round. */

const awk = (program: string, variables: Record<string, string | number>, input: string): string =>
  execFileSync(
    "awk",
    [...Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${String(value)}`]), program],
    {
      input,
      encoding: "utf8",
    },
  );

const id = "0123456789abcdef";
const times = { due: 60, kept: 300, rounds: 240 };
const empty = `book ${id} 1700000000\nlast 0\n`;

const settle = (now: number, found: string, book: string, variables: Partial<typeof times> = {}): string =>
  awk(settleProgram, { now, ...times, ...variables }, found + book);

/** The totals of a signal, by name. */
function totalsOf(book: string, signal = "traces"): Record<string, number> {
  const line = new RegExp(`^totals ${signal} (.*)$`, "m").exec(book)?.[1] ?? "";
  const missing = Number(new RegExp(`^missing ${signal} (\\d+)$`, "m").exec(book)?.[1]);
  const counts = line.split(" ").map((value, index): [string, number] => [totals[index]!, Number(value)]);
  return { ...Object.fromEntries(counts), missing };
}

const none = { sent: 0, acknowledged: 0, stored: 0, duplicated: 0, late: 0, lost: 0, missing: 0 };
const records = (book: string): string[] => book.split("\n").filter((line) => line.startsWith("record "));
const sentAt = (number: number, at: number): string =>
  `number ${String(number)} .\nacknowledged traces ${String(number)} ${String(at)} .\n`;

describe("the book", () => {
  it("begins with nothing", () => {
    const book = settle(1_700_000_000, "", empty);
    for (const signal of ["traces", "logs", "metrics"]) expect(totalsOf(book, signal)).toEqual(none);
    expect(settle(1_700_000_015, "", book)).toBe(book);
  });

  it("counts what was sent for all signals, and what was acknowledged for its own", () => {
    const book = settle(1_700_000_001, "", `${empty}${sentAt(1, 1_700_000_000)}`);
    expect(totalsOf(book)).toEqual({ ...none, sent: 1, acknowledged: 1 });
    expect(totalsOf(book, "logs")).toEqual({ ...none, sent: 1 });
    expect(book).toContain("\nlast 1\n");
    expect(records(book)).toEqual(["record traces 1 1700000000 0 0"]);
  });

  it("looks at what is there until copies are due no more, and then closes it", () => {
    const first = settle(1_700_000_010, "answered traces\nfound traces 1 1\n", `${empty}${sentAt(1, 1_700_000_000)}`);
    expect(totalsOf(first)).toEqual({ ...none, sent: 1, acknowledged: 1, stored: 1 });
    const second = settle(1_700_000_300, "answered traces\nfound traces 1 3\n", first);
    expect(records(second)).toEqual(["record traces 1 1700000000 1 0"]);
    expect(totalsOf(second)).toMatchObject({ stored: 1, duplicated: 0 });
    const third = settle(1_700_000_301, "answered traces\nfound traces 1 3\n", second);
    expect(records(third)).toEqual([]);
    expect(totalsOf(third)).toEqual({ ...none, sent: 1, acknowledged: 1, stored: 1, duplicated: 2 });
  });

  it("closes nothing while nobody can say how many copies there are", () => {
    const seen = settle(1_700_000_010, "answered traces\nfound traces 1 1\n", `${empty}${sentAt(1, 1_700_000_000)}`);
    expect(records(settle(1_700_009_000, "answered logs\n", seen))).toHaveLength(1);
  });

  it("misses what is due, and calls it late when it comes", () => {
    const sent = `${empty}${sentAt(1, 1_700_000_000)}`;
    expect(totalsOf(settle(1_700_000_060, "answered traces\n", sent))).toMatchObject({ missing: 0 });
    const missing = settle(1_700_000_061, "answered traces\n", sent);
    expect(totalsOf(missing)).toMatchObject({ missing: 1, late: 0, stored: 0 });
    const late = settle(1_700_000_075, "answered traces\nfound traces 1 1\n", missing);
    expect(totalsOf(late)).toMatchObject({ missing: 0, late: 1, stored: 1, lost: 0 });
  });

  it("calls lost what is not there after so many answers; silence of GreptimeDB does not count", () => {
    let book = `${empty}${sentAt(1, 1_700_000_000)}`;
    for (let round = 1; round <= 240; round++) {
      book = settle(1_700_000_000 + round * 15, "", book);
      book = settle(1_700_000_000 + round * 15, "answered traces\n", book);
    }
    expect(totalsOf(book)).toMatchObject({ missing: 1, lost: 0 });
    book = settle(1_700_010_000, "answered traces\n", book);
    expect(totalsOf(book)).toEqual({ ...none, sent: 1, acknowledged: 1, lost: 1 });
    expect(records(book)).toEqual([]);
  });

  it.each([
    ["acknowledged traces 2 1700000", "half a time"],
    ["acknowledged traces 2 1700000015", "no full stop"],
    ["acknowledged tra", "half a line"],
    ["number 2", "no full stop"],
    ["record traces 2 1700000000", "half a record"],
    ["record traces two 1700000000 0 0", "no number"],
    ["\u0000\u0000", "zeros"],
    ["", "nothing"],
  ])("leaves out a line that is not whole: %s (%s)", (line) => {
    const book = settle(1_700_000_020, "", `${empty}${sentAt(1, 1_700_000_000)}${line}`);
    expect(book).toBe(settle(1_700_000_020, "", `${empty}${sentAt(1, 1_700_000_000)}`));
  });

  it("keeps numbers beyond 32 bits", () => {
    const number = 5_000_000_000;
    const book = settle(
      4_900_000_001,
      `answered traces\nfound traces ${String(number)} 1\n`,
      `${empty}${sentAt(number, 4_900_000_000)}`,
    );
    expect(book).toContain(`\nlast ${String(number)}\n`);
    expect(totalsOf(book)).toMatchObject({ stored: 1 });
  });

  it("accounts for every record, whatever happens to it", () => {
    const fate = fc.record({
      acknowledged: fc.boolean(),
      // the round in which it is there, if any, and how many copies of it
      there: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
      copies: fc.integer({ min: 1, max: 3 }),
    });
    const silent = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 12 }), silent, (fates, silences) => {
        let book = empty;
        const rounds = fates.length + 30;
        for (let round = 0; round < rounds; round++) {
          const one = fates[round];
          const at = 1_700_000_000 + round;
          if (one !== undefined) {
            book += `number ${String(round + 1)} .\n`;
            if (one.acknowledged) book += `acknowledged traces ${String(round + 1)} ${String(at)} .\n`;
          }
          const found = fates
            .map(({ there, copies }, index) => ({ number: index + 1, from: index + (there ?? Infinity), copies }))
            .filter(({ from }) => from <= round)
            .map(({ number, copies }) => `found traces ${String(number)} ${String(copies)}\n`);
          const answer = silences.includes(round) ? "" : `answered traces\n${found.join("")}`;
          book = settle(at, answer, book, { due: 3, kept: 14, rounds: 13 });
          const { acknowledged, stored, lost } = totalsOf(book) as typeof none;
          const open = records(book).filter((line) => line.split(" ")[4] === "0").length;
          expect(acknowledged, book).toBe(stored + lost + open);
        }
        const taken = fates.filter(({ acknowledged }) => acknowledged);
        const arrived = taken.filter(({ there }) => there !== undefined);
        const { duplicated } = totalsOf(book) as typeof none;
        expect(totalsOf(book)).toMatchObject({
          sent: fates.length,
          acknowledged: taken.length,
          stored: arrived.length,
          lost: taken.length - arrived.length,
          missing: 0,
        });
        expect(duplicated).toBe(arrived.reduce((sum, { copies }) => sum + copies - 1, 0));
      }),
      { numRuns: 12, seed: 1 },
    );
  });
});

describe("the report", () => {
  const book = `book ${id} 1700000000\nlast 3\ntotals traces 3 2 1 0 0 0\nmissing traces 1\ntotals logs 3 3 3 1 2 0\nmissing logs 0\ntotals metrics 3 3 3 0 0 5000000000\nmissing metrics 0\nrecord traces 3 1700000000 0 4\n`;
  const report = () =>
    JSON.parse(awk(reportProgram, { now: 1_700_000_100, service: "delivery-ledger" }, book)) as {
      resourceMetrics: [
        {
          resource: { attributes: { key: string; value: { stringValue: string } }[] };
          scopeMetrics: [{ metrics: Record<string, unknown>[] }];
        },
      ];
    };

  it("is of the book's own instance", () => {
    expect(report().resourceMetrics[0].resource.attributes.map(({ key, value }) => [key, value.stringValue])).toEqual([
      ["service.name", "delivery-ledger"],
      ["service.instance.id", id],
    ]);
  });

  it("has every total as a cumulative sum since the book was begun, and what is missing as a gauge", () => {
    const { metrics } = report().resourceMetrics[0].scopeMetrics[0];
    expect(metrics.map(({ name }) => name)).toEqual([
      ...totals.map((name) => `delivery_ledger.${name}`),
      "delivery_ledger.missing",
    ]);
    const point = (signal: string, value: string) => ({
      attributes: [{ key: "signal", value: { stringValue: signal } }],
      startTimeUnixNano: "1700000000000000000",
      timeUnixNano: "1700000100000000000",
      asInt: value,
    });
    expect(metrics.at(-2)).toEqual({
      name: "delivery_ledger.lost",
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [point("traces", "0"), point("logs", "0"), point("metrics", "5000000000")],
      },
    });
    expect(metrics.at(-1)).toEqual({
      name: "delivery_ledger.missing",
      gauge: { dataPoints: [point("traces", "1"), point("logs", "0"), point("metrics", "0")] },
    });
  });
});

describe("what is found", () => {
  it("is of this book, and counted", () => {
    const rows = `{output:\n[\n${id}0000000000000012,2\n,\nfedcba98765432100000000000000013,1\n${id}0000000000000014,x\n${id},3\n1,2,3\n`;
    expect(awk(foundProgram, { signal: "traces", id }, rows)).toBe("found traces 12 2\n");
  });

  it("is a number that GreptimeDB writes as a float", () => {
    expect(awk(foundProgram, { signal: "metrics", id }, "12.0,1\n13,2\n14.5,1\nnull,1\nexecution_time_ms:3}\n")).toBe(
      "found metrics 12 1\nfound metrics 13 2\n",
    );
  });
});
