/**
 * Names of time zones. Only region names count (`Europe/Madrid`, `UTC`): Postgres also reads `+02` or `CEST`, with
 * other signs and no daylight saving.
 */

/** True for a name that Node knows. Postgres' own list is asked when a segment is saved. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
