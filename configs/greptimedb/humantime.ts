/**
 * How GreptimeDB writes a retention back in `SHOW CREATE DATABASE`: the text form of the Rust crate `humantime`,
 * whose year has 365.25 days and whose month has 30.44. `30d` is read back as `30days`, `365d` as
 * `11months 30days 3h 50m 24s`.
 */
export function humantime(seconds: number): string {
  const units = [
    { name: "year", seconds: 31_557_600, counted: true },
    { name: "month", seconds: 2_630_016, counted: true },
    { name: "day", seconds: 86_400, counted: true },
    { name: "h", seconds: 3600, counted: false },
    { name: "m", seconds: 60, counted: false },
    { name: "s", seconds: 1, counted: false },
  ];
  let rest = seconds;
  const words = units.flatMap((unit) => {
    const count = Math.floor(rest / unit.seconds);
    rest -= count * unit.seconds;
    return count === 0 ? [] : [`${String(count)}${unit.name}${unit.counted && count > 1 ? "s" : ""}`];
  });
  return words.length === 0 ? "0s" : words.join(" ");
}
