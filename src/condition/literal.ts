/**
 * Values as people write them, made canonical: exact decimals, real dates, instants in microseconds. Every value stays
 * text or bigint: a JavaScript number loses digits, a JavaScript Date loses microseconds. Pure parsing; check-literal.ts
 * decides what a field accepts.
 */
import { formatDay, parseDay } from './civil.ts';

const microsPerSecond = 1_000_000n;
const microsPerDay = 86_400n * microsPerSecond;

/** A plain decimal (`-12.50`) in canonical form (`-12.5`), or `undefined`. No exponent, no leading plus. */
export function canonicalDecimal(text: string): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return undefined;
  const whole = (match[2] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return digits === '0' ? '0' : `${match[1] ?? ''}${digits}`;
}

/** The shortest decimal that names this JavaScript number, without an exponent. The number must be finite. */
export function decimalOfNumber(number: number): string {
  const [mantissa = '0', exponent] = String(number).split('e');
  if (exponent === undefined) return canonicalDecimal(mantissa) ?? '0';
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '0', fraction = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + '0'.repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return canonicalDecimal(sign + text) ?? '0';
}

export function countDigits(decimal: string): number {
  return decimal.replace(/[-.]/g, '').length;
}

/** A real date of the years 1–9999 written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  return parseDay(text) !== undefined;
}

const instantPattern =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)$/;

/** ISO 8601 with an offset or `Z`, at most microseconds, as microseconds since 1970, or `undefined`. */
export function parseInstant(text: string): bigint | undefined {
  const match = instantPattern.exec(text);
  if (!match) return undefined;
  const day = parseDay(match[1] ?? '');
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  const [offsetHour, offsetMinute] = [Number(match[8] ?? 0), Number(match[9] ?? 0)];
  if (day === undefined || hour > 23 || minute > 59 || second > 59 || offsetHour > 15 || offsetMinute > 59)
    return undefined;
  const offset = (match[7] === '-' ? -1 : 1) * (offsetHour * 3600 + offsetMinute * 60);
  const seconds = BigInt(hour * 3600 + minute * 60 + second - offset);
  return BigInt(day) * microsPerDay + seconds * microsPerSecond + BigInt((match[5] ?? '').padEnd(6, '0'));
}

/** Canonical text of an instant, `YYYY-MM-DDTHH:MM:SS.ffffffZ`. */
export function formatInstant(micros: bigint): string {
  const time = ((micros % microsPerDay) + microsPerDay) % microsPerDay;
  const day = Number((micros - time) / microsPerDay);
  const seconds = Number(time / microsPerSecond);
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${formatDay(day)}T${clock}.${String(time % microsPerSecond).padStart(6, '0')}Z`;
}

/** True when the canonical text would have a year outside 1–9999 (an offset can push it over the edge). */
export function isOutsideYears(micros: bigint): boolean {
  return micros < -719_162n * microsPerDay || micros >= 2_932_897n * microsPerDay;
}

/** A uuid in Postgres' own form, lower case with hyphens. */
export function canonicalUuid(text: string): string | undefined {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;
}
