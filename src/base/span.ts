/** A length of time in words, rounded to the unit that a person would use: "400 days", "3 hours", "12 minutes", "5.3 s". */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** @param seconds not negative */
export function spanText(seconds: number): string {
  for (const [unit, size] of UNITS) {
    const count = Math.round(seconds / size);
    if (seconds >= 2 * size) return `${count.toLocaleString('en-US')} ${unit}s`;
  }
  return `${seconds.toFixed(1)} s`;
}
