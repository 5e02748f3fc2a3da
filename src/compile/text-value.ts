/**
 * Text that is read as a number, a date or a time, as SQL. The functions (sql/object/text-value.sql and json-instant.sql)
 * never raise and are immutable, so an index can be made on the same expression.
 */
import { DATE_FORMATS, type Reading } from '../catalogue/text-reading.ts';
import { literal, sql, type Fragment } from './fragment.ts';

/** The value of the text, NULL where the reading cannot read it. The format stands in the SQL itself: an index is on that text. */
export function readText(reading: Reading, text: Fragment): Fragment {
  if (reading === 'number') return sql`segmentd.text_number(${text}::text)`;
  if (reading === 'ISO 8601') return sql`segmentd.json_instant(${text}::text)`;
  const at = sql`segmentd.text_timestamp(${text}::text, ${literal(reading)})`;
  return isDay(reading) ? sql`(${at}::date)` : at;
}

function isDay(reading: Reading): boolean {
  return DATE_FORMATS.some((format) => format === reading);
}

/** Whether something of JSON other than a string can be written so: eight digits are a number too. */
export function needsString(reading: Reading): boolean {
  return reading === 'YYYYMMDD';
}
