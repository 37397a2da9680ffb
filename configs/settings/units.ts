/** Durations and sizes as people write them, turned into numbers once, at the edge. */

const secondsPer = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 } as const;
const mebibytesPer = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 } as const;

type DurationUnit = keyof typeof secondsPer;
type SizeUnit = keyof typeof mebibytesPer;

/**
 * Seconds of a duration such as `15s`, `10m`, `12h`, `30d`, `4w` or `1y` (365 days).
 * Months are left out on purpose: `M` and `m` are too easily confused.
 * @returns undefined when the text is no duration
 */
export function parseDuration(text: unknown): number | undefined {
  const match = typeof text === "string" ? /^(\d{1,9})(s|m|h|d|w|y)$/.exec(text.trim()) : null;
  return match ? Number(match[1]) * secondsPer[match[2] as DurationUnit] : undefined;
}

/** The shortest text of a whole number of seconds: 60 → `1m`, 129600 → `36h`, 0 → `0s`. Weeks and years become days. */
export function formatDuration(seconds: number): string {
  const unit = (["d", "h", "m"] as const).find((u) => seconds > 0 && seconds % secondsPer[u] === 0) ?? "s";
  return `${String(seconds / secondsPer[unit])}${unit}`;
}

/**
 * MiB of a size such as `512MiB` or `2GiB`. Decimal units (`MB`, `GB`) are refused: memory limits are binary.
 * @returns undefined when the text is no size
 */
export function parseSize(text: unknown): number | undefined {
  const match = typeof text === "string" ? /^(\d{1,9})\s?(MiB|GiB|TiB)$/.exec(text.trim()) : null;
  return match ? Number(match[1]) * mebibytesPer[match[2] as SizeUnit] : undefined;
}

/** The shortest text of a whole number of MiB: 2048 → `2GiB`. */
export function formatSize(mebibytes: number): string {
  const unit = (["TiB", "GiB"] as const).find((u) => mebibytes > 0 && mebibytes % mebibytesPer[u] === 0) ?? "MiB";
  return `${String(mebibytes / mebibytesPer[unit])}${unit}`;
}
