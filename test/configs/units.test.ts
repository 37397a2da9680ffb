import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { humantime } from "../../configs/greptimedb/humantime.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../configs/settings/units.ts";

describe("durations", () => {
  it.each([
    ["15s", 15],
    ["10m", 600],
    ["36h", 129_600],
    ["30d", 2_592_000],
    ["4w", 2_419_200],
    ["1y", 31_536_000],
    [" 7d ", 604_800],
  ])("%s is %d seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(["", "7", "d", "7 d", "7D", "7M", "1.5h", "-1h", "1h30m", "∞", "9999999999s", null, undefined, 7, {}])(
    "%j is none",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it("read back as written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400_000_000 }),
        (seconds) => parseDuration(formatDuration(seconds)) === seconds,
      ),
    );
  });
});

describe("sizes", () => {
  it("read back as written", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10_000_000 }), (size) => parseSize(formatSize(size)) === size));
  });

  it.each(["512", "512MB", "1.5GiB", "GiB", "", 512, null])("%j is none", (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

/** Values that GreptimeDB 1.1.4 wrote back for a ttl of so many seconds. */
describe("a retention as GreptimeDB writes it back", () => {
  it.each([
    [3600, "1h"],
    [43_200, "12h"],
    [86_400, "1day"],
    [604_800, "7days"],
    [1_209_600, "14days"],
    [2_592_000, "30days"],
    [2_678_400, "1month 13h 26m 24s"],
    [7_776_000, "2months 29days 2h 52m 48s"],
    [31_536_000, "11months 30days 3h 50m 24s"],
    [63_072_000, "1year 11months 29days 21h 50m 24s"],
  ])("%d s: %s", (seconds, text) => {
    expect(humantime(seconds)).toBe(text);
  });

  it("names every second of it", () => {
    const secondsPer: Record<string, number> = {
      year: 31_557_600,
      month: 2_630_016,
      day: 86_400,
      h: 3600,
      m: 60,
      s: 1,
    };
    const total = (text: string) =>
      [...text.matchAll(/(\d+)(year|month|day|h|m|s)s?(?= |$)/g)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * (secondsPer[unit ?? ""] ?? 0),
        0,
      );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400_000_000 }), (seconds) => total(humantime(seconds)) === seconds),
    );
  });
});
