/**
 * Text as a number, a date or an instant, as a reading of the catalogue says. Independent of the SQL that does the same
 * (sql/object/text-value.sql): the tests hold one to the other. Missing is `undefined`. Pure.
 */
import type { Reading } from '../../catalogue/text-reading.ts';
import { dayNumber, daysInMonth } from '../civil.ts';
import { parseDecimal } from '../decimal.ts';
import { parseInstant } from '../literal.ts';
import type { TypedValue } from './typed-value.ts';

const LONGEST_NUMBER = 1_000;

export function readWritten(reading: Reading, text: string): TypedValue | undefined {
  if (reading === 'number') return readNumber(text);
  if (reading === 'ISO 8601') {
    const micros = parseInstant(text);
    return micros === undefined ? undefined : { family: 'instant', value: { micros, wall: false } };
  }
  const [format = '', clock] = reading.split(' ');
  const [written = '', time, ...more] = clock === undefined ? [text] : text.split(/[ T]/);
  const day = readDay(format, written);
  if (day === undefined || more.length > 0) return undefined;
  if (clock === undefined) return { family: 'date', value: day };
  const micros = readClock(clock, time ?? '');
  return micros === undefined
    ? undefined
    : { family: 'instant', value: { micros: BigInt(day) * MICROS_A_DAY + micros, wall: true } };
}

function readNumber(text: string): TypedValue | undefined {
  // Postgres counts characters, not the halves of them.
  if (Array.from(text).length > LONGEST_NUMBER) return undefined;
  const match = /^[ \t\r\n]*([+-]?)([0-9]+(?:\.[0-9]+)?)[ \t\r\n]*$/.exec(text);
  const value = match ? parseDecimal(`${match[1] === '-' ? '-' : ''}${match[2]}`) : undefined;
  return value === undefined ? undefined : { family: 'number', value };
}

/** Day number of a date in that format; undefined when it is not so written or does not exist. */
function readDay(format: string, text: string): number | undefined {
  const [separator] = /[^A-Z]/.exec(format) ?? [];
  const parts = separator === undefined ? compact(text) : text.split(separator);
  const names = separator === undefined ? ['YYYY', 'MM', 'DD'] : format.split(separator);
  if (parts?.length !== names.length) return undefined;
  const part = new Map(names.map((name, index) => [name, parts[index] ?? '']));
  const number = (name: string, pattern: RegExp): number => {
    const digits = part.get(name) ?? '';
    return pattern.test(digits) ? Number(digits) : 0;
  };
  const [year, month, day] = [number('YYYY', /^[0-9]{4}$/), number('MM', /^[0-9]{1,2}$/), number('DD', /^[0-9]{1,2}$/)];
  const exists = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return exists ? dayNumber({ year, month, day }) : undefined;
}

function compact(text: string): readonly string[] | undefined {
  return text.length === 8 ? [text.slice(0, 4), text.slice(4, 6), text.slice(6)] : undefined;
}

const MICROS_A_DAY = 86_400_000_000n;

/** Microseconds of the day. */
function readClock(format: string, text: string): bigint | undefined {
  const pattern =
    format === 'HH:MI' ? /^([0-9]{1,2}):([0-9]{2})$/ : /^([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?$/;
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + BigInt((match[4] ?? '').padEnd(6, '0'));
}
