/**
 * Values that rows and literals are both drawn from, so that they often coincide: boundaries of windows to the microsecond, days
 * on which clocks change, leap days, numbers that doubles cannot hold, text that LIKE and folding get wrong.
 */
import type { Reading } from '../../src/catalogue/text-reading.ts';
import type { Random } from '../support/random.ts';

export const zones = [
  'Europe/Madrid',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'UTC',
] as const;

/** Instants of evaluation: ordinary, at changes of clocks, at local midnights, around leap days and new year. */
export const nows = [
  '2024-05-15T12:00:00.000000Z',
  '2024-04-25T22:00:00.000000Z', // Cairo: midnight is skipped
  '2024-04-26T12:34:56.789012Z',
  '2024-11-03T04:30:00.000000Z', // Havana: midnight to one comes twice
  '2024-11-03T05:00:00.000000Z',
  '2024-03-31T01:00:00.000000Z', // Madrid springs forward
  '2024-10-27T00:30:00.000000Z',
  '2024-04-06T15:00:00.000000Z', // Lord Howe: half an hour back
  '2024-02-28T23:30:00.000000Z',
  '2024-02-29T10:00:00.000000Z',
  '2023-02-28T10:00:00.000000Z',
  '2023-12-31T22:59:59.999999Z',
  '2024-12-30T18:30:00.000000Z', // Kolkata: midnight
  '2024-12-31T23:00:00.000000Z',
  '2024-09-29T01:00:00.000000Z', // Auckland, the sessions' zone, sprang forward
  '2022-02-28T12:00:00.000000Z',
] as const;

/** [amount, unit, seconds] of windows. */
export const windows = [
  [1, 'minute', 60],
  [90, 'minute', 5_400],
  [1, 'hour', 3_600],
  [24, 'hour', 86_400],
  [1, 'day', 86_400],
  [7, 'day', 604_800],
  [1, 'week', 604_800],
  [30, 'day', 2_592_000],
  [365, 'day', 31_536_000],
] as const;

/** [amount, unit] of windows by the calendar. The length of the same window in another unit is another condition. */
export const calendarWindows = [
  [1, 'month'],
  [1, 'month'],
  [3, 'month'],
  [1, 'quarter'],
  [12, 'month'],
  [1, 'year'],
] as const;

/** Months of these windows, and of what they would be if a quarter had four months. */
const MONTHS = [1, 3, 4, 12] as const;

/** [amount, unit] of any window. */
export function anyWindow(r: Random): readonly [number, string] {
  if (r.chance(0.35)) return r.pick(calendarWindows);
  const [amount, unit] = r.pick(windows);
  return [amount, unit];
}

export const texts = [
  '',
  'a',
  'A',
  'ana',
  'Ana',
  'ANA',
  'ana maría',
  'É',
  'é',
  'E\u0301',
  'e\u0301',
  'İ',
  'i\u0307',
  'ß',
  'SS',
  'ΑΣ',
  'ας',
  'ασ',
  '💐',
  '\uffee',
  '50%',
  '50%_',
  '50x',
  '5_0',
  'a\\b',
  'a\\\\b',
  '\\',
  "o'hara",
  '"q"',
  'two\nlines',
  'null',
  '0',
  '1',
  'true',
  ' a',
  'a ',
  'ab',
  'b',
  'vip',
  'press',
  'pro',
  '$1',
  '--',
] as const;

export const labels = ['new', 'paid', 'refunded', "it's", 'Übel'] as const;

export const numbers = [
  '0',
  '1',
  '-1',
  '2',
  '3',
  '5',
  '18',
  '0.1',
  '0.2',
  '0.3',
  '0.30',
  '1.5',
  '2.5',
  '-0.5',
  '18.5',
  '100.00',
  '250.00',
  '99.99',
  '33.3333333333',
  '2147483647',
  '2147483648',
  '-2147483648',
  '32767',
  '9007199254740992',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '123456789012345.678901234567890',
  '0.1000000000000000055511151231257827',
  '16777217',
  '0.30000000000000004',
  '12345678901234567890',
] as const;

export const uuids = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-4fff-bfff-ffffffffffff',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12',
] as const;

const dayMs = 86_400_000;

export const dates: readonly string[] = [
  ...new Set(
    nows.flatMap((now) =>
      [-366, -365, -31, -30, -8, -7, -1, 0, 1, 6, 7, 8, 31].map((days) =>
        new Date(Date.parse(now) + days * dayMs).toISOString().slice(0, 10),
      ),
    ),
  ),
  '2000-02-29',
  '2004-02-29',
  '2004-02-28',
  '2004-03-01',
  '2006-05-15',
  '2006-05-16',
  '1999-12-31',
  '1900-02-28',
  '0001-01-01',
  '9999-12-31',
];

/** The days around the ends of the windows by the calendar, at each of `nows`. */
export const monthEnds: readonly string[] = [
  ...new Set(
    nows.flatMap((now) =>
      MONTHS.flatMap((months) => [-months, months]).flatMap((months) => {
        const [year = 0, month = 0, day = 0] = now.slice(0, 10).split('-').map(Number);
        const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
        return [-1, 0, 1, day - last].map((days) =>
          new Date(Date.UTC(year, month - 1 + months, Math.min(day, last) + days)).toISOString().slice(0, 10),
        );
      }),
    ),
  ),
];

/** Birthdays that common years do not have, and their neighbours. */
export const leapDates = ['2000-02-29', '2004-02-29', '2004-02-28', '2004-03-01', '2003-03-01', '2003-02-28'] as const;

/** Dates that only rows can have. */
export const oddDates = ['infinity', '-infinity', '0044-03-15 BC', '5874897-12-31', '10000-01-01'] as const;

/** ISO text of an instant moved by microseconds. */
export function shifted(iso: string, micros: bigint): string {
  const [seconds = '', fraction = ''] = iso.replace('Z', '').split('.');
  const total = BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0')) + micros;
  const rest = ((total % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const whole = new Date(Number((total - rest) / 1000n)).toISOString().slice(0, 19);
  return `${whole}.${String(rest).padStart(6, '0')}Z`;
}

/** An instant on, or a microsecond off, an edge of some window at some now; or any. */
export function instant(r: Random, nowsHere: readonly string[] = nows): string {
  if (r.chance(0.2)) return shifted(`${r.pick(monthEnds)}T00:00:00Z`, BigInt(r.below(48) - 24) * 3_600_000_000n - 1n);
  const [, , length] = r.pick(windows);
  const base = r.pick(nowsHere);
  const offset = BigInt(r.pick([-1, -1, 0, 1])) * BigInt(length) * 1_000_000n + BigInt(r.pick([-1, 0, 0, 1]));
  return shifted(base, r.chance(0.2) ? offset + BigInt(r.below(2 * 86_400) - 86_400) * 1_000_000n : offset);
}

/** The same as Postgres prints it. */
export function printedInstant(r: Random): string {
  return instant(r).replace('T', ' ').replace('Z', '+00');
}

/** Before and after all others, for many rows of one contact: what is first or last then depends on how ties break. */
export const ties = ['2001-01-01T00:00:00.000000Z', '2035-01-01T00:00:00.000000Z'] as const;

export const oddInstants = [
  'infinity',
  '-infinity',
  '0044-03-15 10:00:00+00 BC',
  '294000-01-01 00:00:00+00',
  '10000-01-01 00:00:00+00',
] as const;

/** Texts that are almost a number, or a number in another dress. */
export const almostNumbers = [
  '',
  ' ',
  ' 5 ',
  '\t5\r\n',
  '+5',
  '-5',
  '- 5',
  '+-5',
  '--5',
  '007',
  '-0',
  '5.',
  '.5',
  '5.0',
  '1,000',
  '1.000,5',
  '1e3',
  '0x10',
  'NaN',
  'Infinity',
  '-Infinity',
  'abc',
  '5 5',
  '5\u00a0',
  '\u0665',
  '\uff15',
  '5\n6',
  '0.1',
  '0.30',
  "5'",
  '5;',
  '$5',
  '5%',
  'null',
] as const;

/** Texts that are almost a date or a time. */
export const almostTimes = [
  '',
  ' ',
  '31/02/2024',
  '29/02/2023',
  '02/29/2023',
  '29/02/2024',
  '02/29/2024',
  '1/2/2024',
  '01/02/24',
  '01/02/02024',
  '00/01/2024',
  '13/13/2024',
  '12/12/0000',
  '12/12/0001',
  '31/12/9999',
  '2024-5-1',
  '2024-05-01',
  '0000-01-01',
  '10000-01-01',
  '2024-02-30',
  ' 2024-05-01',
  '2024-05-01 ',
  '2024-05-01 24:00:00',
  '2024-05-01 9:05:00',
  '2024-05-01T09:05:00',
  '2024-05-01 09:05',
  '2024-05-01 09:05:60',
  '2024-05-01 09:60:00',
  '2024-05-01  09:05:00',
  '2024-05-01 09:05:00.1234567',
  '2024-05-01 09:05:59.999999',
  '2024-05-01 09:05:00Z',
  'infinity',
  'now',
  'today',
  'epoch',
  '20240501',
  '2024050',
  '202405011',
  '20240230',
  '١٢/١٢/٢٠٢٤',
  'abc',
  '//',
  '--',
] as const;

/** A text as a column holds it that is read as something else; one in five is not as the reading wants it. */
export function written(r: Random, reading: Reading): string {
  if (reading === 'number') return r.chance(0.3) ? r.pick(almostNumbers) : r.pick(numbers);
  if (r.chance(0.2)) return r.pick(almostTimes);
  if (reading === 'ISO 8601') return instant(r);
  const [format = '', clock] = reading.split(' ');
  const at = clock === undefined ? `${r.pick(r.chance(0.15) ? leapDates : dates)}T00:00:00.000000Z` : instant(r);
  const [year = '', month = '', day = ''] = at.slice(0, 10).split('-');
  const short = (part: string): string => (format !== 'YYYYMMDD' && r.chance(0.3) ? part.replace(/^0/, '') : part);
  const date = format.replace('YYYY', year).replace('MM', short(month)).replace('DD', short(day));
  if (clock === undefined) return date;
  return `${date}${r.pick([' ', 'T'])}${clock === 'HH:MI' ? at.slice(11, 16) : at.slice(11, -1)}`;
}

/** Raw jsonb values for a path, right and wrong. */
export const jsons: readonly string[] = [
  'null',
  'true',
  'false',
  '{}',
  '[]',
  '{"a": 1}',
  '""',
  '"a"',
  '"A"',
  '"pro"',
  '"é"',
  '"50%_"',
  '"1"',
  '"true"',
  '"null"',
  '0',
  '1',
  '5',
  '5.00',
  '5.5',
  '-1',
  '18',
  '9007199254740993',
  '12345678901234567890',
  '0.1',
  '1e3',
  '"2024-05-15"',
  '"20240515"',
  '"20040229"',
  '20240515',
  '"20230229"',
  '"2024-02-29"',
  '"2023-02-29"',
  '"2024-05-15T12:00:00Z"',
  '"2024-05-15T14:00:00+02:00"',
  '"2024-05-15 11:00:00.000001+00"',
  '"2024-05-15T12:00:00"',
  '"2024-05-15T24:00:00Z"',
  '"0000-01-01T00:00:00Z"',
  '"2024-05-15T12:00:00.1234567Z"',
  '"infinity"',
  '"now"',
  '"epoch"',
  '["vip", "press"]',
  '["vip", null, 1, {"a": []}]',
  '["a, \\"b\\"", "é"]',
  '[1, 2.5, "3", null]',
  '[true, false]',
  '[[1]]',
  '["2024-05-15"]',
  '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
  '"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"',
  '"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"',
  '"a0eebc999c0b4ef8bb6d6bb9bd380a11"',
];
