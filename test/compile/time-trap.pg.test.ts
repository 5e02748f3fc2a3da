/** The traps of time: each test fails when the compiler falls into its trap. A person worked out the expected contacts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { matching, oddDatabase, type Ask } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
});

afterAll(() => database.drop());

/** Positions, from 1, of the values of `column` that match; NULL stands last in the table and must not. */
async function matched(column: string, values: readonly string[], json: unknown, ask: Ask = {}): Promise<number[]> {
  await database.query('truncate public.contact');
  await database.query(
    `insert into public.contact (id, ${column}) select n, x::${column === 'd' ? 'date' : column === 'tl' ? 'timestamp' : 'timestamptz'} from unnest($1::text[]) with ordinality as v(x, n)`,
    [[...values, null]],
  );
  return matching(database, json, ask);
}

describe('windows', () => {
  const now = '2024-05-15T12:00:00.000001Z';
  const edges = [
    '2024-05-14 12:00:00+00',
    '2024-05-14 12:00:00.000001+00',
    '2024-05-14 12:00:00.000002+00',
    '2024-05-15 12:00:00.000001+00',
    '2024-05-15 12:00:00.000002+00',
    '2024-05-16 12:00:00.000001+00',
    '2024-05-16 12:00:00.000002+00',
  ];
  test('flip at their edge, to the microsecond', async () => {
    expect(await matched('ts', edges, { in_last: [v('ts'), 1, 'day'] }, { now })).toEqual([3, 4]);
    expect(await matched('ts', edges, { before_last: [v('ts'), 24, 'hour'] }, { now })).toEqual([1, 2]);
    expect(await matched('ts', edges, { in_next: [v('ts'), 1, 'day'] }, { now })).toEqual([5, 6]);
  });

  test('of the present: now is past, and an infinite value has a side', async () => {
    const values = ['-infinity', ...edges, 'infinity'];
    expect(await matched('ts', values, { is_past: [v('ts')] }, { now })).toEqual([1, 2, 3, 4, 5]);
    expect(await matched('ts', values, { is_future: [v('ts')] }, { now })).toEqual([6, 7, 8, 9]);
    // The last contact has no value.
    expect(await matched('ts', values, { '!': [{ is_past: [v('ts')] }] }, { now })).toEqual([6, 7, 8, 9, 10]);
    const days = ['-infinity', '2024-05-15', '2024-05-16', '5874897-12-31', 'infinity'];
    const late = { now: '2024-05-15T23:00:00Z' };
    expect(await matched('d', days, { is_past: [v('d')] }, { ...late, zone: 'Europe/Madrid' })).toEqual([1, 2, 3]);
    expect(await matched('d', days, { is_future: [v('d')] }, { ...late, zone: 'America/Havana' })).toEqual([3, 4, 5]);
    const clocks = ['2024-05-15 08:00:00.000001', '2024-05-15 08:00:00.000002', 'infinity'];
    expect(await matched('tl', clocks, { is_future: [v('tl')] }, { now, timestamps: 'America/Havana' })).toEqual([
      2, 3,
    ]);
  });

  test('a day is 24 hours, whatever the zone of the session', async () => {
    // Madrid lost an hour on 31 March: one of its calendar days before 12:00 UTC is only 23 hours.
    const values = ['2024-03-30 12:30+00', '2024-03-30 12:00+00', '2024-03-30 13:30+00'];
    for (const session of ['Europe/Madrid', 'UTC', 'Asia/Kathmandu']) {
      expect(
        await matched('ts', values, { in_last: [v('ts'), 1, 'day'] }, { now: '2024-03-31T12:00:00Z', session }),
      ).toEqual([1, 3]);
    }
  });

  test('a column without zone is read in its zone', async () => {
    // 12:00 UTC is 08:00 in Havana.
    const values = ['2024-05-15 08:00', '2024-05-15 08:00:01', '2024-05-14 08:00', '2024-05-14 08:00:01'];
    expect(
      await matched(
        'tl',
        values,
        { in_last: [v('tl'), 1, 'day'] },
        { now: '2024-05-15T12:00:00Z', timestamps: 'America/Havana' },
      ),
    ).toEqual([1, 4]);
    expect(
      await matched('tl', values, { in_last: [v('tl'), 1, 'day'] }, { now: '2024-05-15T08:00:00Z', timestamps: 'UTC' }),
    ).toEqual([1, 4]);
  });

  test('a date counts from its local midnight', async () => {
    const days = ['2024-05-14', '2024-05-15', '2024-05-16', '2024-05-17'];
    // 23:00 UTC on the 15th is the 16th in Madrid, the 15th in Havana.
    expect(
      await matched(
        'd',
        days,
        { in_last: [v('d'), 24, 'hour'] },
        { now: '2024-05-15T23:00:00Z', zone: 'Europe/Madrid' },
      ),
    ).toEqual([3]);
    expect(
      await matched(
        'd',
        days,
        { in_last: [v('d'), 24, 'hour'] },
        { now: '2024-05-15T23:00:00Z', zone: 'America/Havana' },
      ),
    ).toEqual([2]);
    expect(
      await matched(
        'd',
        days,
        { in_next: [v('d'), 24, 'hour'] },
        { now: '2024-05-15T23:00:00Z', zone: 'Europe/Madrid' },
      ),
    ).toEqual([4]);
    expect(
      await matched(
        'd',
        days,
        { before_last: [v('d'), 24, 'hour'] },
        { now: '2024-05-15T23:00:00Z', zone: 'Europe/Madrid' },
      ),
    ).toEqual([1, 2]);
  });
});

describe('windows by the calendar', () => {
  const days = ['2024-01-31', '2024-02-28', '2024-02-29', '2024-03-01', '2024-03-31', '2024-04-30', '2024-05-01'];
  const on = (operator: string, amount: number, unit: string, now: string, session?: string): Promise<number[]> =>
    matched('d', days, { [operator]: [v('d'), amount, unit] }, { now, zone: 'UTC', ...(session ? { session } : {}) });

  test('clamp at the end of the month', async () => {
    expect(await on('in_last', 1, 'month', '2024-03-31T12:00:00Z')).toEqual([4, 5]);
    expect(await on('before_last', 1, 'month', '2024-03-29T12:00:00Z')).toEqual([1, 2, 3]);
    expect(await on('before_last', 1, 'month', '2024-03-28T12:00:00Z')).toEqual([1, 2]);
    expect(await on('in_next', 1, 'month', '2024-03-31T12:00:00Z')).toEqual([6]);
    expect(await on('in_next', 1, 'month', '2024-01-30T12:00:00Z')).toEqual([1, 2, 3]);
    expect(await on('before_last', 1, 'quarter', '2024-05-31T12:00:00Z')).toEqual([1, 2, 3]);
    expect(await on('before_last', 1, 'year', '2025-02-28T12:00:00Z')).toEqual([1, 2]);
    expect(await on('in_last', 1, 'year', '2025-02-28T12:00:00Z')).toEqual([3, 4, 5, 6, 7]);
    expect(await on('in_next', 100, 'year', '2024-03-31T12:00:00Z')).toEqual([6, 7]);
  });

  test('know no zone of the session', async () => {
    for (const session of ['Pacific/Auckland', 'America/Havana'])
      expect(await on('before_last', 1, 'month', '2024-03-28T23:30:00Z', session)).toEqual([1, 2]);
  });

  test('take the local day of an instant, where a midnight is missing or comes twice', async () => {
    // In Cairo 26 April 2024 begins at one o'clock, at 22:00 UTC.
    const instants = ['2024-04-25 21:59:59.999999+00', '2024-04-25 22:00+00', '2024-04-26 20:59:59.999999+00'];
    const cairo = { zone: 'Africa/Cairo', now: '2024-05-25T12:00:00Z' };
    expect(await matched('ts', instants, { in_last: [v('ts'), 1, 'month'] }, cairo)).toEqual([2, 3]);
    expect(await matched('ts', instants, { before_last: [v('ts'), 1, 'month'] }, cairo)).toEqual([1]);
    // In Havana 3 November 2024 has 25 hours, from 04:00 UTC on.
    const twice = ['2024-11-03 03:59:59+00', '2024-11-03 04:00+00', '2024-11-04 04:59:59+00', '2024-11-04 05:00+00'];
    const havana = { zone: 'America/Havana', now: '2024-12-03T12:00:00Z' };
    expect(await matched('ts', twice, { before_last: [v('ts'), 1, 'month'] }, havana)).toEqual([1, 2, 3]);
    expect(await matched('ts', twice, { in_last: [v('ts'), 1, 'month'] }, havana)).toEqual([4]);
    const next = { zone: 'America/Havana', now: '2024-10-03T12:00:00Z' };
    expect(await matched('ts', twice, { in_next: [v('ts'), 1, 'month'] }, next)).toEqual([1, 2, 3]);
  });

  test('end at the very instant of now', async () => {
    const now = '2024-05-15T12:00:00Z';
    const instants = ['2024-04-16 00:00+00', '2024-05-15 12:00+00', '2024-05-15 12:00:00.000001+00'];
    expect(await matched('ts', instants, { in_last: [v('ts'), 1, 'month'] }, { now, zone: 'UTC' })).toEqual([1, 2]);
    expect(await matched('ts', instants, { in_next: [v('ts'), 1, 'month'] }, { now, zone: 'UTC' })).toEqual([3]);
    const clocks = ['2024-05-15 08:00', '2024-05-15 08:00:00.000001'];
    const ask = { now, timestamps: 'America/Havana' };
    expect(await matched('tl', clocks, { in_last: [v('tl'), 1, 'month'] }, ask)).toEqual([1]);
  });

  test('of the far past and future raise nothing', async () => {
    const dates = ['infinity', '-infinity', '5874897-12-31', '4713-01-01 BC'];
    expect(await matched('d', dates, { before_last: [v('d'), 1_200, 'month'] })).toEqual([2, 4]);
    expect(await matched('d', dates, { '!': [{ in_next: [v('d'), 100, 'year'] }] })).toEqual([1, 2, 3, 4, 5]);
    const instants = ['infinity', '-infinity', '294276-12-31 23:59:59+00', '4713-01-01 00:00+00 BC'];
    expect(await matched('ts', instants, { before_last: [v('ts'), 1, 'month'] })).toEqual([2, 4]);
    expect(await matched('ts', instants, { in_last: [v('ts'), 1, 'month'] })).toEqual([]);
  });
});

describe('local days', () => {
  test('with a midnight that never was (Cairo, 26 April 2024)', async () => {
    // 23:59:59 on the 25th is followed by 01:00 on the 26th, at 22:00 UTC.
    const values = [
      '2024-04-25 21:59:59.999999+00',
      '2024-04-25 22:00+00',
      '2024-04-26 20:59:59.999999+00',
      '2024-04-26 21:00+00',
    ];
    const ask = { zone: 'Africa/Cairo', now: '2024-04-26T08:00:00Z' };
    expect(await matched('ts', values, { '==': [v('ts'), '2024-04-26'] }, ask)).toEqual([2, 3]);
    expect(await matched('ts', values, { in_period: [v('ts'), 'day', 0] }, ask)).toEqual([2, 3]);
    expect(await matched('ts', values, { '<': [v('ts'), '2024-04-26'] }, ask)).toEqual([1]);
    expect(await matched('d', ['2024-04-25', '2024-04-26'], { before_last: [v('d'), 11, 'hour'] }, ask)).toEqual([1]);
    expect(await matched('d', ['2024-04-25', '2024-04-26'], { before_last: [v('d'), 10, 'hour'] }, ask)).toEqual([
      1, 2,
    ]);
  });

  test('with a midnight that came twice (Havana, 3 November 2024)', async () => {
    // 00:59:59 is followed by 00:00 again, at 05:00 UTC; the day has 25 hours.
    const values = [
      '2024-11-03 03:59:59+00',
      '2024-11-03 04:00+00',
      '2024-11-03 05:00+00',
      '2024-11-04 04:59:59+00',
      '2024-11-04 05:00+00',
    ];
    const ask = { zone: 'America/Havana', now: '2024-11-03T05:00:00Z' };
    expect(await matched('ts', values, { '==': [v('ts'), '2024-11-03'] }, ask)).toEqual([2, 3, 4]);
    expect(await matched('ts', values, { in_period: [v('ts'), 'day', 0] }, ask)).toEqual([2, 3, 4]);
    expect(await matched('ts', values, { '==': [{ weekday: [v('ts')] }, 7] }, ask)).toEqual([2, 3, 4]);
  });

  test('far from UTC, on both sides', async () => {
    const values = ['2024-05-14 09:59:59+00', '2024-05-14 10:00+00', '2024-05-15 09:59:59+00', '2024-05-15 10:00+00'];
    expect(await matched('ts', values, { '==': [v('ts'), '2024-05-15'] }, { zone: 'Pacific/Kiritimati' })).toEqual([
      2, 3,
    ]);
    const west = ['2024-05-15 10:59:59+00', '2024-05-15 11:00+00', '2024-05-16 10:59:59+00', '2024-05-16 11:00+00'];
    expect(await matched('ts', west, { '==': [v('ts'), '2024-05-15'] }, { zone: 'Pacific/Pago_Pago' })).toEqual([2, 3]);
    // A column read in one end of the world, for a segment at the other.
    expect(
      await matched(
        'tl',
        ['2024-05-15 00:59', '2024-05-15 01:00', '2024-05-16 00:59', '2024-05-16 01:00'],
        { '==': [v('tl'), '2024-05-14'] },
        { zone: 'Pacific/Pago_Pago', timestamps: 'Pacific/Kiritimati' },
      ),
    ).toEqual([2, 3]);
  });

  test('weeks are ISO weeks, also across the year', async () => {
    const days = ['2024-12-29', '2024-12-30', '2025-01-05', '2025-01-06'];
    expect(await matched('d', days, { in_period: [v('d'), 'week', 0] }, { now: '2025-01-01T12:00:00Z' })).toEqual([
      2, 3,
    ]);
    expect(await matched('d', days, { in_period: [v('d'), 'week', -1] }, { now: '2025-01-08T12:00:00Z' })).toEqual([
      2, 3,
    ]);
  });

  test('months of any length, from their last day', async () => {
    const days = ['2024-01-31', '2024-02-01', '2024-02-29', '2024-03-01', '2024-03-31'];
    expect(await matched('d', days, { in_period: [v('d'), 'month', -1] }, { now: '2024-03-31T12:00:00Z' })).toEqual([
      2, 3,
    ]);
    expect(await matched('d', days, { in_period: [v('d'), 'month', 1] }, { now: '2024-01-31T12:00:00Z' })).toEqual([
      2, 3,
    ]);
    expect(await matched('d', days, { in_period: [v('d'), 'quarter', -1] }, { now: '2024-05-31T12:00:00Z' })).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect(await matched('d', days, { in_period: [v('d'), 'year', -1] }, { now: '2025-01-01T00:00:00+01:00' })).toEqual(
      [1, 2, 3, 4, 5],
    );
  });
});

describe('29 February', () => {
  const births = ['2004-02-27', '2004-02-28', '2004-02-29', '2004-03-01', '2003-02-28'];
  const adults = (now: string): Promise<number[]> =>
    matched('d', births, { '>=': [{ age: [v('d')] }, 18] }, { now, zone: 'UTC' });
  test('comes of age on 28 February of a common year', async () => {
    expect(await adults('2022-02-27T12:00:00Z')).toEqual([1, 5]);
    expect(await adults('2022-02-28T12:00:00Z')).toEqual([1, 2, 3, 5]);
    expect(await adults('2022-03-01T12:00:00Z')).toEqual([1, 2, 3, 4, 5]);
  });
  test('and on the 29th of a leap year; the mirror differs', async () => {
    const twenty = (now: string): Promise<number[]> =>
      matched('d', births, { '==': [{ age: [v('d')] }, 20] }, { now, zone: 'UTC' });
    expect(await twenty('2024-02-28T12:00:00Z')).toEqual([1, 2]);
    expect(await twenty('2024-02-29T12:00:00Z')).toEqual([1, 2, 3]);
    // Today is the 29th, eighteen years ago there was none.
    expect(
      await matched(
        'd',
        ['2006-02-28', '2006-03-01'],
        { '>=': [{ age: [v('d')] }, 18] },
        { now: '2024-02-29T12:00:00Z', zone: 'UTC' },
      ),
    ).toEqual([1]);
    expect(
      await matched(
        'd',
        ['2006-02-28', '2006-03-01'],
        { '<': [{ age: [v('d')] }, 18] },
        { now: '2024-02-28T12:00:00Z', zone: 'UTC' },
      ),
    ).toEqual([2]);
  });
  test('has its anniversary on the 28th of a common year', async () => {
    const on = (now: string, days: number): Promise<number[]> =>
      matched('d', births, { anniversary_in_next: [v('d'), days] }, { now, zone: 'UTC' });
    expect(await on('2022-02-28T12:00:00Z', 0)).toEqual([2, 3, 5]);
    expect(await on('2024-02-28T12:00:00Z', 0)).toEqual([2, 5]);
    expect(await on('2024-02-29T12:00:00Z', 0)).toEqual([3]);
    expect(await on('2022-03-01T12:00:00Z', 363)).toEqual([1, 4]);
    expect(await on('2022-03-01T12:00:00Z', 364)).toEqual([1, 2, 3, 4, 5]);
    expect(await on('2022-12-31T12:00:00Z', 59)).toEqual([1, 2, 3, 5]);
    expect(await on('2023-12-31T12:00:00Z', 59)).toEqual([1, 2, 5]);
  });
});

describe('anniversaries', () => {
  const births = ['1990-12-30', '1990-01-05', '1990-01-06', '2004-02-29', '2004-02-28', '2004-03-01', 'infinity'];
  const on = (json: unknown, now: string): Promise<number[]> => matched('d', births, json, { now, zone: 'UTC' });

  test('in the last days, across the year and around 29 February', async () => {
    const last = (days: number): unknown => ({ anniversary_in_last: [v('d'), days] });
    expect(await on(last(7), '2024-01-06T12:00:00Z')).toEqual([1, 2, 3]);
    expect(await on(last(1), '2023-03-01T12:00:00Z')).toEqual([4, 5, 6]);
    expect(await on(last(1), '2024-03-01T12:00:00Z')).toEqual([4, 6]);
    expect(await on(last(364), '2024-02-28T12:00:00Z')).toEqual([1, 2, 3, 5, 6]);
    expect(await on(last(365), '2024-02-28T12:00:00Z')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await on({ '!': [last(7)] }, '2024-01-06T12:00:00Z')).toEqual([4, 5, 6, 7, 8]);
  });

  test('in an ISO week or a month, near or far', async () => {
    const period = (unit: string, offset: number): unknown => ({ anniversary_in_period: [v('d'), unit, offset] });
    // From Monday, 30 December 2024, to Sunday.
    expect(await on(period('week', 0), '2025-01-01T12:00:00Z')).toEqual([1, 2]);
    expect(await on(period('week', -1), '2025-01-08T12:00:00Z')).toEqual([1, 2]);
    // From 27 February to 5 March 2023.
    expect(await on(period('week', 0), '2023-03-01T12:00:00Z')).toEqual([4, 5, 6]);
    expect(await on(period('month', 1), '2023-01-31T12:00:00Z')).toEqual([4, 5]);
    expect(await on(period('month', -1_216), '2024-06-30T12:00:00Z')).toEqual([4, 5]);
    expect(await on(period('week', 5_214), '2024-06-30T12:00:00Z')).toEqual([]);
  });

  test('of an instant, by its local day', async () => {
    const instants = [
      '2020-05-15 21:59:59+00',
      '2020-05-15 22:00+00',
      'infinity',
      '-infinity',
      '294276-12-31 23:59:59+00',
    ];
    const ask = { now: '2024-05-15T22:30:00Z' };
    const today = { anniversary_today: [v('ts')] };
    expect(await matched('ts', instants, today, { ...ask, zone: 'Europe/Madrid' })).toEqual([2]);
    expect(await matched('ts', instants, today, { ...ask, zone: 'UTC' })).toEqual([1, 2]);
    const may = { '==': [{ anniversary_month: [v('ts')] }, 5] };
    expect(await matched('ts', instants, may, { ...ask, zone: 'Europe/Madrid' })).toEqual([1, 2]);
    // 20:00 on the 15th in Havana is the 16th in Madrid.
    const clocks = ['2020-05-15 17:59', '2020-05-15 18:00'];
    const havana = { ...ask, zone: 'Europe/Madrid', timestamps: 'America/Havana' };
    expect(await matched('tl', clocks, { anniversary_today: [v('tl')] }, havana)).toEqual([2]);
  });
});

describe('age', () => {
  test('turns at local midnight', async () => {
    expect(
      await matched(
        'd',
        ['2006-05-16'],
        { '>=': [{ age: [v('d')] }, 18] },
        { now: '2024-05-15T22:30:00Z', zone: 'Europe/Madrid' },
      ),
    ).toEqual([1]);
    expect(
      await matched(
        'd',
        ['2006-05-16'],
        { '>=': [{ age: [v('d')] }, 18] },
        { now: '2024-05-15T22:30:00Z', zone: 'UTC' },
      ),
    ).toEqual([]);
  });
  test('of a contact without a birthday is neither young nor old', async () => {
    // The table's last contact has no birth date: greatest() must not answer for it.
    expect(await matched('d', ['2020-01-01'], { '<': [{ age: [v('d')] }, 18] })).toEqual([1]);
    expect(await matched('d', ['2020-01-01'], { '>=': [{ age: [v('d')] }, 0] })).toEqual([1]);
  });
  test('of the far past and future', async () => {
    const values = ['infinity', '-infinity', '5874897-12-31', '4713-01-01 BC'];
    expect(await matched('d', values, { '>=': [{ age: [v('d')] }, 9999] })).toEqual([2]);
    expect(await matched('d', values, { '<': [{ age: [v('d')] }, 0] })).toEqual([1, 3]);
  });
});
