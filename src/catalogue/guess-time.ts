/** Guesses the column that says when a row came. For `segmentd init` only: a person reads the result before it counts. Pure. */
import type { TableInfo } from './table-info.ts';

export const CREATED_NAMES = [
  'created_at',
  'createdat',
  'created',
  'created_on',
  'inserted_at',
  'registered_at',
  'signed_up_at',
  'signup_at',
  'date_joined',
  'joined_at',
  'joined',
  'registered',
  'signed_up',
  'member_since',
];
/** Times that say what became of a row, not when it came. */
const LATER_TIME =
  /^(updated|deleted|modified|changed|archived|expires|expired|cancelled|canceled|last_|synced|imported)/i;
export const TIME_NAMES = [
  'placed_at',
  'ordered_at',
  'occurred_at',
  'happened_at',
  'viewed_at',
  'sent_at',
  'paid_at',
  'timestamp',
  'occurred_on',
  ...CREATED_NAMES,
  'date',
  'time',
];

function timeColumns(info: TableInfo): readonly string[] {
  return info.columns
    .filter((column) => !column.base.array && ['timestamptz', 'timestamp', 'date'].includes(column.base.name))
    .map((column) => column.name);
}

export function timeColumnNamed(info: TableInfo, names: readonly string[]): string | undefined {
  const times = timeColumns(info);
  for (const name of names) {
    const found = times.find((time) => time.toLowerCase() === name || time.toLowerCase() === name.replaceAll('_', ''));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of rows that happen at a time: that, or the only time there is. */
export function likelyTimeColumn(info: TableInfo): string | undefined {
  const times = timeColumns(info).filter((time) => !LATER_TIME.test(time));
  return times.find((time) => /(^|_)at$/i.test(time)) ?? (times.length === 1 ? times[0] : undefined);
}
