/**
 * Names of time zones. Only region names are accepted (`Europe/Madrid`, `UTC`). Postgres also reads `+02` and `CEST`, with
 * the opposite sign and without daylight saving.
 */

import { masked } from '../base/mask.ts';
import type { Issue } from './issue.ts';

/** The issue of a name that is no time zone, or none that Postgres knows. */
export function unknownZone(name: string): Issue {
  return {
    code: 'unknown-timezone',
    pointer: '',
    message: `${JSON.stringify(masked(name))} is not a time zone that Postgres knows.`,
    hint: 'use a name such as Europe/Madrid',
  };
}

/** True for a name that the JavaScript runtime knows. A save asks Postgres' own list too. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
