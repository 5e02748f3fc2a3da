/**
 * How text is read as a number, a date or an instant. The formats are a closed set: what they read is written twice, in
 * sql/object/text-value.sql for Postgres and in condition/evaluate/read-text.ts for the evaluator. Pure.
 */

/** Formats of a day. A day or month may lack its leading zero, except where nothing stands between the parts. */
export const DATE_FORMATS = [
  'YYYY-MM-DD',
  'YYYY/MM/DD',
  'YYYYMMDD',
  'DD/MM/YYYY',
  'DD.MM.YYYY',
  'DD-MM-YYYY',
  'MM/DD/YYYY',
] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** Times of 24 hours. Seconds may have a fraction. */
export const TIME_FORMATS = ['HH:MI', 'HH:MI:SS'] as const;
type TimeFormat = `${DateFormat} ${(typeof TIME_FORMATS)[number]}`;

/** An instant with its offset. */
const ISO = 'ISO 8601';

/** `number`, or the format of a date or an instant. */
export type Reading = 'number' | DateFormat | TimeFormat | typeof ISO;

/** Families that text can be read as. */
export const READ_FAMILIES = ['number', 'date', 'instant'] as const;
export type ReadFamily = (typeof READ_FAMILIES)[number];

const READINGS = {
  number: ['number'],
  date: DATE_FORMATS,
  instant: [ISO, ...DATE_FORMATS.flatMap((day) => TIME_FORMATS.map((time) => `${day} ${time}` as const))],
} as const satisfies Record<ReadFamily, readonly Reading[]>;

export function isReadFamily(type: unknown): type is ReadFamily {
  return READ_FAMILIES.some((family) => family === type);
}

/** The reading of a type with that format; without a format the first of the type. Undefined when the type has no such format. */
export function readingOf(family: ReadFamily, format?: unknown): Reading | undefined {
  const all: readonly Reading[] = READINGS[family];
  return format === undefined ? all[0] : all.find((one) => one === format && one !== 'number');
}

/** What of a field says how its values are read. */
interface TimeField {
  readonly family: string;
  readonly reading?: Reading;
  readonly path?: readonly string[];
  readonly sqlType: string;
}

/** Whether the field is an instant without an offset: it means one only in the zone of the catalogue's `timestamps`. */
export function isWallClock({ family, reading, path, sqlType }: TimeField): boolean {
  if (family !== 'instant') return false;
  if (reading !== undefined) return reading !== ISO;
  return path === undefined && /^timestamp(?!.*with time zone)/.test(sqlType);
}
